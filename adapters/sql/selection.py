"""What the user chose, in SQL: one document and the rows of the user's own providers."""

import contextlib
import hmac
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

import sqlalchemy as sa

from adapters.sql import rows
from adapters.sql.database import Database, again
from adapters.sql.sealing import opened_profile, sealed_row
from adapters.sql.tables import profiles, user_providers
from adapters.sql.tables import selection as table
from adapters.sql.vault import opened, opened_or_created
from application.ports.keys import Keyring, Sealer
from application.ports.store import SelectionStore
from domain.credentials.profile import ProfileSummary
from domain.errors import AuraError, ProviderTampered, SelectionTampered
from domain.providers.row import Provider
from domain.selection.selection import Selection, refuse_orphans, taken_away


@dataclass(frozen=True, slots=True)
class SqlSelectionStore(SelectionStore):
    database: Database
    keyring: Keyring

    @again
    def update(
        self,
        change: Callable[[Selection], Selection],
        now: int,
        *,
        moving: Collection[str] = (),
        anew: bool = False,
    ) -> Selection:
        with self.database.writing() as connection:
            before = stored_selection(connection, self.database.place)
            after = change(before)
            if after.providers != before.providers:
                held = connection.execute(sa.select(profiles.c.provider).distinct()).scalars()
                refuse_orphans(taken_away(before.providers, after.providers) - {*moving}, held)
                signed = self._write_providers(connection, before, after, now)
                after = after._replace(providers=signed)
                self._move_profiles(connection, after, moving, now)
            if anew or rows.selection_document(after) != rows.selection_document(before):
                write_selection(connection, after, now, self.keyring, anew=anew)
        return after

    @again
    def verify(self) -> None:
        if not self.database.exists():
            return
        with self.database.reading() as connection:
            row = connection.execute(sa.select(table.c.document, table.c.mac)).first()
            if row is None or row.mac is None:
                return
            sealer = opened(connection, self.keyring)
        if not _is_ours(row.document, row.mac, sealer):
            raise SelectionTampered(
                "your models and chains were changed by someone without the store's key; "
                "nothing was sent",
                hint="look at them: aura_intelligence models status; "
                "then choose the default again: aura_intelligence models set",
            )

    def _move_profiles(
        self, connection: sa.Connection, after: Selection, moving: Collection[str], now: int
    ) -> None:
        """The profiles of `moving` that have no address of their own, sealed for the new one."""
        for row in (own for own in after.providers if own.id in moving):
            own = profiles.c.provider == row.id
            for stored in connection.execute(sa.select(profiles).where(own)).all():
                if stored.custom_base_url:
                    continue
                sealer = opened(connection, self.keyring)
                profile = opened_profile(stored, sealer)
                if isinstance(profile, AuraError):
                    raise profile
                previous = ProfileSummary._make(
                    getattr(stored, name) for name in ProfileSummary._fields
                )
                moved = replace(profile, base_url=row.base_url)
                _, values = sealed_row(moved, sealer, now, previous)
                connection.execute(
                    sa.update(profiles).where(profiles.c.id == stored.id).values(values)
                )

    @again
    def vouch_for(self, provider: Provider) -> None:
        with self.database.reading() as connection:
            sealer = opened(connection, self.keyring)
        if not hmac.compare_digest(sealer.sign(rows.provider_statement(provider)), provider.mac):
            raise ProviderTampered(
                f"the provider {provider.id} was changed by someone without the store's key; "
                "nothing was sent",
                hint="look at it, and confirm it: "
                f"aura_intelligence models providers set {provider.id}",
            )

    def _write_providers(
        self, connection: sa.Connection, before: Selection, after: Selection, now: int
    ) -> tuple[Provider, ...]:
        gone = {row.id for row in before.providers} - {row.id for row in after.providers}
        connection.execute(sa.delete(user_providers).where(user_providers.c.id.in_(gone)))
        signed = []
        for row in after.providers:
            if row not in before.providers:
                sealer = opened_or_created(connection, self.keyring, now)
                row = row._replace(mac=sealer.sign(rows.provider_statement(row)))
                connection.execute(sa.delete(user_providers).where(user_providers.c.id == row.id))
                connection.execute(sa.insert(user_providers).values(rows.provider_row(row, now)))
            signed.append(row)
        return tuple(signed)


def stored_selection(connection: sa.Connection, path: object) -> Selection:
    """The selection as it is in this transaction. Raises StoreDamaged."""
    columns = [user_providers.c[name] for name in rows.PROVIDER_COLUMNS]
    own = connection.execute(sa.select(*columns).order_by(user_providers.c.id)).all()
    document = connection.execute(sa.select(table.c.document)).scalar()
    try:
        readable, _ = rows.readable(rows.provider, map(tuple, own))
        return rows.selection(document, readable)
    except rows.NOT_OURS:
        raise rows.damaged(path) from None


def _is_ours(document: str, mac: bytes | None, sealer: Sealer) -> bool:
    return mac is not None and hmac.compare_digest(
        sealer.sign(rows.selection_statement(document)), mac
    )


def write_selection(
    connection: sa.Connection,
    selection: Selection,
    now: int,
    keyring: Keyring,
    *,
    anew: bool = False,
) -> None:
    """Signed where the key is there; without it, it is marked as unsigned. Over what somebody else
    changed the signature stays as it was, one that does not fit, unless it was chosen `anew`.
    """
    document = rows.selection_document(selection)
    stored = connection.execute(sa.select(table.c.document, table.c.mac)).first()
    values = {"document": document, "updated_at": now, "mac": None}
    with contextlib.suppress(AuraError):
        sealer = opened(connection, keyring)
        is_ours = stored is None or _is_ours(stored.document, stored.mac, sealer)
        signature = sealer.sign(rows.selection_statement(document))
        values["mac"] = signature if anew or stored is None or is_ours else stored.mac
    if stored is not None and (stored.document, stored.mac) == (document, values["mac"]):
        return
    changed = connection.execute(
        sa.update(table).values(**values, revision=table.c.revision + 1)
    ).rowcount
    if not changed:
        connection.execute(sa.insert(table).values(id=1, revision=1, **values))
