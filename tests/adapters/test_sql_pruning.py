"""Pruning a store in SQLite: runs, short steps beside other writers, and an end at any point."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import islice, pairwise
from pathlib import Path

import pytest

from domain.answers.outcome import Outcome
from domain.instants import DAY
from domain.journal.pruning import Pruned, Pruning
from domain.journal.records import HistoryQuery
from tests.adapters.homes import Home
from tests.adapters.test_sql_processes import begin, is_sound, working
from tests.adapters.values import NOW, ended, intent

ALL = Pruning(keep=0)
MANY = 2000


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """Two thousand successes of one credential with one model, ten in a run."""
    home = Home(tmp_path / "home")
    fill(home, MANY)
    return home


def fill(home: Home, count: int) -> None:
    home.journal.begin([intent(run="first")._replace(started_at=NOW - 9 * DAY)])
    with home.tampering() as store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(probe_records)")]
        rest = [name for name in columns if name not in ("id", "run_id", "outcome")]
        runs = [(f"run-{n}",) for n in range(count // 10)]
        store.executemany("INSERT INTO probe_runs VALUES (?, 'probe', 'here', 10, 0, 0)", runs)
        store.executemany(
            f"INSERT INTO probe_records (run_id, outcome, {', '.join(rest)}) "
            f"SELECT ?, 'ok', {', '.join(rest)} FROM probe_records WHERE id = 1",
            (run for run in runs for _ in range(10)),
        )
        store.execute("DELETE FROM probe_records WHERE id = 1")
        store.execute("DELETE FROM probe_runs WHERE id = 'first'")


def counts(home: Home) -> tuple[int, int]:
    """How many records, and how many runs."""
    with closing(sqlite3.connect(home.store)) as store:
        (records,) = store.execute("SELECT count(*) FROM probe_records").fetchone()
        (runs,) = store.execute("SELECT count(*) FROM probe_runs").fetchone()
    return records, runs


def test_a_run_goes_with_its_last_record_and_not_before(home: Home) -> None:
    *_, last = home.journal.prune(Pruning(keep=15), NOW)
    assert last == Pruned(MANY - 15, 0, MANY)
    assert counts(home) == (15, 2)
    list(home.journal.prune(ALL, NOW))
    assert counts(home) == (1, 1)
    assert is_sound(home)


def test_it_goes_in_many_steps_each_told(home: Home) -> None:
    steps = list(home.journal.prune(ALL, NOW))
    assert steps[-1] == Pruned(MANY - 1, 1, MANY)
    assert max(b.removed - a.removed for a, b in pairwise(steps)) <= 500
    assert steps == sorted(steps)


def test_who_stops_listening_stops_it_and_what_was_done_stays(home: Home) -> None:
    steps = home.journal.prune(ALL, NOW)
    *_, last = islice(steps, 3)
    assert 0 < last.removed < MANY - 1
    assert counts(home)[0] == MANY - last.removed
    assert is_sound(home)


def test_between_two_steps_nothing_is_held(home: Home) -> None:
    for done in home.journal.prune(ALL, NOW):
        (id,) = home.journal.begin([intent(run=f"meanwhile {done}")])
        home.journal.finish([ended(intent()._replace(id=id), Outcome.CANCELLED)])
        assert home.reader.read().heads
    assert is_sound(home)


def test_a_dry_run_changes_no_byte(home: Home) -> None:
    before = home.digest()
    *_, last = home.journal.prune(Pruning(keep=0, dry_run=True), NOW)
    assert last == Pruned(MANY - 1, 1, MANY)
    assert home.digest() == before


def test_a_store_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    home = Home(tmp_path / "none")
    assert list(home.journal.prune(ALL, NOW)) == [Pruned()]
    assert not home.root.exists()


def test_two_at_once_remove_what_one_would(home: Home) -> None:
    first, second = home.journal.prune(ALL, NOW), home.journal.prune(ALL, NOW)
    assert sum(1 for _ in alternating(first, second)) > 4
    assert counts(home) == (1, 1)
    assert is_sound(home)


def alternating(*parts: Iterator[Pruned]) -> Iterator[Pruned]:
    waiting = list(parts)
    while waiting:
        for part in list(waiting):
            done = next(part, None)
            if done is None:
                waiting.remove(part)
            else:
                yield done


@pytest.mark.soak
def test_another_process_that_writes_gets_its_turn_between_steps(tmp_path: Path) -> None:
    home, theirs = Home(tmp_path / "large"), HistoryQuery(profile="openai:meanwhile")
    fill(home, 10 * MANY)
    with working(home, "append", "50") as process:
        begin(process)
        seen = [
            len(home.journal_reader.search(theirs).records) for _ in home.journal.prune(ALL, NOW)
        ]
        out, failure = process.communicate(timeout=60)
    assert failure == ""
    assert any(seen[:-1])
    assert len(out.split()) == 50
    assert is_sound(home)


def test_killed_at_any_point_it_leaves_a_sound_store(home: Home) -> None:
    for pause in (0.0, 0.01, 0.03):
        with working(home, "prune") as process:
            begin(process)
            time.sleep(pause)
            process.kill()
        assert is_sound(home)
        (head,) = home.reader.read().heads
        assert head.outcome is Outcome.OK
    list(home.journal.prune(ALL, NOW))
    assert counts(home) == (1, 1)
