"""Waiting for a program of ours, while the signals sent to this process go to it."""

import contextlib
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

# What a terminal sends goes to the program as well, which is of the same group.
_FROM_TERMINAL = frozenset({signal.SIGINT, signal.SIGQUIT})
# Not: what nobody can catch, what this process brings upon itself, and what stops both at once.
_OWN = {
    *(signal.SIGKILL, signal.SIGSTOP, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU),
    *(signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGTRAP),
    *(signal.SIGABRT, signal.SIGSYS, signal.SIGPIPE, signal.SIGXFSZ, signal.SIGCHLD),
}
_FORWARDED = frozenset(signal.valid_signals()) - _OWN
_BLOCKED = _FORWARDED | {signal.SIGCHLD}


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_deferred: dict[int, Any] = {}
_came: list[int] = []
_inside = 0


@contextlib.contextmanager
def deferred_signals() -> Iterator[None]:
    """What would end this process waits until the last who is inside has left.

    In the main thread: no other has a say in what a signal does.
    """
    global _inside
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    if not _inside:
        for number in _ENDING:
            if signal.getsignal(number) is not signal.SIG_IGN:
                _deferred[number] = signal.signal(number, lambda n, _: _came.append(n))
    _inside += 1
    try:
        yield
    finally:
        _inside -= 1
        if not _inside:
            for deferred, before in _deferred.items():
                signal.signal(deferred, before)
            came = list(dict.fromkeys(_came))
            _deferred.clear()
            _came.clear()
            for late in came:
                signal.raise_signal(late)


@contextlib.contextmanager
def ending(stop: Callable[[], object], patience: float = 1.0) -> Iterator[None]:
    """Where a signal ends this process, `stop` is called first, and what it ends has `patience` s.

    In the main thread, and of signals nobody else handles.
    """
    mine = [signal.SIGTERM, signal.SIGHUP]
    if threading.current_thread() is not threading.main_thread():
        mine = []
    mine = [number for number in mine if signal.getsignal(number) is signal.SIG_DFL]

    def end(number: int, _: object) -> None:
        stop()
        # Another thread ends the program.
        time.sleep(patience)
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    for number in mine:
        signal.signal(number, end)
    try:
        yield
    finally:
        for number in mine:
            signal.signal(number, signal.SIG_DFL)


@contextlib.contextmanager
def blocked_signals() -> Iterator[None]:
    """Signals wait instead of ending this process, before a program is there to get them."""
    in_main = threading.current_thread() is threading.main_thread()
    # Whose parent ignores it has children that vanish without an exit code.
    children = signal.signal(signal.SIGCHLD, signal.SIG_DFL) if in_main else None
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _BLOCKED)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if children is not None:
            signal.signal(signal.SIGCHLD, children)


def ended_by_sigwait(pid: int) -> int:
    """What `ended` does where nobody says who sent a signal (macOS).

    One thread both forwards and waits, so no signal can reach another process of that number.
    """
    if threading.current_thread() is not threading.main_thread():
        return os.waitpid(pid, 0)[1]
    with _heard():
        while True:
            finished, status = os.waitpid(pid, os.WNOHANG)
            if finished:
                return status
            number = signal.sigwait(_BLOCKED)
            if number in _FORWARDED and not (number in _FROM_TERMINAL and _in_foreground()):
                _send(pid, number)


@contextlib.contextmanager
def _heard() -> Iterator[None]:
    """BSD kernels drop a signal that nobody handles and that does nothing, even a blocked one."""
    usual = {n for n in _BLOCKED if signal.getsignal(n) is signal.SIG_DFL}
    for number in usual:
        signal.signal(number, lambda *_: None)
    try:
        yield
    finally:
        # What was meant for the program comes too late for it and is not for us.
        while late := signal.sigpending() & _BLOCKED:
            signal.sigwait(late)
        for number in usual:
            signal.signal(number, signal.SIG_DFL)


def _in_foreground() -> bool:
    """Whether a terminal sends this process, and so the program, what is typed."""
    try:
        terminal = os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:
        return False
    finally:
        os.close(terminal)


def _send(pid: int, number: int) -> None:
    # One that runs as somebody else may not be sent anything.
    with contextlib.suppress(PermissionError):
        os.kill(pid, number)


if sys.platform == "linux":

    def ended(pid: int) -> int:
        """The wait status of `pid`, once it ended; within `blocked_signals`."""
        with _forwarding_to(pid):
            # It stays a zombie, so that no signal can reach another process of its number.
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)
        _, status = os.waitpid(pid, 0)
        return status

    @contextlib.contextmanager
    def _forwarding_to(pid: int) -> Iterator[None]:
        forwarder = threading.Thread(target=_forward, args=(pid,), daemon=True)
        forwarder.start()
        try:
            yield
        finally:
            assert forwarder.ident is not None
            signal.pthread_kill(forwarder.ident, signal.SIGCHLD)
            forwarder.join()
            # What was meant for the program comes too late for it and is not for us.
            while signal.sigtimedwait(_BLOCKED, 0):
                pass

    def _forward(pid: int) -> None:
        """Passes signals on until this process sends itself SIGCHLD."""
        while True:
            found = signal.sigwaitinfo(_BLOCKED)
            from_process = found.si_code <= 0
            if found.si_signo == signal.SIGCHLD:
                if from_process and found.si_pid == os.getpid():
                    return
            elif from_process or found.si_signo not in _FROM_TERMINAL:
                _send(pid, found.si_signo)

else:
    ended = ended_by_sigwait
