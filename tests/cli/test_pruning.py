"""`models history prune`: what goes, what stays although it is old, and what is said of it."""

import json
import signal
import sqlite3
import time
from contextlib import closing

import pytest

from domain.instants import DAY
from tests.cli.program import Program
from tests.cli.terminals import at_terminal

FORGOT, WORDS = "neither an age nor a number of records is chosen", 64


@pytest.fixture
def old(gateway: Program) -> Program:
    """Three tries of one key, and of the server's limit, a hundred days ago, and one of today."""
    for model in ("ok", "ok", "ok", "limited", "limited"):
        gateway(f"models status --probe --probe-model gate/{model}")
    shift(gateway, 100)
    gateway("models status --probe --probe-model gate/ok")
    return gateway


def shift(program: Program, days: int) -> None:
    with closing(sqlite3.connect(program.store)) as store, store:
        for moment in ("started_at", "finished_at"):
            store.execute(f"UPDATE probe_records SET {moment} = {moment} - ?", (days * DAY,))


def many(program: Program, count: int) -> None:
    """That many copies of the newest record."""
    with closing(sqlite3.connect(program.store)) as store, store:
        columns = [row[1] for row in store.execute("PRAGMA table_info(probe_records)")]
        rest = ", ".join(columns[1:])
        numbers = "WITH RECURSIVE n (at) AS (SELECT 1 UNION ALL SELECT at + 1 FROM n LIMIT ?)"
        store.execute(
            f"INSERT INTO probe_records ({rest}) {numbers} SELECT {rest} FROM n, probe_records "
            "WHERE id = (SELECT max(id) FROM probe_records)",
            (count,),
        )


def counted(program: Program) -> int:
    with closing(sqlite3.connect(program.store)) as store:
        (count,) = store.execute("SELECT count(*) FROM probe_records").fetchone()
        return int(count)


def records(program: Program) -> list[int]:
    return [r["id"] for r in program("models history --limit 1000 --json").document["records"]]


def test_old_records_go_and_what_follows_from_them_stays(old: Program) -> None:
    before = old("models status --json").document["auth"]
    ran = old.must("models history prune --older-than 90d")
    assert ran.out == (
        "Removed 3 of 6 records.\n"
        "Kept 2 old records: needed for the last probes, cooldowns and usage shown now.\n"
    )
    assert records(old) == [6, 5, 4]
    after = old("models status --json").document["auth"]
    assert after["cooldowns"] == before["cooldowns"]
    assert after["providers"] == before["providers"]


def test_with_json_it_is_one_object(old: Program) -> None:
    assert old("models history prune --older-than 90d --json").document == {
        "schemaVersion": 1,
        "removed": 3,
        "kept": 2,
        "dryRun": False,
        "changed": True,
        "cancelled": False,
    }
    again = old("models history prune --older-than 90d --json").document
    assert (again["removed"], again["kept"], again["changed"]) == (0, 2, False)


def test_the_newest_can_be_kept_by_number(old: Program) -> None:
    assert old.must("models history prune --keep 5").out == "Removed 1 of 6 records.\n"
    assert old.must("models history prune --keep 4 --older-than 90").out.startswith("Removed 1 of")
    assert records(old) == [6, 5, 4, 3]


def test_a_dry_run_says_what_would_go_and_writes_nothing(old: Program) -> None:
    before = old.files()
    ran = old.must("models history prune --older-than 90d --dry-run")
    assert ran.out.startswith("Would remove 3 of 6 records.\nKept 2 old records")
    document = old.must("models history prune --older-than 90d --dry-run --json").document
    assert (document["removed"], document["changed"], document["dryRun"]) == (3, False, True)
    assert old.files() == before


def test_in_an_empty_home_there_is_nothing_to_remove_and_nothing_is_made(cli: Program) -> None:
    assert cli.must("models history prune --keep 0").out == "Removed 0 of 0 records.\n"
    assert not cli.home.exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", FORGOT),
        ("--dry-run", FORGOT),
        ("--older-than soon", "that is not a duration"),
        ("--older-than 0d", "that is not a duration"),
        ("--older-than=-1d", "that is not a duration"),
        ("--keep -1", ""),
        ("--keep=-1", "no fewer than 0 can be kept"),
        ("--keep many", "many is not a value for --keep"),
        ("--keep 1.5", "1.5 is not a value for --keep"),
        ("--keep 5 10", "there is one word too many"),
    ],
)
def test_what_may_go_has_to_be_said_in_words_that_mean_it(
    old: Program, words: str, says: str
) -> None:
    before = old.files()
    ran = old(f"models history prune {words}")
    assert (ran.code, ran.out) == (WORDS, "")
    assert says in ran.err
    assert "hint: " in ran.err
    assert old.files() == before


def test_ctrl_c_keeps_what_was_done_and_says_how_much(old: Program) -> None:
    many(old, 20_000)
    with at_terminal(old, "models history prune --keep 0") as terminal:
        terminal.until("500 records")
        terminal.type("\x03")
        assert terminal.finish() == 130
    assert "Traceback" not in terminal.shown
    assert ", then it was interrupted." in terminal.shown
    assert 3 < old("models history prune --keep 0 --dry-run --json").document["removed"] < 20_000


def test_a_signal_is_told_in_json_too(old: Program) -> None:
    many(old, 20_000)
    end = time.monotonic() + 60
    with old.start("models history prune --keep 0 --json") as process:
        while counted(old) == 20_006 and time.monotonic() < end:
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    document = json.loads(out)
    assert (document["cancelled"], document["changed"]) == (True, True)
    # A step may have ended in that very moment.
    assert 0 <= 20_006 - document["removed"] - counted(old) <= 500
