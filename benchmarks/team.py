"""What a team's store costs: a million records, writers together, and a copy there and back.

`python -m benchmarks.team [RECORDS] [WRITERS] [SECONDS]`, on a PostgreSQL of its own, with fsync.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from adapters.postgres.store import PostgresStore
from adapters.sqlite.store import SqliteStore
from benchmarks.history import COLUMNS, PROFILES, RUNS, all_of, questions, rows
from domain.answers.outcome import Outcome
from domain.journal.records import HistoryQuery
from tests import databases
from tests.adapters.homes import Home
from tests.adapters.values import NOW, ended, intent, profile

RECORDS, WRITERS, SECONDS = (
    int(word) for word in (*sys.argv[1:], *("1000000", "20", "20")[len(sys.argv) - 1 :])
)
_CREDENTIAL = COLUMNS.index("credential_id")
_WRITE = """
import sys, time
from pathlib import Path
from tests.adapters.homes import Home
from tests.adapters.values import ended, intent
from domain.answers.outcome import Outcome
home = Home(Path(sys.argv[1]), url=sys.argv[2])
journal, until, worst, count = home.journal, time.monotonic() + float(sys.argv[3]), 0.0, 0
while time.monotonic() < until:
    began = time.monotonic()
    (at,) = journal.begin([intent(run=f"{sys.argv[4]} {count}")])
    worst, count = max(worst, time.monotonic() - began), count + 1
print(count, round(worst * 1000))
"""


def took(name: str, call: Callable[[], object], runs: int = 7) -> None:
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    print(f"{name:<58} median {statistics.median(times):8.1f} ms   best {min(times):8.1f} ms")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="aura-pg-") as temporary:
        folder = Path(temporary)
        databases.SETTINGS.update(fsync="on", synchronous_commit="on", shared_buffers="128MB")
        server = databases.running(folder / "server")
        try:
            _measured(folder, server, databases.empty(server, "bench"))
        finally:
            databases.ended(server.folder)


def _measured(folder: Path, server: databases.PostgresServer, url: str) -> None:
    home = Home(folder / "home", url=url)
    store = home.store_made
    assert isinstance(store, PostgresStore)
    for id in dict.fromkeys(row[_CREDENTIAL] for row in rows(PROFILES, NOW)):
        store.profiles.put(profile(str(id)), NOW)
    took("a connection", lambda: store.server.connect().close())
    took("one record begun and finished", lambda: _one(home), 20)
    now = time.time_ns() // 1_000_000
    with server.connect("bench") as connection:
        _fill(connection, now)
        began = time.perf_counter()
        *_, done = store.journal.rebuild()
        took_s = time.perf_counter() - began
        print(f"-- {RECORDS} records, counted by day in {took_s:.0f} s: {done.days} rows")
        took("what `models status` reads", store.reader.read)
        for name, (ask, plain) in questions(store.journal_reader, now).items():
            took(name, ask)
            took("   plain SQL on the records", partial(all_of, connection, plain))
    deep = HistoryQuery(before=RECORDS // 10, limit=50)
    took("a page far back", lambda: store.journal_reader.search(deep))
    took("one record begun and finished", lambda: _one(home), 20)
    _commands(folder, url)
    _together(home, url)
    _copied(folder, home, server)


def _fill(connection: psycopg.Connection[Any], now: int) -> None:
    """The records of `benchmarks.history`, and their runs."""
    names = ", ".join(COLUMNS[1:])
    # The runs are told by their records, and so come after them.
    connection.execute("SET session_replication_role = replica")
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY probe_records ({names}) FROM STDIN") as copy,
    ):
        for row in rows(RECORDS, now):
            copy.write_row(row[1:])
    connection.execute(RUNS)
    connection.execute("ANALYZE")


def _one(home: Home) -> None:
    journal = home.store_made.journal
    begun = intent(run=f"run {time.perf_counter_ns()}")
    (at,) = journal.begin([begun])
    journal.finish([ended(begun._replace(id=at), Outcome.OK)])


def _commands(folder: Path, url: str) -> None:
    environ = {
        **os.environ,
        "AURA_INTELLIGENCE_HOME": str(folder / "home"),
        "AURA_INTELLIGENCE_DATABASE_URL": url,
    }
    program = str(Path(sys.executable).parent / "aura_intelligence")
    for words in ("models status --json", "models history --json"):
        command = [program, *words.split()]
        run = partial(subprocess.run, command, env=environ, stdout=subprocess.DEVNULL, check=True)
        took(f"the whole process: {words}", run)


def _together(home: Home, url: str) -> None:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", _WRITE, str(home.root), url, str(SECONDS), str(n)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for n in range(WRITERS)
    ]
    said = [[int(word) for word in writer.communicate()[0].split()] for writer in writers]
    written = sum(count for count, _ in said)
    print(
        f"{WRITERS} writers for {SECONDS} s: {written / SECONDS:.0f} records a second, "
        f"one waited {max(worst for _, worst in said)} ms at most"
    )


def _copied(folder: Path, home: Home, server: databases.PostgresServer) -> None:
    from adapters.sql.copying import copied

    file = Home(folder / "file").store_made
    assert isinstance(file, SqliteStore)
    store = home.store_made
    assert isinstance(store, PostgresStore)
    took("copied into a file, and compared", lambda: copied(store.database, file.database), 1)
    back = Home(folder / "home", url=databases.empty(server, "back")).store_made
    assert isinstance(back, PostgresStore)
    took("and into another database", lambda: copied(file.database, back.database), 1)
    with psycopg.connect(f"host={server.folder} user=postgres dbname=back") as connection:
        (size,) = connection.execute("SELECT pg_database_size('back') / 1048576").fetchone() or (0,)
    print(f"size: {size} MiB in PostgreSQL, {file.path.stat().st_size // 2**20} MiB in SQLite")


if __name__ == "__main__":
    main()
