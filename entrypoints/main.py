"""From argv to an exit code, by the whole command line."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, get_origin

from entrypoints.frame import framed
from entrypoints.process import unreadable, without_guests

if TYPE_CHECKING:
    from inspect import BoundArguments

    from entrypoints.container import Container


def run(
    argv: Sequence[str],
    container: "Container | None" = None,
    ready: Callable[[], object] = lambda: None,
) -> int:
    """Runs one command and returns its exit code (see `framed`); raises nothing. `ready` is called
    before its first step, when everything it needs is loaded.
    """
    words = list(argv)
    return framed(words, lambda umask, core: _dispatch(words, container, (umask, core), ready))


def _dispatch(
    words: list[str],
    container: "Container | None",
    inherited: tuple[int, int],
    ready: Callable[[], object],
) -> int:
    command, bound, wanted = _understood(words)
    if wanted and container is None:
        with without_guests():
            from entrypoints.container import Container
        container = Container(
            umask=inherited[0],
            core_limit=inherited[1],
            on_wait=_waiting,
            on_open=unreadable,
            on_note=_noted,
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


def _noted(text: str) -> None:
    from entrypoints.cli.show import render

    render.note(text)


def _service(name: str, kind: Any, container: Any) -> Any:
    from entrypoints.cli.words.injection import Later

    provider = getattr(container, name)
    return Later(provider) if get_origin(kind) is Later else provider()
