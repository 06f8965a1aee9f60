"""The days of the journal compared with its records, and made anew where they differ.

Both are read in many short transactions while others write; what seems to differ is looked at
again, alone, in one.
"""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

import sqlalchemy as sa

from adapters.sql.database import Database, in_turn
from adapters.sql.journal.days import TOLD, Days, day_of, filled, values_of
from adapters.sql.tables import journal_days, probe_records
from domain.journal.days import Day, DayKey, Rebuilt, Told

_STEP, _AT_ONCE = 1000, 50
_days, _records = journal_days.c, probe_records.c
_KEY = [_days[name] for name in DayKey._fields]
_NEXT = TOLD.where(_records.id > sa.bindparam("after")).order_by(_records.id).limit(_STEP)


def rebuilt(database: Database, *, dry_run: bool) -> Iterator[Rebuilt]:
    """As `ProbeJournal.rebuild` promises."""
    if not database.exists():
        yield Rebuilt()
        return
    for _ in () if dry_run else filled(database):
        yield Rebuilt()
    seen, true = 0, dict[DayKey, Day]()
    for batch in _oldest_first(database):
        for told in batch:
            true.setdefault(told.key, Day()).add(told)
        seen += len(batch)
        yield Rebuilt(seen)
    different, suspects = 0, iter(_suspects(database, true))
    while some := list(islice(suspects, _AT_ONCE)):
        with in_turn(database) as connection:
            days = Days(connection, database.place)
            different += sum(_mended(connection, days, key, true, dry_run) for key in some)
        yield Rebuilt(seen, len(true), different)
    yield Rebuilt(seen, len(true), different)


def _oldest_first(database: Database) -> Iterator[list[Told]]:
    after = None
    while after != 0:
        with in_turn(database) as connection:
            days = Days(connection, database.place)
            least = days.filled_from - 1 if after is None else after
            rows = connection.execute(_NEXT, {"after": least}).all()
        after = rows[-1].id if rows else 0
        found = map(Told._make, rows)
        yield [told for told in found if told.key.day >= days.first_whole]


def _suspects(database: Database, true: dict[DayKey, Day]) -> Iterable[DayKey]:
    with database.writing() as connection:
        whole = _days.day >= Days(connection, database.place).first_whole
        known = dict(map(_read, connection.execute(sa.select(journal_days).where(whole)).all()))
    none = Day()
    return [k for k in {**known, **true} if not known.get(k, none).same_as(true.get(k, none))]


def _read(row: Sequence[Any]) -> tuple[DayKey, Day]:
    try:
        return day_of(row)
    except ValueError:
        # Nothing is the same as that.
        unlike = Day()
        unlike.hours = -1
        return DayKey(*row[: len(_KEY)]), unlike


def _mended(
    connection: sa.Connection, days: Days, key: DayKey, true: dict[DayKey, Day], dry_run: bool
) -> bool:
    """Whether the row of `key` differs now from its records; then it is made of them."""
    at_key = sa.and_(*(column == getattr(key, column.name) for column in _KEY))
    row = connection.execute(sa.select(journal_days).where(at_key)).first()
    seen = true.get(key, Day())
    ids = [seen.first_id, seen.last_id, *((row.first_id, row.last_id) if row else ())]
    within = TOLD.where(
        _records.credential_id == key.credential_id,
        _records.id.between(max(min(filter(None, ids)), days.filled_from), max(ids)),
    )
    anew, before = Day(), _read(row)[1] if row else Day()
    for told in map(Told._make, connection.execute(within)):
        if told.key == key:
            anew.add(told)
    if before.same_as(anew):
        return False
    if not dry_run:
        connection.execute(sa.delete(journal_days).where(at_key))
        if anew.last_id:
            connection.execute(sa.insert(journal_days), {**key._asdict(), **values_of(anew)})
    return True
