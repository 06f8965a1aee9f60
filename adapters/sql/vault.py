"""The rows that hold a store's wrapped keys, and the sealer they open."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from adapters.sql import rows
from adapters.sql.tables import key_slots, profiles, selection, user_providers, vault
from application.ports.keys import Keyring, Sealer
from domain.credentials.keys import KeySlot
from domain.credentials.wrapped import WrappedKeys, WrappedRoot
from domain.errors import KeyMissing, StoreDamaged


def opened(connection: sa.Connection, keyring: Keyring) -> Sealer:
    """The sealer of this store. Raises KeyMissing, WrongKey, RecordDamaged; makes no key."""
    keys = _stored(connection)
    if keys is None:
        raise KeyMissing("the store has no key yet", hint="no credential was ever saved in it")
    return keyring.unlock(keys)


def opened_or_created(connection: sa.Connection, keyring: Keyring, now: int) -> Sealer:
    """The same, but the first secret of a store makes its keys, in this transaction."""
    keys = _stored(connection)
    if keys is None and _has_orphans(connection):
        # Another writer may have made the first keys, and sealed with them, a moment ago.
        keys = _stored(connection)
        if keys is None:
            # A new key would hide that the old one was taken out of the store.
            raise _keys_lost()
    if keys is None:
        keys = keyring.create()
        made = keys.vault_id

        @sa.event.listens_for(connection, "rollback")
        def discard(_: sa.Connection) -> None:
            # The store does not have what this key would open.
            keyring.discard(made)

        version = max(keys.data_keys)
        connection.execute(
            sa.insert(vault).values(
                id=1,
                vault_id=keys.vault_id,
                data_key_version=version,
                wrapped_data_key=keys.data_keys[version],
                created_at=now,
                revision=1,
            )
        )
        connection.execute(
            sa.insert(key_slots),
            [
                {
                    "id": slot.id,
                    "kind": slot.kind,
                    "key_check": slot.check,
                    "wrapped_root": wrapped,
                    "parameters": "{}",
                    "created_at": now,
                    "revision": 1,
                }
                for slot, wrapped in keys.roots
            ],
        )
        sealer = keyring.unlock(keys)
        # What was chosen before there was a key.
        for document in connection.execute(sa.select(selection.c.document)).scalars().all():
            mac = sealer.sign(rows.selection_statement(document))
            connection.execute(sa.update(selection).values(mac=mac))
        return sealer
    return keyring.unlock(keys)


def vault_id(connection: sa.Connection) -> str:
    """Whose keys these are. Raises KeyMissing."""
    keys = _stored(connection)
    if keys is None:
        raise KeyMissing("the store has no key yet", hint="no credential was ever saved in it")
    return keys.vault_id


def _has_orphans(connection: sa.Connection) -> bool:
    found = (
        connection.execute(sa.select(table.c.id).limit(1)).first()
        for table in (profiles, user_providers)
    )
    return any(row is not None for row in found)


def _keys_lost() -> StoreDamaged:
    return StoreDamaged(
        "the store has lost the keys its secrets were encrypted with",
        hint="keep a copy of the file and restore a backup; nothing was changed",
    )


def _rows(connection: sa.Connection) -> tuple[sa.Row[Any] | None, Sequence[sa.Row[Any]]]:
    row = connection.execute(sa.select(vault)).first()
    return row, connection.execute(sa.select(key_slots).order_by(key_slots.c.id)).all()


def _stored(connection: sa.Connection) -> WrappedKeys | None:
    row, slots = _rows(connection)
    if (row is None) != (not slots):
        # One may have been made between the two looks.
        row, slots = _rows(connection)
    if row is None and not slots:
        return None
    if row is None or not slots:
        raise _keys_lost()
    try:
        vault_id = rows.vault_id(row.vault_id)
    except ValueError:
        raise _keys_lost() from None
    return WrappedKeys(
        vault_id,
        tuple(WrappedRoot(KeySlot(s.id, s.kind, s.key_check), s.wrapped_root) for s in slots),
        # The table has a place for one: the rotation of data keys will bring one for each.
        {row.data_key_version: row.wrapped_data_key},
    )
