"""The history for a program: the questions of `models history`."""

from collections.abc import Iterator

from application.journal.pages import Pages
from application.journal.summaries import Summary, question_of, summary_of
from application.ports.people import Clock
from application.ports.reading import ChangesPage, HistoryPage, JournalReader
from domain.errors import NotFound
from domain.journal.incidents import Incident, incidents
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.journal.summary import By

_ALL = HistoryQuery(limit=2**62)


class History:
    """Reads, never writes, opens no secret. All moments are epoch ms; a store that is not there
    is empty. Every question raises Unavailable where the store cannot be read.
    """

    def __init__(self, reader: JournalReader, clock: Clock) -> None:
        self._reader, self._clock = reader, clock

    def records(self, query: HistoryQuery = _ALL) -> Iterator[ProbeRecord]:
        """Newest first, as many as its limit says, in as little room for many as for one."""
        return (record for page in Pages(self._reader, query) for record in page)

    def search(self, query: HistoryQuery) -> HistoryPage:
        """One page; its `next` is the `before` of the page after."""
        return self._reader.search(query)

    def changes(self, query: HistoryQuery) -> ChangesPage:
        """A page of the moments when a credential's outcome changed, newest first."""
        return self._reader.changes(query)

    def incidents(self, query: HistoryQuery = _ALL, *, confirm: int = 1) -> list[Incident]:
        """Those of the failures that `query` describes, oldest first: of all time without a
        `since`. Its limit is not asked.
        """
        return incidents(self._reader.failures(query), confirm)

    def summary(
        self, by: By = "profile", *, since: int | None = None, until: int | None = None
    ) -> Summary:
        """Of the last 30 days, today among them, unless `since` and `until` say otherwise."""
        return summary_of(self._reader, question_of(by, since, until, self._clock()))

    def run(self, id: str) -> tuple[ProbeRecord, ...]:
        """What was asked in the run whose id begins so, in that order. Raises NotFound."""
        return tuple(self.records(_ALL._replace(run=run_of(self._reader, id))))[::-1]


def run_of(reader: JournalReader, id: str) -> str:
    """The whole of an `id` that begins so. Raises NotFound where there is none, or several."""
    found = reader.runs(id) if id else ()
    # A whole id may be how another begins.
    if len(found) == 1 or id in found:
        return id if id in found else found[0]
    if found:
        raise NotFound("several runs have an id that begins so", hint="write more of it")
    raise NotFound("no such run", hint="ids of runs: aura_intelligence models history --json")
