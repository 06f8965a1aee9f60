"""`models resolve`."""

from typing import Any

from application.ports.people import Clock
from application.survey import Survey
from domain.errors import AuraError
from domain.instants import iso
from domain.routing.attempt import Attempt
from domain.routing.route import Route, nothing_to_try, route_of
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.show.documents.route import attempt_document
from entrypoints.cli.show.reasons import why
from entrypoints.cli.show.screen import Mark


def route(
    survey: Survey,
    clock: Clock,
    model: str | None = None,
    *,
    image: bool = False,
    json: bool = False,
    plain: bool = False,
) -> int:
    """What to try now for `model`; 1 where nothing can be."""
    render.one_format(json, plain)
    now = clock()
    state = survey()
    found = route_of(state, model, now, image=image)
    refusal = None if found.usable else nothing_to_try(found, now, image=image)
    for id in sorted(state.damaged):
        render.note(f"{visible(id)} is damaged and cannot be opened", "remove it and add it again")
    if json:
        render.json(_document(found, refusal, now))
    elif plain:
        render.plain((attempt.ref,) for attempt in found.usable[:1])
    else:
        _show(found, now)
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
