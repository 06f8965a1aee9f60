"""Prompts at a terminal, and what comes through a pipe."""

import os
import select
import signal
import stat
import sys
import termios
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from itertools import islice
from typing import TypeVar

from application.ports.people import Prompter
from domain.errors import Malformed, Refused

T = TypeVar("T")

LARGEST_INPUT = 64 * 1024
_TOO_LONG = "at most 16,384 characters"
_PASTE_ON, _PASTE_OFF = "\x1b[?2004h", "\x1b[?2004l"
PASTE_BEGINS, PASTE_ENDS = b"\x1b[200~", b"\x1b[201~"
# A person does not type on within this time after Enter (s); the rest of a paste is there by then.
PASTE_PAUSE = 0.05
END_OF_INPUT = 4
_ENDING = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_BACKSPACES = (8, 127)
# Of options that are numbered, one below the other.
_MOST_SHOWN = 50


class TerminalPrompter(Prompter):
    """Standard input and standard error. Ctrl-C raises KeyboardInterrupt and leaves no trace."""

    @property
    def is_terminal(self) -> bool:
        return sys.stdin is not None and not sys.stdin.closed and sys.stdin.isatty()

    @property
    def is_piped(self) -> bool:
        if sys.stdin is None or sys.stdin.closed:
            return False
        try:
            mode = os.fstat(sys.stdin.fileno()).st_mode
        except OSError:
            # Whoever put something else in its place put something into it.
            return True
        return stat.S_ISFIFO(mode) or stat.S_ISREG(mode)

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
        with hidden(descriptor):
            _say(f"{question} (hidden): ")
            typed = _read_line(descriptor)
            _say("\n")
        return typed

    async def pasted(self) -> str:
        from adapters.machine.pasting import pasted_line

        return await pasted_line()

    def choose(
        self,
        question: str,
        options: Mapping[str, str],
        taken: Callable[[str], T],
        *,
        instead: str,
    ) -> T:
        self._need_terminal(instead)
        if options and sys.stderr is not None and sys.stderr.isatty() and _draws():
            from adapters.machine.picker import picked

            return picked(question, options, lambda text: _meant(text, options, taken))
        for number, (option, told) in enumerate(islice(options.items(), _MOST_SHOWN), 1):
            _say(f"{number:>3}  {option}" + (f"  {told}" if told else "") + "\n")
        if len(options) > _MOST_SHOWN:
            _say(f"     and {len(options) - _MOST_SHOWN} more, by their names\n")
        numbers = {str(number): option for number, option in enumerate(options, 1)}
        while True:
            how = " (number or name)" if options else ""
            answer = self.ask(f"{question}{how}", instead=instead)
            try:
                return _meant(numbers.get(answer, answer), options, taken)
            except (Malformed, Refused) as wrong:
                _say(f"{wrong}\n" + (f"hint: {wrong.hint}\n" if wrong.hint else ""))

    def choose_some(
        self, question: str, options: Sequence[str], *, instead: str
    ) -> tuple[str, ...]:
        self._need_terminal(instead)
        if sys.stderr is not None and sys.stderr.isatty() and _draws():
            from adapters.machine.picker import picked_some

            return picked_some(question, options)
        for number, option in enumerate(options, 1):
            _say(f"{number:>3}  {option}\n")
        while True:
            how = "numbers in the order you want, Enter for all, - for none"
            words = self.ask(f"{question} ({how})", instead=instead).replace(",", " ").split()
            numbers = {str(number): option for number, option in enumerate(options, 1)}
            if all(word in numbers for word in words):
                return tuple(dict.fromkeys(numbers[w] for w in words)) if words else (*options,)
            if words == ["-"]:
                return ()
            _say("that is none of the numbers\n")

    def confirm(self, question: str, *, instead: str) -> bool:
        return self.ask(f"{question} [y/N]", instead=instead).lower() in ("y", "yes")

    def read_all(self, *, instead: str, most: int = LARGEST_INPUT) -> str:
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


def _meant(text: str, options: Iterable[str], taken: Callable[[str], T]) -> T:
    try:
        return taken(text)
    except (Malformed, Refused):
        alike = [option for option in options if text.strip().lower() in option.lower()]
        if len(alike) != 1:
            raise
        return taken(alike[0])


def _draws() -> bool:
    return os.environ.get("TERM", "dumb") != "dumb"


def _say(text: str) -> None:
    if sys.stderr is not None:
        sys.stderr.write(text)
        sys.stderr.flush()


@contextmanager
def hidden(descriptor: int) -> Iterator[None]:
    """No echo, and no line buffer: that one silently cuts a paste at 4,095 characters."""
    before = termios.tcgetattr(descriptor)
    raw = termios.tcgetattr(descriptor)
    raw[3] &= ~(termios.ECHO | termios.ICANON)
    raw[6][termios.VMIN], raw[6][termios.VTIME] = 1, 0
    marks = _draws()

    def restore() -> None:
        if marks:
            # A signal may come in the middle of another write to the stream.
            with suppress(OSError, ValueError):
                os.write(sys.stderr.fileno(), _PASTE_OFF.encode())
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)

    with _restoring_on_signals(restore):
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, raw)
        try:
            _say(_PASTE_ON if marks else "")
            yield
        finally:
            restore()


@contextmanager
def _restoring_on_signals(restore: Callable[[], None]) -> Iterator[None]:
    """Whatever ends this process by a signal in the meantime ends it after `restore`."""

    def end(number: int, _: object) -> None:
        restore()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)

    taken = {n: signal.getsignal(n) for n in _ENDING if signal.getsignal(n) is signal.SIG_DFL}
    for number in taken:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number, before in taken.items():
            signal.signal(number, before)


@contextmanager
def _woken_by_signals() -> Iterator[int]:
    """A descriptor that a signal makes readable, so that none is missed just before a read."""
    read, write = os.pipe()
    os.set_blocking(write, False)
    before = signal.set_wakeup_fd(write, warn_on_full_buffer=False)
    try:
        yield read
    finally:
        signal.set_wakeup_fd(before)
        os.close(read)
        os.close(write)


def _read_line(descriptor: int) -> str:
    with _woken_by_signals() as woken:
        return _line(descriptor, woken)


def _line(descriptor: int, woken: int) -> str:
    typed = b""
    while True:
        ready, _, _ = select.select([descriptor, woken], [], [])
        if woken in ready:
            # Its handler has run by now: of Ctrl-C we would not be here.
            os.read(woken, 64)
        if descriptor not in ready:
            continue
        chunk = os.read(descriptor, 4096)
        typed += chunk
        if not chunk or END_OF_INPUT in chunk:
            raise Malformed("the input ended", hint="nothing was saved")
        if len(typed) > LARGEST_INPUT:
            raise Malformed("that is too long to be a credential", hint=_TOO_LONG)
        if typed.count(PASTE_BEGINS) > typed.count(PASTE_ENDS):
            continue
        if typed[-1:] in (b"\n", b"\r") and not select.select([descriptor], [], [], PASTE_PAUSE)[0]:
            break
    typed = typed.replace(PASTE_BEGINS, b"").replace(PASTE_ENDS, b"")
    return edited(typed).decode("utf-8", "replace").replace("\r", "\n").strip("\n")


def edited(typed: bytes) -> bytes:
    kept = bytearray()
    for byte in typed:
        if byte in _BACKSPACES:
            del kept[-1:]
        else:
            kept.append(byte)
    return bytes(kept)
