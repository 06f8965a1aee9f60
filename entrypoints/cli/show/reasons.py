"""Why a credential is not used, in words for a person."""

from typing import TYPE_CHECKING

from domain.credentials.origins import COMMAND
from domain.credentials.profile import ProfileSummary
from domain.instants import ago, precise
from domain.text import visible
from entrypoints.cli.show import render

if TYPE_CHECKING:
    from domain.credentials.environment import EnvironmentCredential
    from domain.journal.standing import Window
    from domain.routing.attempt import Attempt
    from domain.routing.precedence import Candidate
    from domain.routing.status import Cooling
    from entrypoints.cli.show.screen import Mark

# What to do about a credential that is not used, by the reason.
REMEDIES = {
    "expired": "add it again",
    "missing": "sign in again",
    "needs_login": "sign in again; see: auth login",
    "refused": "the provider refused it when it was last tried; add a new one",
    "permission": "the provider forbids its use; see: auth clear-cooldown once that has changed",
    "endpoint_moved": "the provider points elsewhere now; re-add this credential",
    "not_in_order": "not in the auth order of its provider",
    "malformed": "its value cannot be a credential",
    "bad_base_url": "its provider's base URL variable is not https or loopback",
    "no_base_url": "its provider has no address without a base URL variable",
    "damaged": "its record is damaged; remove it and add it again",
    "no_provider": "its provider is gone; remove it",
    "plugin_gone": "its plug-in is not installed as it was enabled; see: plugins list",
    "provider_unconfirmed": "nobody vouches for its address; see: providers set",
    "key_missing": "the key of the store is not there",
    "key_malformed": "the key of the store cannot be read",
    "wrong_key": "the key that was found is another store's",
    "unsafe_file": "the key file is open to others",
}

_OUTCOMES: "dict[str, Mark | None]" = {
    "ok": "good",
    "rate_limit": "cooling",
    "overloaded": "cooling",
    "cancelled": None,
    "interrupted": None,
    "cleared": None,
    "handed out": None,
    "signed in": None,
}


def outcome_mark(outcome: str) -> "Mark | None":
    """The mark of a request that ended so; None where that says nothing."""
    return _OUTCOMES.get(outcome, "bad")


def candidate_mark(candidate: "Candidate") -> "Mark":
    if candidate.skip:
        return "bad"
    return "cooling" if candidate.window() else "good"


def named(credential: "ProfileSummary | EnvironmentCredential") -> str:
    """Its id, and the name a person gave it."""
    label = credential.label if isinstance(credential, ProfileSummary) else ""
    return visible(credential.id) + (f' "{visible(label)}"' if label else "")


def kept(credential: "ProfileSummary | EnvironmentCredential", now: int) -> str | None:
    """Who keeps it or prints it, and as of when; None for one that is kept here alone."""
    if not isinstance(credential, ProfileSummary) or credential.origin is None:
        return None
    read = "" if credential.origin == COMMAND else "as read "
    return f"{keeper(credential.origin)}, {read}{ago(now - credential.updated_at)}"


def keeper(origin: str) -> str:
    """Who keeps a secret, or prints it."""
    return "printed by a command" if origin == COMMAND else f"kept by {visible(origin)}"


def cooling(told: "Cooling", now: int) -> str:
    """One window for a person."""
    model = f" with {told.window.model}" if told.window.model else ""
    named = not told.credential_id.endswith(":none:")
    who = visible(told.credential_id) if named else f"{told.provider} (no key)"
    return f"{who}{visible(model)}: {ending(told.window, now)}"


def ending(window: "Window", now: int) -> str:
    """What is shut, and what opens it: `rate_limit of this model, ends in 28s`."""
    what = f"{window.outcome.value} of this {window.scope}"
    if window.until is None:
        return f"{what}, until it changes, or: auth clear-cooldown"
    return f"{what}, ends in {precise(window.until - now)}"


def why(attempt: "Attempt", now: int) -> str:
    """Why it is not tried, for a person."""
    if attempt.window is not None:
        return ending(attempt.window, now)
    reason = attempt.reason or ""
    if reason == "no_credential":
        return f"{reason}: aura_intelligence models auth add --provider {attempt.row.id}"
    return f"{reason}: {REMEDIES[reason]}"


def note_unreadable(rows: int) -> None:
    """Says that so many `rows` are left out, where any are."""
    if rows:
        render.note(
            f"{rows} rows of the store cannot be read and are left out",
            "another version of this program wrote them, or they are damaged",
        )
