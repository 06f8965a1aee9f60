"""`models resolve`: what to try now, in order, and why the rest is skipped."""

from typing import Any

from application.ports import Clock
from application.survey import Survey
from domain.instants import iso, millis
from domain.profiles import ProfileSummary
from domain.routing import Attempt, Choice, Route, candidates, meant, nothing_to_try
from entrypoints.cli import render
from entrypoints.cli.injection import AsJson, Flag, Injected
from entrypoints.cli.reasons import REMEDIES, ending


def resolve(
    model: str | None = None,
    /,
    *,
    image: Flag = False,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    clock: Injected[Clock],
) -> int:
    """What to try now, in order: each model with each credential, and why one is skipped.

    Parameters
    ----------
    model
        provider/model, an alias, or a model of the default provider; the default model without.
    image
        Follow the image chain.
    plain
        Only the reference of the first that is usable.
    """
    render.one_format(json, plain)
    state, now = survey(), millis(clock())
    ref = meant(model, state.selection, state) if model is not None else None
    route = candidates(state, ref, now, image=image)
    if json:
        render.json(_document(route, now))
    elif plain:
        render.plain((attempt.ref,) for attempt in route.usable[:1])
    else:
        _show(route, now)
    if not route.usable and not json:
        refusal = nothing_to_try(route)
        render.note(str(refusal), refusal.hint)
    return 0 if route.usable else 1


def _document(route: Route, now: int) -> dict[str, Any]:
    usable = route.usable
    return {
        "resolved": str(usable[0].ref) if usable else None,
        "profileId": usable[0].credential_id if usable else None,
        "nextAt": route.next_at,
        "candidates": [attempt_document(attempt, now) for attempt in route.attempts],
    }


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


def _show(route: Route, now: int) -> None:
    order = {id(attempt): n for n, attempt in enumerate(route.usable, 1)}
    rows = [
        (
            order.get(id(attempt), "-"),
            attempt.ref,
            attempt.credential_id or _without(attempt),
            "" if attempt.usable else f"skipped: {why(attempt, attempt.ref.provider, now)}",
        )
        for attempt in route.attempts
    ]
    if rows:
        render.table(("#", "Model", "Credential", "Why not"), rows)


def _without(attempt: Attempt) -> str:
    return "needs no key" if attempt.row and attempt.row.is_loopback else "no credential"


def why(choice: Attempt | Choice, provider: str, now: int) -> str:
    """Why it is not tried, for a person."""
    if choice.window is not None:
        return ending(choice.window, now)
    if choice.reason == "no_credential":
        return f"no_credential: auth add --provider {provider}"
    reason = choice.reason or ""
    return f"{reason}: {REMEDIES[reason]}"
