"""A whole store written into another one: ciphertext as it is, and every row compared."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from adapters.sql.database import Database
from adapters.sql.tables import metadata
from application.ports.store import Copied, StoreCopier
from domain.errors import AlreadyExists, StoreFailed

_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class SqlCopier(StoreCopier):
    """`opened` makes a database of a word. Raises Malformed, Refused, Unavailable."""

    opened: Callable[[str], Database]

    def copy(self, source: str, target: str, *, dry_run: bool = False) -> Copied:
        there, to = self.opened(source), self.opened(target)
        if not dry_run:
            return Copied(str(there.place), str(to.place), copied(there, to))
        with there.reading() as reading:
            rows = {table.name: _count(reading, table) for table in metadata.sorted_tables}
        if to.exists():
            with to.reading() as known:
                _refuse_filled(known, to)
        return Copied(str(there.place), str(to.place), rows)


def copied(source: Database, target: Database) -> dict[str, int]:
    """Everything of `source` in `target`, which is empty, by one transaction; how many rows of each
    table. Raises AlreadyExists, NotFound, Unavailable, and nothing is written then.
    """
    rows = {}
    with source.reading() as reading, target.writing() as writing:
        _refuse_filled(writing, target)
        for table in metadata.sorted_tables:
            with reading.execute(_ordered(table, reading)) as going:
                for batch in going.partitions(_AT_ONCE):
                    writing.execute(sa.insert(table), [row._asdict() for row in batch])
        target.go_on_after(writing, source.last_id(reading))
        for table in metadata.sorted_tables:
            rows[table.name] = _compared(table, reading, writing, target)
    return rows


def _compared(
    table: sa.Table, reading: sa.Connection, writing: sa.Connection, target: Database
) -> int:
    count = 0
    with (
        reading.execute(_ordered(table, reading)) as there,
        writing.execute(_ordered(table, writing)) as here,
    ):
        for row in here:
            count += 1
            if tuple(row) != tuple(there.fetchone() or ()):
                raise _different(table, target)
        if there.fetchone() is not None:
            raise _different(table, target)
    return count


def _ordered(table: sa.Table, connection: sa.Connection) -> sa.Executable:
    order: list[sa.ColumnElement[Any]] = list(table.primary_key.columns)
    if connection.dialect.name != "sqlite":
        # By the bytes, as SQLite does: a language has an order of its own.
        order = [sa.collate(k, "C") if isinstance(k.type, sa.Text) else k for k in order]
    return sa.select(table).order_by(*order).execution_options(yield_per=_AT_ONCE)


def _count(connection: sa.Connection, table: sa.Table) -> int:
    return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def _refuse_filled(connection: sa.Connection, target: Database) -> None:
    for table in metadata.sorted_tables:
        if connection.execute(sa.select(sa.literal(1)).select_from(table).limit(1)).first():
            raise AlreadyExists(
                f"{target.place} has a store that is not empty",
                hint="copy to where there is none; nothing was changed",
            )


def _different(table: sa.Table, target: Database) -> StoreFailed:
    return StoreFailed(
        f"what was written to {table.name} of {target.place} reads differently",
        hint="nothing was changed; does the database keep all characters (UTF8)?",
    )
