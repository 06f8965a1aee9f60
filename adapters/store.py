"""A back end under one name: each of its parts is made when it is first used."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import cached_property
from typing import TYPE_CHECKING

from adapters.keys.source import KeySource, StdlibKeyProbe

if TYPE_CHECKING:
    from collections.abc import Callable

    from adapters.keys.sealing import AesGcmKeyring
    from adapters.sql.database import Database
    from application.ports.store import ProbeJournal, ProfileStore, SelectionStore, Vault


class SqlStore(ABC):
    """What is the same in each of them. Nothing here loads SQLAlchemy or a cipher by itself."""

    def __init__(self, keys: KeySource, on_open: Callable[[], object] | None = None) -> None:
        self.key_probe = StdlibKeyProbe(keys)
        self._keys = keys
        self._on_open = on_open

    @property
    @abstractmethod
    def database(self) -> Database: ...

    @abstractmethod
    def copied(self) -> None:
        """Keeps a copy of the store as it is, in a file of its own. Raises Unavailable."""

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

        return SqlVault(self.database, self.keyring, self.copied)

    @cached_property
    def journal(self) -> ProbeJournal:
        from adapters.sql.journal.writing import SqlProbeJournal

        return SqlProbeJournal(self.database)
