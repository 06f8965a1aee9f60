"""The journal in SQL, for writing; it is asked by `adapters.sql.asked`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from adapters.sql import rows
from adapters.sql.database import Database, again
from adapters.sql.journal.days import Days
from adapters.sql.journal.pruning import prune
from adapters.sql.journal.rebuilding import rebuilt
from adapters.sql.journal.retaining import retain, set_retention
from adapters.sql.tables import probe_records, probe_runs
from application.ports.store import ProbeJournal
from domain.errors import StoreFull
from domain.journal.days import Rebuilt, told_of
from domain.journal.pruning import Pruned, Pruning
from domain.journal.records import ProbeRecord, Retention


@dataclass(frozen=True, slots=True)
class SqlProbeJournal(ProbeJournal):
    database: Database

    def begin(
        self, intents: Sequence[ProbeRecord], *, patience: float | None = None
    ) -> tuple[int, ...]:
        try:
            return self._begun(intents, patience)
        except StoreFull:
            # The same is said of a disk without space and of a table without a next id.
            if self.database.next_record_is_gone():
                raise rows.damaged(self.database.place) from None
            raise

    @again
    def _begun(self, intents: Sequence[ProbeRecord], patience: float | None) -> tuple[int, ...]:
        with self.database.writing(patience, together=True) as connection:
            days = Days(connection, self.database.place)
            _count(connection, intents)
            ids = connection.execute(
                sa.insert(probe_records).returning(
                    probe_records.c.id, sort_by_parameter_order=True
                ),
                [_values(intent) for intent in intents],
            ).scalars()
            begun = [i._replace(id=id) for i, id in zip(intents, ids, strict=True)]
            days.add(map(told_of, begun))
            days.fill()
            return tuple(record.id for record in begun)

    @again
    def finish(self, records: Sequence[ProbeRecord]) -> None:
        with self.database.writing(together=True) as connection:
            days = Days(connection, self.database.place)
            intents = {told.id: told for told in days.intents([record.id for record in records])}
            connection.execute(
                sa.update(probe_records).where(probe_records.c.id == sa.bindparam("at")),
                [{"at": record.id, **_values(record)} for record in records],
            )
            connection.execute(
                sa.update(probe_runs)
                .where(probe_runs.c.id == records[0].run_id)
                .values(finished_at=max(record.finished_at or 0 for record in records))
            )
            told = [told_of(record) for record in records if record.id in intents]
            days.add(told, intents.values())
            days.fill()

    def prune(self, pruning: Pruning, now: int) -> Iterator[Pruned]:
        return prune(self.database, pruning, now)

    def set_retention(self, retention: Retention) -> None:
        set_retention(self.database, retention)

    def retain(self, now: int) -> int:
        return retain(self.database, now)

    def rebuild(self, *, dry_run: bool = False) -> Iterator[Rebuilt]:
        return rebuilt(self.database, dry_run=dry_run)


def _count(connection: sa.Connection, records: Sequence[ProbeRecord]) -> None:
    """The run of `records` has so many targets more; the first ones make it."""
    first, table = records[0], probe_runs
    counted = connection.execute(
        sa.update(table)
        .where(table.c.id == first.run_id)
        .values(targets=table.c.targets + len(records))
    ).rowcount
    if not counted:
        connection.execute(
            sa.insert(table).values(
                id=first.run_id,
                kind=first.kind,
                host=first.host,
                targets=len(records),
                started_at=first.started_at,
                finished_at=first.finished_at,
            )
        )


def _values(record: ProbeRecord) -> dict[str, Any]:
    values = record._asdict()
    del values["id"]
    values["outcome"] = record.outcome.value if record.outcome else None
    values["usage"] = rows.usage_document(record.usage)
    return values
