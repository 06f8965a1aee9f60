"""The views of the journal, asked by sqlite3 alone, answer what the commands do."""

import json
import random
import re
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing

import pytest

from adapters.sql.copying import copied
from adapters.store import SqlStore
from domain.instants import DAY, iso
from domain.journal.blame import BLAME_OF
from domain.journal.days import COUNTERS
from domain.journal.incidents import incidents
from domain.journal.records import HistoryQuery
from domain.journal.summary import Question, figures
from entrypoints.cli.reading.journal.history import KEYS, document
from tests.adapters.homes import Home
from tests.adapters.test_history_sql import insert, plain
from tests.adapters.values import profile
from tests.docs.pages import ROOT, blocks, page

FIRST, DAYS, RUNS = 20_000, 4, 300
OUTCOMES = [*[None], *["ok"] * 6, *["network"] * 9, "auth", "quota", "timeout", "rate_limit"]
OUTCOMES += ["cancelled", "format"]
VIEWS = ("v_probes", "v_days", "v_incidents")
METADATA = "docs/examples/datasette/metadata.json"


def rows() -> Iterator[tuple[object, ...]]:
    chance, id = random.Random(8), 0
    for run in range(RUNS):
        began = FIRST * DAY + run * DAYS * DAY // RUNS
        # The line is cut for some runs: of several providers, or of one alone.
        cut = chance.random() < 0.4
        for which in chance.sample(range(5), chance.randrange(1, 4)):
            id += 1
            outcome = "network" if cut else chance.choice(OUTCOMES)
            kind = "handout" if outcome is None and which == 4 else "probe"
            credential, provider = f"p{which % 3}:{which}", f"p{which % 3}"
            source = "none" if which == 2 else "profile"
            yield (
                *(id, f"run {run:03}", kind, began + id % 1000, provider),
                *("m1" if which else None, credential, source, "inference", "", outcome),
                *("unknown", chance.randrange(100, 900), 3, "h"),
            )


@pytest.fixture(scope="module", params=["all", "half", "none"])
def seen(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A store all of whose records are counted by day, or half, or none yet."""
    home = Home(tmp_path_factory.mktemp("seen"))
    home.profiles.put(profile(), FIRST * DAY)
    insert(home, rows())
    if request.param != "none":
        for _ in home.journal.rebuild():
            pass
    if request.param == "half":
        # As if the later half had been counted, and no more.
        middle = (FIRST + DAYS // 2) * DAY
        with home.tampering() as store:
            store.execute("DELETE FROM journal_days WHERE day < ?", (middle // DAY,))
            later = "SELECT min(id) FROM probe_records WHERE started_at >= ?"
            store.execute(f"UPDATE journal_state SET filled_from = ({later})", (middle,))
    return home


def test_v_probes_has_what_history_says(seen: Home) -> None:
    names = {key: re.sub("[A-Z]", r"_\g<0>", key).lower() for key in KEYS}
    told = [document(r) for r in seen.journal_reader.search(HistoryQuery(limit=10**6)).records]
    columns = ", ".join(names[key] for key in KEYS)
    found = plain(seen, f"SELECT {columns}, blame FROM v_probes ORDER BY id DESC")
    assert [row[:-1] for row in found] == [tuple(each.values()) for each in told]
    assert [row[-1] for row in found] == [BLAME_OF.get(each["outcome"]) for each in told]
    assert len(found) > RUNS


def test_v_days_has_what_a_summary_by_day_says(seen: Home) -> None:
    question = Question("day", FIRST * DAY, (FIRST + DAYS) * DAY, (FIRST + DAYS) * DAY)
    told = [
        (iso(int(day) * DAY)[:10], f.runs, f.availability, f.usable, f.known)
        for day, tally in sorted(seen.journal_reader.tally(question).groups.items())
        for f in [figures(tally, 24)]
    ]
    (shown,) = blocks(page("docs/history.md"), "sql")
    assert plain(seen, shown.text) == told[::-1]
    totals = ", ".join(f"sum({name})" for name in COUNTERS)
    ((*counts,),) = plain(seen, f"SELECT {totals} FROM v_days")
    records = plain(seen, "SELECT ifnull(outcome, 'interrupted') FROM probe_records")
    assert counts == [sum(o == name for (o,) in records) for name in COUNTERS]
    assert plain(seen, "SELECT max(last_ok_at), max(last_failure_at) FROM v_days") == plain(
        seen,
        "SELECT max(started_at) FILTER (WHERE blame = 'good'), max(started_at) FILTER "
        "(WHERE blame NOT IN ('good', 'here')) FROM v_probes",
    )


def test_v_incidents_has_what_incidents_says(seen: Home) -> None:
    told = incidents(seen.journal_reader.failures(HistoryQuery()))
    assert {i.credential_id is None for i in told} == {True, False}
    found = plain(seen, "SELECT * FROM v_incidents ORDER BY first_id")
    assert [row[:-1] for row in found] == [
        (
            *(i.first_id, i.blame, i.credential_id is None, i.credential_id, i.provider),
            *(i.began_at, i.ended_at, i.records),
        )
        for i in told
    ]
    assert [{*str(row[-1]).split(",")} for row in found] == [{*i.outcomes} for i in told]


def test_the_page_and_the_file_for_datasette_name_every_column(seen: Home) -> None:
    tables = json.loads((ROOT / METADATA).read_text())["databases"]["store"]["tables"]
    text = page("docs/history.md")
    for view in VIEWS:
        with closing(sqlite3.connect(seen.store)) as store:
            columns = [row[1] for row in store.execute(f"PRAGMA table_info({view})")]
        assert {*tables[view]["columns"]} == {*columns}
        section = text.partition(f"| `{view}` |")[2].partition("\n\n")[0]
        assert {*columns} - {*COUNTERS} <= {*re.findall(r"`(\w+)`", section)}, view


def test_postgresql_has_the_same_views(seen: Home, database: str) -> None:
    team = Home(seen.root, url=database).store_made
    assert isinstance(team, SqlStore)
    copied(seen.database, team.database)
    for view in VIEWS:
        with team.database.reading() as connection:
            found = connection.exec_driver_sql(f"SELECT * FROM {view}").fetchall()
        told = plain(seen, f"SELECT * FROM {view}")
        assert same_for_both(found) == same_for_both(told)
        assert len(told) > DAYS


def same_for_both(rows: Iterable[Sequence[object]]) -> list[list[str]]:
    """In no order, and the names of outcomes in none."""
    words = [[str(int(c) if isinstance(c, bool) else c).split(",") for c in row] for row in rows]
    return sorted([",".join(sorted(names)) for names in row] for row in words)
