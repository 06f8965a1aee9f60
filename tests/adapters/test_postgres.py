"""The database itself: its turns, what it gives up, its locks between hosts, its schema."""

import contextlib
import os
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from adapters.postgres import locks as leases
from adapters.postgres.engine import PostgresDatabase
from adapters.postgres.store import PostgresStore
from adapters.sql.copying import copied
from adapters.sql.database import again
from adapters.sql.tables import metadata, profiles
from domain.answers.outcome import Outcome
from domain.errors import StoreBusy, StoreFailed, StoreGone
from tests import relays
from tests.adapters.homes import Home
from tests.adapters.test_journal_days import older
from tests.adapters.test_sql_processes import begin, together, working
from tests.adapters.values import NOW, ended, intent, profile
from tests.adapters.workers import aliased
from tests.databases import PostgresServer

__all__ = ["older"]
NAME = "gate:default"
DAY = "make_interval(days => 1)"


@pytest.fixture
def home(tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch) -> Home:
    # The workers find it there.
    monkeypatch.setenv("AURA_INTELLIGENCE_DATABASE_URL", database)
    return Home(tmp_path / "home", url=database)


def made(home: Home) -> PostgresStore:
    """What a process of its own would have."""
    store = home.store_made
    assert isinstance(store, PostgresStore)
    return store


def asked(home: Home, statement: str) -> list[tuple[object, ...]]:
    assert home.url is not None
    with psycopg.connect(home.url.replace("+psycopg", ""), autocommit=True) as connection:
        done = connection.execute(statement)
        return done.fetchall() if done.description else []


def test_the_tables_are_what_the_migrations_make(home: Home) -> None:
    with made(home).database.writing() as connection:
        context = MigrationContext.configure(
            connection,
            opts={
                "compare_type": True,
                "include_name": lambda name, kind, _: (kind, name) != ("table", "leases"),
            },
        )
        assert compare_metadata(context, metadata) == []


def at_once(*works: Callable[[], object]) -> None:
    """All of them together, as processes would: each has adapters and connections of its own."""
    start = threading.Barrier(len(works))

    def begun(work: Callable[[], object]) -> None:
        start.wait(10)
        work()

    with ThreadPoolExecutor(len(works)) as pool:
        for done in [pool.submit(begun, work) for work in works]:
            done.result()


@pytest.mark.soak
def test_processes_that_begin_at_once_make_one_store(home: Home) -> None:
    together(home, [["create"] for _ in range(4)])
    (found,) = home.store_made.reader.read().profiles
    assert found.revision == 4


@pytest.mark.soak
def test_processes_that_write_together_lose_nothing(home: Home) -> None:
    together(home, [["write", f"w{n}", "4"] for n in range(3)])
    found = home.store_made.reader.read()
    assert len(found.profiles) == 6
    assert len(found.selection.aliases.targets) == 6


def test_who_begins_at_once_makes_one_store_and_loses_no_alias(home: Home) -> None:
    at_once(*(partial(home.selection.update, aliased(f"w{n}"), NOW) for n in range(4)))
    assert len(home.store_made.reader.read().selection.aliases.targets) == 4


def test_who_waits_is_told_after_a_second_and_gives_up_at_the_deadline(home: Home) -> None:
    home.profiles.put(profile(), NOW)
    told: list[object] = []
    waiting = made(home).database
    waiting.on_wait = told.append
    with made(home).database.writing():
        for patience, wanted in ((0.1, []), (1.2, [None])):
            with pytest.raises(StoreBusy), waiting.writing(patience, together=True):
                raise AssertionError("both write")
            assert told == wanted
    told.clear()
    with waiting.writing():
        pass
    assert told == []


def test_who_writes_other_rows_waits_for_nobody(home: Home) -> None:
    home.profiles.put(profile(), NOW)
    with made(home).database.writing(together=True):
        home.profiles.put(profile("openai:other"), NOW)
        with pytest.raises(StoreBusy), made(home).database.writing(0.1):
            raise AssertionError("both write")


def test_of_many_who_write_one_row_none_is_lost(home: Home) -> None:
    """A new one as well: who comes second to make it replaces it."""

    def put() -> None:
        profiles = home.profiles
        for _ in range(4):
            profiles.put(profile(), NOW)

    at_once(*(put for _ in range(4)))
    (found,) = home.store_made.reader.read().profiles
    assert found.revision == 16


def test_what_many_count_at_once_is_counted_once(home: Home, older: Home) -> None:
    """Into the same run and the same day; and older ones along, until none is left."""
    many = copied(older.database, made(home).database)["probe_records"]

    def append() -> None:
        journal = home.journal
        for n in range(5):
            begun = intent("openai:meanwhile", run=f"meanwhile-{n}")
            (id,) = journal.begin([begun])
            journal.finish([ended(begun._replace(id=id), Outcome.OK)])

    at_once(*(append for _ in range(4)))
    assert asked(home, "SELECT sum(records) FROM journal_days") == [(many + 20,)]
    *_, done = home.journal.rebuild(dry_run=True)
    assert (done.records, done.different) == (many + 20, 0)


def broken_by(statement: str, database: PostgresDatabase) -> Callable[[], int]:
    """A write whose first transaction meets `statement`; how many it took."""
    tries = 0

    @again
    def write() -> int:
        nonlocal tries
        tries += 1
        with database.writing() as connection:
            connection.execute(sa.update(profiles).values(label=f"try {tries}"))
            if tries == 1:
                connection.exec_driver_sql(statement)
        return tries

    return write


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40001'; END $$",
        "DO $$ BEGIN RAISE EXCEPTION USING ERRCODE = '40P01'; END $$",
    ],
)
def test_what_the_server_gives_up_is_done_again(home: Home, statement: str) -> None:
    home.profiles.put(profile(), NOW)
    assert broken_by(statement, made(home).database)() == 2
    assert asked(home, "SELECT label FROM profiles") == [("try 2",)]


def test_what_fails_in_the_middle_leaves_nothing(home: Home) -> None:
    home.profiles.put(profile(), NOW)
    before = asked(home, "SELECT * FROM profiles")

    def emptied(statement: str) -> None:
        with made(home).database.writing() as connection:
            connection.execute(sa.delete(profiles))
            connection.exec_driver_sql(statement)

    for statement in ("SELECT pg_terminate_backend(pg_backend_pid())", "SELECT 1 / 0"):
        with pytest.raises(StoreFailed):
            emptied(statement)
    assert asked(home, "SELECT * FROM profiles") == before


def test_a_first_write_that_fails_leaves_neither_tables_nor_a_key(home: Home) -> None:
    def refuse(_: object) -> None:
        raise StoreGone("as a server that goes away while it migrates")

    broken = Home(home.root, url=home.url, migrate=refuse)
    with pytest.raises(StoreFailed):
        broken.profiles.put(profile(), NOW)
    assert asked(home, "SELECT relname FROM pg_class WHERE relname = 'profiles'") == []
    assert home.key_files() == []


def test_a_server_that_restarts_is_waited_for_by_who_knew_it(
    home: Home, postgres: PostgresServer
) -> None:
    assert home.url is not None
    name = home.url.partition("@/")[2].partition("?")[0]
    inside, back = relays.with_tls(postgres.folder, None), contextlib.ExitStack()
    with relays.serving(inside) as port:
        there = Home(home.root, url=f"postgresql://postgres@127.0.0.1:{port}/{name}")
        knows, knows_not = there.store_made, there.store_made
        knows.profiles.put(profile(), NOW)
    with pytest.raises(StoreFailed):
        knows_not.profiles.put(profile(), NOW)
    timer = threading.Timer(
        0.3, lambda: back.enter_context(relays.serving(inside, port=port)) and None
    )
    timer.start()
    with back:
        assert knows.profiles.put(profile(), NOW).revision == 2
        timer.join()


def test_a_lock_holds_between_hosts_of_one_name_and_a_dead_one_ends_by_itself(home: Home) -> None:
    with working(home, "hold_grant", NAME) as process:
        begin(process)
        # Another home, as on another machine; its host has the same name.
        there = Home(home.root.with_name("elsewhere"), url=home.url).store_made.locks
        with there.held("gate:other", 0):
            pass
        with pytest.raises(StoreBusy), there.held(NAME, 0.3):
            raise AssertionError("both hold it")
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        # Nobody is asked whether it lives: its time has to pass.
        with pytest.raises(StoreBusy), there.held(NAME, 0.1):
            raise AssertionError("its time is not over")
        asked(home, f"UPDATE leases SET ends_at = ends_at - interval '{leases.LEASE} seconds'")
        with there.held(NAME, 1):
            pass
    assert asked(home, "SELECT * FROM leases") == []


def test_who_comes_back_too_late_takes_nothing_from_the_next_one(home: Home) -> None:
    late, next_one = home.store_made.locks, home.store_made.locks
    with late.held(NAME, 0):
        asked(home, "UPDATE leases SET ends_at = clock_timestamp()")
        with next_one.held(NAME, 1):
            ((before,),) = asked(home, "SELECT holder FROM leases")
            late_again = home.store_made.locks
            with pytest.raises(StoreBusy), late_again.held(NAME, 0):
                raise AssertionError
            assert asked(home, "SELECT holder FROM leases") == [(before,)]


@pytest.mark.parametrize("off", [f"+ {DAY}", f"- {DAY}"])
def test_only_the_clock_of_the_server_counts(home: Home, off: str) -> None:
    """Wherever it stands; and one that is set back locks nobody out."""
    asked(
        home,
        "CREATE FUNCTION other.clock_timestamp() RETURNS timestamptz LANGUAGE sql AS"
        f" 'SELECT pg_catalog.clock_timestamp() {off}'",
    )
    path = "&options=-csearch_path%3Dpublic,other,pg_catalog"
    home.profiles.put(profile(), NOW)
    wrong = Home(home.root, url=f"{home.url}{path}").store_made.locks
    with wrong.held(NAME, 0):
        ((far,),) = asked(home, "SELECT abs(extract(epoch FROM ends_at - now())) FROM leases")
        assert float(str(far)) > 80_000
        with pytest.raises(StoreBusy), wrong.held(NAME, 0.1):
            raise AssertionError
        with home.store_made.locks.held(NAME, 0.5):
            pass


def test_locks_are_taken_in_a_moment_of_each(home: Home) -> None:
    """Who waits for a lock holds neither a connection nor the writers' turn."""
    home.profiles.put(profile(), NOW)
    with home.store_made.locks.held(NAME, 0):
        began = time.monotonic()
        home.profiles.put(profile(), NOW)
        assert time.monotonic() - began < 5
        counted = asked(
            home, "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        )
    assert counted == [(1,)]
