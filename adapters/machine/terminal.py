"""Prompts at a terminal, and what comes through a pipe."""

import os
import select
import sys
import termios
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from application.ports.people import Prompter
from domain.errors import Malformed

_LARGEST_INPUT = 64 * 1024
_TOO_LONG = "at most 16,384 characters"
_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
_PASTE_BEGINS, _PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
# A person does not type on within this time after Enter (s); the rest of a paste is there by then.
_PASTE_PAUSE = 0.05
_END_OF_INPUT = 4
_BACKSPACES = (8, 127)


class TerminalPrompter(Prompter):
    """Standard input and standard error. Ctrl-C raises KeyboardInterrupt and leaves no trace."""

    @property
    def is_terminal(self) -> bool:
        return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()

    def ask(self, question: str, *, instead: str) -> str:
        self._need_terminal(instead)
        _say(f"{question}: ")
        answer = sys.stdin.readline()
        if not answer:
            raise Malformed("the input ended", hint=f"without a terminal: {instead}")
        return answer.strip()

    def ask_secret(self, question: str, *, instead: str) -> str:
        self._need_terminal(instead)
        descriptor = sys.stdin.fileno()
        with _hidden(descriptor):
            _say(f"{question} (hidden): ")
            typed = _read_line(descriptor)
            _say("\n")
        return typed

    def choose(self, question: str, options: Sequence[str], *, instead: str) -> str:
        self._need_terminal(instead)
        for number, option in enumerate(options, 1):
            _say(f"{number:>3}  {option}\n")
        answer = self.ask(f"{question} (number or name)", instead=instead)
        if answer.isascii() and answer.isdigit() and 1 <= int(answer) <= len(options):
            return options[int(answer) - 1]
        return answer

    def confirm(self, question: str, *, instead: str) -> bool:
        return self.ask(f"{question} [y/N]", instead=instead).lower() in ("y", "yes")

    def read_all(self, *, instead: str, most: int = _LARGEST_INPUT) -> str:
        if sys.stdin is None or sys.stdin.closed:
            raise Malformed("standard input is closed", hint=instead)
        try:
            content = sys.stdin.buffer.read(most + 1)
        except (OSError, ValueError):
            raise Malformed("standard input cannot be read", hint=instead) from None
        if len(content) > most:
            raise Malformed("standard input is too long", hint=f"at most {most // 1024} KiB")
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise Malformed("standard input is not text", hint=instead) from None

    def _need_terminal(self, instead: str) -> None:
        if not self.is_terminal:
            raise Malformed("there is no terminal to ask on", hint=f"use: {instead}")


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def _hidden(descriptor: int) -> Iterator[None]:
    """No echo, and no line buffer: that one silently cuts a paste at 4,095 characters."""
    before = termios.tcgetattr(descriptor)
    raw = termios.tcgetattr(descriptor)
    raw[3] &= ~(termios.ECHO | termios.ICANON)
    raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, raw)
    marks = os.environ.get("TERM", "dumb") != "dumb"
    try:
        _say(_PASTE_ON if marks else "")
        yield
    finally:
        _say(_PASTE_OFF if marks else "")
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


def _read_line(descriptor: int) -> str:
    typed = b""
    while True:
        chunk = os.read(descriptor, 4096)
        typed += chunk
        if not chunk or _END_OF_INPUT in chunk:
            raise Malformed("the input ended", hint="nothing was saved")
        if len(typed) > _LARGEST_INPUT:
            raise Malformed("that is too long to be a credential", hint=_TOO_LONG)
        if typed.count(_PASTE_BEGINS) > typed.count(_PASTE_ENDS):
            continue
        if (
            typed[-1:] in (b"\n", b"\r")
            and not select.select([descriptor], [], [], _PASTE_PAUSE)[0]
        ):
            break
    typed = typed.replace(_PASTE_BEGINS, b"").replace(_PASTE_ENDS, b"")
    return _edited(typed).decode("utf-8", "replace").replace("\r", "\n").strip("\n")


def _edited(typed: bytes) -> bytes:
    kept = bytearray()
    for byte in typed:
        if byte in _BACKSPACES:
            del kept[-1:]
        else:
            kept.append(byte)
    return bytes(kept)
