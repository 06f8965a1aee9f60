"""The first command on a bare machine, at a terminal: what is here, and what costs nothing."""

import contextlib
import json
import os
import re
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from adapters.catalogue.snapshot import bundled
from adapters.providers.table import local
from domain.providers.row import Provider
from tests.architecture.modules import python
from tests.cli.program import Program
from tests.cli.servers import GOOD
from tests.cli.terminals import at_terminal

WATCHED = """
import io, json, os, sys
from entrypoints import hot
from entrypoints.main import run

class Screen(io.StringIO):
    def isatty(self):
        return True

told, looks = [], []
sys.addaudithook(lambda event, args: looks.append(event) if event == "socket.connect" else None)
for stream, words in json.loads(sys.argv[1]):
    for lane in (lambda argv: hot.run(argv, os.environ), run):
        looks.clear()
        sys.stdout = Screen() if stream == "screen" else io.StringIO()
        code = lane(words.split())
        told.append([code, len(looks), sys.stdout.getvalue()])
json.dump(told, sys.stderr)
"""


def watched(program: Program, *runs: tuple[str, str]) -> Iterator[tuple[int, str]]:
    """How many connections each of `runs` (stream, words) began by either lane, and its output."""
    done = python(WATCHED, json.dumps(runs), cwd=program.home.parent, **program.environment())
    for code, looks, out in json.loads(done.stderr.splitlines()[-1]):
        assert code in (0, 1), done.stderr
        yield looks, out


@pytest.fixture
def server() -> Iterator[tuple[socket.socket, Provider]]:
    """A server of this machine, at the place of a provider that nobody is at."""
    for row in local.ROWS:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        with listener, contextlib.suppress(OSError):
            listener.bind(("127.0.0.1", int(re.findall(r":(\d+)", row.base_url)[0])))
            listener.listen()
            listener.settimeout(20)
            yield listener, row
            return
    pytest.fail("every place of a local server is taken")


def test_a_person_sees_what_is_here_and_what_is_free(
    cli: Program, server: tuple[socket.socket, Provider]
) -> None:
    listener, row = server
    tools = cli.home.parent / ".codex"
    tools.mkdir()
    # A pipe: who opened it would be seen to.
    os.mkfifo(tools / "auth.json")
    cli.environ["OPENROUTER_API_KEY"] = GOOD
    with at_terminal(cli, "models", columns=80, NO_COLOR="1") as terminal:
        assert terminal.finish() == 0
    connection, _ = listener.accept()
    with connection:
        connection.settimeout(20)
        assert connection.recv(1) == b""
    lines = terminal.shown.replace("\r", "").splitlines()
    text = " ".join(" ".join(lines).split())
    assert max(map(len, lines)) <= 80
    assert terminal.shown.partition("Found in")[2].isascii()
    assert "Found in the environment: OPENROUTER_API_KEY." in text
    assert "Codex has a file of credentials: aura_intelligence models auth import codex" in text
    place = row.base_url.removeprefix("http://").removesuffix("/v1")
    assert f"something listens on {place}, the usual place of {row.label}:" in text
    assert f"aura_intelligence models list --refresh --provider {row.id}" in text
    shown = [line.split() for line in lines if re.match(r"  [a-z-]+/\S+", line)]
    assert len({line[0].partition("/")[0] for line in shown}) == len(shown) == 5
    assert {line[0] for line in shown} <= {str(r.ref) for r in bundled().rows() if r.is_free}
    best = shown[0][0]
    assert best.startswith("openrouter/")
    assert re.search(rf"{re.escape(best)} (Context )?[\d.]+[kM] (Needs )?no more ", text)
    assert f"aura_intelligence models set {best}" in text
    assert not cli.home.exists()


def test_who_has_nothing_is_told_which_key_is_needed(cli: Program) -> None:
    ((_, out), _) = watched(cli, ("screen", "models"))
    assert "No credential was found, and nothing was created.\n" in out
    (ref,) = re.findall(r"^  aura_intelligence models set (\S+)$", out, re.MULTILINE)
    provider = ref.partition("/")[0]
    assert f"  aura_intelligence models auth add --provider {provider}\n" in out
    text = " ".join(out.split())
    assert re.search(rf"{re.escape(ref)} (Context )?[\d.]+[kM] (Needs )?[A-Z_]+_KEY ", text)
    assert "auth import" not in out


def test_nobody_else_is_looked_around_for(cli: Program, tmp_path: Path) -> None:
    (cli.home.parent / ".codex").mkdir()
    (cli.home.parent / ".codex" / "auth.json").write_text("{}")
    usual = "No credential was found, and nothing was created. To begin:"
    switches = ["--json", "--plain", "--check"]
    runs = [("screen", f"models {switch}") for switch in switches] + [("pipe", "models")]
    told = list(watched(cli, ("screen", "models status"), *runs))
    assert all(looks and "auth import codex" in out for looks, out in told[:2])
    assert [looks for looks, _ in told[2:]] == [0] * 8
    assert not [out for _, out in told[2:] if "auth import" in out or "nvidia" in out]
    assert all(usual in out for _, out in told[6:])
    cli.must("models set openai/gpt-5-mini")
    cli.must("models unset")
    for looks, out in watched(cli, ("screen", "models")):
        begins = "No credential was found. To begin:" in out
        assert (looks, begins, "auth import" in out) == (0, True, False)
