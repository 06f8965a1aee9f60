"""`models status`: what is true now."""

import os
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from application.ports.people import Clock
from application.survey import Survey
from domain.routing.state import State
from domain.routing.status import Status
from domain.routing.status import status as status_of
from domain.selection.selection import Selection
from entrypoints.cli.show import render, screen
from entrypoints.settings import Settings

if TYPE_CHECKING:
    from application.catalogue.first_look import FirstLook, Surroundings
    from application.ports.catalogue import Catalogue
    from application.ports.reading import JournalReader

# How wide a terminal is that has room for pictures, how many days each has, and of how many
# profiles they may be read: a person waits.
_ROOM, _DAYS, _MOST = 100, 14, 50


def status(
    survey: Survey,
    clock: Clock,
    settings: Settings,
    catalogue: "Callable[[], Catalogue]",
    journal_reader: "Callable[[], JournalReader]",
    first_look: "Callable[[], FirstLook]",
    *,
    json: bool = False,
    plain: bool = False,
    check: bool = False,
) -> int:
    """Reads, and shows. What `check` answers is 0 without it.

    A person who has no store yet is shown what a `first_look` around sees.
    """
    render.one_format(json, plain)
    state = survey()
    now = clock()
    found = status_of(state, now) if plain and not check else judged(state, now, catalogue)
    is_first = not (json or plain or check) and _is_first(state, settings)
    seen = first_look()(state) if is_first else None
    show(state, found, now, settings, journal_reader, json=json, plain=plain, seen=seen)
    return found.exit_code if check else 0


def _is_first(state: State, settings: Settings) -> bool:
    """Whether a person looks, and no store exists."""
    return screen.width() is not None and not _is_stored(state, settings)


def _is_stored(state: State, settings: Settings) -> bool:
    """Whether a store exists; where it is no file, whether anything is in it."""
    if settings.address() is None:
        return os.path.lexists(settings.store)
    return bool(state.profiles or state.heads or state.selection != Selection())


def judged(state: State, now: int, catalogue: "Callable[[], Catalogue]") -> Status:
    """What is true, the default's end with it. Without a default no catalogue is made."""
    default = state.selection.default
    if default is None:
        return status_of(state, now)
    from domain.routing.retirements import retirement

    sources = catalogue().sources(*state.called(default))
    return status_of(state, now, retirement(default, state, sources, now))


def show(
    state: State,
    found: Status,
    now: int,
    settings: Settings,
    journal_reader: "Callable[[], JournalReader]",
    *,
    json: bool,
    plain: bool,
    probes: Mapping[str, object] | None = None,
    seen: "Surroundings | None" = None,
) -> None:
    """In the one format. `probes` is what JSON says of a run of them, if there was one; `seen` is
    what a first look around showed.
    """
    default = state.selection.default
    if plain:
        if default:
            render.plain([(default,)])
        else:
            render.note("no default model", "aura_intelligence models set provider/model")
    elif json:
        from entrypoints.cli.show.documents.status import document

        shown = document(state, found, now, settings)
        if probes is not None:
            shown["auth"]["probes"] = probes
        render.json(shown)
    else:
        from entrypoints.cli.show.status_text import show as show_text

        show_text(state, found, now, settings, _drawn(state, found, now, journal_reader))
        if not state.profiles and not state.selection.default:
            from entrypoints.cli.reading.first_minute import begin

            begin(state, seen, is_stored=_is_stored(state, settings))


def _drawn(
    state: State, found: Status, now: int, journal_reader: "Callable[[], JournalReader]"
) -> dict[str, str]:
    """By credential in use its last days, where there is room and little to read."""
    ids = [p.effective.credential.id for p in found.providers if p.effective]
    if (screen.width() or 0) < _ROOM or not (ids and state.heads) or len(state.profiles) > _MOST:
        return {}
    from application.journal.summaries import days_of, question_of
    from entrypoints.cli.show.pictures import pictures

    question = question_of("profile", None, None, now)._replace(only=tuple(ids))
    days = days_of(journal_reader(), question, ids, _DAYS)
    return {id: pictures(each)[0] for id, each in zip(ids, days, strict=True)}
