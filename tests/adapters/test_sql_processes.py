"""Many processes on one store, and processes that die in the middle of it."""

import random
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from adapters.machine.files import exclusive
from domain.answers.outcome import Outcome
from domain.errors import StoreBusy
from domain.journal.records import HistoryQuery
from domain.providers.refs import ModelRef
from tests.adapters.homes import REPOSITORY, Home
from tests.adapters.values import NOW, ended, intent, profile
from tests.adapters.workers import secret_of


@contextmanager
def working(home: Home, *words: str) -> Iterator[subprocess.Popen[str]]:
    """A worker that is ready to begin; killed, if it still runs, at the end."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.adapters.workers", words[0], str(home.root), *words[1:]],
        cwd=REPOSITORY,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def begin(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n", process.communicate()[1]
    process.stdin.write("\n")
    process.stdin.flush()


def together(home: Home, works: list[list[str]]) -> list[list[str]]:
    """Runs all works at once; what each said. None may fail."""
    with ExitStack() as stack:
        processes = [stack.enter_context(working(home, *words)) for words in works]
        for process in processes:
            begin(process)
        said = [process.communicate(timeout=300) for process in processes]
    assert [
        (p.returncode, e) for p, (_, e) in zip(processes, said, strict=True) if p.returncode
    ] == []
    return [out.splitlines() for out, _ in said]


def is_sound(home: Home) -> bool:
    with closing(sqlite3.connect(home.store)) as store:
        checks = store.execute("PRAGMA integrity_check").fetchall()
        return checks == [("ok",)] and not store.execute("PRAGMA foreign_key_check").fetchall()


@pytest.mark.soak
def test_ten_processes_that_race_to_make_the_store_all_succeed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    said = together(home, [["write", f"p{n}", "2"] for n in range(10)])
    assert [len(lines) for lines in said] == [2] * 10
    assert len(home.key_files()) == 1
    everything_is_there(home, 10, 2)


@pytest.mark.soak
def test_a_reader_never_sees_a_store_that_is_being_made(tmp_path: Path) -> None:
    for n in range(2):
        home = Home(tmp_path / str(n))
        readers = [["read", "300"] for _ in range(2)]
        *said, made = together(home, [*readers, ["create"]])
        assert said == [["done"], ["done"]]
        assert made == ["done"]


def test_five_writers_lose_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    together(home, [["write", f"p{n}", "10"] for n in range(5)])
    everything_is_there(home, 5, 10)


@pytest.mark.soak
def test_fifty_writers_lose_nothing(tmp_path: Path) -> None:
    home = Home(tmp_path)
    together(home, [["write", f"p{n}", "20"] for n in range(50)])
    everything_is_there(home, 50, 20)


def everything_is_there(home: Home, processes: int, writes: int) -> None:
    names = [f"p{p}-{n}" for p in range(processes) for n in range(writes)]
    stored = home.reader.read()
    assert {kept.id for kept in stored.profiles} == {f"openai:{name}" for name in names[::2]}
    assert dict(stored.selection.aliases.targets) == {
        name: ModelRef("openai", name) for name in names[1::2]
    }
    opened = home.profiles.open([f"openai:{name}" for name in names[::2]])
    assert opened == {
        f"openai:{name}": profile(f"openai:{name}", secret_of(name)) for name in names[::2]
    }
    assert is_sound(home)


@pytest.mark.soak
def test_six_killed_writers_leave_what_they_said_and_nothing_half(tmp_path: Path) -> None:
    killed_writers(Home(tmp_path), 6)


@pytest.mark.soak
def test_a_hundred_killed_writers_leave_what_they_said_and_nothing_half(tmp_path: Path) -> None:
    killed_writers(Home(tmp_path), 100)


def killed_writers(home: Home, rounds: int) -> None:
    chance = random.Random(rounds)
    begun: set[str] = set()
    finished: set[str] = set()
    revision = 0
    for at in range(rounds):
        lines = killed_after(home, f"r{at}", chance.randrange(12), chance.random() * 0.02)
        puts = [line.split() for line in lines if line.startswith("put ")]
        begun |= {line.split()[1] for line in lines if line.startswith("begun ")}
        finished |= {line.split()[1] for line in lines if line.startswith("finished ")}
        stored = home.reader.read()
        (counted,) = stored.profiles
        if puts:
            assert counted.revision - int(puts[-1][1]) in (0, 1)
        assert counted.revision >= revision
        revision = counted.revision
        home.profiles.get("openai:counted")
        assert is_sound(home)
    runs_are_whole(home, begun, finished)
    assert len(home.key_files()) == 1


def killed_after(home: Home, name: str, lines: int, seconds: float) -> list[str]:
    """What a writer said that was killed a moment after its first `lines` lines."""
    with working(home, "count_up", name) as process:
        begin(process)
        assert process.stdout is not None
        said = [process.stdout.readline().strip() for _ in range(lines + 1)]
        time.sleep(seconds)
        process.kill()
        rest, failure = process.communicate()
    assert failure == ""
    return said + rest.splitlines()


def runs_are_whole(home: Home, begun: set[str], finished: set[str]) -> None:
    """A run has all its five records or none, and all their results or none."""
    outcomes: dict[str, list[object]] = {}
    cursor: int | None = None
    while True:
        page = home.journal_reader.search(HistoryQuery(limit=1000, before=cursor))
        for record in page.records:
            outcomes.setdefault(record.run_id, []).append(record.outcome)
        cursor = page.next
        if cursor is None:
            break
    assert begun <= outcomes.keys()
    assert {len(found) for found in outcomes.values()} == {5}
    assert {len(set(found)) for found in outcomes.values()} == {1}
    assert finished <= {run for run, found in outcomes.items() if found[0] is not None}


def test_what_a_killed_creation_left_is_cleared_by_the_next(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    home.place(b"")
    home.store.unlink()
    left = home.store.with_name("..store.db.new.16acaf74841a.new")
    left.touch(0o600)
    home.profiles.put(profile("openai:after"), NOW)
    assert not left.exists()


def test_a_killed_creation_leaves_nothing_or_a_whole_store(tmp_path: Path) -> None:
    chance = random.Random(7)
    for n in range(6):
        home = Home(tmp_path / str(n))
        with working(home, "create") as process:
            begin(process)
            time.sleep(chance.random() * 0.4)
            process.kill()
        found = home.reader.read()
        assert [kept.id for kept in found.profiles] in ([], ["openai:default"])
        home.profiles.put(profile("openai:after"), NOW)
        assert home.profiles.get("openai:after") == profile("openai:after")
        assert is_sound(home)
        assert {f.name for f in home.store.parent.glob("*.db*")} == {"store.db", "store.db.lock"}


@pytest.mark.parametrize("first", ["reader", "writer"])
def test_a_transaction_cut_short_in_the_file_is_rolled_back(tmp_path: Path, first: str) -> None:
    home = Home(tmp_path)
    for n in range(50):
        home.profiles.put(profile(f"openai:p{n}"), NOW)
    home.selection.update(lambda s: s.with_default(ModelRef("openai", "gpt-5")), NOW)
    home.journal.begin([intent(f"openai:p{n}") for n in range(50)])
    before, content = home.reader.read(), home.digest()
    with working(home, "leave_hot") as process:
        process.wait(60)
    assert home.store.with_name("store.db-journal").stat().st_size > 0
    assert home.digest() != content
    if first == "writer":
        home.selection.update(lambda s: s, NOW)
    assert home.reader.read() == before
    assert len(home.journal_reader.search(HistoryQuery(limit=100)).records) == 50
    assert not home.store.with_name("store.db-journal").exists()
    assert is_sound(home)


def test_who_waits_too_long_is_told_that_another_process_holds_the_store(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.profiles.put(profile(), NOW)
    lock = home.store.with_name("store.db.lock")
    with working(home, "hold") as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        with pytest.raises(StoreBusy), exclusive(lock, deadline=0.1):
            pass
        assert home.reader.read().profiles[0].id == "openai:default"
        process.kill()
        process.wait(10)
        with exclusive(lock, deadline=10):
            pass


def test_who_gave_up_waiting_does_not_hold_the_lock_later(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with exclusive(lock):
        for _ in range(3):
            with pytest.raises(StoreBusy), exclusive(lock, deadline=0.05):
                pass
    for _ in range(3):
        with exclusive(lock, deadline=5):
            pass


def test_a_waiting_writer_goes_on_when_the_holder_is_done(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.profiles.put(profile(), NOW)
    with working(home, "hold") as process:
        assert process.stdout is not None
        assert process.stdin is not None
        assert process.stdout.readline() == "ready\n"
        with working(home, "create") as waiting:
            begin(waiting)
            process.stdin.write("\n")
            process.stdin.flush()
            assert waiting.communicate(timeout=60)[0] == "done\n"
    assert home.reader.read().profiles[0].revision == 2


def test_reading_waits_for_nobody_while_a_writer_is_at_work(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.profiles.put(profile(), NOW)
    with home.database.writing() as connection:
        connection.exec_driver_sql("UPDATE profiles SET label = 'changed'")
        assert home.reader.read().profiles[0].label == "Work"
        assert home.profiles.get("openai:default") == profile()
    assert home.reader.read().profiles[0].label == "changed"


def test_a_thread_of_its_own_may_write_results(tmp_path: Path) -> None:
    home = Home(tmp_path)
    journal = home.journal
    (id,) = journal.begin([intent()])
    done = ended(intent()._replace(id=id), Outcome.OK)
    thread = threading.Thread(target=journal.finish, args=([done],))
    thread.start()
    thread.join()
    assert home.journal_reader.search(HistoryQuery()).records == (done,)
