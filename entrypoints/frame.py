"""What every run has around it: the process made ready before, an exit code and last words after.

The one place that catches what nobody expected.
"""

import contextlib
import signal
import sys
from collections.abc import Callable, Sequence

from entrypoints.codes import EXIT_CODES, code_of
from entrypoints.process import discard, flushed, harden, obstacle, rare_collections, refuse

# As Cyclopts reads a switch that is given a value.
_JSON = {"--json", *(f"--json={word}" for word in ("true", "t", "yes", "y", "1"))}
Work = Callable[[int, int], int]
"""What is to be done, given the caller's umask and its soft limit of core dumps (bytes)."""


def framed(words: Sequence[str], work: Work) -> int:
    """The exit code of `work`, which is what `words` ask for; raises nothing.

    0 fine · 1, 2 `--check` · 1 refused · 64 words · 69 unavailable · 70 a bug · 130 interrupted ·
    126, 127 and whatever the program of `models exec` returns. Everything printed is flushed.
    """
    before_dashes = words[: words.index("--")] if "--" in words else words
    as_json = not _JSON.isdisjoint(word.lower() for word in before_dashes)
    try:
        if found := obstacle():
            return refuse(*found, as_json)
        inherited = harden()
        with rare_collections():
            return flushed(work(*inherited))
    except KeyboardInterrupt:
        return _interrupted(as_json)
    except BrokenPipeError:
        return flushed(0)
    except Exception as failure:  # noqa: BLE001 - the one place; a traceback may hold a secret
        return _told(failure, as_json)


def _told(failure: Exception, as_json: bool) -> int:
    """Says what went wrong, and returns the exit code."""
    # Not at the top: a package of ours may be somebody else's.
    from domain.errors import AuraError, OutputFailed

    if isinstance(failure, OutputFailed):
        discard(sys.stdout)  # or its rest would fail, and be told of, once more
        as_json = False
    if isinstance(failure, AuraError):
        return _failed(code_of(failure), as_json, failure.type, str(failure), failure.hint)
    if isinstance(failure, OSError) and (code := flushed(0)):
        return code
    if isinstance(failure.__cause__ or failure.__context__, KeyboardInterrupt):
        return _interrupted(as_json)  # in the middle of an import, which raises its own
    return _failed(EXIT_CODES["bug"], as_json, "bug", *_described(failure))


def _described(bug: Exception) -> tuple[str, str]:
    """What failed and where, without the exception's own words: they may hold anything."""
    frame, where = bug.__traceback__, "?"
    while frame is not None:
        code = frame.tb_frame.f_code
        where = f"{code.co_filename.rpartition('/')[2]}:{frame.tb_lineno}"
        frame = frame.tb_next
    return (
        f"this is a bug: {type(bug).__name__} at {where}",
        "please report it; nothing secret is in this line",
    )


def _interrupted(as_json: bool) -> int:
    with contextlib.suppress(ValueError):
        # It ends already: one more would only make words of the interpreter's own.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    return _failed(EXIT_CODES["interrupted"], as_json, "interrupted", "interrupted", None)


def _failed(code: int, as_json: bool, type: str, message: str, hint: str | None) -> int:
    from domain.errors import OutputFailed
    from entrypoints.cli.show import render

    with contextlib.suppress(OSError, OutputFailed):
        render.failure(type, message, hint, as_json=as_json)
    return flushed(code)
