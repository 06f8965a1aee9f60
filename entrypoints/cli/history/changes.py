"""`models history changes`."""

from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from domain.journal.queries import Change
from entrypoints.cli.reading.journal.asked import ALL, Asked, note_pruned, refuse_limit
from entrypoints.cli.reading.journal.history import USUAL_PAGE, document, refuse_unknown, row
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.show.reasons import note_unreadable, outcome_mark
from entrypoints.cli.words.injection import AsJson, Flag, Group, Injected, Whole

_HEADERS = ("Started", "Credential", "Before", "Outcome", "Model", "Code")


def changes(
    *,
    asked: Group[Asked] = ALL,
    local: Flag = False,
    limit: Whole = USUAL_PAGE,
    before: str | None = None,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    journal_reader: Injected[JournalReader],
    clock: Injected[Clock],
) -> int:
    """The moments when a credential's outcome changed, newest first.

    Parameters
    ----------
    local
        Show times of this machine's zone, and not UTC.
    limit
        How many changes, 1 to 1000.
    before
        The cursor of an earlier page: older changes than that.
    plain
        One record a line.
    """
    refuse_limit(limit, streamed=False)
    query = asked.query(clock(), of="changes", limit=limit, before=before)
    page = journal_reader.changes(query)
    if not page.changes:
        refuse_unknown(query, survey, journal_reader)
    after = None if page.next is None else asked.cursor("changes", page.next)
    pruned = journal_reader.pruned_until()
    documents = [{**document(c.record), "outcomeBefore": c.before.value} for c in page.changes]
    listing = Listing(
        {
            "changes": documents,
            "nextCursor": after,
            "unreadable": page.unreadable,
            "prunedUntil": pruned or None,
        },
        [tuple(each.values()) for each in documents],
        _HEADERS,
        rows=[_row(change, local) for change in page.changes],
        marks=[outcome_mark(change.record.outcome_text) for change in page.changes],
        empty=("nothing changed", None),
    )
    show_listing(listing, json=json, plain=plain)
    if not json:
        note_unreadable(page.unreadable)
        if after is None:
            note_pruned(pruned, query.since, "changes reach back to there")
    if after is not None and not (json or plain):
        render.note(f"more: --before {after}")
    return 0


def _row(change: Change, local: bool) -> tuple[object, ...]:
    started, _, model, credential, outcome, *_, code = row(change.record, local)
    return started, credential, change.before.value, outcome, model, code
