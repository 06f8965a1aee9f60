"""A home of its own for a test, and the adapters over it, wired as the container wires them."""

import hashlib
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import migrations
from adapters.keys.sealing import AesGcmKeyring
from adapters.keys.source import KeySource, StdlibKeyProbe
from adapters.sql.journal import SqlProbeJournal
from adapters.sql.profiles import SqlProfileStore
from adapters.sql.selection import SqlSelectionStore
from adapters.sqlite.engine import Migrate, SqliteDatabase
from adapters.sqlite.reader import SqliteStateReader

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Home:
    """Folders as AURA_INTELLIGENCE_HOME lays them; every call makes new adapters, as a process."""

    root: Path
    variable: str | None = None
    key_file: Path | None = None
    head: str = migrations.HEAD
    migrate: Migrate = migrations.ensure_head

    @property
    def store(self) -> Path:
        return self.root / "data" / "store.db"

    @property
    def keys(self) -> Path:
        return self.root / "config" / "keys"

    @property
    def source(self) -> KeySource:
        return KeySource(self.keys, self.variable, self.key_file)

    @property
    def keyring(self) -> AesGcmKeyring:
        return AesGcmKeyring(self.source)

    @property
    def key_probe(self) -> StdlibKeyProbe:
        return StdlibKeyProbe(self.source)

    @property
    def database(self) -> SqliteDatabase:
        return SqliteDatabase(self.store, self.head, self.migrate)

    @property
    def reader(self) -> SqliteStateReader:
        return SqliteStateReader(self.store)

    @property
    def profiles(self) -> SqlProfileStore:
        return SqlProfileStore(self.database, self.keyring)

    @property
    def selection(self) -> SqlSelectionStore:
        return SqlSelectionStore(self.database, self.keyring)

    @property
    def journal(self) -> SqlProbeJournal:
        return SqlProbeJournal(self.database)

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
