"""A store of known contents: every answer equals the plain SQL somebody would write for it."""

import random
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from domain.instants import DAY, HOUR
from domain.journal.incidents import incidents
from domain.journal.pruning import Pruning
from domain.journal.records import HistoryQuery
from domain.journal.summary import By, Question, figures
from tests.adapters.homes import Home
from tests.adapters.values import profile

COUNT, DAYS, FIRST = 4000, 20, 20_000
SINCE, UNTIL = FIRST * DAY, (FIRST + DAYS) * DAY
OUTCOMES = [*["ok"] * 40, "auth", "timeout", "overloaded", "rate_limit", "network", "cancelled"]
GROUPS: dict[By, str] = {
    "profile": "credential_id",
    "provider": "provider",
    "model": "provider || '/' || model",
    "day": f"started_at / {DAY}",
}
PLAIN = f"""
SELECT {{group}}, count(*), sum(outcome = 'ok'), sum(outcome IN ('timeout', 'overloaded')),
    sum(outcome IN ('auth', 'rate_limit')),
    count(DISTINCT CASE WHEN outcome NOT IN ('network', 'cancelled') THEN started_at / {HOUR} END)
FROM probe_records WHERE started_at >= ? AND started_at < ? GROUP BY 1
"""
RANK = """
WITH good AS (SELECT latency_ms, row_number() OVER (ORDER BY latency_ms) AS rank,
        count(*) OVER () AS n FROM probe_records
    WHERE outcome = 'ok' AND credential_id = ? AND started_at >= ? AND started_at < ?)
SELECT latency_ms FROM good WHERE rank = (n * ? + 99) / 100
"""
CHANGES = """
SELECT id, before FROM (SELECT id, outcome,
        lag(outcome) OVER (PARTITION BY credential_id ORDER BY id) AS before
    FROM probe_records WHERE outcome <> 'cancelled')
WHERE before <> outcome ORDER BY id DESC
"""
INCIDENTS = """
WITH failed AS (SELECT *, CASE WHEN outcome IN ('timeout', 'overloaded') THEN 'provider'
        WHEN outcome = 'auth' THEN 'mine' WHEN outcome = 'network' THEN 'here' ELSE 'throttled'
        END AS blame,
    (SELECT min(id) FROM probe_records g WHERE g.credential_id = f.credential_id AND g.id > f.id
        AND g.outcome = 'ok') AS ended FROM probe_records f
    WHERE outcome NOT IN ('ok', 'cancelled'))
SELECT min(id), credential_id, blame, count(*), failed.started_at,
    (SELECT started_at FROM probe_records WHERE id = ended) FROM failed
GROUP BY credential_id, blame, ended HAVING count(*) >= ? ORDER BY 1
"""


def rows() -> Iterator[tuple[object, ...]]:
    chance = random.Random(18)
    for at in range(COUNT):
        # Clocks of two hosts differ: ids do not grow quite as the time does.
        began = SINCE + at * DAYS * DAY // COUNT + chance.choice([0, 0, 0, 3 * HOUR])
        which, outcome = chance.randrange(12), chance.choice(OUTCOMES)
        provider, latency = f"p{which % 3}", round(chance.lognormvariate(6.3, 0.6))
        model = f"m{chance.randrange(2)}"
        yield (
            *(at + 1, f"run {at}", "probe", min(began, UNTIL - 1), provider, model),
            *(
                f"{provider}:{which}",
                "profile",
                "inference",
                "",
                outcome,
                "unknown",
                latency,
                3,
                "h",
            ),
        )


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = Home(tmp_path_factory.mktemp("known"))
    home.profiles.put(profile(), SINCE)
    insert(home, rows())
    for _ in home.journal.rebuild():
        pass
    return home


def insert(home: Home, records: Iterable[tuple[object, ...]]) -> None:
    names = "id run_id kind started_at provider model credential_id source mode base_url outcome "
    names += "credential latency_ms classifier_version host"
    columns = names.split()
    with home.tampering() as store:
        store.executemany(
            f"INSERT INTO probe_records ({', '.join(columns)}) VALUES ({', '.join('?' * 15)})",
            records,
        )
        store.execute(
            "INSERT OR IGNORE INTO probe_runs (id, kind, host, targets, started_at) "
            "SELECT run_id, kind, host, 1, started_at FROM probe_records"
        )


def plain(home: Home, query: str, *values: object) -> list[tuple[object, ...]]:
    with closing(sqlite3.connect(home.store)) as store:
        return store.execute(query, values).fetchall()


def told(home: Home, question: Question) -> dict[object, tuple[object, ...]]:
    found = home.journal_reader.tally(question).groups
    by_group = {group: figures(tally, question.slots) for group, tally in found.items()}
    return {
        group: (f.runs, f.blames["good"], f.blames["provider"], f.answered - f.judged, f.known)
        for group, f in by_group.items()
    }


@pytest.mark.parametrize("by", GROUPS)
def test_counts_shares_and_coverage_are_those_of_plain_sql(known: Home, by: By) -> None:
    for since, until in ((SINCE, UNTIL), (SINCE + 5 * DAY + 7 * HOUR, UNTIL - 90 * HOUR - 5)):
        rows = plain(known, PLAIN.format(group=GROUPS[by]), since, until)
        question = Question(by, since, until, until)
        assert told(known, question) == {group: tuple(rest) for group, *rest in rows}


def test_percentiles_are_near_those_of_plain_sql_or_the_same(known: Home) -> None:
    for since, until in ((SINCE, UNTIL), (SINCE + HOUR, SINCE + 23 * HOUR)):
        question = Question("profile", since, until, until)
        for group, tally in known.journal_reader.tally(question).groups.items():
            found = figures(tally, 1)
            assert found.approx == (until == UNTIL)
            for percent, near in ((50, found.p50), (95, found.p95), (99, found.p99)):
                ((true,),) = plain(known, RANK, group, since, until, percent)
                assert isinstance(true, int)
                assert near is not None
                assert abs(near - true) <= (0.05 * true if found.approx else 0)


def test_changes_are_those_of_plain_sql(known: Home) -> None:
    found = known.journal_reader.changes(HistoryQuery(limit=COUNT)).changes
    assert [(c.record.id, c.before.value) for c in found] == plain(known, CHANGES)


@pytest.mark.parametrize("confirm", [1, 2])
def test_incidents_are_those_of_plain_sql(known: Home, confirm: int) -> None:
    found = incidents(known.journal_reader.failures(HistoryQuery()), confirm)
    assert [
        (i.first_id, i.credential_id, i.blame, i.records, i.began_at, i.ended_at) for i in found
    ] == plain(known, INCIDENTS, confirm)


def test_what_is_pruned_still_counts_as_plain_sql_said_before(known: Home, tmp_path: Path) -> None:
    pruned = Home(tmp_path / "pruned")
    pruned.place(known.store.read_bytes())
    question = Question("profile", SINCE, UNTIL, UNTIL)
    before = plain(known, PLAIN.format(group="credential_id"), SINCE, UNTIL)
    *_, done = pruned.journal.prune(Pruning(before=SINCE + 15 * DAY), UNTIL)
    assert done.removed > COUNT / 2
    assert told(pruned, question) == {group: tuple(rest) for group, *rest in before}
    assert pruned.journal_reader.tally(question).pruned_until > SINCE + 14 * DAY
    *_, compared = pruned.journal.rebuild()
    assert compared.different == 0
