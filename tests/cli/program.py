"""The real program, run in this process or in one of its own."""

import io
import json
import os
import shlex
import subprocess
import sys
from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dependency_injector import providers

from adapters.memory import MemoryStore
from application.ports.catalogue import Catalogue
from entrypoints.container import Container
from entrypoints.main import run

Words = str | Sequence[str]


@dataclass(frozen=True, slots=True)
class Ran:
    """What one command answered."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> dict[str, Any]:
        """The one JSON object on stdout."""
        found: dict[str, Any] = json.loads(self.out)
        assert found["schemaVersion"] == 1
        assert self.out.count("\n") == 1
        return found

    @property
    def error(self) -> dict[str, str]:
        found: dict[str, str] = self.document["error"]
        assert set(found) == {"type", "message", "hint"}
        return found

    @property
    def text(self) -> str:
        return self.out + self.err


@dataclass(frozen=True, slots=True)
class Program:
    """`environ` is all the program sees; its home is a folder of the test's own.

    With a `memory` it keeps everything there as long as the test takes, and makes no file. With a
    `catalogue` it knows the models of that one, and not those that are bundled.
    """

    home: Path
    environ: dict[str, str] = field(default_factory=dict)
    memory: MemoryStore | None = None
    catalogue: Catalogue | None = None

    @property
    def store(self) -> Path:
        return self.home / "data" / "store.db"

    def __call__(self, words: Words, *, stdin: str | bytes | None = "") -> Ran:
        """Runs in this process. `stdin` is what a pipe would bring; None is a closed one."""
        container = Container()
        container.environ.override(providers.Object(self.environment()))
        if self.memory is not None:
            container.store.override(providers.Object(self.memory))
        if self.catalogue is not None:
            container.catalogue.override(providers.Object(self.catalogue))
        out, err = io.StringIO(), io.StringIO()
        before, sys.stdin = sys.stdin, _pipe(stdin)
        try:
            with redirect_stdout(out), redirect_stderr(err):
                code = run(_split(words), container)
        finally:
            sys.stdin = before
        return Ran(code, out.getvalue(), err.getvalue())

    def must(self, words: Words, *, stdin: str | bytes | None = "") -> Ran:
        """The same, for a step of the arrangement: it has to succeed."""
        ran = self(words, stdin=stdin)
        assert ran.code == 0, ran
        return ran

    def process(self, words: Words, *, stdin: str = "", **more: Any) -> Ran:
        """Runs in a process of its own, and waits for it."""
        assert self.memory is None, "another process has another memory"
        done = subprocess.run(
            [*self.command, *_split(words)],
            input=stdin,
            capture_output=True,
            text=True,
            env=self.environment(),
            timeout=60,
            check=False,
            **more,
        )
        return Ran(done.returncode, done.stdout, done.stderr)

    def start(self, words: Words, **more: Any) -> "subprocess.Popen[str]":
        """A process under way, for signals and streams."""
        assert self.memory is None, "another process has another memory"
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        return subprocess.Popen(
            [*self.command, *_split(words)],
            text=True,
            env=self.environment(),
            **{**streams, **more},
        )

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "aura_intelligence"]

    def files(self) -> dict[str, bytes]:
        """Every file of the home with its content."""
        return {
            str(path.relative_to(self.home)): path.read_bytes()
            for path in sorted(self.home.rglob("*"))
            if path.is_file()
        }

    def environment(self) -> dict[str, str]:
        base = {
            "PATH": os.environ.get("PATH", os.defpath),
            "HOME": str(self.home.parent),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "AURA_INTELLIGENCE_HOME": str(self.home),
            # No test leaves this machine.
            "AURA_INTELLIGENCE_CATALOGUE_URL": "off",
        }
        return {**base, **self.environ}


def _split(words: Words) -> list[str]:
    return shlex.split(words) if isinstance(words, str) else list(words)


def _pipe(content: str | bytes | None) -> io.TextIOWrapper | None:
    if content is None:
        return None
    raw = content.encode() if isinstance(content, str) else content
    return io.TextIOWrapper(io.BytesIO(raw), encoding="utf-8")
