"""The SQLite back end under one name: each of its parts is made when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from adapters.keys.source import KeySource, StdlibKeyProbe
from adapters.sqlite.reader import SqliteStateReader

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.keys.sealing import AesGcmKeyring
    from adapters.sqlite.engine import Migrate, SqliteDatabase
    from application.ports.reading import JournalReader
    from application.ports.sign_in import Locks
    from application.ports.store import ProbeJournal, ProfileStore, SelectionStore, Vault


class SqliteStore:
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
        self.path = path
        self._schema = schema
        self._on_wait = on_wait
        self._on_open = on_open
        # What reads loads neither SQLAlchemy nor a cipher.
        self.reader = SqliteStateReader(path)
        self.key_probe = StdlibKeyProbe(keys)
        self._keys = keys

    @cached_property
    def database(self) -> SqliteDatabase:
        from adapters.sqlite.engine import SqliteDatabase

        return SqliteDatabase(self.path, *self._schema(), on_wait=self._on_wait)

    @cached_property
    def journal_reader(self) -> JournalReader:
        from adapters.sqlite.history import SqliteJournalReader

        return SqliteJournalReader(self.reader)

    @cached_property
    def keyring(self) -> AesGcmKeyring:
        from adapters.keys.sealing import AesGcmKeyring

        return AesGcmKeyring(self._keys, self._on_open)

    @cached_property
    def profiles(self) -> ProfileStore:
        from adapters.sql.profiles import SqlProfileStore

        return SqlProfileStore(self.database, self.keyring)

    @cached_property
    def selections(self) -> SelectionStore:
        from adapters.sql.selection import SqlSelectionStore

        return SqlSelectionStore(self.database, self.keyring)

    @cached_property
    def vault(self) -> Vault:
        from adapters.sql.reset import SqlVault

        return SqlVault(self.database, self.keyring, self._copy)

    def _copy(self) -> None:
        from adapters.sqlite.backups import back_up, drop_old

        drop_old(back_up(self.path, "reset"))

    @cached_property
    def journal(self) -> ProbeJournal:
        from adapters.sql.journal import SqlProbeJournal

        return SqlProbeJournal(self.database)

    @cached_property
    def locks(self) -> Locks:
        from adapters.sqlite.locks import FileLocks

        return FileLocks(self.path)
