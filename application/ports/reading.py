"""The read side of a store; a page of its own, since whoever reads turns to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from domain.journal.records import HistoryQuery, ProbeRecord
    from domain.routing.state import Stored


class HistoryPage(NamedTuple):
    """Records, newest first; `next` is the cursor of the page after, None on the last one.

    `unreadable` is how many rows of the page nobody can make a record of.
    """

    records: tuple[ProbeRecord, ...]
    next: int | None
    unreadable: int = 0


class StateReader(Protocol):
    """The read side. Opens no secret, writes nothing, creates no file; a missing store is empty.

    Everything is fetched and the store closed before anything returns. Raises Unavailable.
    """

    def read(self) -> Stored: ...


class JournalReader(Protocol):
    """The journal, asked. Opens no secret, writes nothing, creates no file, as StateReader."""

    def search(self, query: HistoryQuery) -> HistoryPage:
        """A page of the records that `query` describes, newest first. Raises Unavailable."""
        ...
