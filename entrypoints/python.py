"""The interface for Python programs."""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from application.journal.history import History
    from application.ports.store import Store
    from application.routing.router import Router
    from entrypoints.container import Container

T = TypeVar("T")


def open_router(
    environ: Mapping[str, str] | None = None, *, store: "Store | None" = None
) -> "Router":
    """A router over the store and the credentials of `environ` (without: of this process).

    To be used as a context manager, `with` or `async with`. Opens nothing by itself: each run looks
    at the store, and writes what it tried into the history. `AURA_INTELLIGENCE_HOME` and its like
    are read from `environ`. `store` is another one than the file they say: a MemoryStore, in tests.
    Raises Malformed for one that cannot be understood.
    """
    from dependency_injector import providers

    from application.routing.router import Router

    container = _container(environ, store)
    container.aside.override(providers.Object(asyncio.to_thread))
    return Router(container.failover(), waited)


def open_history(
    environ: Mapping[str, str] | None = None, *, store: "Store | None" = None
) -> "History":
    """The history of the store that `environ` names, or of `store`, as in `open_router`. Nothing
    is opened but to answer a question, and nothing stays open.
    """
    from application.journal.history import History

    container = _container(environ, store)
    return History(container.journal_reader(), container.clock())


def _container(environ: Mapping[str, str] | None, store: "Store | None") -> "Container":
    from dependency_injector import providers

    from entrypoints.container import Container

    container = Container()
    container.environ.override(providers.Object(os.environ if environ is None else environ))
    if store is not None:
        container.store.override(providers.Object(store))
    return container


def waited(work: Coroutine[object, object, T]) -> T:
    """What `work` returns, whether or not an event loop runs in this thread already."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return _run(work)
    # A notebook's cell runs inside of a loop, which cannot wait for another one.
    with ThreadPoolExecutor(max_workers=1) as apart:
        return apart.submit(_run, work).result()


def _run(work: Coroutine[object, object, T]) -> T:
    # With a factory it leaves the loop alone that the caller's thread may have set. On Ctrl-C it
    # cancels `work`, which stores what a provider answers to a refresh before it ends.
    with asyncio.Runner(loop_factory=asyncio.new_event_loop) as runner:
        return runner.run(work)
