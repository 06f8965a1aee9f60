"""`models history incidents`."""

from typing import Any

from application.journal.summaries import USUAL_DAYS
from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from domain.errors import Malformed
from domain.instants import DAY, iso, precise
from domain.journal.incidents import Incident, mean_time_to_recovery
from domain.journal.incidents import incidents as incidents_of
from entrypoints.cli.reading.journal.asked import ALL, Asked, note_pruned
from entrypoints.cli.reading.journal.history import refuse_unknown
from entrypoints.cli.reading.journal.streams import at
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.injection import AsJson, Flag, Group, Injected, Whole

_CUT = (
    "incidents reach back to there; what began before may have been over sooner, and is in no mean"
)
_HEADERS = ("Began", "Lasted", "Blame", "Credential", "Outcomes", "Records")


def incidents(
    *,
    asked: Group[Asked] = ALL,
    confirm: Whole = 1,
    local: Flag = False,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    journal_reader: Injected[JournalReader],
    clock: Injected[Clock],
) -> int:
    """What went wrong, from the first failure of a credential to its first good answer.

    Parameters
    ----------
    confirm
        Only what failed at least that often.
    local
        Show times of this machine's zone, and not UTC.
    plain
        One record a line.
    """
    if confirm < 1:
        raise Malformed(f"--confirm {confirm} is out of range", hint="1 or more")
    now = clock()
    query = asked.query(now, of="incidents", limit=1, before=None)
    if query.since is None:
        query = query._replace(since=(query.until or now) - USUAL_DAYS * DAY)
    found = incidents_of(journal_reader.failures(query), confirm)[::-1]
    if not found:
        refuse_unknown(query, survey, journal_reader)
    pruned = journal_reader.pruned_until()
    recovery = mean_time_to_recovery(found, pruned)
    is_open = sum(one.ended_at is None for one in found)
    documents = [_document(one, now, pruned) for one in found]
    totals = {"mttrMs": recovery, "closed": len(found) - is_open, "open": is_open}
    listing = Listing(
        {"incidents": documents, **totals, "confirm": confirm, "prunedUntil": pruned or None},
        [_plain(each) for each in documents],
        _HEADERS,
        rows=[_row(one, now, local, pruned) for one in found],
        empty=("no incidents in that time", None),
    )
    show_listing(listing, json=json, plain=plain)
    if not json:
        note_pruned(pruned, query.since, _CUT)
    if recovery is not None and not (json or plain):
        closed = len(found) - is_open
        render.note(
            f"mean time to recovery: {precise(recovery)} ({closed} are over, {is_open} open)"
        )
    return 0


def _document(one: Incident, now: int, pruned: int) -> dict[str, Any]:
    return {
        "blame": one.blame,
        "offline": one.credential_id is None,
        "profileId": one.credential_id,
        "provider": one.provider,
        "startedAt": one.began_at,
        "startedAtIso": iso(one.began_at),
        "endedAt": one.ended_at,
        "durationMs": None if one.ended_at is None else one.lasted(now),
        "approx": one.is_approx(pruned),
        "ageMs": one.lasted(now) if one.ended_at is None else None,
        "records": one.records,
        "firstId": one.first_id,
        "outcomes": list(one.outcomes),
    }


def _plain(document: dict[str, Any]) -> list[object]:
    *cells, outcomes = document.values()
    return [*cells, ",".join(outcomes)]


def _row(one: Incident, now: int, local: bool, pruned: int) -> tuple[object, ...]:
    length = precise(one.lasted(now))
    about = "at most " if one.is_approx(pruned) else ""
    return (
        at(one.began_at, local),
        f"{about}{length}" if one.ended_at is not None else f"open, {length} so far",
        one.blame,
        one.credential_id or "we were offline",
        ", ".join(one.outcomes),
        one.records,
    )
