"""The interface for Python programs."""

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from application.router import Router


def open_router(environ: Mapping[str, str] | None = None) -> "Router":
    """A router over the store and the credentials of `environ` (without: of this process).

    To be used as a context manager, `with` or `async with`. Opens nothing by itself: each run looks
    at the store, and writes what it tried into the history. `AURA_INTELLIGENCE_HOME` and its like
    are read from `environ`. Raises Malformed for one that cannot be understood.
    """
    from dependency_injector import providers

    from application.router import Router
    from entrypoints.container import Container

    container = Container()
    container.environ.override(providers.Object(os.environ if environ is None else environ))
    return Router(container.failover(), container.shutdown_resources)
