"""`models history export`: read back by the programs it is for."""

import csv
import io
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families as openmetrics
from prometheus_client.parser import text_string_to_metric_families as older

from tests.cli.program import Program
from tests.cli.test_history import asked
from tests.cli.test_hot_lane import OLDEST
from tests.cli.test_pruning import many

__all__ = ["asked"]
WORDS, UNAVAILABLE = 64, 69


def samples(parse: Any, text: str) -> dict[tuple[str, str, str], float]:
    return {
        (s.name.removeprefix("aura_intelligence_"), s.labels["profile"], kind): s.value
        for family in parse(text)
        for s in family.samples
        for kind in [s.labels.get("outcome") or s.labels.get("quantile") or ""]
    }


def test_metrics_are_read_by_the_parsers_of_prometheus(asked: Program) -> None:
    path = asked.home.parent / "aura.prom"
    path.write_text("# HELP of an earlier one\n")
    path.chmod(0o640)
    ran = asked.must(f"models history export --openmetrics {path}")
    text = path.read_text()
    told = samples(openmetrics, text)
    assert told == samples(older, text)
    assert ran.out == f"Wrote {len(told)} figures to {path}.\n"
    (row,) = asked("models history summary --json").document["rows"]
    assert told["requests_total", "gate:default", "ok"] == 4
    assert told["requests_total", "gate:default", "rate_limit"] == 1
    assert told["availability_ratio", "gate:default", ""] == row["availability"]
    assert told["latency_seconds", "gate:default", "0.95"] == row["p95Ms"] / 1000
    assert told["last_ok_timestamp_seconds", "gate:default", ""] == row["lastOkAt"] / 1000
    assert path.stat().st_mode & 0o777 == 0o640
    assert [p.name for p in path.parent.iterdir() if "aura" in p.name] == ["aura.prom"]
    assert asked.must("models history export --openmetrics -").out == text


def test_a_table_of_parquet_has_what_json_has(asked: Program) -> None:
    many(asked, 1500)
    path = asked.home.parent / "it's history.parquet"
    words = ["models", "history", "export", "--parquet", str(path), "--json"]
    for _ in range(2):
        document = asked(words).document
        assert (document["path"], document["written"]) == (str(path), 1506)
    with duckdb.connect() as connection:
        found = connection.read_parquet(str(path))
        names, rows = found.columns, found.order("id DESC").fetchall()
    told = asked("models history --limit 2000 --json").document["records"]
    assert [dict(zip(names, row, strict=True)) for row in rows] == told
    asked([*words, "--blame", "throttled"])
    assert duckdb.read_parquet(str(path)).fetchall()[0][0] == 2
    assert path.stat().st_mode & 0o777 == 0o644


def test_lines_and_tables_are_those_of_the_list(asked: Program) -> None:
    many(asked, 1500)
    exported = asked.must("models history export --jsonl").out.splitlines()
    assert len(exported) == 1506
    assert [json.loads(line)["id"] for line in exported] == list(range(1506, 0, -1))
    table = asked.must("models history export --csv --outcome rate_limit").out
    assert [row["id"] for row in csv.DictReader(io.StringIO(table))] == ["2"]


def test_without_the_library_the_line_says_how_to_get_it(
    asked: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "duckdb", None)
    ran = asked(["models", "history", "export", "--parquet", str(asked.home / "x.parquet")])
    assert (ran.code, ran.out) == (UNAVAILABLE, "")
    assert ran.err.splitlines()[1] == "hint: pip install 'aura-intelligence[parquet]'"
    assert not (asked.home / "x.parquet").exists()


def test_what_is_no_export_is_left_alone(asked: Program, tmp_path: Path) -> None:
    link, before = tmp_path / "link.prom", asked.files()
    link.symlink_to(tmp_path / "elsewhere")
    for path in (asked.store, tmp_path, link, tmp_path / "nosuch" / "a.prom"):
        for format in ("openmetrics", "parquet"):
            ran = asked(["models", "history", "export", f"--{format}", str(path)])
            assert (ran.code, ran.out) == (UNAVAILABLE, "")
    assert asked.files() == before
    assert not (tmp_path / "elsewhere").exists()


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("", "no format is chosen"),
        ("--csv --jsonl", "--csv and --jsonl exclude each other"),
        ("--csv --parquet x", "--parquet and --csv exclude each other"),
        ("--csv --json", "--json goes with a file"),
        ("--openmetrics --json", "--openmetrics takes the name of a file"),
        ("--parquet -", "--parquet takes the name of a file"),
        ("--openmetrics x --since 7d", "--openmetrics is of all profiles"),
        ("--jsonl --since 2026-02-30", "2026-02-30 is not a moment of the calendar"),
        ("--csv --provider nosuch", "unknown provider nosuch"),
    ],
)
def test_what_cannot_be_exported_is_one_line_and_a_hint(
    gateway: Program, words: str, says: str
) -> None:
    ran = gateway(f"models history export {words}")
    assert (ran.code, says in ran.text) == (WORDS, True)


def test_a_report_of_nothing_is_whole(cli: Program) -> None:
    assert samples(openmetrics, cli.must("models history export --openmetrics -").out) == {}
    assert len(cli.must("models history export --csv").out.splitlines()) == 1
    path = cli.home.parent / "nothing.parquet"
    cli.must(f"models history export --parquet {path}")
    assert (duckdb.read_parquet(str(path)).fetchall(), cli.home.exists()) == ([], False)


def test_a_store_of_an_older_schema_answers_every_question(cli: Program) -> None:
    cli.store.parent.mkdir(parents=True, mode=0o700)
    cli.home.chmod(0o700)
    shutil.copy(OLDEST, cli.store)
    cli.store.chmod(0o600)
    before = cli.files()
    assert len(cli.must("models history export --jsonl").out.splitlines()) == 3
    told = samples(openmetrics, cli.must("models history export --openmetrics -").out)
    assert told["requests_total", "openai:default", "ok"] == 1
    assert cli("models history incidents --since 2026-01-01 --json").document["open"] == 1
    assert cli("models history changes --json").document["changes"] == []
    (run,) = {r["runId"] for r in cli("models history --json").document["records"]}
    assert len(cli(f"models history show {run} --json").document["records"]) == 3
    assert cli.files() == before
