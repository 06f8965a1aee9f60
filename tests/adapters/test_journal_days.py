"""The days of a store that is older than they are, and of one somebody changed."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from domain.answers.outcome import Outcome
from domain.errors import StoreDamaged
from domain.instants import DAY
from domain.journal.pruning import Pruning
from domain.journal.summary import Question, Tallied, figures
from tests.adapters.homes import Home
from tests.adapters.values import NOW, ended, intent

STORES = Path(__file__).parents[1] / "migrations" / "stores"
OF_ALL = Question("profile", NOW - 90 * DAY, NOW + DAY, NOW)
OF_OLD = Question("profile", NOW - 90 * DAY, NOW - 30 * DAY, NOW - 30 * DAY)
MANY = 700


@pytest.fixture
def older(tmp_path: Path) -> Home:
    """A store of the revision before there were days, with many records of 70 days."""
    home = Home(tmp_path / "home")
    home.place(b"")
    shutil.copyfile(STORES / "0006.db", home.store)
    with home.tampering() as store:
        names = [row[1] for row in store.execute("PRAGMA table_info(probe_records)")]
        rest = ", ".join(name for name in names if name not in ("id", "started_at"))
        numbers = "WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n LIMIT ?)"
        store.execute(
            f"INSERT INTO probe_records (started_at, {rest}) {numbers} "
            f"SELECT started_at - (at / 10) * {DAY}, {rest} FROM n, probe_records WHERE id < 3 "
            "AND id = 1 + at % 2",
            (MANY,),
        )
    return home


def told(home: Home) -> dict[object, tuple[tuple[object, ...], int]]:
    found: Tallied = home.journal_reader.tally(OF_ALL)
    return {
        group: (figures(tally, 1)[:-4], found.streaks[group])
        for group, tally in found.groups.items()
    }


def plainly(home: Home) -> dict[object, tuple[int, int]]:
    with closing(sqlite3.connect(home.store)) as store:
        counted = store.execute(
            "SELECT credential_id, count(*), sum(outcome IS 'ok') FROM probe_records GROUP BY 1"
        )
        return {id: (runs, good) for id, runs, good in counted}


def test_until_they_are_counted_records_are_read(older: Home) -> None:
    before, digest = told(older), older.digest()
    later = older.journal_reader.tally(OF_OLD).later
    assert 0 < later < MANY
    assert {group: figure[0][0] for group, figure in before.items()} == {
        id: runs for id, (runs, _) in plainly(older).items()
    }
    assert older.digest() == digest
    # Each append counts some of the older ones along; at each step all is counted once.
    for at in range(1 + MANY // 50 + 1):
        older.journal.begin([intent("openai:new", run=f"run {at}")])
        after = told(older)
        assert after.pop("openai:new")[0][0] == at + 1
        assert after == before
        assert older.journal_reader.tally(OF_OLD).later == later + at + 1
    with older.tampering() as store:
        assert store.execute("SELECT filled_from FROM journal_state").fetchone() == (1,)
        counted = store.execute("SELECT sum(records) FROM journal_days").fetchone()
    assert counted == (MANY + 3 + at + 1,)
    *_, done = older.journal.rebuild(dry_run=True)
    assert done.different == 0


def test_a_result_of_an_intent_that_is_not_counted_yet_is_counted_once(older: Home) -> None:
    with older.tampering() as store:
        store.execute("UPDATE probe_records SET outcome = NULL, latency_ms = NULL WHERE id = 5")
        ((run, id, model),) = store.execute(
            "SELECT run_id, credential_id, model FROM probe_records WHERE id = 5"
        )
    begun = intent(id, run=run, provider=id.partition(":")[0], model=model)._replace(id=5)
    older.journal.finish([ended(begun, Outcome.TIMEOUT)])
    *_, done = older.journal.rebuild(dry_run=True)
    assert done.different == 0
    *_, done = older.journal.rebuild()
    assert done.different == 0
    assert older.journal_reader.tally(OF_ALL).groups[id].counts["timeout"] == 1


def test_nothing_goes_before_it_is_counted(older: Home) -> None:
    before = told(older)
    *_, done = older.journal.prune(Pruning(keep=0), NOW + 2 * DAY)
    assert done.removed > MANY * 0.9
    after = told(older)
    assert {group: figure[0] for group, figure in after.items()} == {
        group: figure[0] for group, figure in before.items()
    }


def test_a_dry_run_says_what_differs_and_a_rebuild_mends_it(older: Home) -> None:
    older.journal.begin([intent()])
    for _ in older.journal.rebuild():
        pass
    before = told(older)
    with older.tampering() as store:
        store.execute("UPDATE journal_days SET ok = ok + 1 WHERE day % 9 = 0")
        store.execute("DELETE FROM journal_days WHERE day % 9 = 1")
        (lines,) = store.execute("SELECT count(*) FROM journal_days WHERE day % 9 = 0").fetchone()
    assert told(older) != before
    *_, dry = older.journal.rebuild(dry_run=True)
    assert dry.different > lines
    *_, done = older.journal.rebuild()
    assert done == dry
    assert told(older) == before
    *_, again = older.journal.rebuild()
    assert again.different == 0


def test_counters_of_somebody_else_are_refused_until_they_are_rebuilt(older: Home) -> None:
    for _ in older.journal.rebuild():
        pass
    before = told(older)
    with older.tampering() as store:
        store.execute("UPDATE journal_days SET latencies = x'0109ff'")
        # Rows of a day, of which there is no record.
        store.execute(
            "UPDATE journal_days SET credential_id = credential_id || 'x' WHERE day % 9 = 0"
        )
    with pytest.raises(StoreDamaged, match="counts its history") as raised:
        older.journal_reader.tally(OF_ALL)
    assert raised.value.hint == "aura_intelligence models history rebuild"
    with pytest.raises(StoreDamaged, match="counts its history"):
        older.journal.begin([intent(), intent("anthropic:manual", provider="anthropic")])
    for _ in older.journal.rebuild():
        pass
    assert told(older) == before


def test_a_rebuild_of_no_store_makes_none(tmp_path: Path) -> None:
    home = Home(tmp_path / "home")
    assert [*home.journal.rebuild()] == [(0, 0, 0)]
    assert not home.store.exists()
