"""Runs a page's commands in one bash, as a reader would, and says what each one printed."""

import contextlib
import os
import re
import socket
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from tests.docs.pages import ROOT, page, steps

PAGES = ("README.md", "docs/getting-started.md", "docs/chains.md")
PORT = "8099"
"""The stand-in's port as the pages write it."""
GOES_ON_FROM = {"docs/getting-started.md": "README.md"}
"""A page whose session begins where another one's ends."""

# Another home has another key and another hour; a page is of one home, and shows one of each.
_FINGERPRINT = re.compile(r"(?<=fingerprint )[0-9a-f]{8}|(?<=key, )[0-9a-f]{8}")
_FINGERPRINTS = ("77c2cc59", "e06b1d84", "3f95a2c7", "b81d40fe")
_INSTANT = re.compile(r"\b\d{4}-\d\d-\d\dT[\d:.]+Z")
_FIRST, _STEP = datetime(2026, 11, 24, 9, 30), timedelta(seconds=1.204)

# What may differ from one day or machine to the next.
_VARYING = (
    (r"\b\d+ ms\b", "DURATION"),
    (r"\bin \d+\.\d s\b", "in DURATION"),
    (r"(<\s?)?\b(just now|\d+ ?[smhd]( ago)?)(?=$|[ )])", "AGO"),
    (r"[0-9a-f-]{36}\.key", "VAULT.key"),
    (r"\s+", " "),
)


def comparable(line: str) -> str:
    """`line` without what varies, and without the width of columns."""
    for pattern, name in _VARYING:
        line = re.sub(pattern, name, line)
    return line.strip()


def agree(shown: Iterable[str], printed: Iterable[str]) -> bool:
    """Whether both say the same; blank lines and what varies aside."""
    return [*filter(None, map(comparable, shown))] == [*filter(None, map(comparable, printed))]


def shell(commands: Sequence[str], home: Path) -> list[list[str]]:
    """What each command printed, stdout and stderr as they came. The program is on PATH."""
    mark = "=== next"
    # The mark keeps $? for the command that follows.
    after = f"__was=$?; printf '\\n{mark}\\n'; (exit $__was)"
    script = "\n".join(part for command in commands for part in (command, after))
    run = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=ROOT,
        env={
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/bin", "/bin")),
            "HOME": str(home),
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",  # stdout and stderr in the order a terminal shows
        },
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    pieces = run.stdout.split(f"\n{mark}\n")[:-1]
    return [piece.splitlines() for piece in pieces]


def session(name: str, home: Path) -> list[list[str]]:
    """What each command of the page `name` prints, after those of the page it goes on from."""
    before = steps(page(GOES_ON_FROM[name])) if name in GOES_ON_FROM else []
    commands = [step.command for step in (*before, *steps(page(name)))]
    with stand_in() as port:
        printed = shell([command.replace(PORT, str(port)) for command in commands], home)
    lines = [[line.replace(str(port), PORT) for line in output] for output in printed]
    return steadied(lines)[len(before) :]


def steadied(printed: list[list[str]]) -> list[list[str]]:
    """The same with one fingerprint for one credential, and moments that follow each other."""
    text = "\n".join(line for lines in printed for line in lines)
    marks = dict(zip(dict.fromkeys(_FINGERPRINT.findall(text)), _FINGERPRINTS, strict=False))
    moments = {
        found: f"{(_FIRST + number * _STEP).isoformat(timespec='milliseconds')}Z"
        for number, found in enumerate(sorted(set(_INSTANT.findall(text))))
    }
    return [
        [
            _INSTANT.sub(lambda m: moments[m[0]], _FINGERPRINT.sub(lambda m: marks[m[0]], line))
            for line in lines
        ]
        for lines in printed
    ]


@contextlib.contextmanager
def stand_in() -> Iterator[int]:
    """The documents' stand-in provider, on a port of its own."""
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port: int = probe.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, "-u", ROOT / "docs/examples/stand_in.py", str(port)],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        assert "listening" in server.stdout.readline()
        yield port
    finally:
        server.kill()
        server.communicate()
