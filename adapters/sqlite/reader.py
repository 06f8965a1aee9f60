"""The read side: plain SELECTs on a sqlite3 connection, because a person waits for them.

Opens no secret, writes nothing, creates no file; a hot journal left by a crash is rolled back.
Everything is fetched and the connection closed before anything returns: an open read would block
a writer's commit.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, TypeVar
from urllib.parse import quote

from adapters.machine.files import exists_privately
from adapters.sql import rows
from adapters.sql.asked.view import View
from adapters.sql.reading import Found, each, stored
from adapters.sqlite.failures import not_a_store, translated
from adapters.sqlite.trail import last_used, trail
from application.ports.reading import StateReader
from domain.routing.state import Stored

T = TypeVar("T")
Text = Callable[[bytes], str] | type[str]
BUSY_TIMEOUT = 10.0
"""How long a writer waits for another process, in seconds."""
READ_TIMEOUT = 5.0
"""And a reader: a commit takes milliseconds."""
SHORT = 0.2
"""How long SQLite sleeps at a time, in seconds: no Ctrl-C comes through while it does."""
_WITH_USAGE = """,
    (SELECT max(id) FROM probe_records
     WHERE credential_id = tried.credential_id AND usage IS NOT NULL)"""
# A few seeks for each credential that was ever tried, however many records there are.
_HEADS = f"""
WITH RECURSIVE {each("tried", "true")}
SELECT {{record}} FROM tried JOIN probe_records r ON r.id IN (
    (SELECT max(id) FROM probe_records
     WHERE credential_id = tried.credential_id AND outcome IS NOT NULL
       AND {rows.ANSWERED}),
    (SELECT max(id) FROM probe_records
     WHERE credential_id = tried.credential_id AND credential = 'proven'),
    (SELECT max(id) FROM probe_records
     WHERE credential_id = tried.credential_id AND credential = 'refused'){{usage}}
) ORDER BY r.id
"""
# Version, nonce and tag of a sealed record are 29 bytes; what it holds, only who opens it knows.
_MISSHAPEN = "SELECT id FROM profiles WHERE length(sealed) < 30 OR substr(sealed, 1, 1) <> x'01'"


class _NotText(Exception):
    """A column that should hold text has bytes that are not UTF-8."""


def patiently(
    call: Callable[[], T], seconds: float, on_wait: Callable[[None], object] | None = None
) -> T:
    """What `call` returns as soon as no other process is in its way, for at most `seconds`.

    `on_wait` is called once, after a second.
    """
    began, told = time.monotonic(), on_wait is None
    while True:
        try:
            return call()
        except sqlite3.OperationalError as busy:
            waited = time.monotonic() - began
            code = getattr(busy, "sqlite_errorcode", 0) & 0xFF
            if code not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED) or waited > seconds:
                raise
            if not told and waited > 1 and on_wait is not None:
                told = True
                on_wait(None)
        time.sleep(0.02)


def store_uri(path: Path, mode: str) -> str:
    """A SQLite URI for exactly this file: no character of its name is taken for a parameter."""
    return f"file:{quote(os.fsencode(path.absolute()))}?mode={mode}"


class SqliteView(NamedTuple):
    """What a question sees, whoever asks it."""

    store: sqlite3.Connection
    by_bytes: str = "COLLATE BINARY"

    def all_of(self, question: str, values: Sequence[Any] = ()) -> list[Any]:
        try:
            return patiently(lambda: self.store.execute(question, values).fetchall(), READ_TIMEOUT)
        except UnicodeEncodeError:
            # A lone surrogate, from bytes in argv that are no UTF-8: no store holds such a name.
            return []

    def columns(self, table: str, names: Sequence[str]) -> str:
        return column_list(self.store, table, names)

    def has(self, table: str) -> bool:
        return bool(self.all_of("SELECT 1 FROM pragma_table_info(?)", (table,)))

    def rest(self) -> None:
        # A read that lasts would hold up who writes.
        self.store.execute("COMMIT")
        self.store.execute("BEGIN")


class SqliteStateReader(StateReader):
    def __init__(self, path: Path) -> None:
        self.path = self.place = path

    def read(self) -> Stored:
        return self.decoded(self._read)

    def decoded(self, read: Callable[[Text], T]) -> T:
        """What `read` returns, given how a text of the store is decoded."""
        try:
            return read(str)
        except _NotText:
            # A byte that is no text must not cost the rest of the store.
            return read(lenient)

    def asked(self, question: Callable[[View | None], T]) -> T:
        """As `adapters.sql.asked.view.Viewed` promises."""

        def read(text: Text) -> T:
            with self.opened(text) as store:
                return question(SqliteView(store) if store else None)

        return self.decoded(read)

    def _read(self, text: Text) -> Stored:
        with self.opened(text) as store:
            if store is None:
                return Stored()
            found = _found(store)
        return stored(found, self.path)

    @contextmanager
    def opened(self, text: Text) -> Iterator[sqlite3.Connection | None]:
        if not exists_privately(self.path):
            yield None
            return
        mode = "rw" if os.access(self.path, os.W_OK) else "ro"
        store = None
        try:
            store = sqlite3.connect(
                store_uri(self.path, mode), uri=True, timeout=SHORT, isolation_level=None
            )
            store.execute("PRAGMA query_only = ON")
            store.execute("PRAGMA trusted_schema = OFF")
            store.text_factory = text
            opened = store
            patiently(lambda: self._refuse_foreign(opened), READ_TIMEOUT)
            # One snapshot for all that follows, from the first look on.
            store.execute("BEGIN")
            patiently(lambda: opened.execute("SELECT 1 FROM vault").fetchone(), READ_TIMEOUT)
            yield store
        except (sqlite3.Error, UnicodeDecodeError) as failure:
            # What the driver itself has to say, not SQLite, has no code: a text is none.
            is_of_driver = not hasattr(failure, "sqlite_errorcode")
            if text is str and is_of_driver and isinstance(failure, sqlite3.OperationalError):
                raise _NotText from None
            raise translated(failure, self.path) from None
        finally:
            if store is not None:
                store.close()

    def _refuse_foreign(self, store: sqlite3.Connection) -> None:
        (application_id,) = store.execute("PRAGMA application_id").fetchone()
        (format,) = store.execute("PRAGMA user_version").fetchone()
        if application_id != rows.APPLICATION_ID:
            raise not_a_store(self.path)
        rows.refuse_newer(format, self.path)
        (pages,) = store.execute("PRAGMA page_count").fetchone()
        (size,) = store.execute("PRAGMA page_size").fetchone()
        rows.refuse_cut(pages * size, self.path)
        rows.refuse_altered(store.execute(rows.NOT_A_TABLE).fetchone(), self.path)


def _found(store: sqlite3.Connection) -> Found:
    known = column_list(store, "profiles", rows.SUMMARY_COLUMNS)
    own = column_list(store, "user_providers", rows.PROVIDER_COLUMNS)
    record = column_list(store, "probe_records", rows.RECORD_COLUMNS)
    usage = _WITH_USAGE if "r.usage" in record else ""
    newest = _HEADS.format(record=record, usage=usage)

    def all_of(question: str) -> list[tuple[Any, ...]]:
        return store.execute(question).fetchall()

    return Found(
        profiles=all_of(f"SELECT {known} FROM profiles r ORDER BY id"),
        providers=all_of(f"SELECT {own} FROM user_providers r ORDER BY id"),
        documents=all_of("SELECT document FROM selection"),
        heads=all_of(newest),
        trail=trail(store, record),
        last_used=last_used(store),
        vaults=all_of("SELECT vault_id FROM vault"),
        slots=all_of("SELECT id, kind, key_check FROM key_slots"),
        misshapen=all_of(_MISSHAPEN),
        signed=_is_signed(store),
    )


def _is_signed(store: sqlite3.Connection) -> bool:
    """Whether the selection carries a signature; whose, only the key tells."""
    if column_list(store, "selection", ("mac",)) == "NULL":
        return False
    return store.execute("SELECT 1 FROM selection WHERE mac IS NULL").fetchone() is None


def lenient(raw: bytes) -> str:
    """A text of the store, which somebody may have made no text."""
    return raw.decode("utf-8", "replace")


def column_list(store: sqlite3.Connection, table: str, names: Sequence[str]) -> str:
    """The columns `names` of `table`, called `r`. A store nothing was written to since an older
    schema has not all of them.
    """
    known = {name for (name,) in store.execute("SELECT name FROM pragma_table_info(?)", (table,))}
    return ", ".join(f"r.{name}" if name in known else "NULL" for name in names)
