"""A plug-in's dialect, so that what goes wrong in it is said of it and harms nothing else."""

import contextlib
import sys
from collections.abc import Callable, Generator
from functools import partial
from typing import Any, TypeVar

from application.ports.network import Request
from application.ports.providers import Access
from domain.answers.usage import Snapshot
from domain.answers.verdict import ProbeVerdict
from domain.errors import PluginFailed, WireFailure
from domain.providers.endpoints import is_below
from domain.providers.row import Provider
from domain.text import visible

T = TypeVar("T")


class Guarded:
    """Every flow of `dialect`: it asks the host of its credential only, prints to stderr, and
    fails with PluginFailed.
    """

    def __init__(self, dialect: object) -> None:
        self._dialect = dialect

    def __getattr__(self, capability: str) -> Any:
        # A question's flow also yields pieces of its answer, and None to read on.
        steps = (Request, str, type(None)) if capability == "ask" else (Request,)
        return partial(_guarded, getattr(self._dialect, capability), steps)


def said_of_it(call: Callable[[], T]) -> T:
    """What `call`, which is a plug-in's, returns. Raises PluginFailed, WireFailure, StopIteration.

    What it prints goes to stderr: stdout is for data. The words of its exceptions are not shown,
    for they may hold a secret.
    """
    try:
        with contextlib.redirect_stdout(sys.stderr):
            return call()
    except (PluginFailed, WireFailure, StopIteration):
        raise
    except (Exception, SystemExit) as failure:  # noqa: BLE001 - it may raise anything
        raise PluginFailed(f"its code raised {visible(type(failure).__name__, 64)}") from None


def _guarded(
    begin: Callable[..., Any],
    steps: tuple[type, ...],
    row: Provider,
    access: Access,
    *words: Any,
) -> Generator[Any, Any, Any]:
    flow = said_of_it(lambda: begin(row, access, *words))
    step: Callable[[], Any] = partial(next, flow)
    while True:
        try:
            request = said_of_it(step)
        except StopIteration as stop:
            return _learned(stop.value)
        if not isinstance(request, steps):
            raise PluginFailed("it yields something that is not a request")
        if isinstance(request, Request) and not is_below(request.url, access.base_url):
            raise PluginFailed("it asked for another host than its credential's; nothing was sent")
        try:
            said = yield request
        except WireFailure as failure:
            step = partial(flow.throw, failure)
        else:
            step = partial(flow.send, said)


def _learned(value: object) -> object:
    if not isinstance(value, ProbeVerdict | Snapshot):
        raise PluginFailed("it returns something that is not a verdict")
    return value
