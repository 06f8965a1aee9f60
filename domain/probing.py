"""What is tried, and what was learned: targets, verdicts, records. A failed probe is a value."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal, NamedTuple

from domain.credentials import Kind, ProfileSummary
from domain.environment import EnvironmentCredential
from domain.errors import Malformed
from domain.providers import Provider
from domain.refs import ModelRef

Source = Literal["profile", "env", "none"]
Mode = Literal["inference", "free"]
CredentialFact = Literal["proven", "refused", "unknown"]


class Outcome(StrEnum):
    """How a probe ended. `unknown` to nobody: what could not be checked has a name of its own."""

    OK = "ok"
    AUTH = "auth"
    EXPIRED = "expired"
    PERMISSION = "permission"
    BILLING = "billing"
    QUOTA = "quota"
    RATE_LIMIT = "rate_limit"
    OVERLOADED = "overloaded"
    NO_MODEL = "no_model"
    FORMAT = "format"
    PROVIDER_ERROR = "provider_error"
    TIMEOUT = "timeout"
    NETWORK = "network"
    CANCELLED = "cancelled"
    INTERRUPTED = "interrupted"
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True)
class ProbeLimits:
    """`timeout` is the wall time of one probe in ms; `concurrency` of a run; `max_tokens` asked."""

    timeout: int = 8000
    concurrency: int = 4
    max_tokens: int = 16

    def __post_init__(self) -> None:
        for name, value, most in (
            ("timeout", self.timeout, 3_600_000),
            ("concurrency", self.concurrency, 64),
            ("max-tokens", self.max_tokens, 100_000),
        ):
            if not 1 <= value <= most:
                raise Malformed(
                    f"--probe-{name} is out of range", hint=f"a whole number from 1 to {most}"
                )


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """What one exchange showed. `resets_at` is epoch ms. `detail` is shown, never stored.

    `credential` is a fact of its own: a rate limit proves the key, a time-out says nothing of it.
    `code`, `error_type` and `request_id` are the provider's own words, scrubbed.
    """

    outcome: Outcome
    credential: CredentialFact = "unknown"
    http_status: int | None = None
    code: str | None = None
    error_type: str | None = None
    request_id: str | None = None
    resets_at: int | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """One thing to try: a credential (or none) of a provider, with a model, or a free key check.

    `credential_id` is the profile's id, `<provider>:env:<NAME>`, or `<provider>:none:` when a
    provider on this machine is tried without a key. `revision` and `fingerprint` say which
    secret it was, so that a later one does not inherit the verdict.
    """

    provider: Provider
    source: Source
    credential_id: str
    label: str
    kind: Kind | None
    base_url: str
    model: str | None
    mode: Mode
    revision: int | None = None
    fingerprint: str | None = None
    variable: str | None = None

    @property
    def profile_id(self) -> str | None:
        """What is shown and filtered by; a probe without a credential has none."""
        return None if self.source == "none" else self.credential_id


class ProbeRecord(NamedTuple):
    """One row of the journal. Times are epoch ms; `outcome` is None while it is only intended."""

    id: int
    run_id: str
    kind: str
    started_at: int
    finished_at: int | None
    provider: str
    model: str | None
    credential_id: str
    source: Source
    mode: Mode
    base_url: str
    revision: int | None
    fingerprint: str | None
    outcome: Outcome | None
    credential: CredentialFact
    latency_ms: int | None
    http_status: int | None
    code: str | None
    error_type: str | None
    request_id: str | None
    resets_at: int | None
    classifier_version: int
    host: str

    @property
    def shown_outcome(self) -> Outcome:
        """An intent without a result was cut short."""
        return self.outcome or Outcome.INTERRUPTED

    @property
    def profile_id(self) -> str | None:
        return None if self.source == "none" else self.credential_id


@dataclass(frozen=True, slots=True)
class HistoryQuery:
    """Which records, newest first. `before` is a cursor: records with a smaller id."""

    provider: str | None = None
    profile: str | None = None
    model: str | None = None
    outcome: Outcome | None = None
    limit: int = 50
    before: int | None = None


def target_of_profile(
    profile: ProfileSummary, provider: Provider, model: ModelRef | None
) -> Target:
    tried, mode = _tried(provider, model)
    return Target(
        provider=provider,
        source="profile",
        credential_id=profile.id,
        label=profile.label or profile.id,
        kind=profile.kind,
        base_url=profile.base_url,
        revision=profile.revision,
        fingerprint=profile.fingerprint,
        model=tried,
        mode=mode,
    )


def target_of_variable(
    found: EnvironmentCredential, provider: Provider, model: ModelRef | None
) -> Target:
    tried, mode = _tried(provider, model)
    return Target(
        provider=provider,
        source="env",
        credential_id=found.id,
        label=found.name,
        kind=found.kind,
        base_url=found.base_url,
        fingerprint=found.fingerprint,
        variable=found.name,
        model=tried,
        mode=mode,
    )


def target_without_key(provider: Provider, model: ModelRef | None) -> Target:
    tried, mode = _tried(provider, model)
    return Target(
        provider=provider,
        source="none",
        credential_id=keyless_id(provider.id),
        label="no key",
        kind=None,
        base_url=provider.base_url,
        model=tried,
        mode=mode,
    )


def keyless_id(provider: str) -> str:
    """The id under which a provider without a key is journalled; no profile can have it."""
    return f"{provider}:none:"


def _tried(provider: Provider, configured: ModelRef | None) -> tuple[str | None, Mode]:
    model = configured.model if configured else provider.probe_model
    return model, "inference" if model else "free"


def first_configured(refs: Sequence[ModelRef], provider: str) -> ModelRef | None:
    return next((ref for ref in refs if ref.provider == provider), None)
