"""`models history …`: what is asked for, in every format; and what cannot be."""

import csv
import io
import json
import sqlite3
import sys
import time
from contextlib import closing

import pytest

from aura_intelligence import AuraError, HistoryQuery, open_history
from domain.instants import DAY
from domain.journal.summary import Figures, Tally, figures
from entrypoints.cli.show.pictures import pictures
from tests.adapters.homes import Home
from tests.cli.program import Program
from tests.cli.terminals import at_terminal
from tests.cli.test_pruning import many, shift

WORDS = 64


@pytest.fixture
def asked(gateway: Program) -> Program:
    """Two good requests and one that met a limit, a hundred days ago; three of today."""
    for model in ("ok", "limited", "ok"):
        gateway(f"models status --probe --probe-model gate/{model}")
    shift(gateway, 100)
    gateway("models history rebuild")
    for model in ("ok", "broken", "ok"):
        gateway(f"models status --probe --probe-model gate/{model}")
    return gateway


def ids(program: Program, words: str) -> list[int]:
    return [r["id"] for r in program(f"models history {words} --json").document["records"]]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", [6, 5, 4, 3, 2, 1]),
        ("--outcome rate_limit,provider_error", [5, 2]),
        ("--blame throttled", [2]),
        ("--blame provider,throttled", [5, 2]),
        ("--blame good --limit 2", [6, 4]),
        ("--blame mine", []),
        ("--blame provider --outcome provider_error,ok", [5]),
        ("--kind probe,use", [6, 5, 4, 3, 2, 1]),
        ("--kind handout", []),
        ("--since 7d", [6, 5, 4]),
        ("--since yesterday", [6, 5, 4]),
        ("--until yesterday", [3, 2, 1]),
        ("--since 200d --until 50d", [3, 2, 1]),
        ("--model gate/limited", [2]),
        ("--model limited", [2]),
        ("--until 2020-01-01", []),
        ("--until 1970-01-01", []),
    ],
)
def test_what_is_asked_for_is_found(asked: Program, words: str, expected: list[int]) -> None:
    assert ids(asked, words) == expected


def test_a_cursor_holds_for_its_own_question_only(asked: Program) -> None:
    first = asked("models history --since 7d --limit 2 --json").document
    cursor = first["nextCursor"]
    assert ids(asked, f"--since 7d --before {cursor}") == [4]
    assert ids(asked, f"--since 7d --limit 1 --before {cursor}") == [4]
    for words in ("", "--since 8d", "--since 7d --blame good", "changes --since 7d"):
        ran = asked(f"models history {words} --before {cursor}")
        assert (ran.code, ran.out) == (WORDS, "")
        assert ran.err.startswith("aura_intelligence: that cursor is of another question\nhint: ")


def test_many_records_are_written_as_they_are_read(asked: Program) -> None:
    many(asked, 2500)
    by_line = asked.must("models history --limit 2300 --jsonl").out.splitlines()
    told = [json.loads(line) for line in by_line]
    assert [record["id"] for record in told] == list(range(2506, 206, -1))
    whole = asked("models history --limit 2300 --json").document
    assert [{"schemaVersion": 1, **record} for record in whole["records"]] == told
    assert ids(asked, f"--before {whole['nextCursor']} --limit 9000") == list(range(206, 0, -1))
    table = list(csv.DictReader(io.StringIO(asked.must("models history --limit 2300 --csv").out)))
    assert [int(row["id"]) for row in table] == [record["id"] for record in told]
    assert table[0].keys() == whole["records"][0].keys()
    plain = asked.must("models history --limit 2300 --plain").out.splitlines()
    assert [line.split("\t")[0] for line in plain] == [row["id"] for row in table]


def test_csv_holds_no_formula_and_a_line_is_a_record(asked: Program) -> None:
    with closing(sqlite3.connect(asked.store)) as store, store:
        store.execute("UPDATE probe_records SET code = '=1+1', request_id = '-x' WHERE id = 6")
        store.execute("UPDATE probe_records SET code = char(10) || '@SUM(A1), \"' WHERE id = 5")
    text = asked.must("models history --csv").out
    assert len(text.splitlines()) == 7
    newest, next, *_ = csv.DictReader(io.StringIO(text))
    assert (newest["code"], newest["requestId"]) == ("'=1+1", "'-x")
    assert next["code"] == '\\x0a@SUM(A1), "'
    assert asked.must("models history --csv --until 2020-01-01").out.splitlines() == [
        text.splitlines()[0]
    ]


def test_local_times_are_those_of_the_machine(
    asked: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Kolkata")
    time.tzset()
    try:
        shown = asked.must("models history --local --limit 1").out.splitlines()[1]
    finally:
        monkeypatch.undo()
        time.tzset()
    assert "+05:30" in shown.split()[0]


def test_what_somebody_else_wrote_into_the_history_is_no_bug(asked: Program) -> None:
    with Home(asked.home).tampering() as store:
        store.execute("UPDATE probe_records SET started_at = 1 << 62, id = -id")
        store.execute("UPDATE journal_days SET ok = -1, auth = 1, provider_error = 0")
    page = asked.must("models history --json --limit 1").document
    rest = asked.must(f"models history --json --before {page['nextCursor']}").document
    assert [record["id"] for record in (*page["records"], *rest["records"])] == [*range(-1, -7, -1)]
    assert "9999-12-31" in asked.must("models history --local").out
    rows = asked.must("models history summary --by outcome --json").document["rows"]
    assert {row["share"] for row in rows} == {None}


def test_one_run_is_shown_in_the_order_it_was_begun(asked: Program) -> None:
    run = asked("models history --limit 1 --json").document["records"][0]["runId"]
    for word in (run, run[:12]):
        document = asked(f"models history show {word} --json").document
        assert (document["runId"], [r["id"] for r in document["records"]]) == (run, [6])
    assert asked.must(f"models history show {run}").out.splitlines()[0].startswith("Started")
    for word in ("nosuch", "''"):
        ran = asked(f"models history show {word}")
        assert (ran.code, ran.out) == (1, "")
        assert ran.err.startswith("aura_intelligence: no such run\nhint: ")


def test_a_summary_tells_figures_and_what_they_are_of(asked: Program) -> None:
    document = asked("models history summary --json").document
    (row,) = document["rows"]
    assert (row["group"], row["runs"], row["streak"], row["streakOf"]) == (
        *("gate:default", 3, 1),
        "good",
    )
    assert (row["availability"], row["availabilityOf"]) == (2 / 3, 3)
    assert (row["usable"], row["usableOf"], row["percentilesOf"]) == (2 / 3, 3, 2)
    assert row["coverageOf"] == document["slots"]
    assert row["outcomes"] == {"ok": 2, "provider_error": 1}
    assert row["mttrMs"] is not None
    assert (document["wholeDays"], document["edgesFromRecords"], row["approx"]) == (30, False, True)
    (all_of_it,) = asked("models history summary --since 150d --json").document["rows"]
    assert (all_of_it["runs"], all_of_it["usable"]) == (6, 4 / 6)
    text = asked.must("models history summary").out.splitlines()
    assert text[0].split()[:4] == ["Credential", "Runs", "Availability", "Usable"]
    assert text[1].split()[:6] == ["gate:default", "3", "66.6", "%", "66.6", "%"]


def test_a_summary_is_of_any_sort_and_of_nothing(asked: Program) -> None:
    by = {b: asked(f"models history summary --by {b} --json").document for b in ("model", "day")}
    assert [(r["group"], r["runs"]) for r in by["model"]["rows"]] == [
        ("gate/broken", 1),
        ("gate/ok", 2),
    ]
    assert [r["runs"] for r in by["day"]["rows"]] == [3]
    shares = asked.must("models history summary --by outcome --plain").out.splitlines()
    assert [line.split("\t")[:3] for line in shares] == [
        *(["ok", "good", "2"], ["provider_error", "provider", "1"]),
    ]
    nothing = asked("models history summary --since 90d --until 50d")
    assert (nothing.code, nothing.out) == (0, "")
    assert "nothing was tried in that time" in nothing.err
    assert asked("models history summary --until 2020-01-01 --json").document["rows"] == []


def test_what_a_summary_has_to_say_beside_it_is_said(asked: Program) -> None:
    asked.must("models history prune --older-than 50d")
    with closing(sqlite3.connect(asked.store)) as store, store:
        store.execute(f"UPDATE probe_records SET started_at = started_at + {3 * DAY} WHERE id = 6")
        store.execute("UPDATE probe_records SET outcome = 'novel', kind = 'trial' WHERE id = 5")
    asked.must("models history rebuild")
    said = asked("models history summary --since 150d").err
    assert "whole days (UTC) are counted as such, the rest is read from records" in said
    assert "may be pruned" in said
    for words in ("changes", "incidents --since 150d"):
        assert f"{words.split()[0]} reach back to there" in asked(f"models history {words}").err
        assert asked(f"models history {words} --json").document["prunedUntil"]
    assert "at most" in asked("models history incidents --since 150d").out
    assert "pruned" not in asked("models history changes --since 1d").err
    for count, what in ((1, "days to come"), (1, "a kind"), (1, "an outcome")):
        assert f"{count} records are of {what}" in said
    (row,) = asked("models history summary --since 150d --json").document["rows"]
    assert (row["runs"], row["unknownOutcomes"], row["availabilityOf"]) == (5, 1, 3)


def test_changes_are_the_moments_an_outcome_became_another(asked: Program) -> None:
    document = asked("models history changes --json").document
    told = [(c["id"], c["outcomeBefore"], c["outcome"]) for c in document["changes"]]
    assert told == [
        (6, "provider_error", "ok"),
        (5, "ok", "provider_error"),
        (3, "rate_limit", "ok"),
        (2, "ok", "rate_limit"),
    ]
    first = asked("models history changes --limit 3 --json").document
    rest = asked(f"models history changes --before {first['nextCursor']} --json").document
    assert first["changes"] + rest["changes"] == document["changes"]
    since = asked("models history changes --since 7d").out.splitlines()
    assert len(since) == 3
    assert asked("models history changes --model ok").err.startswith("nothing changed")


def test_incidents_say_whose_fault_from_when_to_when(asked: Program) -> None:
    asked("models status --probe --probe-model gate/broken")
    document = asked("models history incidents --since 150d --json").document
    told = [(i["blame"], i["profileId"], i["records"]) for i in document["incidents"]]
    assert told == [
        ("provider", "gate:default", 1),
        ("provider", "gate:default", 1),
        ("throttled", "gate:default", 1),
    ]
    newest, *closed = document["incidents"]
    assert (newest["endedAt"], newest["durationMs"]) == (None, None)
    assert newest["ageMs"] >= 0
    lengths = [one["durationMs"] for one in closed]
    assert document["mttrMs"] == round(sum(lengths) / 2)
    assert (document["closed"], document["open"]) == (2, 1)
    assert len(asked("models history incidents --json").document["incidents"]) == 2
    (old,) = asked("models history incidents --until 99d --json").document["incidents"]
    assert old["blame"] == "throttled"
    none = asked("models history incidents --confirm 2")
    assert (none.code, none.out, none.err) == (0, "", "no incidents in that time\n")


def test_retention_is_said_and_changed_and_acts_after_a_run(asked: Program) -> None:
    usual = "Records are kept for 180 days, and at most 500000 of them.\n"
    before = asked.files()
    assert asked.must("models history retention").out == usual
    assert asked.files() == before
    assert asked("models history retention 30 500 --json").document == {
        "schemaVersion": 1,
        "retention": {"days": 30, "rows": 500},
        "changed": True,
    }
    asked("models status --probe --probe-model gate/ok")
    # The limit that a model met, and the success of another one, are the newest of their sort.
    assert ids(asked, "") == [7, 6, 5, 4, 2]
    assert asked.must("models history retention off").out == "Records are kept for ever.\n"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("--since 2026-02-30", "2026-02-30 is not a moment of the calendar"),
        ("--since soon", "that is not a moment"),
        ("--since 2999-01-01", "--since is in the future"),
        ("--since 3d --until 5d", "--since is not before --until"),
        ("--blame yours", "unknown blame yours"),
        ("--kind probes", "unknown kind probes"),
        ("--outcome ok,okay", "unknown outcome okay"),
        ("--outcome ok,", "unknown outcome"),
        ("--outcome ok --blame mine", "no outcome that --outcome names is of that --blame"),
        ("--limit 1001", "--limit 1001 is out of range"),
        ("--limit 0 --csv", "--limit 0 is out of range"),
        ("--csv --jsonl", "--jsonl and --csv exclude each other"),
        ("--before 0123456789abcdef01234567", "that cursor is of another question"),
        ("--before zz", "--before takes a nextCursor of an earlier page"),
        ("summary --by host", "unknown --by host"),
        ("summary --since 2999-01-01", "--since is in the future"),
        ("summary --json --plain", "--json and --plain exclude each other"),
        ("incidents --confirm 0", "--confirm 0 is out of range"),
        ("changes --limit 2000", "--limit 2000 is out of range"),
        ("changes --profile gate:nosuch", "unknown auth profile gate:nosuch"),
        ("retention 180", "retention takes DAYS and ROWS, or off"),
        ("retention 0 5", "retention takes DAYS and ROWS, or off"),
        ("retention on", "retention takes DAYS and ROWS, or off"),
        ("show", ""),
    ],
)
def test_what_cannot_be_asked_is_one_line_and_a_hint(
    gateway: Program, words: str, says: str
) -> None:
    ran = gateway(f"models history {words}")
    assert ran.code == WORDS
    assert says in ran.text
    assert ran.out == "" or "--json" in words
    assert "--json" in words or ran.err.splitlines()[1].startswith("hint: ")


def test_in_an_empty_home_every_question_has_an_answer(cli: Program) -> None:
    for words in ("", "summary", "changes", "incidents", "retention", "rebuild"):
        assert cli(f"models history {words}").code == 0
        assert "error" not in cli(f"models history {words} --json").document
    assert not cli.home.exists()


def test_a_program_is_answered_what_the_commands_say(asked: Program) -> None:
    history = open_history(asked.environment())
    assert [r.id for r in history.records()] == ids(asked, "")
    page = history.search(HistoryQuery(limit=2))
    assert page.next == 5
    assert [c.record.id for c in history.changes(HistoryQuery()).changes] == [6, 5, 3, 2]
    document = asked("models history incidents --since 150d --json").document
    assert [i.first_id for i in history.incidents()][::-1] == [
        one["firstId"] for one in document["incidents"]
    ]
    (row,) = history.summary("provider").rows
    (told,) = asked("models history summary --by provider --json").document["rows"]
    assert (row.group, row.figures.usable, row.mttr) == ("gate", told["usable"], told["mttrMs"])
    assert [r.id for r in history.run(page.records[0].run_id[:12])] == [6]
    for refused in (lambda: history.run("nosuch"), lambda: history.summary(since=2, until=1)):
        with pytest.raises(AuraError):
            refused()


def test_at_a_terminal_each_day_has_a_sign(asked: Program) -> None:
    with at_terminal(asked, "models history summary --since 150d", columns=300) as terminal:
        assert terminal.finish() == 0
    _, row, *_ = terminal.shown.splitlines()
    days, latency = row.split()[-2:]
    assert (days, len(latency), latency[-1]) == ("·" * 29 + "~", 30, "█")
    assert "days (UTC), the newest last: ✓ good, ~ partly" in terminal.shown
    assert "·" not in asked.must("models history summary").text


@pytest.mark.parametrize(("columns", "is_wide"), [(160, True), (80, False)])
def test_where_there_is_room_a_status_has_the_last_days(
    gateway: Program, columns: int, is_wide: bool
) -> None:
    gateway.must("models status --probe")
    with at_terminal(gateway, "models status", columns=columns) as terminal:
        assert terminal.finish() == 0
    assert ("last probe ok just now · 14 days " + "·" * 13 + "✓" in terminal.shown) == is_wide


@pytest.mark.parametrize(
    ("encoding", "ends", "bars"), [("utf-8", "·✓~✗··", "·▅█···"), ("ascii", ".+~x..", ".58...")]
)
def test_signs_are_those_the_stream_can_show(
    monkeypatch: pytest.MonkeyPatch, encoding: str, ends: str, bars: str
) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding=encoding))
    days: tuple[list[tuple[str, int]], ...] = (
        [],
        [("ok", 100)],
        [("ok", 180), ("auth", 9)],
        [("quota", 9)],
        [("network", 9)],
    )
    assert pictures([*map(_day, days), None]) == (ends, bars)
    assert pictures([None, _day([("format", 1)])]) == ("", "")


def _day(records: list[tuple[str, int]]) -> Figures:
    tally = Tally()
    for id, (outcome, latency) in enumerate(records, 1):
        tally.add_record(0, id, 0, outcome, latency)
    return figures(tally, 24)
