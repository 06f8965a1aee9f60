"""The days of the journal in SQL, kept in the transaction of the records they count.

Records from the id `filled_from` on are counted. What is older than the tables is counted in
batches, newest first, so that at any moment the days and the records below `filled_from` together
are the whole history, each counted once. Nothing is pruned before all is counted.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from adapters.sql import rows
from adapters.sql.database import Database, in_turn
from adapters.sql.tables import journal_days, journal_state, probe_records
from domain.instants import DAY
from domain.journal import latencies
from domain.journal.days import COUNTERS, Day, DayKey, Newest, Told

BATCH = 50
"""How many older records an append counts along with its own: that takes two milliseconds."""
STEP, _KEYS = 500, 500
"""How many are counted where nothing else is written, so that no writer waits for long."""
_days, _state, _records = journal_days.c, journal_state.c, probe_records.c
_KEY = [_days[name] for name in DayKey._fields]
TOLD = sa.select(*(_records[name] for name in Told._fields))
# Behind the key and the number of records.
_COUNTED = slice(len(_KEY) + 1, len(_KEY) + 1 + len(COUNTERS))
_AT_KEY = sa.and_(*(column == sa.bindparam(f"at_{column.name}") for column in _KEY))


class Days:
    """Of one store, in a transaction of the caller's; to be made before records are added.

    Rows that it reads and replaces are locked, so that several may write together.
    """

    def __init__(self, connection: sa.Connection, place: object) -> None:
        self._connection, self._place = connection, place
        self.filled_from, pruned_until = self._known() or self._begun()
        self.first_whole = -(-pruned_until // DAY)
        """The first day no record of which was pruned."""

    def _known(self) -> tuple[int, int] | None:
        query = sa.select(_state.filled_from, _state.pruned_until)
        found = self._connection.execute(query).first()
        if found and found[0] > 1:
            # Until all is counted, one counts at a time.
            found = self._connection.execute(query.with_for_update()).one()
        return (found[0], found[1]) if found else None

    def _begun(self) -> tuple[int, int]:
        newest = self._connection.execute(sa.select(sa.func.max(_records.id))).scalar() or 0
        row = {"id": 1, "filled_from": newest + 1, "pruned_until": 0}
        row |= {"retained_to": 0, "retained_at": 0}
        self._connection.execute(sa.insert(journal_state).values(row))
        return newest + 1, 0

    @property
    def is_filled(self) -> bool:
        return self.filled_from <= 1

    def add(self, come: Iterable[Told], intents: Iterable[Told] = ()) -> None:
        """Counts those that come; of `intents`, as they were before, each has its result now."""
        changes: dict[DayKey, Day] = {}
        for told in come:
            if told.id >= self.filled_from:
                changes.setdefault(told.key, Day()).add(told)
        for told in intents:
            if told.id >= self.filled_from:
                changes.setdefault(told.key, Day()).answered()
        self._merge(changes)

    def intents(self, ids: Sequence[int]) -> list[Told]:
        """Those of the records that have no result yet."""
        query = TOLD.where(_records.id.in_(ids), _records.outcome.is_(None))
        rows = self._connection.execute(query.order_by(_records.id).with_for_update())
        return [Told._make(row) for row in rows]

    def fill(self, most: int = BATCH) -> int:
        """Counts so many older records; how many it found."""
        if self.is_filled:
            return 0
        older = TOLD.where(_records.id < self.filled_from).order_by(_records.id.desc())
        rows = self._connection.execute(older.limit(most)).all()
        changes: dict[DayKey, Day] = {}
        for told in map(Told._make, rows):
            changes.setdefault(told.key, Day()).add(told)
        self._merge(changes)
        self.filled_from = rows[-1].id if len(rows) == most else 1
        filled_from = {"filled_from": self.filled_from}
        self._connection.execute(sa.update(journal_state).values(filled_from))
        return len(rows)

    def pruned(self, until: int) -> None:
        """Records that began before `until` (epoch ms) may be gone."""
        self._connection.execute(
            sa.update(journal_state).where(_state.pruned_until < until).values(pruned_until=until)
        )

    def _merge(self, changes: dict[DayKey, Day]) -> None:
        # In one order: of two that want some of the same rows, one waits, and no more.
        keys, new, known = iter(sorted(changes)), [], []
        while some := list(islice(keys, _KEYS)):
            there = self._there(some)
            for key in some:
                before, day = there.get(key), changes[key]
                if before is None:
                    new.append({**key._asdict(), **values_of(day)})
                else:
                    before.merge(day)
                    at = {f"at_{name}": value for name, value in key._asdict().items()}
                    known.append({**at, **values_of(before)})
        if new:
            self._connection.execute(sa.insert(journal_days), new)
        if known:
            self._connection.execute(sa.update(journal_days).where(_AT_KEY), known)

    def _there(self, keys: Sequence[DayKey]) -> dict[DayKey, Day]:
        query = sa.select(journal_days).where(
            _days.day.in_({key.day for key in keys}),
            _days.credential_id.in_({key.credential_id for key in keys}),
        )
        locked = query.order_by(*_KEY).with_for_update()
        try:
            return dict(day_of(row) for row in self._connection.execute(locked).all())
        except ValueError:
            raise rows.uncountable(self._place) from None


def day_of(row: Sequence[Any]) -> tuple[DayKey, Day]:
    """Of a row as the table has its columns. Raises ValueError for what this program did not
    write.
    """
    day = Day()
    day.counts = {name: n for name, n in zip(COUNTERS, row[_COUNTED], strict=True) if n}
    day.hours, packed, day.first_id, day.last_id, *newest = row[_COUNTED.stop :]
    day.latencies = latencies.unpacked(packed)
    day.good, day.failed = Newest(*newest[:2]), Newest(*newest[2:])
    return DayKey(*row[: len(_KEY)]), day


def values_of(day: Day) -> dict[str, object]:
    return {
        "records": sum(day.counts.values()),
        **{name: day.counts.get(name, 0) for name in COUNTERS},
        "hours": day.hours,
        "latencies": latencies.packed(day.latencies),
        "first_id": day.first_id,
        "last_id": day.last_id,
        "good_id": day.good.id,
        "good_at": day.good.at,
        "failed_id": day.failed.id,
        "failed_at": day.failed.at,
    }


def filled(database: Database) -> Iterator[int]:
    """Counts all that is older than the tables; how many records each step found."""
    found = STEP
    while found == STEP:
        with in_turn(database) as connection:
            found = Days(connection, database.place).fill(STEP)
        if found:
            yield found
