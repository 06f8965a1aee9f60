"""What an answer to one request of a scan means for the others."""

from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict

KIND = "scan"
"""Of the records of its requests."""
PATIENCE = 60_000
"""How long a scan waits for a limit that passes, in ms."""
OF_THE_MODEL = (
    Outcome.TIMEOUT,
    Outcome.OVERLOADED,
    Outcome.PROVIDER_ERROR,
    Outcome.NETWORK,
)
"""Troubles that say nothing of the credential where many strange models are asked."""
_OF_ALL = (
    Outcome.AUTH,
    Outcome.EXPIRED,
    Outcome.BILLING,
    Outcome.UNREADABLE,
)


def ends(verdict: ProbeVerdict) -> bool:
    """Whether every other model would be answered the same."""
    if verdict.outcome is Outcome.QUOTA:
        return verdict.scope != "model"
    if verdict.outcome is Outcome.PERMISSION:
        return verdict.scope == "credential"
    return verdict.outcome in _OF_ALL


def pause(verdict: ProbeVerdict, now: int) -> int | None:
    """How long (ms) the provider wants to be left alone, where a scan waits for that."""
    if verdict.outcome is not Outcome.RATE_LIMIT or verdict.resets_at is None:
        return None
    wait = max(0, verdict.resets_at - now)
    return wait if wait <= PATIENCE else None


def refuses_force(verdict: ProbeVerdict) -> bool:
    """Whether it may be that only the forcing of the tool was refused."""
    if verdict.outcome in (Outcome.OK, Outcome.AUTH):
        return False
    return verdict.http_status == 404 or "tool_choice" in (verdict.detail or "").lower()
