"""`models history list`."""

from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from entrypoints.cli.reading.journal.asked import Asked
from entrypoints.cli.reading.journal.history import USUAL_PAGE, history
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Whole


def list_history(
    *,
    provider: str | None = None,
    profile: str | None = None,
    model: str | None = None,
    outcome: str | None = None,
    blame: str | None = None,
    kind: str | None = None,
    since: str | None = None,
    until: str | None = None,
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
    provider
        Only this provider.
    profile
        Only this credential: a profile's id, or PROVIDER:env:NAME.
    model
        Only this model: its own name, or provider/model.
    outcome
        Only these outcomes: ok, auth, rate_limit, …; several with a comma.
    blame
        Only outcomes by this fault: good, provider, mine, throttled, here.
    kind
        Only these kinds: probe, use, handout, scan, login, cleared.
    since
        Only what began then or later: 7d, 2026-11-01, 2026-11-01T08:30, yesterday.
    until
        Only what began before.
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
    asked = Asked(provider, profile, model, outcome, blame, kind, since, until)
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
