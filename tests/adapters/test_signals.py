"""The way to wait for a program that macOS needs, tried wherever the tests run."""

import os
import signal
import subprocess
import sys

import pytest

WAIT = """
import os, signal, sys
from adapters.machine.signals import blocked_signals, ended_by_sigwait
with blocked_signals():
    pid = os.posix_spawn("/bin/sh", ("sh", "-c", sys.argv[1]), os.environ, setsigmask=())
    status = ended_by_sigwait(pid)
print("left over:", {int(number) for number in signal.sigpending()})
sys.exit(os.waitstatus_to_exitcode(status) % 256)
"""


def waiting(script: str) -> "subprocess.Popen[str]":
    """In a session of its own, as where no terminal sends signals."""
    return subprocess.Popen(
        [sys.executable, "-c", WAIT, script],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": os.pathsep.join(sys.path)},
    )


@pytest.mark.parametrize("name", ["HUP", "INT", "QUIT", "TERM", "USR1", "WINCH", "CONT"])
def test_a_signal_that_a_process_sends_us_reaches_the_program(name: str) -> None:
    traps = f"trap 'echo got {name}; exit 9' {name}; echo ready; while :; do sleep 0.05; done"
    with waiting(traps) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(getattr(signal, f"SIG{name}"))
        out, _ = process.communicate(timeout=30)
    assert (process.returncode, out) == (9, f"got {name}\nleft over: set()\n")


@pytest.mark.parametrize(("script", "code"), [("exit 7", 7), ("kill -KILL $$", 247)])
def test_how_it_ended_is_known(script: str, code: int) -> None:
    with waiting(script) as process:
        process.communicate(timeout=30)
    assert process.returncode == code


def test_signals_that_come_while_it_ends_lose_no_exit_code() -> None:
    for code in range(1, 9):
        script = f"kill -CHLD $PPID; kill -CONT $PPID; kill -WINCH $PPID; exit {code}"
        with waiting(script) as process:
            process.communicate(timeout=30)
        assert process.returncode == code
