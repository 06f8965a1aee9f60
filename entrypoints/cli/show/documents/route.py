"""Attempts in JSON."""

from typing import Any

from domain.instants import iso
from domain.routing.attempt import Attempt


def attempt_document(attempt: Attempt, now: int) -> dict[str, Any]:
    """One attempt. `reason` says why it is skipped, `outcome` what happened that led to it."""
    return {
        "model": str(attempt.ref),
        "provider": attempt.row.id,
        **credential_document(attempt, now),
    }


def credential_document(attempt: Attempt, now: int) -> dict[str, Any]:
    """The same without what is asked."""
    window = attempt.window
    until = window.until if window else None
    return {
        "profileId": attempt.profile_id,
        "source": attempt.source,
        "usable": attempt.usable,
        "reason": attempt.reason,
        "outcome": window.outcome.value if window else None,
        "scope": window.scope if window else None,
        "failures": window.failures if window else None,
        "until": until,
        "untilIso": iso(until) if until is not None else None,
        "remainingMs": until - now if until is not None else None,
    }
