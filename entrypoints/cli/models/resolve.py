"""`models resolve`: what to try now, in order, and why the rest is skipped."""

from typing import Any

from application.ports.people import Clock
from application.survey import Survey
from domain.errors import AuraError
from domain.instants import iso
from domain.routing.attempt import Attempt
from domain.routing.route import Route, nothing_to_try, route_of
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.reasons import why
from entrypoints.cli.show.route_json import attempt_document
from entrypoints.cli.show.screen import Mark
from entrypoints.cli.words.injection import AsJson, Flag, Injected


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
    now = clock()
    state = survey()
    route = route_of(state, model, now, image=image)
    refusal = None if route.usable else nothing_to_try(route, now, image=image)
    for id in sorted(state.damaged):
        render.note(f"{visible(id)} is damaged and cannot be opened", "remove it and add it again")
    if json:
        render.json(_document(route, refusal, now))
    elif plain:
        render.plain((attempt.ref,) for attempt in route.usable[:1])
    else:
        _show(route, now)
    if refusal is None:
        return 0
    if not json:
        render.note(str(refusal), refusal.hint)
    return 1


def _document(route: Route, refusal: AuraError | None, now: int) -> dict[str, Any]:
    usable = route.usable
    return {
        "resolved": str(usable[0].ref) if usable else None,
        "profileId": usable[0].profile_id if usable else None,
        "problem": render.error(refusal) if refusal else None,
        "nextAt": route.next_at,
        "nextAtIso": iso(route.next_at) if route.next_at is not None else None,
        "candidates": [attempt_document(attempt, now) for attempt in route.attempts],
    }


def _show(route: Route, now: int) -> None:
    order = {id(attempt): n for n, attempt in enumerate(route.usable, 1)}
    rows = [
        (
            order.get(id(attempt), "-"),
            attempt.ref,
            attempt.who,
            "" if attempt.usable else f"skipped: {why(attempt, now)}",
        )
        for attempt in route.attempts
    ]
    if rows:
        marks = [*map(_mark, route.attempts)]
        render.table(("#", "Model", "Credential", "Why not"), rows, marks=marks)


def _mark(attempt: Attempt) -> Mark:
    if attempt.usable:
        return "good"
    return "cooling" if attempt.reason == "cooldown" else "bad"
