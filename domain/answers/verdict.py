"""What one exchange showed. A failed request is a value."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from domain.answers.usage import UsageWindow

CredentialFact = Literal["proven", "refused", "unknown"]


class Outcome(StrEnum):
    """How a request ended. `unknown` to nobody: what could not be checked has a name of its own."""

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
    CLEARED = "cleared"
    """Nothing was sent: a person took back what the records before say of the credential."""


@dataclass(frozen=True, slots=True)
class ProbeVerdict:
    """What one exchange showed. `resets_at` is epoch ms. `detail` is shown, never stored.

    `credential` is a fact of its own: a rate limit proves the key, a time-out says nothing of it.
    `code`, `error_type` and `request_id` are the provider's own words, scrubbed. `usage` is what
    it told of its limits.
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
