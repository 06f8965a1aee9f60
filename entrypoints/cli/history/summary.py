"""`models history summary`."""

from application.ports.people import Clock
from application.ports.reading import JournalReader
from entrypoints.cli.reading.journal.summary import summary as show_summary
from entrypoints.cli.words.injection import AsJson, Flag, Injected


def summary(
    *,
    by: str = "profile",
    since: str | None = None,
    until: str | None = None,
    json: AsJson = False,
    plain: Flag = False,
    journal_reader: Injected[JournalReader],
    clock: Injected[Clock],
) -> int:
    """How good providers and credentials were: the last 30 days, today among them.

    Parameters
    ----------
    by
        One line for each: profile, provider, model, outcome or day.
    since
        Only what began then or later: 7d, 2026-11-01, yesterday.
    until
        Only what began before.
    plain
        One record a line.
    """
    return show_summary(
        journal_reader, clock, by=by, since=since, until=until, json=json, plain=plain
    )
