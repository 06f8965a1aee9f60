"""A way on after a lost key: what nobody can open is dropped, the rest stays."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa

from adapters.sql import rows
from adapters.sql.database import Database
from adapters.sql.selection import stored_selection, write_selection
from adapters.sql.tables import key_slots, profiles, user_providers, vault
from adapters.sql.vault import opened, opened_or_created
from application.ports.keys import Keyring
from application.ports.store import Vault
from domain.errors import AuraError, Refused


@dataclass(frozen=True, slots=True)
class SqlVault(Vault):
    database: Database
    keyring: Keyring

    def reset(self, keep: Collection[str], now: int) -> tuple[str, ...]:
        with self.database.writing() as connection:
            self._refuse_if_open(connection)
            selection = stored_selection(connection, self.database.place)
            gone = tuple(
                connection.execute(sa.select(profiles.c.id).order_by(profiles.c.id)).scalars()
            )
            for table in (profiles, user_providers, key_slots, vault):
                connection.execute(sa.delete(table))
            sealer = opened_or_created(connection, self.keyring, now)
            for row in selection.providers:
                # Nobody can tell who wrote the others: no signature of ours is on them.
                mac = sealer.sign(rows.provider_statement(row)) if row.id in keep else b""
                values = rows.provider_row(replace(row, mac=mac), now)
                connection.execute(sa.insert(user_providers).values(values))
            for id in gone:
                selection = selection.without_profile(id)
            write_selection(connection, selection, now, self.keyring)
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
