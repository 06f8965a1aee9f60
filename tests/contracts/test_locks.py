"""The promise of Locks: one at a time for each name, for as long as it is held."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.machine.files import exclusive
from application.ports.sign_in import Locks
from application.ports.store import Store
from domain.errors import StoreBusy, UnsafeFile
from tests.adapters.homes import Home
from tests.adapters.test_sql_processes import begin, working

NAME, OTHER = "gate:default", "gate:other"


@pytest.fixture
def locks(kept: Store) -> Locks:
    return kept.locks


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")


@contextmanager
def held_by_a_thread(locks: Locks, name: str) -> Iterator[threading.Event]:
    """Held by another thread until the event is set."""
    has, over = threading.Event(), threading.Event()

    def hold() -> None:
        with locks.held(name, 5):
            has.set()
            over.wait(10)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        assert has.wait(5)
        yield over
    finally:
        over.set()
        thread.join()


def test_another_thread_is_told_that_it_is_busy_and_waits_no_longer(locks: Locks) -> None:
    with held_by_a_thread(locks, NAME):
        began = time.monotonic()
        with pytest.raises(StoreBusy) as busy, locks.held(NAME, 0.2):
            raise AssertionError("both hold it")
        assert 0.1 < time.monotonic() - began < 3
    assert NAME not in str(busy.value)


def test_another_name_is_free(locks: Locks) -> None:
    with held_by_a_thread(locks, NAME), locks.held(OTHER, 0):
        pass


def test_who_waits_gets_it_when_it_is_free(locks: Locks) -> None:
    with held_by_a_thread(locks, NAME) as over:
        threading.Timer(0.2, over.set).start()
        with locks.held(NAME, 5):
            assert over.is_set()


def test_it_is_free_again_after_a_failure_and_after_a_refusal(locks: Locks) -> None:
    with pytest.raises(ZeroDivisionError), locks.held(NAME, 0):
        raise ZeroDivisionError
    with held_by_a_thread(locks, NAME), pytest.raises(StoreBusy), locks.held(NAME, 0.05):
        pass
    with locks.held(NAME, 1):
        pass


def test_threads_that_count_together_lose_nothing(locks: Locks) -> None:
    counted = [0]

    def count() -> None:
        for _ in range(20):
            with locks.held(NAME, 10):
                before = counted[0]
                time.sleep(0)
                counted[0] = before + 1

    threads = [threading.Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counted == [80]


def test_processes_exclude_each_other_and_one_that_is_killed_holds_nothing(home: Home) -> None:
    with working(home, "hold_grant", NAME) as process:
        begin(process)
        locks = home.made.locks
        with locks.held(OTHER, 0):
            pass
        with pytest.raises(StoreBusy) as busy, locks.held(NAME, 0.2):
            raise AssertionError("both hold it")
        assert f"process {process.pid} " in str(busy.value)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        with locks.held(NAME, 5):
            pass


def test_the_files_lie_beside_the_store_and_are_private(home: Home) -> None:
    with home.made.locks.held("../../gate:ü", 0):
        (file,) = home.store.parent.iterdir()
    assert file.name.startswith("store.db.grant-")
    assert len(file.name) == len("store.db.grant-.lock") + 16
    assert (file.stat().st_mode & 0o777, file.parent.stat().st_mode & 0o777) == (0o600, 0o700)


@pytest.mark.parametrize("mode", [0o666, 0o640])
def test_a_lock_that_others_may_hold_is_not_waited_for(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "a.lock"
    path.touch()
    path.chmod(mode)
    with pytest.raises(UnsafeFile), exclusive(path):
        raise AssertionError


def test_a_pipe_in_the_place_of_a_lock_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.lock", 0o600)
    with pytest.raises(UnsafeFile), exclusive(tmp_path / "a.lock"):
        raise AssertionError
