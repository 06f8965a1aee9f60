"""The store's file, opened for writing: made whole, brought up to date, one writer at a time.

Pragmas and transactions, and why, are in docs/adr/0006: the driver begins nothing by itself, every
writing transaction is BEGIN IMMEDIATE, the journal mode is DELETE.
"""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import sqlalchemy as sa

from adapters.machine.files import (
    LOCK_DEADLINE,
    OnWait,
    create_private,
    exclusive,
    exists_privately,
    private_folder,
    refused,
    sync_folder,
)
from adapters.sql import rows
from adapters.sql.database import Database, Migrate, engine, named
from adapters.sql.tables import LARGEST_ID
from adapters.sqlite.backups import back_up, drop_old
from adapters.sqlite.failures import not_a_store, translated
from adapters.sqlite.reader import BUSY_TIMEOUT, SHORT, lenient, patiently, store_uri
from domain.errors import NotFound, StoreDamaged, Unavailable

_USED_UP = """
SELECT max(id) >= :most FROM (
    SELECT seq AS id FROM sqlite_sequence WHERE name = 'probe_records'
    UNION ALL SELECT max(id) FROM probe_records
)
"""
_LAST_ID = "SELECT max(seq) FROM sqlite_sequence WHERE name = 'probe_records'"
_PRAGMAS = (
    "journal_mode = DELETE",
    "synchronous = FULL",
    "secure_delete = ON",
    "trusted_schema = OFF",
    "cell_size_check = ON",
    "mmap_size = 0",
    "temp_store = MEMORY",
)


@dataclass(slots=True)
class SqliteDatabase(Database):
    """The file at `path`. `head` is the newest schema revision; `migrate` leads there.

    `on_wait` is told when a writer has waited for a second.
    """

    path: Path
    head: str
    migrate: Migrate
    on_wait: OnWait | None = None
    _ready: bool = field(default=False, init=False)
    _engines: dict[tuple[Path, str, str], sa.Engine] = field(default_factory=dict, init=False)

    @property
    def place(self) -> Path:
        return self.path

    def exists(self) -> bool:
        return exists_privately(self.path)

    def next_record_is_gone(self) -> bool:
        with self.reading() as connection:
            return bool(connection.exec_driver_sql(_USED_UP, {"most": LARGEST_ID}).scalar())

    def last_id(self, connection: sa.Connection) -> int:
        return int(connection.exec_driver_sql(_LAST_ID).scalar() or 0)

    def go_on_after(self, connection: sa.Connection, id: int) -> None:
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'probe_records'")
        connection.exec_driver_sql("INSERT INTO sqlite_sequence VALUES ('probe_records', ?)", (id,))

    @contextmanager
    def writing(
        self, patience: float | None = None, *, together: bool = False
    ) -> Iterator[sa.Connection]:
        """A transaction that waits its turn; commits at the end, or changes nothing. SQLite has one
        at a time, whatever it is for.

        Makes the store, or migrates it after a backup, where that is needed. Raises Unavailable.
        """
        with self._alone(patience), self._begun("IMMEDIATE") as connection:
            yield connection

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """One snapshot; migrates first where that is needed.

        Raises NotFound where there is no store, and Unavailable.
        """
        if not self.exists():
            raise NotFound("there is no store yet", hint="aura_intelligence models auth add")
        with self._begun("DEFERRED") as connection:
            if self._ready or self._revision(connection) == self.head:
                yield connection
                return
        with self._alone():
            pass
        with self._begun("DEFERRED") as connection:
            yield connection

    @contextmanager
    def _alone(self, patience: float | None = None) -> Iterator[None]:
        private_folder(self.path.parent)
        lock = self.path.with_name(self.path.name + ".lock")
        with exclusive(lock, min(LOCK_DEADLINE, patience or LOCK_DEADLINE), self.on_wait):
            if not self._ready:
                self._prepare()
                self._ready = True
            yield

    @contextmanager
    def _begun(
        self, how: str, path: Path | None = None, foreign_keys: str = "ON"
    ) -> Iterator[sa.Connection]:
        # Kept, for the statements it has compiled; connections are not (NullPool).
        key = (path or self.path, how, foreign_keys)
        if key not in self._engines:
            self._engines[key] = _engine(*key, self.on_wait)
        try:
            with self._engines[key].begin() as connection:
                yield connection
        except sa.exc.DBAPIError as failure:
            raise translated(failure.orig, self.path) from None
        except (sqlite3.Error, UnicodeDecodeError) as failure:
            raise translated(failure, self.path) from None

    def _prepare(self) -> None:
        if not self.exists():
            self._create()
            return
        with self._begun("DEFERRED") as connection:
            revision = self._revision(connection)
        if revision != self.head:
            copy = back_up(self.path, revision)
            try:
                with self._begun("IMMEDIATE", foreign_keys="OFF") as connection:
                    self._migrate(connection)
            except Unavailable:
                # The store is as it was; a copy more, at every try, would push useful ones out.
                copy.unlink(missing_ok=True)
                raise
            drop_old(copy)

    def _create(self) -> None:
        # Made beside its place and moved there whole: nobody ever sees half a store. The lock is
        # held, so a leftover of that name belongs to a process that died.
        self._refuse_orphan()
        new = self.path.with_name(f".{self.path.name}.new")
        try:
            _remove(new)
            for left in list(new.parent.iterdir()):
                # What was killed while it made even that file.
                if left.name.startswith(f".{new.name}.") and left.name.endswith(".new"):
                    _remove(left)
            create_private(new)
            with self._begun("IMMEDIATE", new, foreign_keys="OFF") as connection:
                self._migrate(connection)
            os.rename(new, self.path)
            sync_folder(self.path.parent)
        except OSError as failure:
            raise refused(failure, self.path) from None
        finally:
            _remove(new)

    def _refuse_orphan(self) -> None:
        # SQLite would play the journal of a store that is gone into the new one.
        for suffix in ("-journal", "-wal"):
            orphan = self.path.with_name(self.path.name + suffix)
            if os.path.lexists(orphan):
                raise StoreDamaged(
                    f"{orphan} belongs to a store that is not there any more",
                    hint="put the store back beside it, or move it away",
                )

    def _migrate(self, connection: sa.Connection) -> None:
        self.migrate(connection)
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        damaged = connection.exec_driver_sql("PRAGMA quick_check").scalar_one() != "ok"
        if broken or damaged:
            raise rows.damaged(self.path)
        connection.exec_driver_sql(f"PRAGMA application_id = {rows.APPLICATION_ID}")
        connection.exec_driver_sql(f"PRAGMA user_version = {rows.FORMAT}")

    def _revision(self, connection: sa.Connection) -> str:
        """The schema's revision. Raises NotAStore, StoreNewer or StoreDamaged."""
        application_id = connection.exec_driver_sql("PRAGMA application_id").scalar_one()
        if application_id != rows.APPLICATION_ID:
            raise not_a_store(self.path)
        format = connection.exec_driver_sql("PRAGMA user_version").scalar_one()
        rows.refuse_newer(format, self.path)
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar_one()
        size = connection.exec_driver_sql("PRAGMA page_size").scalar_one()
        rows.refuse_cut(pages * size, self.path)
        altered = connection.exec_driver_sql(rows.NOT_A_TABLE).first()
        rows.refuse_altered((altered[0], altered[1]) if altered else None, self.path)
        revision = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        return named(revision, self.path)


def _remove(store: Path) -> None:
    for suffix in ("", "-journal"):
        store.with_name(store.name + suffix).unlink(missing_ok=True)


def _configured(store: sqlite3.Connection, foreign_keys: str) -> None:
    for pragma in (*_PRAGMAS, f"foreign_keys = {foreign_keys}"):
        store.execute(f"PRAGMA {pragma}").close()


def _engine(path: Path, how: str, foreign_keys: str, on_wait: OnWait | None) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        # Threads: a connection is used by one at a time; the recorder has one of its own.
        store = sqlite3.connect(
            store_uri(path, "rw"),
            uri=True,
            timeout=SHORT,
            isolation_level=None,
            check_same_thread=False,
        )
        store.text_factory = lenient
        try:
            patiently(lambda: _configured(store, foreign_keys), BUSY_TIMEOUT)
        except sqlite3.Error:
            store.close()
            raise
        return store

    made = engine("sqlite+pysqlite", connect)

    @sa.event.listens_for(made, "begin")
    def begin(connection: sa.Connection) -> None:
        store = connection.connection.dbapi_connection
        assert isinstance(store, sqlite3.Connection)
        patiently(lambda: store.execute(f"BEGIN {how}").close(), BUSY_TIMEOUT, on_wait)
        # What follows waits for readers only, at the commit.
        store.execute(f"PRAGMA busy_timeout = {round(BUSY_TIMEOUT * 1000)}").close()

    return made
