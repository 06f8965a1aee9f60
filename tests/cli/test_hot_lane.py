"""The hot lane answers as Cyclopts would: both run here, over every kind of store and stream."""

import io
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import combinations
from pathlib import Path

import pytest
from dependency_injector import providers

from entrypoints import hot
from entrypoints.container import Container
from entrypoints.main import run
from entrypoints.start import CYCLOPTS_ONLY
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.cli.terminals import at_terminal

OLDEST = Path(__file__).parents[1] / "migrations" / "stores" / "0001.db"
NOW = 1_796_000_000_000
SAID = {
    words: [*map(list, combinations(sorted(row[2]), 1)), []]
    for words, row in hot.ROWS.items()
    if hot.WORD not in words
}
ARGVS = [[*words, *switches] for words, choices in SAID.items() for switches in choices]
ARGVS += [[*words, "--json", "--check"] for words in (("models",), ("models", "status"))]
ARGVS += [["models", "resolve", "--plain", "--image"], ["models", "list", "--plain", "--json"]]
# All of the catalogue as a table, for every store, takes long and shows no more.
ARGVS.remove(["models", "list", "--all"])
ARGVS += [["models", "list", "--all", "--plain"]]
assert len(ARGVS) >= 40


def _none(_: Program) -> None: ...


def _empty(cli: Program) -> None:
    cli.must("models set openai/gpt-5-mini")
    cli.must("models unset")


def _twenty(cli: Program) -> None:
    cli.must("models auth paste-token --provider groq --expires-in 2h", stdin=GOOD)
    for at in range(19):
        words = f"models auth add --provider openai --profile-id openai:p{at} --stdin --no-verify"
        cli.must(words, stdin=GOOD + str(at))
    cli.must("models providers add gate --base-url http://127.0.0.1:9/v1 --dialect openai")
    for words in ("set gate/ok", "set-image openai/img", "fallbacks add groq/llama"):
        cli.must(f"models {words}")
    cli.must("models aliases add fast groq/llama")
    cli.must("models status --probe --probe-provider gate --probe-timeout 500")
    cli.environ["MISTRAL_API_KEY"] = GOOD


def _without_its_key(cli: Program) -> None:
    _twenty(cli)
    shutil.rmtree(cli.home / "config" / "keys")


def _of_an_older_schema(cli: Program) -> None:
    cli.store.parent.mkdir(parents=True, mode=0o700)
    cli.home.chmod(0o700)
    shutil.copy(OLDEST, cli.store)
    cli.store.chmod(0o600)


def _damaged(cli: Program) -> None:
    _empty(cli)
    with sqlite3.connect(cli.store) as store:
        store.execute("UPDATE selection SET document = '{'")
    store.close()


STORES = (_none, _empty, _twenty, _without_its_key, _of_an_older_schema, _damaged)


class Screen(io.TextIOWrapper):
    def isatty(self) -> bool:
        return True


def _pipe() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8")


def _screen() -> io.TextIOWrapper:
    return Screen(io.BytesIO(), encoding="utf-8")


def _closed() -> None: ...


STREAMS: tuple[Callable[[], io.TextIOWrapper | None], ...] = (_pipe, _screen, _closed)


def answered(
    stream: Callable[[], io.TextIOWrapper | None], command: Callable[[], int | None]
) -> tuple[int | None, bytes, bytes]:
    """The exit code, and what was written to both streams."""
    before = sys.stdout, sys.stderr
    out, err = stream(), _pipe()
    sys.stdout, sys.stderr = out, err
    try:
        code = command()
    finally:
        sys.stdout, sys.stderr = before
    return code, _written(out), _written(err)


def _written(stream: io.TextIOWrapper | None) -> bytes:
    raw = stream.buffer if stream else None
    return raw.getvalue() if isinstance(raw, io.BytesIO) else b""


@pytest.fixture(params=STORES, ids=lambda make: make.__name__.strip("_"))
def stocked(request: pytest.FixtureRequest, cli: Program) -> Iterator[Program]:
    request.param(cli)
    umask = os.umask(0o022)
    yield cli
    os.umask(umask)


def test_both_lanes_answer_the_same(stocked: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.setenv("TERM", "xterm")
    environ = stocked.environment()
    for argv in ARGVS:
        for stream in STREAMS:
            container = Container()
            container.environ.override(providers.Object(environ))
            container.clock.override(providers.Object(lambda: NOW))
            whole = answered(stream, lambda c=container, a=argv: run(a, c))  # type: ignore[misc]
            lane = answered(stream, lambda a=argv: hot.run(a, environ, lambda: NOW))  # type: ignore[misc]
            assert lane == whole, (argv, stream)


@pytest.mark.parametrize(
    "words",
    [
        "",
        "models status --json=true",
        "models status --json --json",
        "models status --no-json",
        "models status --probe",
        "models status --usage",
        "models status --help",
        "models status extra",
        "models --json status",
        "models statu",
        "models list --provider openai",
        "models resolve fast",
        "models history --limit 5",
        "models aliases add a b/c",
        "paths --json --",
        "--version --plain",
        "--help",
    ],
)
def test_nothing_else_takes_it(words: str) -> None:
    assert hot.run(words.split(), {}) is None


EACH = ["models status --check", "models list", "models resolve", "models history"]
EACH += ["models auth list", "models aliases list", "models fallbacks list", "paths", "--version"]


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Program]:
    """One home, by either lane; nothing it shows depends on the moment."""
    cli = Program(tmp_path_factory.mktemp("lanes") / "home")
    cli.must("models auth add --provider openai --stdin --no-verify", stdin=GOOD)
    cli.must("models set openai/gpt-5-mini")
    cli.must("models aliases add fast groq/llama")
    return cli, Program(cli.home, {CYCLOPTS_ONLY: "1"})


@pytest.mark.parametrize("words", EACH)
def test_two_processes_answer_the_same(two: tuple[Program, Program], words: str) -> None:
    lane, whole = two
    assert lane.process(words) == whole.process(words)
    shown = []
    for program in two:
        command = [*program.command, *words.split()]
        shut = ["sh", "-c", 'exec "$@" >&-', "sh", *command]
        environ = program.environment()
        done = subprocess.run(shut, env=environ, capture_output=True, timeout=60, check=False)
        with at_terminal(program, words, columns=80) as terminal:
            shown.append((terminal.finish(), terminal.shown, done.returncode, done.stderr))
    assert shown[0] == shown[1]
