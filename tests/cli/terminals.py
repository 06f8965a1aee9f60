"""The program at a real terminal: a pseudo-terminal that is typed on and read."""

import contextlib
import os
import pty
import select
import subprocess
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.cli.program import Program

_PATIENCE = 20.0
"""Seconds until a prompt that does not come is a failure."""


@dataclass(slots=True)
class Terminal:
    """`shown` is everything the terminal displayed, echoes included."""

    master: int
    slave: int
    process: "subprocess.Popen[str]"
    shown: str = ""

    def until(self, text: str, times: int = 1) -> None:
        """Reads until `text` was shown, `times` times."""
        end = time.monotonic() + _PATIENCE
        while self.shown.count(text) < times:
            assert time.monotonic() < end, f"no {text!r} in {self.shown!r}"
            self._read(0.2)

    def type(self, text: str) -> None:
        """Types `text`, reading meanwhile: a terminal's buffer is small."""
        content = text.encode()
        while content:
            _, writable, _ = select.select([], [self.master], [], 0.2)
            if writable:
                content = content[os.write(self.master, content[:512]) :]
            self._read(0)

    def finish(self) -> int:
        """The exit code; whatever was still to be shown is in `shown`."""
        end = time.monotonic() + _PATIENCE
        while self.process.poll() is None:
            assert time.monotonic() < end, f"still running: {self.shown!r}"
            self._read(0.05)
        while self._read(0.05):
            pass
        return self.process.returncode

    @property
    def echoes(self) -> bool:
        """Whether what is typed now would be seen."""
        return bool(termios.tcgetattr(self.slave)[3] & termios.ECHO)

    def _read(self, wait: float) -> bool:
        if not select.select([self.master], [], [], wait)[0]:
            return False
        with contextlib.suppress(OSError):
            content = os.read(self.master, 65536)
            self.shown += content.decode("utf-8", "replace")
            return bool(content)
        return False


@contextmanager
def at_terminal(
    program: Program,
    words: str,
    *,
    streams: Mapping[str, Any] | None = None,
    columns: int = 0,
    **environ: str,
) -> Iterator[Terminal]:
    """Starts the program with a terminal of its own for all streams that are not given."""
    master, slave = pty.openpty()
    if columns:
        termios.tcsetwinsize(slave, (24, columns))
    program.environ.update(environ)
    try:
        with program.start(
            words,
            **{"stdin": slave, "stdout": slave, "stderr": slave, **(streams or {})},
            start_new_session=True,
            preexec_fn=_own_terminal,
        ) as process:
            terminal = Terminal(master, slave, process)
            try:
                yield terminal
            finally:
                process.kill()
    finally:
        os.close(master)
        os.close(slave)


def _own_terminal() -> None:
    import fcntl

    # So that Ctrl-C typed there is a signal to the program.
    fcntl.ioctl(next(fd for fd in (0, 2) if os.isatty(fd)), termios.TIOCSCTTY, 0)
