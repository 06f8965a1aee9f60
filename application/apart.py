"""A stranger's code, run apart: on a thread nobody waits for, and what it prints goes nowhere."""

import contextlib
import io
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, TypeVar

from domain.errors import PluginFailed
from domain.text import visible

T = TypeVar("T")
LOADING = 5.0
"""How long the code of a plug-in may take to load, in seconds."""


class Sink(io.RawIOBase):
    """Forgets what is written to it, but not that something was."""

    def __init__(self) -> None:
        self.used = False

    def writable(self) -> bool:
        return True

    def write(self, content: Any) -> int:
        self.used = self.used or len(content) > 0
        return len(content)


class _Here(threading.local):
    """The stream of a guest, on its own thread; None on every other."""

    stream: io.TextIOWrapper | None = None


_HERE = _Here()


class Divided:
    """A standard stream for us, a sink for guests.

    `mains`: only the main thread may write, so that no thread a guest starts reaches the stream.
    """

    def __init__(self, real: Any, *, mains: bool) -> None:
        self._real = real
        self._mains = mains

    def _of_this_thread(self) -> Any:
        if _HERE.stream is not None:
            return _HERE.stream
        if self._mains and threading.current_thread() is not threading.main_thread():
            return _text(Sink())
        return self._real

    def __getattr__(self, name: str) -> Any:
        return getattr(self._of_this_thread(), name)


def apart(call: Callable[[], T]) -> "Future[T]":
    """What `call` returns, from a daemon thread of its own.

    Whatever it raises becomes PluginFailed, without its words: they may hold a secret. Nobody has
    to wait for it: at the end of the process it is left behind.
    """
    future: Future[T] = Future()

    def work() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            with quiet():
                result = call()
        except PluginFailed as refusal:
            future.set_exception(refusal)
        except BaseException as failure:  # noqa: BLE001 - a stranger may raise anything
            future.set_exception(PluginFailed(f"its code raised {_kind(failure)}"))
        else:
            future.set_result(result)

    threading.Thread(target=work, daemon=True).start()
    return future


def awaited(call: Callable[[], T], seconds: float, doing: str) -> T:
    """`call` made apart and waited for. Raises PluginFailed, after `seconds` at the latest."""
    try:
        return apart(call).result(seconds)
    except TimeoutError:
        raise PluginFailed(f"{doing} took longer than {seconds:g} s") from None


def _kind(failure: BaseException) -> str:
    name = type(failure).__name__
    return visible(name, 64) if type(name) is str else "something"


@contextmanager
def quiet() -> Iterator[Sink]:
    """Meanwhile nothing this thread prints gets out; what is yielded says whether it printed."""
    sink, before = Sink(), _HERE.stream
    _divide()
    _HERE.stream = _text(sink)
    try:
        yield sink
    finally:
        with contextlib.suppress(ValueError, AttributeError):
            _HERE.stream.flush()
        _HERE.stream = before


def _text(sink: Sink) -> io.TextIOWrapper:
    # A raw stream will do for a text stream that keeps nothing back.
    return io.TextIOWrapper(sink, "utf-8", "replace", write_through=True)  # type: ignore[arg-type]


def _divide() -> None:
    """Puts our streams before the real ones; for good, as a guest that hangs may print late."""
    if sys.stdout is not None and not isinstance(sys.stdout, Divided):
        sys.stdout = Divided(sys.stdout, mains=True)
    if sys.stderr is not None and not isinstance(sys.stderr, Divided):
        sys.stderr = Divided(sys.stderr, mains=False)
