"""Ctrl-C in the middle of probing: what finished is kept, the rest is recorded as cancelled."""

import json
import signal
import time

import pytest

from tests.cli.program import Program
from tests.cli.servers import GOOD, ScriptedServer
from tests.cli.terminals import at_terminal

HANGING = "sk-scripted-hang-0001"


@pytest.fixture
def half_hanging(gateway: Program) -> Program:
    """One key that answers at once, tried first, and three that are never answered."""
    gateway.must("models auth add --provider gate --profile-id a --stdin --no-verify", stdin=GOOD)
    for name in ("h1", "h2", "h3"):
        gateway.must(
            f"models auth add --provider gate --profile-id {name} --stdin --no-verify",
            stdin=HANGING,
        )
    gateway.must("models auth remove gate:default --yes")
    return gateway


def outcomes(program: Program) -> list[str]:
    records = program("models history --json").document["records"]
    return sorted(record["outcome"] for record in records)


@pytest.mark.parametrize("form", ["--json", ""])
def test_ctrl_c_keeps_what_finished(
    half_hanging: Program, server: ScriptedServer, form: str
) -> None:
    words = f"models status --probe --probe-concurrency 2 --probe-timeout 60000 {form}"
    with half_hanging.start(words) as process:
        assert server.arrived.wait(20)
        # Two at a time: when two have begun to hang, the one that answers has answered.
        until = time.monotonic() + 20
        while len(server.seen) < 3 and time.monotonic() < until:
            time.sleep(0.02)
        began = time.monotonic()
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert time.monotonic() - began < 10
    assert "Traceback" not in err
    assert outcomes(half_hanging) == ["cancelled", "cancelled", "cancelled", "ok"]
    if form:
        probes = json.loads(out)["auth"]["probes"]
        assert probes["cancelled"] is True
        assert sorted(r["status"] for r in probes["results"]) == [
            "cancelled",
            "cancelled",
            "cancelled",
            "ok",
        ]
    else:
        assert "Probed 4 targets in " in out
        assert "interrupted" in out


def test_ctrl_c_at_a_terminal_keeps_what_finished(
    half_hanging: Program, server: ScriptedServer
) -> None:
    words = "models status --probe --probe-timeout 60000"
    with at_terminal(half_hanging, words) as terminal:
        assert server.arrived.wait(20)
        until = time.monotonic() + 20
        while len(server.seen) < 4 and time.monotonic() < until:
            time.sleep(0.02)
        terminal.until("1/4")
        terminal.type("\x03")
        assert terminal.finish() == 130
        assert "Traceback" not in terminal.shown
        assert terminal.echoes
    assert outcomes(half_hanging) == ["cancelled", "cancelled", "cancelled", "ok"]


def test_the_timeout_bounds_the_whole_command(
    half_hanging: Program, server: ScriptedServer
) -> None:
    began = time.monotonic()
    ran = half_hanging("models status --probe --probe-timeout 300 --json")
    assert time.monotonic() - began < 5
    results = ran.document["auth"]["probes"]["results"]
    assert sorted(r["status"] for r in results) == ["ok", "timeout", "timeout", "timeout"]
    assert all(r["latencyMs"] <= 800 for r in results)


def test_a_killed_probe_is_shown_as_interrupted(
    half_hanging: Program, server: ScriptedServer
) -> None:
    with half_hanging.start("models status --probe --probe-timeout 60000") as process:
        assert server.arrived.wait(20)
        process.kill()
    assert "interrupted" in outcomes(half_hanging)
    found = half_hanging("models history --outcome interrupted --json").document["records"]
    assert all(record["credential"] == "unknown" for record in found)
    assert half_hanging("models status --json").code == 0
