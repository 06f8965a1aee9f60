"""The history of N records asked, each figure beside the sqlite3 module on the same question."""

import random
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from application.ports.reading import JournalReader
from application.ports.store import ProbeJournal
from benchmarks.stores import filled
from domain.answers.outcome import Outcome
from domain.instants import DAY
from domain.journal.records import HistoryQuery, Retention
from domain.journal.summary import Question, figures
from tests.adapters.values import ended, intent

T = TypeVar("T")
RECORDS, PROFILES, DAYS, PROVIDERS = 1_000_000, 200, 180, 10
_FAILURES = ("overloaded", "timeout", "rate_limit", "auth", "network", "quota")
_FACTS = {"ok": "proven", "auth": "refused"}
COLUMNS = (
    *("id", "run_id", "kind", "started_at", "finished_at", "provider", "model", "credential_id"),
    *("source", "mode", "base_url", "outcome", "credential", "latency_ms"),
    *("classifier_version", "host"),
)

RUNS = """INSERT INTO probe_runs (id, kind, host, targets, started_at, finished_at)
SELECT run_id, 'probe', 'here', count(*), min(started_at), max(finished_at)
FROM probe_records WHERE run_id NOT IN (SELECT id FROM probe_runs) GROUP BY run_id"""
"""A run for the records of each."""


def rows(count: int, now: int) -> Iterator[tuple[object, ...]]:
    """`count` records of the last 180 days, oldest first: each round tries every profile once.

    One in fifty begins a burst of up to six failures of its profile.
    """
    chance, failing = random.Random(1), dict[int, list[str]]()
    step = DAYS * DAY / count
    for at in range(count):
        which, began = at % PROFILES, now - round((count - at) * step)
        burst = failing.setdefault(which, [])
        if not burst and chance.random() < 0.01:
            burst += [chance.choice(_FAILURES)] * chance.randrange(1, 7)
        outcome = burst.pop() if burst else "ok"
        latency = round(chance.lognormvariate(6.3, 0.5))
        provider = f"provider{which % PROVIDERS}"
        yield (
            *(at + 1, f"{at // PROFILES:032x}", "probe", began, began + latency, provider),
            *(f"model-{which % 5}", f"{provider}:p{which:05}", "profile", "inference"),
            *("https://api.test/v1", outcome, _FACTS.get(outcome, "unknown"), latency, 3, "here"),
        )


def fill(store: Path, count: int, now: int) -> None:
    marks, names = ", ".join("?" * len(COLUMNS)), ", ".join(COLUMNS)
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        insert = f"INSERT INTO probe_records ({names}) VALUES ({marks})"
        connection.executemany(insert, rows(count, now))
        connection.execute(RUNS)


def timed(call: Callable[[], T]) -> tuple[float, T]:
    """How long it took, in ms, and what came of it."""
    began = time.perf_counter()
    made = call()
    return (time.perf_counter() - began) * 1000, made


def best(call: Callable[[], object], times: int = 5) -> float:
    """The shortest of some runs, in ms."""
    return min(timed(call)[0] for _ in range(times))


def questions(reader: JournalReader, now: int) -> dict[str, tuple[Callable[[], object], str]]:
    """What is asked, how, and the plain SQL on the records for the same."""
    end, since = (now // DAY + 1) * DAY, now - 30 * DAY
    begin = end - 30 * DAY
    whole, cut = Question("profile", begin, end, now), Question("profile", since, end, now)
    profile = "provider1:p00001"
    by_profile = (
        "SELECT credential_id, outcome, count(*), count(DISTINCT started_at / 3600000) "
        "FROM probe_records WHERE started_at >= {} GROUP BY 1, 2"
    )
    before = "lag(outcome) OVER (PARTITION BY credential_id ORDER BY id)"
    changes = (
        f"SELECT * FROM (SELECT id, outcome, {before} AS before FROM probe_records "
        f"WHERE started_at >= {since}) WHERE before <> outcome ORDER BY id DESC LIMIT 50"
    )
    of_profile = f"SELECT * FROM probe_records WHERE credential_id = '{profile}'"

    def shown(question: Question) -> list[object]:
        found = reader.tally(question).groups.values()
        return [figures(tally, question.slots) for tally in found]

    return {
        "last 50 of a profile": (
            lambda: reader.search(HistoryQuery(profile=profile)),
            f"{of_profile} ORDER BY id DESC LIMIT 50",
        ),
        "30 days by profile, read": (lambda: reader.tally(whole), by_profile.format(begin)),
        "the same, and its figures": (lambda: shown(whole), by_profile.format(begin)),
        "--since 30d, within a day": (lambda: shown(cut), by_profile.format(since)),
        "last 50 changes": (lambda: reader.changes(HistoryQuery(since=since)), changes),
        "failures of 30 days": (
            lambda: list(reader.failures(HistoryQuery(since=since))),
            f"SELECT * FROM probe_records WHERE outcome <> 'ok' AND started_at >= {since}",
        ),
    }


def appended(journal: ProbeJournal, store: Path, now: int, runs: int = 100) -> None:
    """How long an append takes, of 20 intents and of their results, with the commit; and how long
    20 rows by the sqlite3 module, as durable.
    """
    lengths: list[float] = []
    floor: list[float] = []
    for at in range(runs):
        begun = [intent(f"provider1:p{n:05}", run=f"bench {at}") for n in range(20)]
        begun = [each._replace(started_at=now) for each in begun]
        took, ids = timed(partial(journal.begin, begun))
        lengths.append(took)
        done = [ended(i._replace(id=id), Outcome.OK) for i, id in zip(begun, ids, strict=True)]
        lengths.append(timed(partial(journal.finish, done))[0])
        floor.append(timed(partial(_twenty_rows, store))[0])
    for name, times in (("appends of 20 records", lengths), ("by sqlite3 alone", floor)):
        times.sort()
        median, worst = times[len(times) // 2], times[len(times) * 99 // 100]
        print(f"{len(times)} {name}: median {median:.1f} ms, 99 % {worst:.1f} ms")


def all_of(connection: Any, sql: str) -> list[Any]:
    return list(connection.execute(sql).fetchall())


def _twenty_rows(store: Path) -> None:
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("CREATE TABLE IF NOT EXISTS floor (id INTEGER PRIMARY KEY, row TEXT)")
        row = [("x" * 200,)] * 20
        connection.executemany("INSERT INTO floor (row) VALUES (?)", row)


def retained(journal: ProbeJournal, now: int) -> None:
    """What retention takes after a run that finds the most to remove, and one that finds none."""
    for retention in (Retention(90, 500_000), Retention(None, None)):
        journal.set_retention(retention)
        began = time.perf_counter()
        removed = journal.retain(now)
        took = (time.perf_counter() - began) * 1000
        print(f"retention of {retention.days} days: {removed} removed in {took:.0f} ms")


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made, now = filled(Path(folder), 20), time.time_ns() // 1_000_000
        store, journal = made.settings().store, made.journal()
        fill(store, count, now)
        began = time.perf_counter()
        *_, done = journal.rebuild()
        print(f"{count} records counted in {time.perf_counter() - began:.1f} s: {done.days} rows")
        with closing(sqlite3.connect(store)) as connection:
            for name, (ask, plain) in questions(made.journal_reader(), now).items():
                ours = best(ask)
                theirs = best(partial(all_of, connection, plain), 2)
                print(f"{name:<28} {ours:8.1f} ms   sqlite3 on the records {theirs:8.1f} ms")
        appended(journal, Path(folder) / "floor.db", now)
        retained(journal, now)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
