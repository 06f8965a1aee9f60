"""Servers of this machine that take a connection: told soon, whatever the others do."""

import selectors
import socket
from typing import Any

from adapters.http.loopback import PATIENCE, LoopbackServers


class Silent(selectors.SelectSelector):
    """Nobody ever answers, and waiting is a number that is added up."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0
        self.asked: list[socket.socket] = []

    def register(self, fileobj: Any, events: int, data: Any = None) -> selectors.SelectorKey:
        self.asked.append(fileobj)
        return super().register(fileobj, events, data)

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None
        self.now += timeout
        return []


def listener(address: str = "127.0.0.1") -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    server = socket.socket(family)
    server.bind((address, 0))
    server.listen()
    return server


def port(server: socket.socket) -> int:
    return int(server.getsockname()[1])


def test_who_listens_is_told_from_who_does_not_and_hears_nothing() -> None:
    with listener() as one, listener() as two, socket.socket() as shut:
        shut.bind(("127.0.0.1", 0))
        here = [f"http://127.0.0.1:{port(one)}/v1", f"http://localhost:{port(two)}"]
        found = LoopbackServers()([*here, f"http://localhost:{port(shut)}/v1"])()
        assert found == {*here}
        for server in (one, two):
            connection, _ = server.accept()
            with connection:
                connection.settimeout(10)
                assert connection.recv(1) == b""


def test_a_server_of_ipv6_alone_is_found_by_either_name() -> None:
    with listener("::1") as server:
        urls = {f"http://localhost:{port(server)}", f"http://[::1]:{port(server)}/v1"}
        assert LoopbackServers()(urls)() == urls


def test_no_other_machine_is_asked() -> None:
    selector = Silent()
    urls = ["https://api.openai.com/v1", "http://192.0.2.1:11434", "http://localhost.example/v1"]
    assert LoopbackServers(selector=lambda: selector)(urls)() == frozenset()
    assert selector.asked == []


def test_any_number_of_silent_ports_costs_no_more_than_one() -> None:
    selector = Silent()
    urls = [f"http://127.0.0.1:{at}/v1" for at in range(1, 10_001)]
    finish = LoopbackServers(lambda: selector.now, lambda: selector)(urls)
    assert finish() == frozenset()
    assert selector.now == PATIENCE
    assert 0 < len(selector.asked) <= 100
    assert all(connection.fileno() == -1 for connection in selector.asked)


def test_what_was_late_to_be_asked_for_is_not_waited_for() -> None:
    selector = Silent()
    finish = LoopbackServers(lambda: selector.now, lambda: selector)(["http://127.0.0.1:1"])
    selector.now = late = 2 * PATIENCE
    assert finish() == frozenset()
    assert selector.now == late
