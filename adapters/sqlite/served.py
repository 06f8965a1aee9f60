"""A secret that is handed out again within the hour: read and opened, and nothing written.

Loaded by that alone: whoever only reads opens no secret.
"""

import hmac
import sqlite3
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any, cast

from adapters.keys.sealing import AesGcmKeyring
from adapters.providers.table import BY_ID
from adapters.sql import rows
from adapters.sql.sealing import opened_profile
from adapters.sqlite.reader import SqliteStateReader, column_list
from application.ports.keys import Sealer
from application.ports.store import Held
from domain.credentials.credential import AuthProfile
from domain.credentials.expiry import margin_of
from domain.credentials.keys import KeySlot
from domain.credentials.profile import ProfileSummary
from domain.credentials.wrapped import WrappedKeys, WrappedRoot
from domain.instants import HOUR
from domain.providers.refs import provider_id
from domain.providers.row import Provider

_COLUMNS = (*rows.SUMMARY_COLUMNS, "sealed")
_OF_PROVIDER = "SELECT id FROM profiles WHERE provider = ? LIMIT 2"
_HANDED_OUT = """SELECT 1 FROM probe_records
WHERE credential_id = ? AND kind = 'handout' AND outcome IS NULL AND started_at > ?
    AND fingerprint = ? AND revision = ? LIMIT 1"""
_SLOTS = "SELECT id, kind, key_check, wrapped_root FROM key_slots ORDER BY id"
_VAULT = "SELECT vault_id, data_key_version, wrapped_data_key FROM vault"


def served_again(
    reader: SqliteStateReader,
    keyring: AesGcmKeyring,
    environ: Mapping[str, str],
    name: str,
    margin: int,
    now: int,
) -> Held | None:
    """The profile `name`, or the only credential of the provider `name`, where it was handed out
    within the hour before `now` (epoch ms), is as it was then, goes where its provider is, and is
    good for `margin` ms; and nobody without the key changed what was chosen.

    None: whoever asks is to be answered by the whole program. Raises Malformed, Unavailable.
    """
    with reader.opened(str) as store:
        id = _id(store, name) if store else None
        row = _row(store, id) if store and id else None
        if store is None or row is None:
            return None
        summary = ProfileSummary._make(row[:-1])
        known = (id, now - HOUR, summary.fingerprint, summary.revision)
        is_known = store.execute(_HANDED_OUT, known).fetchone() is not None
        keys, provider = _keys(store), _provider(store, summary.provider)
        chosen = _selection(store)
    # What another program keeps or prints, the whole program asks for.
    is_ours = is_known and summary.origin is None
    if not (is_ours and _is_good(summary, margin, now) and keys and provider):
        return None
    if not summary.custom_base_url and summary.base_url != provider.base_url:
        return None
    if name != id and any(environ.get(variable) for variable in provider.all_env_names):
        return None
    sealer = keyring.unlock(keys)
    if chosen is not None and not _is_signed(*chosen, sealer):
        return None
    if provider.source == "user" and not _is_ours(provider, sealer):
        return None
    held = SimpleNamespace(**dict(zip(_COLUMNS, row, strict=True)))
    profile = opened_profile(held, sealer)
    return Held(profile, summary) if isinstance(profile, AuthProfile) else None


def _row(store: sqlite3.Connection, id: str) -> tuple[Any, ...] | None:
    columns = column_list(store, "profiles", _COLUMNS)
    found = store.execute(f"SELECT {columns} FROM profiles r WHERE id = ?", (id,)).fetchone()
    return cast("tuple[Any, ...] | None", found)


def _id(store: sqlite3.Connection, name: str) -> str | None:
    if not name.isascii():
        return None
    if ":" in name:
        return name
    own = store.execute(_OF_PROVIDER, (provider_id(name),)).fetchall()
    return str(own[0][0]) if len(own) == 1 else None


def _is_good(summary: ProfileSummary, margin: int, now: int) -> bool:
    ends = summary.expires_at
    if summary.refreshable:
        margin = margin_of(margin, ends, summary.updated_at)
    return ends is None or ends - now >= margin


def _provider(store: sqlite3.Connection, id: str) -> Provider | None:
    columns = column_list(store, "user_providers", rows.PROVIDER_COLUMNS)
    own = store.execute(f"SELECT {columns} FROM user_providers r WHERE id = ?", (id,)).fetchall()
    found, _ = rows.readable(rows.provider, own)
    return found[0] if found else BY_ID.get(id)


def _selection(store: sqlite3.Connection) -> tuple[str, bytes] | None:
    """What was chosen, and its signature; None where there is none, which is no doubt."""
    columns = column_list(store, "selection", ("document", "mac"))
    row = store.execute(f"SELECT {columns} FROM selection r").fetchone()
    return row if row is not None and row[1] is not None else None


def _is_signed(document: str, mac: bytes, sealer: Sealer) -> bool:
    return hmac.compare_digest(sealer.sign(rows.selection_statement(document)), mac)


def _is_ours(provider: Provider, sealer: Sealer) -> bool:
    return hmac.compare_digest(sealer.sign(rows.provider_statement(provider)), provider.mac)


def _keys(store: sqlite3.Connection) -> WrappedKeys | None:
    vault: tuple[Any, ...] | None = store.execute(_VAULT).fetchone()
    if vault is None:
        return None
    id, version, data_key = vault
    roots = (
        WrappedRoot(KeySlot(slot, kind, check), wrapped)
        for slot, kind, check, wrapped in store.execute(_SLOTS)
    )
    try:
        return WrappedKeys(rows.vault_id(id), tuple(roots), {version: data_key})
    except ValueError:
        return None
