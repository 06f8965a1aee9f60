"""How long a writer waits for its turn while a million records are pruned.

The writer is a process of its own that never rests. Its waiting is measured at the queue of
writers, without what its own commits take.
"""

import multiprocessing
import random
import sqlite3
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

from adapters.machine.files import exclusive
from benchmarks.stores import container, filled
from domain.answers.outcome import Outcome
from domain.instants import DAY, SECOND
from domain.journal.pruning import Pruning
from tests.adapters.values import ended, intent

RECORDS, PER_RUN, GOAL = 1_000_000, 3, 50.0
_OUTCOMES = ["ok"] * 90 + ["rate_limit"] * 4 + ["network", "timeout", "auth", "cancelled", "quota"]
_USAGE = '[{"label": "requests/min", "used": 0.25, "limit": 1000, "remaining": 750}]'


def rows(count: int, now: int) -> Iterator[tuple[object, ...]]:
    """Records of 20 credentials with 5 models each, one every ten seconds until `now`."""
    chance, run = random.Random(1), ""
    for at in range(count):
        if at % PER_RUN == 0:
            run = uuid.UUID(int=chance.getrandbits(128)).hex
        began, id = now - (count - at) * 10 * SECOND, f"openai:p{chance.randrange(20):05}"
        outcome = chance.choice(_OUTCOMES)
        fact = {"ok": "proven", "auth": "refused"}.get(outcome, "unknown")
        model, usage = f"model-{chance.randrange(5)}", _USAGE if at % 2 else None
        kind = "use" if chance.random() < 0.5 else "probe"
        yield run, kind, began, began + 900, model, id, outcome, fact, usage


def fill(store: Path, count: int) -> None:
    now = time.time_ns() // 1_000_000
    with closing(sqlite3.connect(store)) as connection, connection:
        connection.execute("PRAGMA synchronous = OFF")
        connection.execute("CREATE TEMP TABLE seen (run, kind, began, ended, model, id, o, f, u)")
        places = ", ".join("?" * 9)
        connection.executemany(f"INSERT INTO seen VALUES ({places})", rows(count, now))
        connection.execute(
            "INSERT INTO probe_runs (id, kind, host, targets, started_at, finished_at) "
            "SELECT run, 'probe', 'here', count(*), min(began), max(ended) FROM seen GROUP BY run"
        )
        connection.execute(
            "INSERT INTO probe_records (run_id, kind, started_at, finished_at, model, "
            "credential_id, outcome, credential, usage, provider, source, mode, base_url, "
            "revision, fingerprint, latency_ms, http_status, request_id, classifier_version, host)"
            " SELECT *, 'openai', 'profile', 'inference', 'https://api.openai.com/v1', 1, "
            "'0a1b2c3d', 900, 200, 'req_0123456789', 1, 'here' FROM seen ORDER BY rowid"
        )


def write(home: Path, stop: Event, told: Any) -> None:
    """Appends intents and their results until told to stop; how long it waited for each turn."""
    made, waits = container(home), []
    journal, store = made.journal(), made.settings().store
    told.put("ready")
    while not stop.is_set():
        began = time.perf_counter()
        with exclusive(store.with_name(store.name + ".lock")):
            waits.append(time.perf_counter() - began)
        begun = intent("openai:p00000", run=uuid.uuid4().hex)
        (id,) = journal.begin([begun])
        journal.finish([ended(begun._replace(id=id), Outcome.OK)])
    told.put(sorted(waits))


class Writer:
    """`waits` are how long it waited for each turn (s), shortest first, once it is over."""

    def __init__(self, home: Path) -> None:
        context = multiprocessing.get_context("spawn")
        self._stop, self._told = context.Event(), context.Queue()
        self._process = context.Process(target=write, args=(home, self._stop, self._told))
        self.waits: list[float] = []

    def __enter__(self) -> "Writer":
        self._process.start()
        self._told.get()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self.waits = self._told.get()
        self._process.join()


def waited(waits: list[float]) -> str:
    places = {"median": 0.5, "99 %": 0.99, "99.9 %": 0.999, "longest": 1}
    shown = (f"{n} {waits[int((len(waits) - 1) * at)] * 1000:.1f} ms" for n, at in places.items())
    return f"{len(waits)} turns of the writer: waited {', '.join(shown)} (goal {GOAL:.0f} ms)"


def main(count: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        made = filled(Path(folder), 20)
        fill(made.settings().store, count)
        now, journal = time.time_ns() // 1_000_000, made.journal()
        for dry_run in (True, False):
            with Writer(Path(folder)) as writer:
                began = time.perf_counter()
                *_, done = journal.prune(Pruning(now - DAY, None, dry_run), now)
                lasted = time.perf_counter() - began
            print(f"{'counted' if dry_run else 'removed'} {done.removed} of {done.seen}")
            print(f"  in {lasted:.1f} s, {done.kept} old ones kept")
            print(f"  {waited(writer.waits)}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
