"""`models history show`."""

from application.ports.reading import JournalReader
from domain.errors import NotFound
from domain.journal.records import HistoryQuery
from entrypoints.cli.reading.journal.history import HEADERS, KEYS, Pages, document, row
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.show.reasons import note_unreadable, outcome_mark
from entrypoints.cli.words.injection import AsJson, Flag, Injected


def show(
    run: str,
    /,
    *,
    local: Flag = False,
    json: AsJson = False,
    plain: Flag = False,
    journal_reader: Injected[JournalReader],
) -> int:
    """All requests of one run, in the order they were begun.

    Parameters
    ----------
    run
        Its id (runId), or how that begins.
    local
        Show times of this machine's zone, and not UTC.
    plain
        One record a line.
    """
    id = _only(journal_reader, run)
    pages = Pages(journal_reader, HistoryQuery(run=id, limit=10**9))
    records = [record for page in pages for record in page][::-1]
    documents = [document(record) for record in records]
    listing = Listing(
        {"runId": id, "records": documents, "unreadable": pages.unreadable},
        [[each[key] for key in KEYS] for each in documents],
        HEADERS,
        rows=[row(record, local) for record in records],
        marks=[outcome_mark(record.outcome_text) for record in records],
        empty=("its records are pruned", None),
    )
    show_listing(listing, json=json, plain=plain)
    if not json:
        note_unreadable(pages.unreadable)
    return 0


def _only(reader: JournalReader, run: str) -> str:
    found = reader.runs(run) if run else ()
    # A whole id may be how another begins.
    if len(found) == 1 or run in found:
        return run if run in found else found[0]
    if found:
        raise NotFound("several runs have an id that begins so", hint="write more of it")
    raise NotFound("no such run", hint="ids of runs: aura_intelligence models history --json")
