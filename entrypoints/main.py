"""From argv to an exit code; the one place that catches what nobody expected."""

import contextlib
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, get_origin

from entrypoints.codes import INTERRUPTED, UNAVAILABLE
from entrypoints.process import (
    discard,
    flushed,
    harden,
    obstacle,
    rare_collections,
    refuse,
    unreadable,
)

if TYPE_CHECKING:
    from inspect import BoundArguments

    from domain.errors import AuraError
    from entrypoints.container import Container

# 1 and 2 are also what `--check` answers.
EXIT_CODES = {
    "Refused": 1,
    "Malformed": 64,
    "Unavailable": UNAVAILABLE,
    "bug": 70,
    "NotStarted": 126,
    "ProgramMissing": 127,
    "interrupted": INTERRUPTED,
}
# As Cyclopts reads a switch that is given a value.
_JSON = {"--json", *(f"--json={word}" for word in ("true", "t", "yes", "y", "1"))}


def run(
    argv: Sequence[str],
    container: "Container | None" = None,
    ready: Callable[[], object] = lambda: None,
) -> int:
    """Runs one command and returns its exit code; raises nothing. `ready` is called before its
    first step, when everything it needs is loaded.

    0 fine · 1, 2 `--check` · 1 refused · 64 words · 69 unavailable · 70 a bug · 130 interrupted ·
    126, 127 and whatever the program of `models exec` returns.
    """
    words = list(argv)
    before_dashes = words[: words.index("--")] if "--" in words else words
    as_json = not _JSON.isdisjoint(word.lower() for word in before_dashes)
    if found := obstacle():
        return refuse(*found, as_json)
    from domain.errors import AuraError, OutputFailed

    try:
        inherited = harden()
        with rare_collections():
            return flushed(_dispatch(words, container, inherited, ready))
    except OutputFailed as error:
        discard(sys.stdout)  # or its rest would fail, and be told of, once more
        return _failed(_code_of(error), False, error.type, str(error), error.hint)
    except AuraError as error:
        return _failed(_code_of(error), as_json, error.type, str(error), error.hint)
    except KeyboardInterrupt:
        return _interrupted(as_json)
    except BrokenPipeError:
        return flushed(0)
    except Exception as bug:  # noqa: BLE001 - the one place; a traceback may hold a secret
        if isinstance(bug, OSError) and (code := flushed(0)):
            return code
        if isinstance(bug.__cause__ or bug.__context__, KeyboardInterrupt):
            return _interrupted(as_json)  # in the middle of an import, which raises its own
        return _failed(EXIT_CODES["bug"], as_json, "bug", *_described(bug))


def _dispatch(
    words: list[str],
    container: "Container | None",
    inherited: tuple[int, int],
    ready: Callable[[], object],
) -> int:
    command, bound, wanted = _understood(words)
    if wanted and container is None:
        from entrypoints.container import Container

        container = Container(
            umask=inherited[0], core_limit=inherited[1], on_wait=_waiting, on_open=unreadable
        )
    services = {name: _service(name, kind, container) for name, kind in wanted.items()}
    ready()
    answer = command(*bound.args, **bound.kwargs, **services)
    return answer if isinstance(answer, int) else 0


def _understood(words: list[str]) -> "tuple[Callable[..., Any], BoundArguments, dict[str, Any]]":
    """The command, its words, and the services it wants by name. Raises Malformed."""
    from cyclopts import CycloptsError

    from entrypoints.cli.app import asks_for_help, build, divided, with_default
    from entrypoints.cli.words.pasted import refuse_pasted

    refuse_pasted(words)
    try:
        return build(helpful=asks_for_help(words)).parse_args(
            divided(with_default(words)), print_error=False, exit_on_error=False
        )
    except CycloptsError as error:
        from entrypoints.cli.words.mistakes import explained

        raise explained(error) from None


def _waiting(holder: int | None) -> None:
    from entrypoints.cli.show import render

    who = f"process {holder}" if holder else "another process"
    render.note(f"waiting for {who}, which holds the store")


def _service(name: str, kind: Any, container: Any) -> Any:
    from entrypoints.cli.words.injection import Later

    provider = getattr(container, name)
    return Later(provider) if get_origin(kind) is Later else provider()


def _code_of(error: "AuraError") -> int:
    families = (kind.__name__ for kind in type(error).__mro__)
    return next(EXIT_CODES[name] for name in families if name in EXIT_CODES)


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
    return _failed(EXIT_CODES["interrupted"], as_json, "interrupted", "interrupted", None)


def _failed(code: int, as_json: bool, type: str, message: str, hint: str | None) -> int:
    from domain.errors import OutputFailed
    from entrypoints.cli.show import render

    with contextlib.suppress(OSError, OutputFailed):
        render.failure(type, message, hint, as_json=as_json)
    return flushed(code)
