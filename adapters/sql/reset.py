"""A way on after a lost key: what nobody can open is dropped, the rest stays."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import sqlalchemy as sa

from adapters.sql import rows
from adapters.sql.database import Database, again
from adapters.sql.selection import stored_selection
from adapters.sql.tables import key_slots, profiles, user_providers, vault
from adapters.sql.tables import selection as chosen
from adapters.sql.vault import opened, opened_or_created
from application.ports.keys import Keyring
from application.ports.store import Vault
from domain.errors import AuraError, Refused
from domain.providers.row import Provider


@dataclass(frozen=True, slots=True)
class SqlVault(Vault):
    database: Database
    keyring: Keyring
    copy: Callable[[], object]

    @again
    def reset(self, keep: Collection[Provider], now: int) -> tuple[str, ...]:
        with self.database.writing() as connection:
            self._refuse_if_open(connection)
            self.copy()
            selection = stored_selection(connection, self.database.place)
            gone = tuple(
                connection.execute(sa.select(profiles.c.id).order_by(profiles.c.id)).scalars()
            )
            for table in (profiles, user_providers, key_slots, vault):
                connection.execute(sa.delete(table))
            sealer = opened_or_created(connection, self.keyring, now)
            for row in selection.providers:
                # Nobody can tell who wrote the others: no signature of ours is on them.
                mac = sealer.sign(rows.provider_statement(row)) if row in keep else b""
                values = rows.provider_row(row._replace(mac=mac), now)
                connection.execute(sa.insert(user_providers).values(values))
            for id in gone:
                selection = selection.without_profile(id)
            # Nor who chose the models: they are as unsigned as what an older version wrote.
            unsigned = {"document": rows.selection_document(selection), "mac": None}
            connection.execute(sa.update(chosen).values(**unsigned, updated_at=now))
        return gone

    def _refuse_if_open(self, connection: sa.Connection) -> None:
        try:
            opened(connection, self.keyring)
        except AuraError:
            return
        raise Refused(
            "the key opens this store: there is nothing to reset",
            hint="to remove a credential: aura_intelligence models auth remove ID",
        )
