"""Another program, put in our place; watched by us only where its output is masked."""

import contextlib
import errno
import os
import select
import signal
import sys
import threading
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from resource import RLIM_INFINITY, RLIMIT_CORE, getrlimit, setrlimit
from typing import NamedTuple

from adapters.machine.signals import blocked_signals, ended
from application.ports.people import Launcher
from domain.errors import NotStarted, ProgramMissing
from domain.masking import StreamMask
from domain.text import shown

# Python ignores these, and what is ignored would be inherited. What was ignored before Python
# began stays so: `nohup` relies on it.
_IGNORED_BY_PYTHON = (signal.SIGPIPE, signal.SIGXFSZ)
_CHUNK = 64 * 1024
_FIRST_FREE = 3


class _Pipe(NamedTuple):
    """What the program writes to `number` comes out of `source`."""

    number: int
    source: int
    sink: int


class PosixLauncher(Launcher):
    """The program gets back what this process changed for itself: the caller's `umask`, and its
    soft limit of core dumps, `core` (bytes).
    """

    def __init__(self, umask: int, core: int) -> None:
        self._umask = umask
        self._core = core

    def run(
        self, argv: Sequence[str], environ: Mapping[str, str], secrets: Collection[str] = ()
    ) -> int:
        if secrets:
            return self._masked(argv, environ, secrets)
        _flush()
        with self._as_we_were_started(), _as_a_shell_leaves_signals():
            return _first_that_starts(
                argv[0],
                environ,
                lambda path: os.execve(path, tuple(argv), environ),  # noqa: S606 - its words are a person's
            )

    def _masked(
        self, argv: Sequence[str], environ: Mapping[str, str], secrets: Collection[str]
    ) -> int:
        pipes = [_pipe(number) for number in (1, 2)]
        with blocked_signals():
            try:
                with self._as_we_were_started():
                    pid = _first_that_starts(
                        argv[0], environ, lambda path: _spawned(path, argv, environ, pipes)
                    )
            except BaseException:
                _close(pipe.source for pipe in pipes)
                raise
            finally:
                _close(pipe.sink for pipe in pipes)
            pumps = [_pump(pipe, StreamMask(map(_as_latin_1, secrets))) for pipe in pipes]
            status = ended(pid)
        for pump in pumps:
            pump.join()
        code = os.waitstatus_to_exitcode(status)
        return code if code >= 0 else 128 - code

    @contextlib.contextmanager
    def _as_we_were_started(self) -> Iterator[None]:
        """The caller's umask and core limit, until it is known that no program has them."""
        ours, (core, most) = os.umask(self._umask), getrlimit(RLIMIT_CORE)
        setrlimit(RLIMIT_CORE, (min(self._core, most, key=_size), most))
        try:
            yield
        finally:
            setrlimit(RLIMIT_CORE, (core, most))
            os.umask(ours)


def _size(limit: int) -> float:
    return float("inf") if limit == RLIM_INFINITY else limit


@contextlib.contextmanager
def _as_a_shell_leaves_signals() -> Iterator[None]:
    mask = signal.pthread_sigmask(signal.SIG_SETMASK, ())
    before = {number: signal.signal(number, signal.SIG_DFL) for number in _IGNORED_BY_PYTHON}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


def _flush() -> None:
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            stream.flush()


def _first_that_starts(
    program: str, environ: Mapping[str, str], start: Callable[[str], int]
) -> int:
    """What `start` returns for the first place that has it. Raises NotStarted."""
    refusal = errno.ENOENT
    for path in _places(program, environ):
        try:
            return start(path)
        except OSError as failure:
            if failure.errno not in (errno.ENOENT, errno.ENOTDIR, errno.EACCES):
                raise _not_started(program, failure.errno) from None
            # As shells do: a later folder of PATH may have one that can be run.
            refusal = errno.EACCES if failure.errno == errno.EACCES else refusal
    raise _not_started(program, refusal)


def _spawned(
    path: str, argv: Sequence[str], environ: Mapping[str, str], pipes: Sequence[_Pipe]
) -> int:
    return os.posix_spawn(
        path,
        tuple(argv),
        environ,
        file_actions=[(os.POSIX_SPAWN_DUP2, pipe.sink, pipe.number) for pipe in pipes],
        setsigmask=(),
        setsigdef=_IGNORED_BY_PYTHON,
    )


def _places(program: str, environ: Mapping[str, str]) -> Iterator[str]:
    """Where the program may be, as the child itself would look for it."""
    if "/" in program:
        yield program
    elif program:
        for folder in environ.get("PATH", os.defpath).split(os.pathsep):
            yield f"{folder or os.curdir}/{program}"


def _not_started(program: str, reason: int | None) -> NotStarted:
    # A longer word may be a key that was pasted in the wrong place.
    if reason == errno.ENOENT:
        return ProgramMissing(
            f"there is no program{shown(program)}",
            hint="it is looked for in PATH, or where a path says",
        )
    hint = "a script begins with a line like #!/bin/sh" if reason == errno.ENOEXEC else None
    return NotStarted(
        f"the program{shown(program)} cannot be run: {os.strerror(reason or 0)}", hint=hint
    )


def _pipe(number: int) -> _Pipe:
    return _Pipe(number, *map(_above_streams, os.pipe()))


def _above_streams(descriptor: int) -> int:
    """A stream that was closed leaves its number free, and a pipe must not take its place."""
    if descriptor >= _FIRST_FREE:
        return descriptor
    import fcntl

    moved = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _FIRST_FREE)
    os.close(descriptor)
    return moved


def _close(descriptors: Iterator[int]) -> None:
    for descriptor in descriptors:
        os.close(descriptor)


def _pump(pipe: _Pipe, mask: StreamMask) -> threading.Thread:
    pump = threading.Thread(target=_pass_on, args=(pipe.source, pipe.number, mask), daemon=True)
    pump.start()
    return pump


def _pass_on(source: int, sink: int, mask: StreamMask) -> None:
    # Where nobody reads on, closing the source tells the program so, as it would without us.
    with contextlib.suppress(OSError), os.fdopen(source, "rb", buffering=0) as reader:
        while chunk := reader.read(_CHUNK):
            _write(sink, mask.feed(chunk.decode("latin-1")))
        _write(sink, mask.finish())


def _write(sink: int, text: str) -> None:
    content = memoryview(text.encode("latin-1"))
    while content:
        try:
            content = content[os.write(sink, content) :]
        except BlockingIOError:
            # Whoever shares the stream with us may have made it so.
            select.select([], [sink], [])


def _as_latin_1(secret: str) -> str:
    return os.fsencode(secret).decode("latin-1")
