"""`models history show`."""

from application.journal.history import run_of
from application.journal.pages import Pages
from application.ports.reading import JournalReader
from domain.journal.records import HistoryQuery
from entrypoints.cli.reading.journal.history import HEADERS, document, row
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
    id = run_of(journal_reader, run)
    pages = Pages(journal_reader, HistoryQuery(run=id, limit=10**9))
    records = [record for page in pages for record in page][::-1]
    documents = [document(record) for record in records]
    listing = Listing(
        {"runId": id, "records": documents, "unreadable": pages.unreadable},
        [tuple(each.values()) for each in documents],
        HEADERS,
        rows=[row(record, local) for record in records],
        marks=[outcome_mark(record.outcome_text) for record in records],
        empty=("its records are pruned", None),
    )
    show_listing(listing, json=json, plain=plain)
    if not json:
        note_unreadable(pages.unreadable)
    return 0
