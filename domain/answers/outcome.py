"""How a request ended, in one word."""

from enum import StrEnum
from typing import Literal

CredentialFact = Literal["proven", "refused", "unknown"]
Scope = Literal["prompt", "model", "credential"]
"""What an answer holds of: another prompt, another model, another credential may still do."""


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
