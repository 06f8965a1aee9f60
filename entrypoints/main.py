"""From argv to an exit code; the one place that catches what nobody expected."""

import contextlib
import gc
import io
import os
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, get_origin

from entrypoints.codes import INTERRUPTED, UNAVAILABLE

if TYPE_CHECKING:
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
_PACKAGES = ("domain", "application", "adapters", "migrations")


def console() -> None:
    """The command `aura_intelligence`."""
    with _rare_collections():
        code = run(sys.argv[1:])
    sys.exit(code)


def run(argv: Sequence[str], container: "Container | None" = None) -> int:
    """Runs one command and returns its exit code; raises nothing.

    0 fine · 1, 2 `--check` · 1 refused · 64 words · 69 unavailable · 70 a bug · 130 interrupted ·
    126, 127 and whatever the program of `models exec` returns.
    """
    words = list(argv)
    before_dashes = words[: words.index("--")] if "--" in words else words
    as_json = not _JSON.isdisjoint(word.lower() for word in before_dashes)
    if foreign := _foreign_package():
        return _refused_by(foreign, as_json)
    from domain.errors import AuraError

    try:
        umask = _harden()
        with _rare_collections():
            return _flushed(_dispatch(words, container, umask))
    except AuraError as error:
        return _failed(_code_of(error), as_json, error.type, str(error), error.hint)
    except KeyboardInterrupt:
        return _failed(EXIT_CODES["interrupted"], as_json, "interrupted", "interrupted", None)
    except BrokenPipeError:
        return _flushed(0)
    except Exception as bug:  # noqa: BLE001 - the one place; a traceback may hold a secret
        if isinstance(bug, OSError) and (code := _flushed(0)):
            return code
        return _failed(EXIT_CODES["bug"], as_json, "bug", *_described(bug))


@contextlib.contextmanager
def _rare_collections() -> Iterator[None]:
    """Most commands are over before garbage is worth collecting; imports and rows trigger it."""
    before = gc.get_threshold()
    gc.set_threshold(50_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)


def _dispatch(words: list[str], container: "Container | None", umask: int) -> int:
    from cyclopts import CycloptsError

    from entrypoints.cli.app import build, divided, with_default
    from entrypoints.cli.words.pasted import refuse_pasted

    refuse_pasted(words)
    app = build()
    try:
        command, bound, ignored = app.parse_args(
            divided(with_default(words)), print_error=False, exit_on_error=False
        )
    except CycloptsError as error:
        from entrypoints.cli.words.mistakes import explained

        raise explained(error) from None
    if ignored and container is None:
        from entrypoints.container import Container

        container = Container(umask=umask)
    services = {name: _service(name, kind, container) for name, kind in ignored.items()}
    try:
        answer = command(*bound.args, **bound.kwargs, **services)
    finally:
        if container is not None:
            container.shutdown_resources()
    return answer if isinstance(answer, int) else 0


def _service(name: str, kind: Any, container: Any) -> Any:
    from entrypoints.cli.words.injection import Later

    provider = getattr(container, name)
    return Later(provider) if get_origin(kind) is Later else provider()


def _code_of(error: "AuraError") -> int:
    families = (kind.__name__ for kind in type(error).__mro__)
    return next(EXIT_CODES[name] for name in families if name in EXIT_CODES)


def _foreign_package() -> str | None:
    """The name of one of our packages that the interpreter would take from elsewhere."""
    from importlib.util import find_spec

    here = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for name in _PACKAGES:
        spec = find_spec(name)
        folders = spec.submodule_search_locations if spec else None
        if not folders or os.path.dirname(os.path.abspath(next(iter(folders)))) != here:
            return name
    return None


def _refused_by(foreign: str, as_json: bool) -> int:
    # In its own words: `render` would import what is not ours.
    import json

    message = f"another package named {foreign} stands before this program's"
    hint = "run the command aura_intelligence from an environment of its own"
    error = {"type": "unavailable", "message": message, "hint": hint}
    if as_json:
        sys.stdout.write(json.dumps({"schemaVersion": 1, "error": error}) + "\n")
    else:
        sys.stderr.write(f"aura_intelligence: {message}\nhint: {hint}\n")
    return EXIT_CODES["Unavailable"]


def _harden() -> int:
    """No core dump may hold a secret; files are ours alone whatever the caller's umask, which is
    returned; and what a terminal cannot show is escaped, not a failure.
    """
    import resource

    umask = os.umask(0o077)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return umask


def _described(bug: Exception) -> tuple[str, str]:
    """What failed and where, without the exception's own words: they may hold anything."""
    frame, where = bug.__traceback__, "?"
    while frame is not None:
        code = frame.tb_frame.f_code
        where = f"{os.path.basename(code.co_filename)}:{frame.tb_lineno}"
        frame = frame.tb_next
    return (
        f"this is a bug: {type(bug).__name__} at {where}",
        "please report it; nothing secret is in this line",
    )


def _failed(code: int, as_json: bool, type: str, message: str, hint: str | None) -> int:
    from domain.errors import OutputFailed
    from entrypoints.cli.show import render

    with contextlib.suppress(OSError, OutputFailed):
        render.failure(type, message, hint, as_json=as_json)
    return _flushed(code)


def _flushed(code: int) -> int:
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
        _discard(sys.stdout)
        return code
    except OSError as failure:
        from entrypoints.cli.show import render

        _discard(sys.stdout)
        reason = os.strerror(failure.errno or 0)
        with contextlib.suppress(OSError):
            render.note(f"aura_intelligence: the output cannot be written: {reason}")
        _flush_beside()
        return EXIT_CODES["Unavailable"]


def _flush_beside() -> None:
    try:
        if sys.stderr is not None:
            sys.stderr.flush()
    except OSError:
        _discard(sys.stderr)


def _discard(stream: Any) -> None:
    # What is still in the buffer would make the interpreter complain at its exit.
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
