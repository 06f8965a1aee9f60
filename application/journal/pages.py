"""Many records, read a page at a time."""

from collections.abc import Iterator

from application.ports.reading import JournalReader
from domain.journal.records import HistoryQuery, ProbeRecord

_AT_ONCE = 1000


class Pages(Iterator[tuple[ProbeRecord, ...]]):
    """What a query finds, a page after another, so that much takes no more room than a little.

    So far as it was read, `next` is the cursor of what follows and `unreadable` how many rows
    nobody can make a record of.
    """

    def __init__(self, reader: JournalReader, query: HistoryQuery) -> None:
        self._reader, self._query, self._is_over = reader, query, False
        self.next: int | None = None
        self.unreadable = 0

    def __next__(self) -> tuple[ProbeRecord, ...]:
        left = self._query.limit
        if self._is_over or left < 1:
            raise StopIteration
        most = min(left, _AT_ONCE)
        page = self._reader.search(self._query._replace(limit=most))
        self.next, self._is_over = page.next, page.next is None
        self.unreadable += page.unreadable
        self._query = self._query._replace(limit=left - most, before=page.next)
        return page.records
