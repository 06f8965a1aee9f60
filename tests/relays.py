"""What may stand between a program and its PostgreSQL: TLS, a cable that is cut, a pooler."""

import contextlib
import socket
import socketserver
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

_SSL_REQUEST = struct.pack("!ii", 8, 80877103)
_GSS_REQUEST = struct.pack("!ii", 8, 80877104)
Serve = Callable[[socket.socket], object]


@contextmanager
def serving(serve: Serve, host: str = "127.0.0.1", port: int = 0) -> Iterator[int]:
    """A port of `host`, the one that is given, if any, where each connection is handed to `serve`,
    in a thread of its own.
    """

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with contextlib.suppress(OSError):
                serve(self.request)

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        block_on_close = False
        allow_reuse_address = True

    with Server((host, port), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield server.server_address[1]
        server.shutdown()


def server_of(folder: Path) -> socket.socket:
    there = socket.socket(socket.AF_UNIX)
    there.connect(str(folder / ".s.PGSQL.5432"))
    return there


def _pumped(source: socket.socket, to: socket.socket, seen: Callable[[bytes], bool]) -> None:
    """Until `seen` says of something that it was the last."""
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            to.sendall(data)
            if seen(data):
                break
    for end in (source, to):
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)


def _joined(client: socket.socket, folder: Path, seen: Callable[[bytes], bool]) -> None:
    with server_of(folder) as there:
        back = threading.Thread(target=_pumped, args=(there, client, lambda _: False), daemon=True)
        back.start()
        _pumped(client, there, seen)
        back.join()


def with_tls(folder: Path, context: ssl.SSLContext | None) -> Serve:
    """Answers who asks for TLS as `context` does; without one it has none."""

    def serve(client: socket.socket) -> None:
        while (first := client.recv(8, socket.MSG_WAITALL)) in (_SSL_REQUEST, _GSS_REQUEST):
            if first == _SSL_REQUEST and context is not None:
                client.sendall(b"S")
                with context.wrap_socket(client, server_side=True) as inner:
                    _joined(inner, folder, lambda _: False)
                return
            client.sendall(b"N")
        with server_of(folder) as there:
            there.sendall(first)
            threading.Thread(
                target=_pumped, args=(there, client, lambda _: False), daemon=True
            ).start()
            _pumped(client, there, lambda _: False)

    return serve


def cut_at(folder: Path, word: bytes) -> Serve:
    """Passes on what a program says until `word`, that included, and is gone before the answer."""

    def serve(client: socket.socket) -> None:
        with server_of(folder) as there:
            while data := client.recv(65536):
                if data[:8] == _SSL_REQUEST or data[:8] == _GSS_REQUEST:
                    client.sendall(b"N")
                    continue
                there.sendall(data)
                if word in data:
                    # The server has done it when it answers.
                    there.recv(65536)
                    return
                client.sendall(_answer(there))

    return serve


def _answer(there: socket.socket) -> bytes:
    """Messages up to the one that says the server waits."""
    said = b""
    while True:
        kind, message = _message(there)
        said += message
        if kind == b"Z":
            return said


def _message(source: socket.socket) -> tuple[bytes, bytes]:
    head = source.recv(5, socket.MSG_WAITALL)
    if len(head) < 5:
        raise ConnectionResetError
    size = struct.unpack("!i", head[1:])[0] - 4
    return head[:1], head + (source.recv(size, socket.MSG_WAITALL) if size else b"")


@dataclass(slots=True)
class TransactionPooler:
    """Gives each transaction another connection, as poolers in transaction mode may."""

    folder: Path
    startup: bytes
    used: int = 0

    def __call__(self, client: socket.socket) -> None:
        while (first := client.recv(8, socket.MSG_WAITALL)) in (_SSL_REQUEST, _GSS_REQUEST):
            client.sendall(b"N")
        size = struct.unpack("!i", first[:4])[0]
        said = client.recv(size - 8, socket.MSG_WAITALL)
        if b"options\0" in said:
            raise AssertionError("a pooler refuses options of a connection")
        with contextlib.ExitStack() as open:
            there, greeting = self._fresh(open)
            client.sendall(greeting)
            while True:
                kind, message = _message(client)
                if kind == b"X":
                    return
                there.sendall(message)
                if kind != b"Q" and kind != b"S":
                    continue
                answer = _answer(there)
                client.sendall(answer)
                if answer[-1:] == b"I":
                    there, _ = self._fresh(open)

    def _fresh(self, open: contextlib.ExitStack) -> tuple[socket.socket, bytes]:
        there = open.enter_context(server_of(self.folder))
        there.sendall(self.startup)
        self.used += 1
        return there, _answer(there)


def startup(database: str) -> bytes:
    body = b"".join(
        word.encode() + b"\0"
        for word in ("user", "postgres", "database", database, "client_encoding", "UTF8", "")
    )
    return struct.pack("!ii", len(body) + 8, 196608) + body
