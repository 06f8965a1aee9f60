"""How this process behaves, whatever it is asked: its packages, its limits, its streams."""

import contextlib
import gc
import io
import os
import sys
import types
from collections.abc import Iterator
from typing import Any

from entrypoints.codes import UNAVAILABLE

_GUESTS = ("pydantic_settings", "fastapi", "fast_depends", "starlette", "werkzeug")
_PACKAGES = ("domain", "application", "adapters", "migrations")


def foreign_package() -> str | None:
    """The name of one of our packages that the interpreter would take from elsewhere."""
    from importlib.util import find_spec

    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name in _PACKAGES:
        spec = find_spec(name)
        folders = spec.submodule_search_locations if spec else None
        if not folders or os.path.dirname(os.path.abspath(next(iter(folders)))) != here:
            return name
    return None


def obstacle() -> tuple[str, str | None] | None:
    """Why nothing can be run here, and what to do about it, or None."""
    if sys.platform == "win32":
        return "Windows is not supported; use WSL, the Windows Subsystem for Linux", None
    if foreign := foreign_package():
        return (
            f"another package named {foreign} is found before this program's own",
            "run the command aura_intelligence from an environment of its own",
        )
    return None


def refuse(message: str, hint: str | None, as_json: bool) -> int:
    """Says why nothing is run, and returns the exit code."""
    # In its own words: `render` would import what is not ours.
    import json

    error = {"type": "unavailable", "message": message, "hint": hint}
    advice = f"\nhint: {hint}" if hint else ""
    stream, text = sys.stderr, f"aura_intelligence: {message}{advice}\n"
    if as_json:
        stream, text = sys.stdout, json.dumps({"schemaVersion": 1, "error": error}) + "\n"
    if stream is not None:
        with contextlib.suppress(OSError):
            stream.write(text)
            stream.flush()
    return UNAVAILABLE


def harden() -> tuple[int, int]:
    """No core dump may hold a secret; files are ours alone; what a terminal cannot show is escaped,
    not a failure. Returns the caller's umask and its soft limit of core dumps (bytes).
    """
    import resource

    umask = os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    core, hard = resource.getrlimit(resource.RLIMIT_CORE)
    # The soft limit only: a program that is run in our place gets its own back.
    resource.setrlimit(resource.RLIMIT_CORE, (0, hard))
    return umask, core


def unreadable() -> None:
    """No other process of this user reads our memory or environment from now on (Linux)."""
    if sys.platform != "linux":
        return
    import ctypes

    pr_set_dumpable = 4
    ctypes.CDLL(None).prctl(pr_set_dumpable, 0, 0, 0, 0)


@contextlib.contextmanager
def without_guests() -> Iterator[None]:
    """For the import of dependency-injector, which imports pydantic and the web frameworks wherever
    they are installed (100 to 180 ms), for parts of it that are not used here.

    Only while this process has one thread: another's import would miss them as well.
    """
    # Where pydantic cannot be imported it is asked for its version all the same.
    pydantic = types.ModuleType("pydantic")
    pydantic.__dict__["VERSION"] = "2"
    absent: dict[str, Any] = {"pydantic": pydantic, **dict.fromkeys(_GUESTS)}
    absent = {name: module for name, module in absent.items() if name not in sys.modules}
    sys.modules.update(absent)
    try:
        yield
    finally:
        for name in absent:
            sys.modules.pop(name, None)


@contextlib.contextmanager
def rare_collections() -> Iterator[None]:
    """Most commands are over before garbage is worth collecting; imports and rows trigger it."""
    before = gc.get_threshold()
    gc.set_threshold(1_000_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def flushed(code: int) -> int:
    """`code` once everything that was printed is out; 69 where it cannot be.

    Of what stands beside the data nobody is owed anything: a full disk under it changes no code.
    """
    _flush_beside()
    try:
        if sys.stdout is not None:
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader has seen enough; there is nobody left to tell.
        discard(sys.stdout)
        return code
    except OSError as failure:
        from entrypoints.cli.show import render

        discard(sys.stdout)
        reason = os.strerror(failure.errno or 0)
        with contextlib.suppress(OSError):
            render.note(f"aura_intelligence: the output cannot be written: {reason}")
        _flush_beside()
        return UNAVAILABLE


def _flush_beside() -> None:
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        discard(sys.stderr)


def discard(stream: Any) -> None:
    """Gives up what `stream` holds."""
    # What is still in the buffer would make the interpreter complain at its exit.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
