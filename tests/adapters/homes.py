"""A home of its own for a test, and the adapters over it, as the container makes them."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from dependency_injector import providers

import migrations
from adapters.keys.sealing import AesGcmKeyring
from adapters.keys.source import KeySource
from adapters.sql.database import Migrate
from adapters.sqlite.engine import SqliteDatabase
from adapters.sqlite.reader import SqliteStateReader
from adapters.sqlite.store import SqliteStore
from application.ports.keys import KeyProbe
from application.ports.reading import JournalReader
from application.ports.store import ProbeJournal, ProfileStore, SelectionStore, Store
from entrypoints.container import Container

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Home:
    """Folders as AURA_INTELLIGENCE_HOME lays them; every call makes new adapters, as a process."""

    root: Path
    variable: str | None = None
    key_file: Path | None = None
    head: str = migrations.HEAD
    migrate: Migrate = migrations.ensure_head
    url: str | None = None

    @property
    def store(self) -> Path:
        return self.root / "data" / "store.db"

    @property
    def keys(self) -> Path:
        return self.root / "config" / "keys"

    @property
    def container(self) -> Container:
        """The program's own wiring, for a process that begins now."""
        named = {"AURA_INTELLIGENCE_VAULT_KEY": self.variable, "AURA_INTELLIGENCE_HOME": self.root}
        named["AURA_INTELLIGENCE_VAULT_KEY_FILE"] = self.key_file
        named["AURA_INTELLIGENCE_DATABASE_URL"] = self.url
        environ = {name: str(value) for name, value in named.items() if value is not None}
        made = Container(environ=environ)
        made.schema.override(providers.Object(lambda: (self.head, self.migrate)))
        return made

    @property
    def made(self) -> SqliteStore:
        store = self.container.store()
        assert isinstance(store, SqliteStore)
        return store

    @property
    def store_made(self) -> Store:
        """The store, whichever `url` names."""
        made: Store = self.container.store()
        return made

    @property
    def source(self) -> KeySource:
        source: KeySource = self.container.key_source()
        return source

    @property
    def keyring(self) -> AesGcmKeyring:
        return self.made.keyring

    @property
    def key_probe(self) -> KeyProbe:
        return self.made.key_probe

    @property
    def database(self) -> SqliteDatabase:
        return self.made.database

    @property
    def reader(self) -> SqliteStateReader:
        return self.made.reader

    @property
    def journal_reader(self) -> JournalReader:
        return self.made.journal_reader

    @property
    def profiles(self) -> ProfileStore:
        return self.store_made.profiles

    @property
    def selection(self) -> SelectionStore:
        return self.store_made.selections

    @property
    def journal(self) -> ProbeJournal:
        return self.store_made.journal

    def place(self, content: bytes) -> None:
        """Puts a file of that content where the store is looked for."""
        self.store.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.store.write_bytes(content)
        self.store.chmod(0o600)

    def key_files(self) -> list[Path]:
        return sorted(self.keys.glob("*")) if self.keys.exists() else []

    def digest(self) -> str:
        """Of the store's file: equal digests, unchanged file."""
        return hashlib.sha256(self.store.read_bytes()).hexdigest()

    def run(
        self, *words: str, given: str = "", environ: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """`aura_intelligence WORDS` in a process of its own, its whole environment known."""
        return subprocess.run(
            [sys.executable, "-m", "aura_intelligence", *words],
            input=given,
            env={**os.environ, "AURA_INTELLIGENCE_HOME": str(self.root), **(environ or {})},
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    @contextmanager
    def tampering(self) -> Iterator[sqlite3.Connection]:
        """The store as somebody without the key may change it."""
        with closing(sqlite3.connect(self.store)) as store, store:
            yield store
