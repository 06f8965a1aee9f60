"""The store's database, opened for writing: in turns, the schema brought up to date.

Whoever writes holds one advisory lock until the transaction ends (docs/adr/0024): alone, so that
what is read in it is what is replaced in it, and so that nobody writes while somebody migrates; or
together with others who lock their rows. Nothing outlives a transaction, neither a setting nor a
lock: a pooler may stand in between.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import psycopg
import sqlalchemy as sa

from adapters.machine.files import LOCK_DEADLINE, OnWait
from adapters.postgres import questions
from adapters.postgres.failures import in_doubt, translated
from adapters.postgres.reader import is_ours, mark
from adapters.postgres.server import Server
from adapters.sql import rows
from adapters.sql.database import Database, Migrate, engine, named
from domain.errors import NotFound, StoreBusy, StoreGone
from domain.text import visible

_STATEMENT, _IDLE = 30, 60
"""How long one statement may take, and how long a transaction may rest, in seconds."""
_FIRST = 1.0
"""After so many seconds of waiting a person is told."""
_WAITING = """SET LOCAL lock_timeout = '{wait}ms'; SET LOCAL statement_timeout = '{statement}s';
SET LOCAL idle_in_transaction_session_timeout = '{idle}s';
SELECT set_config('synchronous_commit', 'on', true)
WHERE current_setting('synchronous_commit') = 'off'"""
"""What was said to be done is on the server's disk, whatever is usual there."""
_SNAPSHOT, _WRITES = "REPEATABLE READ READ ONLY", "READ COMMITTED"
_ALONE = f"SELECT pg_advisory_xact_lock({rows.APPLICATION_ID}, 1)"
_TOGETHER = f"SELECT pg_advisory_xact_lock_shared({rows.APPLICATION_ID}, 1)"
_LAST_ID = "SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM probe_records_id_seq"
_GO_ON = sa.text("SELECT setval('probe_records_id_seq', :id)")


@dataclass(slots=True)
class PostgresDatabase(Database):
    """The database on `server`. `head` is the newest schema revision; `migrate` leads there.

    `on_wait` is told when a writer has waited for a second.
    """

    server: Server
    head: str
    migrate: Migrate
    on_wait: OnWait | None = None
    _ready: bool = field(default=False, init=False)
    _engine: sa.Engine | None = field(default=None, init=False)

    @property
    def place(self) -> str:
        return visible(str(self.server.address))

    def exists(self) -> bool:
        with self._begun(_SNAPSHOT) as connection:
            return self._revision(connection) is not None

    def next_record_is_gone(self) -> bool:
        # The server says that by itself.
        return False

    def last_id(self, connection: sa.Connection) -> int:
        return int(connection.exec_driver_sql(_LAST_ID).scalar_one())

    def go_on_after(self, connection: sa.Connection, id: int) -> None:
        if id:
            connection.execute(_GO_ON, {"id": id})

    @contextmanager
    def writing(
        self, patience: float | None = None, *, together: bool = False
    ) -> Iterator[sa.Connection]:
        began, told = time.monotonic(), False
        deadline = min(LOCK_DEADLINE, patience or LOCK_DEADLINE)
        while True:
            left = deadline - (time.monotonic() - began)
            wait = left if told else min(_FIRST, left)
            try:
                with self._turn(max(wait, 0.001), together) as connection:
                    yield connection
                    return
            except _Behind:
                with self.writing(patience):
                    pass
            except _StillWaiting:
                if told or left <= _FIRST:
                    raise StoreBusy(
                        f"another process holds the store {self.place}",
                        hint="try again; nothing was changed",
                    ) from None
                told = True
                if self.on_wait is not None:
                    self.on_wait(None)

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        with self._begun(_SNAPSHOT) as connection:
            revision = self.head if self._ready else self._revision(connection)
            if revision is None:
                raise NotFound("there is no store yet", hint="aura_intelligence models auth add")
            if revision == self.head:
                yield connection
                return
        with self.writing():
            pass
        with self._begun(_SNAPSHOT) as connection:
            yield connection

    @contextmanager
    def _turn(self, wait: float, together: bool) -> Iterator[sa.Connection]:
        """A transaction that has its turn. Raises _StillWaiting if that takes `wait` seconds, and
        _Behind where the schema is to be changed, which is done alone.
        """
        with self._begun(_WRITES) as connection:
            settings = _WAITING.format(
                wait=round(wait * 1000) or 1, statement=_STATEMENT, idle=_IDLE
            )
            try:
                connection.exec_driver_sql(f"{settings}; {_TOGETHER if together else _ALONE}")
            except sa.exc.OperationalError as busy:
                if isinstance(busy.orig, psycopg.errors.LockNotAvailable):
                    raise _StillWaiting from None
                raise
            connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{round(LOCK_DEADLINE)}s'")
            if not self._ready:
                self._prepare(connection, together)
            yield connection
        self._ready = True

    @contextmanager
    def _begun(self, how: str) -> Iterator[sa.Connection]:
        """A transaction of that isolation; commits at the end. Raises Unavailable."""
        if self._engine is None:
            # A connection is held for one transaction: a server has few of them.
            self._engine = engine(
                "postgresql+psycopg", self.server.connect, use_native_hstore=False
            )
        try:
            with self._engine.connect() as connection:
                connection.exec_driver_sql(f"SET TRANSACTION ISOLATION LEVEL {how}")
                yield connection
                if how == _SNAPSHOT:
                    connection.rollback()
                else:
                    self._commit(connection)
        except sa.exc.DBAPIError as failure:
            raise translated(failure.orig, self.server.address) from None
        except (psycopg.Error, UnicodeDecodeError) as failure:
            raise translated(failure, self.server.address) from None

    def _commit(self, connection: sa.Connection) -> None:
        try:
            connection.commit()
        except sa.exc.DBAPIError as failure:
            found = translated(failure.orig, self.server.address)
            # Nobody heard whether the server still did it. A conflict it would have named.
            is_lost = isinstance(found, StoreGone) and not str(
                getattr(failure.orig, "sqlstate", None) or ""
            ).startswith("40")
            raise in_doubt(self.server.address) if is_lost else found from None

    def _prepare(self, connection: sa.Connection, together: bool) -> None:
        if self._revision(connection) == self.head:
            return
        if together:
            raise _Behind
        # An index of many records takes its time; what fails takes all of it back.
        connection.exec_driver_sql("SET LOCAL statement_timeout = 0")
        self.migrate(connection)
        connection.exec_driver_sql(f"COMMENT ON TABLE alembic_version IS '{mark()}'")
        connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{_STATEMENT}s'")

    def _revision(self, connection: sa.Connection) -> str | None:
        """The schema's revision, None where nothing is. Raises Unavailable."""
        seen = connection.exec_driver_sql(questions.TABLES).fetchall()
        if not is_ours(seen[0], self.server.address):
            return None
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return named(revision, self.place)


class _StillWaiting(Exception):
    """Another writer has its turn."""


class _Behind(Exception):
    """The schema is of an older revision, or not there yet."""
