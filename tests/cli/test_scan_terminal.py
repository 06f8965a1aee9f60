"""`models scan` while a person watches: chosen by hand, and cut short at each stage."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.program import Program
from tests.cli.routers import SEES, Router, entry
from tests.cli.servers import scripted_server
from tests.cli.terminals import at_terminal
from tests.cli.test_scan import KEY, Scanned, ref

FIRST, SECOND, HANGS = "a/first-9b:free", "b/second-8b:free", "maker/hang:free"
CTRL_C, DOWN, SPACE = "\x03", "\x1b[B", " "


@pytest.fixture
def scanned(tmp_path: Path) -> Iterator[Scanned]:
    models = [entry(FIRST), entry(SECOND, architecture=SEES)]
    with scripted_server(Router(models=models)) as router:
        assert isinstance(router, Router)
        environ = {"OPENROUTER_API_KEY": KEY, "OPENROUTER_BASE_URL": router.url}
        yield Scanned(Program(tmp_path / "home", environ), router)


@pytest.mark.parametrize("term", ["xterm", "dumb"])
def test_a_person_chooses_and_says_in_which_order(scanned: Scanned, term: str) -> None:
    scanned.program.must("models fallbacks add openai/gpt-5-mini --force")
    # So that it is the second, however quick it is.
    scanned.router.served[SECOND] = {"uptime_last_1d": 85}
    with at_terminal(scanned.program, "models scan --concurrency 1", TERM=term) as terminal:
        terminal.until("Fallbacks (now openai/gpt-5-mini)")
        terminal.until(f"{FIRST}, instead of openai/gpt-5-mini")
        # Out, and in again: it is the last one then.
        terminal.type(SPACE + SPACE + "\r" if term == "xterm" else "2 1\r")
        terminal.until("Image fallbacks")
        terminal.type(SPACE + "\r" if term == "xterm" else "-\r")
        assert terminal.finish() == 0, terminal.shown
    assert scanned.selection["fallbacks"] == ref(SECOND, FIRST)
    assert scanned.selection["imageFallbacks"] == []


def test_ctrl_c_at_the_choice_changes_nothing_and_keeps_what_was_learned(scanned: Scanned) -> None:
    with at_terminal(scanned.program, "models scan") as terminal:
        terminal.until("Fallbacks")
        terminal.type(CTRL_C)
        assert terminal.finish() == 130
        assert "interrupted: 2 of 2 models were tried; nothing was changed" in terminal.shown
        assert "Traceback" not in terminal.shown
        assert terminal.echoes
    assert scanned.selection["fallbacks"] == []
    assert len(scanned.program("models history --json").document["records"]) == 3


def interrupted(scanned: Scanned, words: str, ready: Callable[[], bool]) -> tuple[int, str, str]:
    with scanned.program.start(f"models scan {words}") as process:
        until = time.monotonic() + 20
        while not ready() and time.monotonic() < until:
            time.sleep(0.02)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert "Traceback" not in err
    return process.returncode, out, err


def test_ctrl_c_while_models_are_asked_keeps_what_came_and_chooses_nothing(
    scanned: Scanned,
) -> None:
    scanned.router.models.append(entry(HANGS, context_length=1))
    code, out, err = interrupted(scanned, "--yes --json", scanned.router.arrived.is_set)
    found = json.loads(out)
    status = {r["key"].partition("/")[2]: r["tool"]["status"] for r in found["results"]}
    assert (code, found["cancelled"], found["changed"]) == (130, True, False)
    assert status[FIRST] == "ok"
    assert "models were tried; nothing was changed" in err
    assert scanned.selection["fallbacks"] == []
    outcomes = [r["outcome"] for r in scanned.program("models history --json").document["records"]]
    assert sorted(set(outcomes)) == ["cancelled", "ok"]


@pytest.mark.parametrize("stage", ["/models", "/endpoints"])
def test_ctrl_c_before_any_model_is_asked_says_so(scanned: Scanned, stage: str) -> None:
    scanned.router.hangs = stage
    code, out, err = interrupted(scanned, "--yes", scanned.router.arrived.is_set)
    assert (code, "interrupted" in err) == (130, True)
    assert (FIRST in out) is (stage == "/endpoints")
    assert scanned.router.asked == []
