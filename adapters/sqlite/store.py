"""The SQLite back end under one name: each of its parts is made when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from adapters.sqlite.reader import SqliteStateReader
from adapters.store import SqlStore

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.keys.source import KeySource
    from adapters.sql.database import Migrate
    from adapters.sqlite.engine import SqliteDatabase
    from application.ports.reading import JournalReader
    from application.ports.sign_in import Locks


class SqliteStore(SqlStore):
    """The file at `path`, whose key comes from `keys`. `schema` says the newest revision and what
    leads there; it is asked for only by what writes.
    """

    def __init__(
        self,
        path: Path,
        keys: KeySource,
        schema: Callable[[], tuple[str, Migrate]],
        on_wait: Callable[[int | None], object] | None = None,
        on_open: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(keys, on_open)
        self.path = path
        self._schema = schema
        self._on_wait = on_wait
        self.reader = SqliteStateReader(path)

    @cached_property
    def database(self) -> SqliteDatabase:
        from adapters.sqlite.engine import SqliteDatabase

        return SqliteDatabase(self.path, *self._schema(), on_wait=self._on_wait)

    @cached_property
    def journal_reader(self) -> JournalReader:
        from adapters.sql.asked.history import SqlJournalReader

        return SqlJournalReader(self.reader)

    def copied(self) -> None:
        from adapters.sqlite.backups import back_up, drop_old

        drop_old(back_up(self.path, "reset"))

    @cached_property
    def locks(self) -> Locks:
        from adapters.sqlite.locks import FileLocks

        return FileLocks(self.path)
