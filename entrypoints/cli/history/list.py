"""`models history list`."""

from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from entrypoints.cli.reading.journal.asked import ALL, Asked
from entrypoints.cli.reading.journal.history import USUAL_PAGE, history
from entrypoints.cli.words.injection import AsJson, Flag, Group, Injected, Whole


def list_history(
    *,
    asked: Group[Asked] = ALL,
    local: Flag = False,
    limit: Whole = USUAL_PAGE,
    before: str | None = None,
    json: AsJson = False,
    jsonl: Flag = False,
    csv: Flag = False,
    plain: Flag = False,
    survey: Injected[Survey],
    journal_reader: Injected[JournalReader],
    clock: Injected[Clock],
) -> int:
    """Every request that was made, newest first.

    Parameters
    ----------
    local
        Show times of this machine's zone, and not UTC.
    limit
        How many records, 1 to 1000; in the other formats more.
    before
        The cursor of an earlier page: older records than that.
    json
        One JSON object: records, and the cursor of the next page.
    jsonl
        One JSON object a record, a line each.
    csv
        A table for a spreadsheet, with a line of headers.
    plain
        One record a line.
    """
    return history(
        journal_reader,
        survey,
        clock,
        asked,
        limit=limit,
        before=before,
        local=local,
        json=json,
        jsonl=jsonl,
        csv=csv,
        plain=plain,
    )
