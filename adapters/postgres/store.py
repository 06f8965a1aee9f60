"""The PostgreSQL back end under one name: each of its parts is made when it is first used."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from adapters.store import SqlStore
from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from adapters.keys.source import KeySource
    from adapters.postgres.address import Address
    from adapters.postgres.engine import PostgresDatabase
    from adapters.postgres.reader import PostgresReader
    from adapters.postgres.server import Server
    from adapters.sql.database import Database, Migrate
    from application.ports.reading import JournalReader
    from application.ports.sign_in import Locks


class PostgresStore(SqlStore):
    """The database at `address`, whose key comes from `keys`; `ca_file` leads to who vouches for
    its server. `aside` makes a copy before keys are made anew.

    Raises Unavailable without the driver, which is an extra.
    """

    def __init__(
        self,
        address: Address,
        ca_file: Path | None,
        keys: KeySource,
        schema: Callable[[], tuple[str, Migrate]],
        aside: Callable[[Database], object],
        on_wait: Callable[[int | None], object] | None = None,
        on_open: Callable[[], object] | None = None,
    ) -> None:
        super().__init__(keys, on_open)
        try:
            from adapters.postgres.reader import PostgresReader
            from adapters.postgres.server import Server
        except ImportError as missing:
            if (missing.name or "psycopg").partition(".")[0] != "psycopg":
                raise
            raise Unavailable(
                "a store in PostgreSQL needs the package psycopg",
                hint="pip install 'aura-intelligence[postgres]'",
            ) from None
        self.server: Server = Server(address, ca_file)
        self.reader: PostgresReader = PostgresReader(self.server)
        self._schema = schema
        self._aside = aside
        self._on_wait = on_wait

    @cached_property
    def database(self) -> PostgresDatabase:
        from adapters.postgres.engine import PostgresDatabase

        return PostgresDatabase(self.server, *self._schema(), on_wait=self._on_wait)

    @cached_property
    def journal_reader(self) -> JournalReader:
        from adapters.sql.asked.history import SqlJournalReader

        return SqlJournalReader(self.reader)

    def copied(self) -> None:
        self._aside(self.database)

    @cached_property
    def locks(self) -> Locks:
        from adapters.postgres.locks import LeaseLocks

        return LeaseLocks(self.server, lambda: self.database)
