"""The read side of a store; a page of its own, since whoever reads turns to it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator

    from domain.journal.queries import Change, Failure
    from domain.journal.records import HistoryQuery, ProbeRecord, Retention
    from domain.journal.summary import Question, Tallied
    from domain.routing.state import Stored


class HistoryPage(NamedTuple):
    """Records, newest first; `next` is the cursor of the page after, None on the last one.

    `unreadable` is how many rows of the page nobody can make a record of.
    """

    records: tuple[ProbeRecord, ...]
    next: int | None
    unreadable: int = 0


class ChangesPage(NamedTuple):
    """The same of changes."""

    changes: tuple[Change, ...]
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

    def changes(self, query: HistoryQuery) -> ChangesPage:
        """A page of those of them whose outcome is not what their credential had before."""
        ...

    def failures(self, query: HistoryQuery) -> Iterator[Failure]:
        """Those of them that failed, oldest first, whatever the limit. The store is not kept open
        in between.
        """
        ...

    def tally(self, question: Question) -> Tallied:
        """What the records of a span come to. Whole days are looked up where they are counted, so
        that it takes as long for a million records as for a thousand, and pruned ones count too;
        the rest is read.
        """
        ...

    def runs(self, prefix: str) -> tuple[str, ...]:
        """The ids of runs that begin with it: two at most."""
        ...

    def retention(self) -> Retention:
        """How long records are kept."""
        ...

    def pruned_until(self) -> int:
        """When the newest record began that may be gone (epoch ms); 0 where all are there."""
        ...
