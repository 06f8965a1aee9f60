"""Auth profiles in SQL: clear metadata beside a sealed secret. Only ciphertext reaches SQL."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from adapters.sql.database import Database
from adapters.sql.selection import stored_selection, write_selection
from adapters.sql.tables import profiles
from adapters.sql.vault import opened, opened_or_created, vault_id
from application.ports.keys import Binding, Keyring, Sealer
from application.ports.store import ProfileStore
from domain.credentials.credential import (
    ApiKey,
    AuthProfile,
    BearerToken,
    Credential,
    OAuthToken,
    bearer_of,
    summarised,
)
from domain.credentials.profile import ProfileSummary, changed
from domain.credentials.secret import Secret
from domain.errors import AuraError, NotFound
from domain.text import did_you_mean

# Lengths of sealed blobs tell nothing finer than this (bytes).
_PADDED_TO = 64


@dataclass(frozen=True, slots=True)
class SqlProfileStore(ProfileStore):
    database: Database
    keyring: Keyring

    def get(self, id: str) -> AuthProfile:
        found = self.open([id])[id]
        if isinstance(found, AuraError):
            raise found
        return found

    def open(self, ids: Sequence[str]) -> Mapping[str, AuthProfile | AuraError]:
        with self.database.reading() as connection:
            found = connection.execute(sa.select(profiles).where(profiles.c.id.in_(ids)))
            rows = {row.id: row for row in found}
            missing = {id: _unknown(connection, id) for id in ids if id not in rows}
            try:
                sealer = opened(connection, self.keyring) if rows else None
            except AuraError as locked:
                return {**dict.fromkeys(rows, locked), **missing}
        return {**{id: _opened(row, sealer) for id, row in rows.items() if sealer}, **missing}

    def put(self, profile: AuthProfile, now: int) -> ProfileSummary:
        return self._written(profile, now, None)

    def replace(self, profile: AuthProfile, if_revision: int, now: int) -> ProfileSummary:
        return self._written(profile, now, if_revision)

    def _written(self, profile: AuthProfile, now: int, expected: int | None) -> ProfileSummary:
        # Writers queue: what is read in this transaction is what is replaced in it.
        with self.database.writing() as connection:
            known = sa.select(*(profiles.c[name] for name in ProfileSummary._fields))
            row = connection.execute(known.where(profiles.c.id == profile.id)).first()
            previous = ProfileSummary._make(row) if row else None
            if expected is not None and previous is None:
                raise _unknown(connection, profile.id)
            if previous is not None and expected not in (None, previous.revision):
                raise changed(profile.id)
            sealer = opened_or_created(connection, self.keyring, now)
            secret = bearer_of(profile.credential).reveal().encode()
            summary = summarised(profile, sealer.fingerprint(secret), now, previous)
            values: dict[str, Any] = summary._asdict()
            values["sealed"] = sealer.seal(
                _plaintext(profile.credential), _binding(profile.id, summary, summary.revision)
            )
            values["metadata"] = "{}"
            connection.execute(sa.delete(profiles).where(profiles.c.id == profile.id))
            connection.execute(sa.insert(profiles).values(values))
        return summary

    def ensure_key(self, now: int) -> str:
        with self.database.writing() as connection:
            opened_or_created(connection, self.keyring, now)
            return vault_id(connection)

    def remove(self, id: str, now: int) -> None:
        with self.database.writing() as connection:
            found = connection.execute(sa.delete(profiles).where(profiles.c.id == id)).rowcount
            if not found:
                raise _unknown(connection, id)
            selection = stored_selection(connection, self.database.place)
            without = selection.without_profile(id)
            if without != selection:
                write_selection(connection, without, now)


def _opened(row: Any, sealer: Sealer) -> AuthProfile | AuraError:
    try:
        plaintext = sealer.open(row.sealed, _binding(row.id, row, row.revision))
    except AuraError as damaged:
        return damaged
    return AuthProfile(
        id=row.id,
        provider=row.provider,
        label=row.label,
        base_url=row.base_url,
        scheme=row.scheme,
        credential=_credential(row.kind, row.expires_at, json.loads(plaintext)),
        custom_base_url=bool(row.custom_base_url),
    )


def _unknown(connection: sa.Connection, id: str) -> NotFound:
    known = connection.execute(sa.select(profiles.c.id)).scalars()
    named = f" {id}" if len(id) <= 64 and id.isprintable() and ":" in id else ""
    return NotFound(
        f"no auth profile{named}",
        hint=did_you_mean(id, known, "see: aura_intelligence models auth list"),
    )


def _binding(id: str, row: Any, revision: int) -> Binding:
    """What a secret is sealed to: everything that steers where it is sent."""
    return (
        "aura/profile/v1",
        id,
        "credential",
        row.provider,
        row.kind,
        row.base_url,
        row.scheme,
        str(revision),
    )


def _plaintext(credential: Credential) -> bytes:
    match credential:
        case ApiKey(key):
            held = {"key": key.reveal()}
        case BearerToken(token):
            held = {"token": token.reveal()}
        case OAuthToken(access, refresh):
            held = {"access": access.reveal(), "refresh": refresh.reveal() if refresh else ""}
    text = json.dumps(held, sort_keys=True).encode()
    return text + b" " * (-len(text) % _PADDED_TO)


def _credential(kind: str, expires_at: int | None, held: dict[str, str]) -> Credential:
    match kind:
        case "api_key":
            return ApiKey(Secret(held["key"]))
        case "token":
            return BearerToken(Secret(held["token"]), expires_at)
        case _:
            refresh = Secret(held["refresh"]) if held["refresh"] else None
            return OAuthToken(Secret(held["access"]), refresh, expires_at)
