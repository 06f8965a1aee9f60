"""Where a browser comes back to: one page on loopback, which hands its query on and says nothing.

Whoever is on this machine, and every page a browser shows, can ask it. So it serves one page, at
its own name only (a foreign name that was made to point here is refused), echoes nothing, and
gives whoever is slow little time.
"""

from __future__ import annotations

import asyncio
import errno
import re
import socket
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, cast
from urllib.parse import urlsplit

from application.ports.sign_in import Callback, Listener, Visit
from domain.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

_ADDRESSES = {
    # Which of the two a browser takes is its own affair.
    "localhost": ("127.0.0.1", "::1"),
    "127.0.0.1": ("127.0.0.1",),
    "::1": ("::1",),
}
_NAMES = ("localhost", "127.0.0.1", "[::1]")
_ANYWHERE = "http://127.0.0.1/callback"
# Another program holds it, or it is for root only; whatever else fails, the family is not there.
_TAKEN = {errno.EADDRINUSE: "is in use", errno.EACCES: "is not allowed"}
# A random port of one family may be taken in the other.
_TRIES = 8
_LARGEST_PORT = 65535
_LARGEST_HEAD = 16 * 1024
# For a request to come and its answer to be taken (s).
_PATIENCE = 5.0
_MOST_CONNECTIONS = 32
_HEAD_ENDS = b"\r\n\r\n"
_REQUEST = re.compile(r"([A-Z]+) (\S+) HTTP/1\.[01]")
_HINT = "paste the address of the page that does not load, or sign in by a code"
_HEAD = (
    "HTTP/1.1 {} {}\r\nContent-Length: {}\r\nContent-Type: text/html; charset=utf-8\r\n"
    "Content-Security-Policy: default-src 'none'\r\nCache-Control: no-store\r\n"
    "Referrer-Policy: no-referrer\r\nAllow: GET\r\nConnection: close\r\n\r\n"
)
_PAGE = (
    '<!doctype html><html lang="en"><title>Sign-in</title><p>{} You may close this page.</html>\n'
)
_SAYS = {
    200: "Go back to the terminal: it says how the sign-in went.",
    410: "This sign-in is over.",
}


class LoopbackListener(Listener):
    @asynccontextmanager
    async def listening(self, redirect_uri: str, port: int | None) -> AsyncIterator[Visit]:
        """A `redirect_uri` without a port gets a random one (RFC 8252, 7.3)."""
        sockets, visit = _prepared(redirect_uri or _ANYWHERE, port)
        loop = asyncio.get_running_loop()
        # None of them waits for anything before it serves, so no socket is lost on the way.
        servers = [
            await loop.create_server(lambda: _Connection(visit), sock=bound, start_serving=False)
            for bound in sockets
        ]
        try:
            for server in servers:
                await server.start_serving()
            yield visit
        finally:
            for server in servers:
                server.close()
            visit.close()
            # What was cut is closed at the loop's next turn.
            await asyncio.sleep(0)


class _Visit(Visit):
    """What the connections share. `path` is the page's, `hosts` what a browser may call us."""

    def __init__(self, redirect_uri: str, path: str, hosts: frozenset[str]) -> None:
        self._redirect_uri = redirect_uri
        self._path = path
        self._hosts = hosts
        self._first: asyncio.Future[Callback] = asyncio.get_running_loop().create_future()
        self._is_closed = False
        self._open: dict[_Connection, None] = {}

    @property
    def redirect_uri(self) -> str:
        return self._redirect_uri

    async def callback(self) -> Callback:
        # Who gives up waiting may come again.
        return await asyncio.shield(self._first)

    def came(self, connection: _Connection) -> None:
        if self._is_closed:
            connection.cut()
        elif len(self._open) >= _MOST_CONNECTIONS:
            # The oldest has had its time; the browser's own may be the next.
            oldest = next(iter(self._open))
            self.went(oldest)
            oldest.cut()
        self._open[connection] = None

    def went(self, connection: _Connection) -> None:
        self._open.pop(connection, None)

    def close(self) -> None:
        self._is_closed = True
        self._first.cancel()
        for connection in [*self._open]:
            connection.cut()

    def judged(self, head: str) -> int:
        """The status of the answer; the first good request is taken."""
        first, *lines = head.split("\r\n")
        request = _REQUEST.fullmatch(first)
        fields = [line.partition(":") for line in lines]
        hosts = [value.strip().lower() for name, _, value in fields if name.lower() == "host"]
        if request is None or len(hosts) != 1 or hosts[0] not in self._hosts:
            return 400
        method, target = request.groups()
        path, _, query = target.partition("?")
        if method != "GET":
            return 405
        if path != self._path:
            return 404
        if self._first.done():
            return 410
        self._first.set_result(Callback(query))
        return 200


class _Connection(asyncio.Protocol):
    """One request, one answer. Nothing here waits, so nobody slow is in another's way."""

    def __init__(self, visit: _Visit) -> None:
        self._visit = visit
        self._head = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._late = asyncio.get_running_loop().call_later(_PATIENCE, self.cut)
        self._visit.came(self)

    def data_received(self, data: bytes) -> None:
        self._head += data
        end = self._head.find(_HEAD_ENDS)
        if 0 <= end <= _LARGEST_HEAD:
            self._answer(self._visit.judged(self._head[:end].decode("latin-1")))
        elif len(self._head) > _LARGEST_HEAD or not self._head[:1].isalpha():
            # A browser that tries TLS first is told at once, and comes again without.
            self._answer(400)

    def connection_lost(self, _: Exception | None) -> None:
        self._late.cancel()
        self._visit.went(self)

    def cut(self) -> None:
        self._transport.abort()

    def _answer(self, status: int) -> None:
        page = _PAGE.format(_SAYS[status]) if status in _SAYS else ""
        head = _HEAD.format(status, HTTPStatus(status).phrase, len(page))
        self._transport.write((head + page).encode())
        self._transport.close()


def _prepared(redirect_uri: str, port: int | None) -> tuple[list[socket.socket], _Visit]:
    try:
        parts = urlsplit(redirect_uri)
        wanted = (parts.port or 0) if port is None else port
    except ValueError:
        parts, wanted = urlsplit(""), 0
    host = parts.hostname or ""
    if parts.scheme != "http" or host not in _ADDRESSES:
        raise Unavailable("the sign-in leads to no address of this machine", hint=_HINT)
    if not 0 <= wanted <= _LARGEST_PORT:
        raise Unavailable(f"there is no port {wanted}", hint="take one up to 65535")
    sockets = _bound(_ADDRESSES[host], wanted)
    number = sockets[0].getsockname()[1]
    place = f"[{host}]:{number}" if ":" in host else f"{host}:{number}"
    hosts = frozenset(f"{name}:{number}" for name in _NAMES)
    return sockets, _Visit(parts._replace(netloc=place).geturl(), parts.path or "/", hosts)


def _bound(addresses: tuple[str, ...], wanted: int) -> list[socket.socket]:
    """A socket for each family that is there, all at one port: `wanted`, or a random one for 0.

    A port that is taken in one family is taken: the code might go to whoever has it. Raises
    Unavailable.
    """
    failure = 0
    for _ in range(1 if wanted else _TRIES):
        sockets: list[socket.socket] = []
        failure = 0
        for address in addresses:
            port = sockets[0].getsockname()[1] if sockets else wanted
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                sockets.append(socket.create_server((address, port), family=family))
            except OSError as refusal:
                failure = failure if failure in _TAKEN else refusal.errno or 0
        if sockets and failure not in _TAKEN:
            return sockets
        for bound in sockets:
            bound.close()
    what = f"port {wanted}" if wanted else "every port"
    raise Unavailable(f"{what} of this machine {_TAKEN.get(failure, 'cannot be used')}", hint=_HINT)
