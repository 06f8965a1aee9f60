"""What reads, put together: by plain functions, for the container and for the hot lane."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from adapters.catalogue.cache import ListCache
    from adapters.catalogue.fetched import FetchedCatalogue
    from adapters.catalogue.scans import ScanCache
    from adapters.keys.source import KeySource
    from adapters.registry import EntryPointRegistry
    from adapters.sql.database import Database, Migrate
    from application.catalogue.first_look import FirstLook
    from application.ports.catalogue import Catalogue
    from application.ports.people import Clock
    from application.ports.registry import ProviderRegistry
    from application.ports.store import Held, Store, StoreCopier
    from application.survey import Survey
    from domain.selection.catalogue import CatalogueRow
    from entrypoints.settings import Settings

_LISTS, _FETCHED = "lists", "catalogue.bin"


_EXPOSED = (
    "AURA_INTELLIGENCE_DATABASE_URL has a password, which every program you start can read; "
    "AURA_INTELLIGENCE_DATABASE_URL_FILE, pgpass or a service file keep it"
)


def now() -> int:
    """Epoch ms."""
    return time.time_ns() // 1_000_000


def registry(settings: Settings) -> EntryPointRegistry:
    from adapters.registry import EntryPointRegistry

    return EntryPointRegistry(settings.plugins)


def key_source(settings: Settings) -> KeySource:
    from adapters.keys.source import KeySource

    return KeySource(settings.keys, settings.vault_key, settings.vault_key_file)


def schema() -> tuple[str, Migrate]:
    """The newest revision, and what leads there: only a writer asks."""
    from migrations import HEAD, ensure_head

    return HEAD, ensure_head


def store(
    settings: Settings,
    keys: KeySource,
    schema: Callable[[], tuple[str, Migrate]] = schema,
    on_wait: Callable[[int | None], object] | None = None,
    on_open: Callable[[], object] | None = None,
    on_note: Callable[[str], object] | None = None,
) -> Store:
    """The back end that `settings` name; `on_note` is told what a person should know of it."""
    if (address := settings.address()) is None:
        from adapters.sqlite.store import SqliteStore

        return SqliteStore(settings.store, keys, schema, on_wait, on_open)
    from adapters.postgres.store import PostgresStore

    if settings.exposes_password and on_note:
        on_note(_EXPOSED)

    def aside(database: Database) -> None:
        """A copy in a file, as a SQLite store has before its keys are made anew."""
        from adapters.sql.copying import copied
        from adapters.sqlite.engine import SqliteDatabase

        copy = settings.data / "backups" / f"team-{os.urandom(4).hex()}.db"
        copied(database, SqliteDatabase(copy, *schema()))

    return PostgresStore(address, settings.ca_file, keys, schema, aside, on_wait, on_open)


def copier(
    settings: Settings,
    keys: KeySource,
    schema: Callable[[], tuple[str, Migrate]] = schema,
    on_wait: Callable[[int | None], object] | None = None,
) -> StoreCopier:
    from adapters.sql.copying import SqlCopier
    from adapters.store import SqlStore

    def opened(word: str) -> Database:
        found = store(settings.for_store(word), keys, schema, on_wait)
        assert isinstance(found, SqlStore)
        return found.database

    return SqlCopier(opened)


def host(settings: Settings) -> str:
    """Who and where a record is of: on a store of several, the user as well."""
    import socket

    if settings.address() is None:
        return socket.gethostname()
    import getpass

    try:
        return f"{getpass.getuser()}@{socket.gethostname()}"
    except (OSError, KeyError):
        # A user that no name is known of, as in containers.
        return f"{os.getuid()}@{socket.gethostname()}"


def survey(store: Store, registry: ProviderRegistry, environ: Mapping[str, str]) -> Survey:
    from application.survey import Survey

    return Survey(store.reader, registry, store.key_probe, environ)


def lists(settings: Settings) -> ListCache:
    """What providers listed last."""
    from adapters.catalogue.cache import ListCache

    return ListCache(settings.cache / _LISTS)


def fetched(settings: Settings) -> FetchedCatalogue:
    from adapters.catalogue.fetched import FetchedCatalogue

    return FetchedCatalogue(settings.cache / _FETCHED)


def scans(settings: Settings) -> ScanCache:
    """The last scan."""
    from adapters.catalogue.scans import ScanCache

    return ScanCache(settings.cache / "scan.json")


def catalogue(settings: Settings) -> Catalogue:
    from adapters.catalogue.known import KnownModels

    url = settings.catalogue_url
    fetched = settings.cache / _FETCHED if url else None
    return KnownModels(settings.config / "models.json", settings.cache / _LISTS, fetched)


def first_look(environ: Mapping[str, str]) -> FirstLook:
    from adapters.http.loopback import LoopbackServers
    from adapters.tools.here import NamedKeyFiles
    from application.catalogue.first_look import FirstLook

    def shipped(providers: Iterable[str]) -> Iterable[CatalogueRow]:
        from adapters.catalogue.snapshot import bundled

        rows = bundled().rows
        return (row for provider in providers for row in rows(provider))

    return FirstLook(NamedKeyFiles(environ), LoopbackServers(), shipped)


def served(
    store: Store, settings: Settings, environ: Mapping[str, str], clock: Clock
) -> Callable[[str, int], Held | None]:
    """Hands a secret out again, given whose, and for how long (ms) it has to be good."""

    def again(name: str, margin: int) -> Held | None:
        from adapters.keys.sealing import AesGcmKeyring
        from adapters.sqlite.reader import SqliteStateReader
        from adapters.sqlite.served import served_again
        from entrypoints.process import unreadable

        if not isinstance(store.reader, SqliteStateReader):
            return None
        keyring = AesGcmKeyring(key_source(settings), unreadable)
        return served_again(store.reader, keyring, environ, name, margin, clock())

    return again
