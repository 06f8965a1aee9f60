"""Auth profiles in SQL: clear metadata beside a sealed secret. Only ciphertext reaches SQL."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from adapters.sql.database import Database, again
from adapters.sql.sealing import opened_profile, resealed, sealed_row
from adapters.sql.selection import stored_selection, write_selection
from adapters.sql.tables import profiles, vault
from adapters.sql.vault import opened, opened_or_created, vault_id
from application.ports.keys import Keyring
from application.ports.store import Held, ProfileStore
from domain.credentials.credential import AuthProfile
from domain.credentials.environment import Fingerprint
from domain.credentials.profile import ProfileSummary, changed
from domain.errors import AlreadyExists, AuraError, NotFound
from domain.text import did_you_mean


@dataclass(frozen=True, slots=True)
class SqlProfileStore(ProfileStore):
    database: Database
    keyring: Keyring

    def get(self, id: str) -> AuthProfile:
        found = self.open([id])[id]
        if isinstance(found, AuraError):
            raise found
        return found

    @again
    def open(self, ids: Sequence[str]) -> Mapping[str, AuthProfile | AuraError]:
        with self.database.reading() as connection:
            found = connection.execute(sa.select(profiles).where(profiles.c.id.in_(ids)))
            rows = {row.id: row for row in found}
            missing = {id: _unknown(connection, id) for id in ids if id not in rows}
            try:
                sealer = opened(connection, self.keyring) if rows else None
            except AuraError as locked:
                return {**dict.fromkeys(rows, locked), **missing}
        held = {id: opened_profile(row, sealer) for id, row in rows.items() if sealer}
        return {**held, **missing}

    @again
    def current(self, id: str) -> Held:
        with self.database.reading() as connection:
            row = self._row(connection, id)
            profile = opened_profile(row, opened(connection, self.keyring))
        if isinstance(profile, AuraError):
            raise profile
        return Held(profile, ProfileSummary._make(row[: len(ProfileSummary._fields)]))

    def put(self, profile: AuthProfile, now: int) -> ProfileSummary:
        return self._written(profile, now, None)

    def replace(self, profile: AuthProfile, if_revision: int, now: int) -> ProfileSummary:
        return self._written(profile, now, if_revision)

    @again
    def _written(self, profile: AuthProfile, now: int, expected: int | None) -> ProfileSummary:
        # What is read in this transaction is what is replaced in it.
        with self.database.writing(together=True) as connection:
            known = sa.select(*(profiles.c[name] for name in ProfileSummary._fields))
            own = profiles.c.id == profile.id
            row = connection.execute(known.where(own).with_for_update()).first()
            previous = ProfileSummary._make(row) if row else None
            if expected is not None and previous is None:
                raise _unknown(connection, profile.id)
            if previous is not None and expected not in (None, previous.revision):
                raise changed(profile.id)
            sealer = opened_or_created(connection, self.keyring, now)
            summary, values = sealed_row(profile, sealer, now, previous)
            if previous is None:
                connection.execute(sa.insert(profiles).values(values))
            else:
                connection.execute(sa.update(profiles).where(own).values(values))
        return summary

    @again
    def relabel(self, id: str, label: str, now: int) -> ProfileSummary:
        with self.database.writing() as connection:
            row = self._row(connection, id)
            sealer = opened(connection, self.keyring)
            profile = opened_profile(row, sealer)
            if isinstance(profile, AuraError):
                raise profile
            known = ProfileSummary._make(row[: len(ProfileSummary._fields)])
            summary = known._replace(label=label, updated_at=now)
            values = resealed(summary, profile, sealer)
            connection.execute(sa.update(profiles).where(profiles.c.id == id).values(values))
        return summary

    @again
    def rename(self, id: str, new: str, now: int) -> ProfileSummary:
        with self.database.writing() as connection:
            row = self._row(connection, id)
            if connection.execute(sa.select(profiles.c.id).where(profiles.c.id == new)).first():
                raise AlreadyExists(f"{new} is there already", hint="choose another id")
            sealer = opened(connection, self.keyring)
            profile = opened_profile(row, sealer)
            if isinstance(profile, AuraError):
                raise profile
            summary, values = sealed_row(replace(profile, id=new), sealer, now, None)
            connection.execute(sa.delete(profiles).where(profiles.c.id == id))
            connection.execute(sa.insert(profiles).values(values))
            selection = stored_selection(connection, self.database.place)
            renamed = selection.with_profile_renamed(id, new)
            if renamed != selection:
                write_selection(connection, renamed, now, self.keyring)
        return summary

    def _row(self, connection: sa.Connection, id: str) -> sa.Row[Any]:
        columns = (*(profiles.c[name] for name in ProfileSummary._fields), profiles.c.sealed)
        row = connection.execute(sa.select(*columns).where(profiles.c.id == id)).first()
        if row is None:
            raise _unknown(connection, id)
        return row

    @again
    def marker(self) -> Fingerprint:
        if not self.database.exists():
            return _unmarked
        with self.database.reading() as connection:
            if connection.execute(sa.select(vault.c.id)).first() is None:
                return _unmarked
            sealer = opened(connection, self.keyring)
        return lambda text: sealer.fingerprint(text.encode())

    @again
    def ensure_key(self, now: int) -> str:
        with self.database.writing(together=True) as connection:
            opened_or_created(connection, self.keyring, now)
            return vault_id(connection)

    @again
    def remove(self, id: str, now: int) -> None:
        with self.database.writing() as connection:
            found = connection.execute(sa.delete(profiles).where(profiles.c.id == id)).rowcount
            if not found:
                raise _unknown(connection, id)
            selection = stored_selection(connection, self.database.place)
            without = selection.without_profile(id)
            if without != selection:
                write_selection(connection, without, now, self.keyring)


def _unmarked(_: str) -> str | None:
    return None


def _unknown(connection: sa.Connection, id: str) -> NotFound:
    known = connection.execute(sa.select(profiles.c.id)).scalars()
    named = f" {id}" if len(id) <= 64 and id.isprintable() and ":" in id else ""
    return NotFound(
        f"no auth profile{named}",
        hint=did_you_mean(id, known, "see: aura_intelligence models auth list"),
    )
