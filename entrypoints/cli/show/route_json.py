"""Attempts and choices of credentials in JSON."""

from typing import Any

from domain.credentials.profile import ProfileSummary
from domain.instants import iso
from domain.routing.route import Attempt, Choice


def attempt_document(attempt: Attempt, now: int) -> dict[str, Any]:
    """One attempt. `reason` says why it is skipped, `outcome` what happened that led to it."""
    choice = Choice(attempt.credential, attempt.reason, attempt.window)
    return {
        "model": str(attempt.ref),
        "provider": attempt.ref.provider,
        **choice_document(choice, now),
    }


def choice_document(choice: Choice, now: int) -> dict[str, Any]:
    window = choice.window
    until = window.until if window else None
    return {
        "profileId": choice.credential.id if choice.credential else None,
        "source": source(choice),
        "usable": choice.reason is None,
        "reason": choice.reason,
        "outcome": window.outcome.value if window else None,
        "scope": ("model" if window.model else "credential") if window else None,
        "failures": window.failures if window else None,
        "until": until,
        "untilIso": iso(until) if until is not None else None,
        "remainingMs": until - now if until is not None else None,
    }


def source(choice: Choice) -> str:
    if choice.credential is None:
        return "none"
    return "profile" if isinstance(choice.credential, ProfileSummary) else "env"
