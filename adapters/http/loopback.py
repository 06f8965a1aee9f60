"""Which servers of this machine take a connection: all asked at once, and an end to it."""

import contextlib
import selectors
import socket
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from urllib.parse import urlsplit

from application.ports.elsewhere import ListeningServers
from domain.providers.row import is_loopback_url

PATIENCE = 0.05
"""How long it takes at most, in seconds, however many there are."""
# More of them would take the files that others need to open.
_MOST = 100
# No resolver is asked, which could be slow, or another machine.
_LOCALHOST = ("127.0.0.1", "::1")


class LoopbackServers(ListeningServers):
    """`clock` is in seconds."""

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        selector: Callable[[], selectors.BaseSelector] = selectors.DefaultSelector,
    ) -> None:
        self._clock, self._selector = clock, selector

    def __call__(self, urls: Iterable[str]) -> Callable[[], frozenset[str]]:
        end = self._clock() + PATIENCE
        waiting = self._selector()
        for url, address in islice(_addresses(urls), _MOST):
            if (connection := _begun(*address)) is not None:
                waiting.register(connection, selectors.EVENT_WRITE, (connection, url))
        return lambda: frozenset(self._taken(waiting, end))

    def _taken(self, waiting: selectors.BaseSelector, end: float) -> Iterator[str]:
        """Those that took the connection; everything is closed behind it."""
        try:
            left = end - self._clock()
            while waiting.get_map() and ((ready := waiting.select(max(left, 0))) or left > 0):
                for key, _ in ready:
                    connection, url = key.data
                    waiting.unregister(connection)
                    with connection:
                        if not connection.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR):
                            yield url
                left = end - self._clock()
        finally:
            for key in [*waiting.get_map().values()]:
                key.data[0].close()
            waiting.close()


def _addresses(urls: Iterable[str]) -> Iterator[tuple[str, tuple[str, int]]]:
    """Each of `urls` that is this machine, with every address that it means."""
    for url in filter(is_loopback_url, urls):
        parts = urlsplit(url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        for address in _LOCALHOST if host == "localhost" else (host,):
            yield url, (address, port)


def _begun(host: str, port: int) -> socket.socket | None:
    """A connection under way; None where none can be made."""
    with contextlib.suppress(OSError):
        connection = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        connection.setblocking(False)
        # Whatever it answers, the selector says it again.
        connection.connect_ex((host, port))
        return connection
    return None
