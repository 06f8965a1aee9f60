"""Servers that behave badly on purpose, on sockets of this machine; one function per behaviour."""

import contextlib
import gzip
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

Behaviour = Callable[[socket.socket, threading.Event], None]
OK_HEADERS = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"


@dataclass
class Server:
    """Answers each connection by `behaviour` on a thread of its own, until the block ends."""

    behaviour: Behaviour
    host: str = "127.0.0.1"
    tls: ssl.SSLContext | None = None
    accepted: int = 0
    requests: list[bytes] = field(default_factory=list)
    _ended: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        family = socket.AF_INET6 if ":" in self.host else socket.AF_INET
        self._listener = socket.create_server((self.host, 0), family=family, backlog=128)
        self.port = int(self._listener.getsockname()[1])
        self._start(self._accept)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        failure: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join(5)

    @property
    def url(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'https' if self.tls else 'http'}://{host}:{self.port}"

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self._ended.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        connection.settimeout(5)
        with contextlib.suppress(OSError), connection:
            secured = self.tls.wrap_socket(connection, server_side=True) if self.tls else connection
            with secured:
                listening = _Listening(secured, self.requests)
                self.behaviour(listening, self._ended)  # type: ignore[arg-type]  # a socket as far as a behaviour needs one


class _Listening:
    """A connection whose requests are kept for the test to look at."""

    def __init__(self, connection: socket.socket, requests: list[bytes]) -> None:
        self._connection = connection
        self._requests = requests

    def request(self) -> bytes:
        """One whole request, read and kept; nothing where the other side has closed."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += (more := self._connection.recv(65536))
            if not more:
                return b""
        head, _, body = data.partition(b"\r\n\r\n")
        for line in head.lower().split(b"\r\n"):
            if line.startswith(b"content-length:"):
                while len(body) < int(line.partition(b":")[2]):
                    body += self._connection.recv(65536)
        self._requests.append(head + b"\r\n\r\n" + body)
        return head

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)


def _request(connection: socket.socket) -> bytes:
    return connection.request()  # type: ignore[attr-defined,no-any-return]  # see _Listening


def answer(
    body: bytes, status: int = 200, kind: str = "application/json", headers: str = ""
) -> Behaviour:
    """A whole answer to every request on the connection."""
    head = f"HTTP/1.1 {status} Whatever\r\ncontent-type: {kind}\r\n{headers}"
    whole = f"{head}content-length: {len(body)}\r\n\r\n".encode() + body

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        while not ended.is_set() and _request(connection):
            connection.sendall(whole)

    return behave


def redirect(status: int, location: str) -> Behaviour:
    return answer(b"elsewhere", status, "text/plain", f"location: {location}\r\n")


def raw(data: bytes) -> Behaviour:
    """These bytes, then the connection is closed."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        connection.sendall(data)

    return behave


def drip(start: bytes, then: bytes) -> Behaviour:
    """`start` at once, then `then` for ever, a byte in 0.15 s: no read ever times out."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        connection.sendall(start)
        at = 0
        while not ended.wait(0.15):
            connection.sendall(then[at % len(then) :][:1])
            at += 1

    return behave


def beat(start: bytes, then: bytes) -> Behaviour:
    """`start` at once, then all of `then` every 0.15 s, for ever."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        connection.sendall(start)
        while not ended.wait(0.15):
            connection.sendall(then)

    return behave


def flood(start: bytes, then: bytes) -> Behaviour:
    """`start`, then `then` for ever, as fast as it is taken."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        connection.sendall(start)
        while not ended.is_set():
            connection.sendall(then)

    return behave


def closes_idle() -> Behaviour:
    """Answers once and says nothing of closing; closes when the next request comes."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        body = b'{"data": []}'
        connection.sendall(OK_HEADERS + f"content-length: {len(body)}\r\n\r\n".encode() + body)
        connection.recv(1)

    return behave


def silence(connection: socket.socket, ended: threading.Event) -> None:
    _request(connection)
    ended.wait()


def accepts_and_closes(connection: socket.socket, ended: threading.Event) -> None:
    """Not even the request is read."""


def reset(connection: socket.socket, ended: threading.Event) -> None:
    _request(connection)
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def half_close(connection: socket.socket, ended: threading.Event) -> None:
    """Half an answer, then no more is sent, but the connection stays."""
    _request(connection)
    connection.sendall(OK_HEADERS + b"content-length: 100\r\n\r\n{")
    connection.shutdown(socket.SHUT_WR)
    ended.wait()


def early_refusal(connection: socket.socket, ended: threading.Event) -> None:
    """Refuses before the request was read, and closes."""
    body = b'{"error": {"code": "invalid_api_key"}}'
    head = f"HTTP/1.1 401 No\r\ncontent-type: application/json\r\ncontent-length: {len(body)}"
    connection.sendall(head.encode() + b"\r\nconnection: close\r\n\r\n" + body)
    connection.shutdown(socket.SHUT_WR)
    ended.wait(0.5)


def gzip_bomb(size: int) -> bytes:
    """`size` zero bytes, packed to a thousandth."""
    return gzip.compress(bytes(size), 9)


def hang(start: bytes) -> Behaviour:
    """`start`, and nothing ever after."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        connection.sendall(start)
        ended.wait()

    return behave


def told(*pieces: bytes | threading.Event, head: bytes = b"") -> Behaviour:
    """A chunk for each of `pieces`, and an end; an event is waited for, whoever sets it."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        connection.sendall(head or OK_HEADERS + b"transfer-encoding: chunked\r\n\r\n")
        for piece in pieces:
            if isinstance(piece, threading.Event):
                piece.wait(5)
            else:
                connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
        connection.sendall(b"0\r\n\r\n")

    return behave


def then(first: bytes, gone: threading.Event) -> Behaviour:
    """One chunk and no more; `gone` is set when the other side hangs up."""

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        _request(connection)
        head = OK_HEADERS + b"transfer-encoding: chunked\r\n\r\n"
        connection.sendall(head + b"%x\r\n%b\r\n" % (len(first), first))
        with contextlib.suppress(OSError):
            while connection.recv(1):
                pass
        gone.set()

    return behave
