"""The wires there are, each with a provider at its other end that answers by a script."""

import contextlib
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from adapters.http.wire import HttpxWire
from application.ports.network import Request, Wire
from domain.errors import WireFailure
from tests.adapters.servers import Server
from tests.application.fakes import Answer, Pause, Pieces, ScriptedWire

Script = Callable[[Request], Answer]


@dataclass(slots=True)
class World:
    """A wire and the provider at its end: what came to it, and whether it was hung up on."""

    wire: Wire
    url: str
    sent: list[Request] = field(default_factory=list)
    left: threading.Event = field(default_factory=threading.Event)


@contextmanager
def by_script(script: Script) -> Iterator[World]:
    wire = ScriptedWire(script)
    yield World(wire, "http://provider.test", wire.sent, wire.left)


@contextmanager
def over_sockets(script: Script) -> Iterator[World]:
    world = World(HttpxWire(), "")

    def behave(connection: socket.socket, ended: threading.Event) -> None:
        raw = connection.request()  # type: ignore[attr-defined]  # see servers._Listening
        request = _parsed(world.url, raw, server.requests)
        world.sent.append(request)
        with contextlib.suppress(ConnectionError):
            if _answer(connection, script(request), ended):
                return
        _wait_until_left(connection)
        world.left.set()

    with Server(behave) as server:
        world.url = server.url
        yield world


WIRES = {"script": by_script, "sockets": over_sockets}


def _parsed(url: str, head: bytes, whole: list[bytes]) -> Request:
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    named = (line.partition(": ") for line in lines)
    headers = {name.lower(): value for name, _, value in named}
    body = next(each[len(head) + 4 :] for each in whole if each.startswith(head))
    return Request(method, url + path, headers, body)


def _answer(connection: socket.socket, said: Answer, ended: threading.Event) -> bool:
    """Whether all of it was told; else nothing more comes."""
    if isinstance(said, Pause):
        return _passed(said, ended)
    if isinstance(said, WireFailure):
        return _broken(connection)
    head = f"HTTP/1.1 {said.status} Whatever\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in said.headers.items())
    connection.sendall(head.encode() + b"transfer-encoding: chunked\r\n\r\n")
    for piece in said.told if isinstance(said, Pieces) else (said.body,):
        if isinstance(piece, WireFailure):
            # What was told is to be read before the connection is reset.
            return not ended.wait(0.1) and _broken(connection)
        if isinstance(piece, Pause):
            if not _passed(piece, ended):
                return False
        elif piece:
            connection.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
    connection.sendall(b"0\r\n\r\n")
    return True


def _passed(pause: Pause, ended: threading.Event) -> bool:
    return pause.seconds is not None and not ended.wait(pause.seconds)


def _broken(connection: socket.socket) -> bool:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return True


def _wait_until_left(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while connection.recv(65536):
            pass
