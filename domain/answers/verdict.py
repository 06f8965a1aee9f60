"""What one exchange showed. A failed request is a value."""

from dataclasses import dataclass

from domain.answers.outcome import CredentialFact, Outcome, Scope
from domain.answers.usage import UsageWindow


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """What one exchange showed. `resets_at` is epoch ms. `detail` is shown, never stored.

    `credential` is a fact of its own: a rate limit proves the key, a time-out says nothing of it.
    `code`, `error_type` and `request_id` are the provider's own words, scrubbed. `usage` is what
    it told of its limits. `scope` is what it holds of; None where the outcome alone says it.
    """

    outcome: Outcome
    credential: CredentialFact = "unknown"
    http_status: int | None = None
    code: str | None = None
    error_type: str | None = None
    request_id: str | None = None
    resets_at: int | None = None
    detail: str | None = None
    usage: tuple[UsageWindow, ...] = ()
    scope: Scope | None = None

    def __str__(self) -> str:
        """For a person: `permission of this model (code)`."""
        scope = f" of this {self.scope}" if self.scope else ""
        code = f" ({self.code})" if self.code not in (None, self.outcome.value) else ""
        return f"{self.outcome.value}{scope}{code}"
