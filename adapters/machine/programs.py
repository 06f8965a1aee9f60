"""Programs whose output is a secret: run without a shell, without input, watched."""

import asyncio
import contextlib
import os
import re
import selectors
import shutil
import signal
import stat
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from shlex import quote
from typing import NamedTuple

from application.ports.elsewhere import Programs
from domain.errors import CommandFailed, UnsafeFile
from domain.handover.variables import STORE_KEY_NAMES
from domain.text import REDACTED, foreign, shown

PATIENCE = 30.0
"""How long a program may take, in seconds."""
# 16 KiB is the longest credential there is; a line end may follow.
_LONGEST = 16 * 1024
# A word of a message that may be a secret, or a part of one: nobody knows what it looks like.
_TELLING = r"(?=\S{8,})(?=\S*[0-9])(?=\S*[A-Za-z])\S+|(?=\S{20,})(?=\S*[A-Z])\S+"
_HINT = "run it in this terminal: it has to print the credential alone, on one line"


# How often it is looked whether it has gone on for too long (s).
_POLL = 0.1


class _Ended(NamedTuple):
    """The exit code of a program, below 0 for a signal, and what it wrote."""

    code: int
    out: bytes
    err: bytes


class PosixPrograms(Programs):
    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience

    def found(self, argv: Sequence[str], environ: Mapping[str, str]) -> tuple[str, ...]:
        program = shutil.which(argv[0], path=environ.get("PATH"))
        if program is None:
            raise CommandFailed(
                f"there is no program{shown(argv[0])} that can be run",
                hint="it is looked for in PATH, or where a path says",
            )
        whole = (str(Path(program).absolute()), *argv[1:])
        _refuse_open(whole)
        return whole

    async def printed(self, argv: Sequence[str], environ: Mapping[str, str]) -> str:
        _refuse_open(argv)
        given = {name: v for name, v in environ.items() if name not in STORE_KEY_NAMES}
        stopped = threading.Event()
        try:
            return _line(*await asyncio.to_thread(self._run, argv, given, stopped))
        finally:
            # Whoever is cancelled leaves no program behind.
            stopped.set()

    def _run(
        self, argv: Sequence[str], environ: Mapping[str, str], stopped: threading.Event
    ) -> _Ended:
        try:
            process = subprocess.Popen(  # noqa: S603 - its words are a person's
                argv,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=environ,
                # A group of its own, so that all of it can be ended; no session of its own, by
                # which some password managers know whom they have let in.
                process_group=0,
            )
        except OSError as failure:
            reason = os.strerror(failure.errno or 0)
            raise CommandFailed(f"{argv[0]} cannot be run: {reason}", hint=_HINT) from None
        with process:
            try:
                out, err = self._outputs(process, stopped)
                return _Ended(process.wait(_POLL), out, err)
            except (TimeoutError, subprocess.TimeoutExpired):
                raise CommandFailed(
                    f"the command did not end within {self._patience:.0f} s", hint=_HINT
                ) from None
            finally:
                # What it started is of its group, which outlives it.
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)

    def _outputs(
        self, process: subprocess.Popen[bytes], stopped: threading.Event
    ) -> tuple[bytes, bytes]:
        """How stdout and stderr begin. Raises TimeoutError, and CommandFailed for too much."""
        deadline, out, err = time.monotonic() + self._patience, bytearray(), bytearray()
        with selectors.DefaultSelector() as selector:
            for stream, content in ((process.stdout, out), (process.stderr, err)):
                assert stream is not None
                selector.register(stream, selectors.EVENT_READ, content)
            while selector.get_map():
                if stopped.is_set() or time.monotonic() > deadline:
                    raise TimeoutError
                for key, _ in selector.select(_POLL):
                    if not (piece := os.read(key.fd, _LONGEST)):
                        selector.unregister(key.fileobj)
                    elif len(key.data) <= _LONGEST:
                        key.data.extend(piece)
                if len(out) > _LONGEST:
                    raise CommandFailed("the command prints too much for a credential", hint=_HINT)
        return bytes(out), bytes(err)


def _line(code: int, out: bytes, err: bytes) -> str:
    text, said = out.decode("utf-8", "replace"), err.decode("utf-8", "replace")
    lines = text.strip().splitlines()
    told = foreign(re.sub(_TELLING, REDACTED, said), lines)
    told = f": {told}" if told else ""
    if code != 0:
        how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        raise CommandFailed(f"the command {how}{told}", hint=_HINT)
    if not lines:
        raise CommandFailed(f"the command printed nothing{told}", hint=_HINT)
    if len(lines) > 1:
        raise CommandFailed(f"the command printed {len(lines)} lines", hint=_HINT)
    return lines[0]


def _refuse_open(argv: Sequence[str]) -> None:
    """Raises UnsafeFile where others may change a file that is named in `argv`."""
    for path in _files(argv):
        found = path.stat()
        if found.st_uid not in (os.geteuid(), 0):
            raise UnsafeFile(f"{path} belongs to another user", hint="run a copy of your own")
        if found.st_mode & 0o022:
            raise UnsafeFile(
                f"others may change {path}", hint=f"run: chmod go-w {quote(str(path))}"
            )
        mode = path.parent.stat().st_mode
        if mode & 0o002 and not mode & stat.S_ISVTX:
            raise UnsafeFile(
                f"anybody may write in {path.parent}",
                hint=f"run: chmod o-w {quote(str(path.parent))}",
            )


def _files(argv: Sequence[str]) -> Iterator[Path]:
    """The program, and the scripts among its words; where a link leads, too."""
    for word in argv:
        path = Path(word)
        with contextlib.suppress(OSError, ValueError):
            if path.is_absolute() and path.is_file():
                yield path.resolve()
