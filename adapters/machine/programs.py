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

from adapters.machine.signals import ending
from application.ports.elsewhere import Programs
from domain.errors import CommandFailed, UnsafeFile
from domain.text import REDACTED, foreign, shown

PATIENCE = 30.0
"""How long a program may take, in seconds."""
# 16 KiB is the longest credential there is; a line end may follow.
_LONGEST = 16 * 1024
_OURS = "AURA_INTELLIGENCE_VAULT_"
# How much of what a program says is looked at, in characters.
_LOOKED_AT = 2048
# What is shown of it: words of a language, options, short numbers. Nobody knows what a secret of
# another program looks like.
_PLAIN = re.compile(
    r"--?[a-z]{1,15}(?:-[a-z]{1,15})?|[A-Za-z]?[a-z]{0,19}(?:['-][a-z]{1,15})?|[A-Z]{1,15}|[0-9]{1,4}"
    r"|[^\w\s]{1,3}",
    re.ASCII,
)
_NAMES_A_SECRET = re.compile(r"(?i)\W*(?:tok|key|pw|pin|pass|secret|cred|auth)\w*\W*")
_HINT = "run it in this terminal: it has to print the credential alone, on one line"


# How long outputs are read on of a program that has ended (s).
_AFTERWARDS = 0.5
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
        given = {name: v for name, v in environ.items() if not name.startswith(_OURS)}
        stopped = threading.Event()
        try:
            with ending(stopped.set):
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
                # A word that is no absolute path means the same wherever it is run.
                cwd="/",
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
                return _Ended(process.wait(self._patience), out, err)
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
                    if process.returncode is None:
                        raise TimeoutError
                    break
                if process.returncode is None and process.poll() is not None:
                    # Whoever holds its outputs open still may have a word to say, and no more.
                    deadline = min(deadline, time.monotonic() + _AFTERWARDS)
                for key, _ in selector.select(_POLL):
                    if not (piece := os.read(key.fd, _LONGEST)):
                        selector.unregister(key.fileobj)
                    elif len(key.data) <= _LONGEST:
                        key.data.extend(piece)
                if len(out) > _LONGEST:
                    raise CommandFailed("the command prints too much for a credential", hint=_HINT)
        return bytes(out), bytes(err)


def _line(code: int, out: bytes, err: bytes) -> str:
    lines = out.decode("utf-8", "replace").strip().splitlines()
    told = harmless(err.decode("utf-8", "replace"))
    told = f": {told}" if told else ""
    if code != 0:
        how = f"ended with exit code {code}" if code > 0 else f"was ended by signal {-code}"
        raise CommandFailed(f"the command {how}{told}", hint=_HINT)
    if not lines:
        raise CommandFailed(f"the command printed nothing{told}", hint=_HINT)
    if len(lines) > 1:
        raise CommandFailed(f"the command printed {len(lines)} lines", hint=_HINT)
    return lines[0]


def harmless(said: str) -> str:
    """`said` on one line, without the words that may be secrets, or follow the name of one."""
    kept: list[str] = []
    before = ""
    # The last may be the half of a word.
    for word in said[:_LOOKED_AT].split()[: None if len(said) < _LOOKED_AT else -1]:
        is_told = before.endswith((":", "=")) and _NAMES_A_SECRET.fullmatch(before)
        is_plain = _PLAIN.fullmatch(word.strip("\"'`()[]<>.,:;!?")) is not None
        if is_plain and not is_told:
            kept.append(word)
        elif kept[-1:] != [REDACTED]:
            kept.append(REDACTED)
        before = word
    return foreign(" ".join(kept))


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
        for folder in path.parents:
            _refuse_open_folder(folder, folder.stat())


def _refuse_open_folder(path: Path, found: os.stat_result) -> None:
    """Raises UnsafeFile. A group may write there: so it is where package managers install."""
    if found.st_uid not in (os.geteuid(), 0):
        raise UnsafeFile(f"{path} belongs to another user", hint="run a copy elsewhere")
    if found.st_mode & 0o002 and not found.st_mode & stat.S_ISVTX:
        raise UnsafeFile(f"anybody may write in {path}", hint=f"run: chmod o-w {quote(str(path))}")


def _files(argv: Sequence[str]) -> Iterator[Path]:
    """The program, and the scripts among its words; where a link leads, too."""
    for word in argv:
        path = Path(word)
        with contextlib.suppress(OSError, ValueError):
            if path.is_absolute() and path.is_file():
                yield path.resolve()
