"""Old records removed in many short transactions, so that no writer waits for long.

In SQLite's DELETE journal mode a read holds up a commit just as a write does, so that reads are
short as well. What a removal takes depends on the disk and on how many pages it touches: each is
as large as the ones before it were quick.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from adapters.sql.database import Database, again, in_turn
from adapters.sql.journal.days import Days, filled
from adapters.sql.tables import LARGEST_ID, probe_records, probe_runs
from domain.journal.pruning import Pruned, Pruner, Pruning, Trace

_WORK, _LONGEST = 0.006, 0.02
"""How long the work of a removal should take (s), and how long it may with the commit; 0.05 is
promised. A commit takes what the disk needs, however little it has to write.
"""
_LEAST, _MOST = 64, 500
_records, _runs = probe_records.c, probe_runs.c


def traces(table: sa.FromClause) -> sa.Select[Any]:
    """Of records each a `Trace`."""
    return sa.select(*(table.c[name] for name in Trace._fields[:-1]), table.c.usage.is_not(None))


_UP_TO = traces(probe_records).where(_records.id <= sa.bindparam("newest"))
_NEXT = _UP_TO.order_by(_records.id.desc()).limit(_MOST)
_REMOVE = sa.delete(probe_records).where(_records.id == sa.bindparam("at"))
_REMOVE_EMPTY = sa.delete(probe_runs).where(
    _runs.id == sa.bindparam("at"),
    ~sa.exists().where(_records.run_id == sa.bindparam("at")),
)


def prune(database: Database, pruning: Pruning, now: int) -> Iterator[Pruned]:
    """As `ProbeJournal.prune` promises."""
    pruner, remover, removed = Pruner(pruning, now), Remover(database), 0
    if database.exists() and not pruning.dry_run:
        # What goes is counted before.
        for _ in filled(database):
            yield Pruned()
    for chunk in _newest_first(database):
        going = [trace for trace in chunk if pruner.takes(trace)]
        for count in [len(going)] if pruning.dry_run else remover.steps(going):
            removed += count
            yield Pruned(removed, pruner.kept, pruner.seen)


def _newest_first(database: Database) -> Iterator[list[Trace]]:
    newest = LARGEST_ID
    # To ask would make it.
    if not database.exists():
        yield []
        return
    while newest > 0:
        # Only to read, but in the queue: a reader finds few moments between writers without rest.
        with in_turn(database) as connection:
            rows = connection.execute(_NEXT, {"newest": newest}).all()
        yield [Trace._make(row) for row in rows]
        newest = rows[-1].id - 1 if rows else 0


@dataclass(slots=True)
class Remover:
    """Removes as many at once as the last ones allow for."""

    database: Database
    _size: int = _LEAST

    def steps(self, going: Sequence[Trace]) -> Iterator[int]:
        """How many each step removed, and 0 at the end."""
        while going:
            batch, going = going[: self._size], going[self._size :]
            yield self._remove(batch)
        yield 0

    @again
    def _remove(self, batch: Sequence[Trace]) -> int:
        """How many there still were: another process may remove the same ones."""
        with in_turn(self.database) as connection:
            opened = time.perf_counter()
            Days(connection, self.database.place).pruned(max(t.started_at for t in batch) + 1)
            removed = connection.execute(_REMOVE, [{"at": trace.id} for trace in batch]).rowcount
            runs = dict.fromkeys(trace.run_id for trace in batch)
            connection.execute(_REMOVE_EMPTY, [{"at": run} for run in runs])
            worked = time.perf_counter() - opened
        lasted = time.perf_counter() - opened
        # A few records, left over from what was read, say little of how long many would take.
        if len(batch) == self._size or lasted > _LONGEST:
            fitting = int(len(batch) * min(_WORK / worked, _LONGEST / lasted))
            self._size = max(_LEAST, min(fitting, self._size * 5 // 4, _MOST))
        return removed
