"""The wire against servers that misbehave: what comes of it, how long it takes, what it costs."""

import asyncio
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from adapters.http.wire import HttpxWire
from application.ports.network import Flow, Request, Response
from domain.answers.classification import classify, classify_failure
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import WireFailure
from tests.adapters import servers
from tests.adapters.alone import alone
from tests.adapters.servers import OK_HEADERS, Behaviour, Server

KEY = "sk-canary/7f3Q+Zx=Kd9wTq%2F0b"
# Half a second is promised, the other half is for a machine that is busy with other tests.
GRACE = 1.0
MIB = 1024 * 1024


def flow(url: str, secret: str = KEY) -> Flow[Response]:
    headers = {"authorization": f"Bearer {secret}", "x-api-key": secret}
    response = yield Request("POST", f"{url}/v1/chat/completions", headers, b'{"model": "m"}')
    return response


def tried(url: str, timeout: int = 2000, **settings: Path | str) -> Response | WireFailure:
    async def hold() -> Response:
        async with HttpxWire(**settings) as wire:  # type: ignore[arg-type]  # each test names them rightly
            return await wire.hold(flow(url), timeout)

    try:
        return asyncio.run(hold())
    except WireFailure as failure:
        return failure


def verdict(outcome: Response | WireFailure) -> ProbeVerdict:
    if isinstance(outcome, WireFailure):
        return classify_failure(outcome)
    return classify(outcome.status, outcome.headers, outcome.body, has_choices, 0)


def has_choices(document: object) -> bool:
    return isinstance(document, dict) and "choices" in document


@contextmanager
def within(seconds: float) -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < seconds


GOOD = b'{"choices": [{"message": {"content": "OK"}}]}'


def test_a_good_answer_arrives_whole() -> None:
    with Server(servers.answer(GOOD, headers="Request-ID: req_1\r\n")) as server:
        answer = tried(server.url)

    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, GOOD)
    assert answer.headers["request-id"] == "req_1"


def test_the_request_is_sent_once_as_described_and_asks_for_nothing_packed() -> None:
    with Server(servers.answer(GOOD)) as server:
        tried(server.url)
        [request] = server.requests

    head, _, body = request.partition(b"\r\n\r\n")
    lines = head.decode().lower().split("\r\n")
    assert lines[0] == "post /v1/chat/completions http/1.1"
    assert f"authorization: bearer {KEY.lower()}" in lines
    assert "accept-encoding: identity" in lines
    assert any(line.startswith("user-agent: aura") for line in lines)
    assert body == b'{"model": "m"}'


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_only_its_host_is_named(status: int) -> None:
    with Server(servers.answer(GOOD)) as elsewhere:
        location = f"http://user:pw@127.0.0.1:{elsewhere.port}/take?key={KEY}"
        with Server(servers.redirect(status, location)) as server:
            found = verdict(tried(server.url))

        assert (found.outcome, found.code, found.credential) == (
            Outcome.NETWORK,
            "redirect",
            "unknown",
        )
        assert found.detail == f"redirected to 127.0.0.1:{elsewhere.port}"
        assert elsewhere.accepted == 0


def test_a_redirect_within_the_host_is_not_followed_either() -> None:
    with Server(servers.redirect(308, "/v2/chat")) as server:
        found = verdict(tried(server.url))
        assert len(server.requests) == 1

    assert (found.code, found.detail) == ("redirect", "redirected to another path")


def test_a_redirect_with_an_endless_body_is_still_a_redirect() -> None:
    endless = servers.flood(b"HTTP/1.1 302 Found\r\nlocation: https://portal.test/\r\n\r\n", b"x")
    with Server(endless) as server:
        found = verdict(tried(server.url))

    assert (found.outcome, found.detail) == (Outcome.NETWORK, "redirected to portal.test")


SLOW: dict[str, Behaviour] = {
    "never answers": servers.silence,
    "a body in drips": servers.drip(OK_HEADERS + b"content-length: 99999\r\n\r\n", b" "),
    "chunks in drips": servers.drip(
        OK_HEADERS + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n"
    ),
    "headers in drips": servers.drip(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n"),
    "a status line in drips": servers.drip(b"", b"HTTP/1.1 200 OK and on and on "),
    "informational answers in drips": servers.drip(b"", b"HTTP/1.1 103 Wait\r\n\r\n"),
    "informational answers without end": servers.flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 64),
}


@pytest.mark.parametrize("behaviour", SLOW.values(), ids=SLOW)
def test_the_deadline_is_for_all_of_it(behaviour: Behaviour) -> None:
    with Server(behaviour) as server, within(0.8 + GRACE):
        found = verdict(tried(server.url, timeout=800))

    assert (found.outcome, found.credential) == (Outcome.TIMEOUT, "unknown")


BROKEN: dict[str, tuple[Behaviour, str]] = {
    "accepts and closes": (servers.accepts_and_closes, "reset"),
    "resets": (servers.reset, "reset"),
    "closes one way": (servers.half_close, "reset"),
    "closes after the status line": (servers.raw(b"HTTP/1.1 200 OK\r\n"), "reset"),
    "speaks another protocol": (servers.raw(b"220 mail.test ready\r\n\r\n"), "protocol"),
    "headers without end": (servers.flood(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n" * 512), "protocol"),
    "one header without end": (servers.flood(b"HTTP/1.1 200 OK\r\nx-a: ", b"b" * 4096), "protocol"),
    "a length that is no number": (
        servers.raw(OK_HEADERS + b"content-length: many\r\n\r\n{}"),
        "protocol",
    ),
    "a chunk that is no chunk": (
        servers.raw(OK_HEADERS + b"transfer-encoding: chunked\r\n\r\nzz\r\n{}"),
        "protocol",
    ),
}


@pytest.mark.parametrize(("behaviour", "code"), BROKEN.values(), ids=BROKEN)
def test_a_broken_exchange_is_the_networks_fault(behaviour: Behaviour, code: str) -> None:
    with Server(behaviour) as server, within(2):
        found = verdict(tried(server.url))

    assert (found.outcome, found.code, found.credential) == (Outcome.NETWORK, code, "unknown")


LARGE: dict[str, tuple[Behaviour, str]] = {
    "10 MB": (servers.answer(b'"' + b"a" * 10_000_000 + b'"'), "too_large"),
    "no end": (servers.flood(OK_HEADERS + b"\r\n", b" " * 65536), "too_large"),
    "a length of exabytes": (
        servers.flood(OK_HEADERS + b"content-length: 999999999999999999\r\n\r\n", b" " * 65536),
        "too_large",
    ),
    "a gzip bomb": (
        servers.answer(servers.gzip_bomb(100 * MIB), headers="content-encoding: gzip\r\n"),
        "too_large",
    ),
    "gzip that is none": (
        servers.answer(b"no gzip at all", headers="content-encoding: gzip\r\n"),
        "encoding",
    ),
    "brotli": (servers.answer(b"\x0b\x02\x80", headers="content-encoding: br\r\n"), "encoding"),
}


@pytest.mark.parametrize(("behaviour", "code"), LARGE.values(), ids=LARGE)
def test_what_is_too_large_or_packed_is_left_there(behaviour: Behaviour, code: str) -> None:
    with Server(behaviour) as server:
        done = alone("works", server.url, 4000)
        found = verdict(tried(server.url, timeout=4000))

    assert (found.outcome, found.code) == (Outcome.PROVIDER_ERROR, code)
    assert found.credential == "unknown"
    assert done.said == code
    assert done.seconds < 4 + GRACE
    assert done.grown < 20 * 1024


def test_an_answer_packed_unasked_is_read_all_the_same() -> None:
    import gzip

    packed = servers.answer(gzip.compress(GOOD), headers="Content-Encoding: GZIP\r\n")
    with Server(packed) as server:
        assert verdict(tried(server.url)).outcome is Outcome.OK


NONSENSE: dict[str, tuple[bytes, str, Outcome]] = {
    "HTML": (b"<!DOCTYPE html><p>Sign in</p>", "text/html", Outcome.NETWORK),
    "HTML that says it is JSON": (b"\n <html>", "application/json", Outcome.NETWORK),
    "nothing": (b"", "application/json", Outcome.PROVIDER_ERROR),
    "truncated": (GOOD[:-3], "application/json", Outcome.PROVIDER_ERROR),
    "depth 100,000": (b"[" * 100_000, "application/json", Outcome.PROVIDER_ERROR),
    "objects 40,000 deep": (b'{"a":' * 40_000, "application/json", Outcome.PROVIDER_ERROR),
    "NaN": (b'{"choices": NaN}', "application/json", Outcome.OK),
    "5,000 digits": (b'{"choices": ' + b"9" * 5000 + b"}", "", Outcome.PROVIDER_ERROR),
    "lone surrogates": (b'{"error": "\\ud800\\udfff\\ud800"}', "", Outcome.PROVIDER_ERROR),
    "bad UTF-8": (b'{"choices": "\xff\xfe\xc3"}', "application/json", Outcome.PROVIDER_ERROR),
    "a byte order mark": (b"\xef\xbb\xbf" + GOOD, "application/json", Outcome.OK),
    "UTF-16": (GOOD.decode().encode("utf-16"), "application/json", Outcome.OK),
    "JSON that says it is HTML": (GOOD, "text/html; charset=utf-8", Outcome.OK),
    "the same key twice": (b'{"choices": 1, ' + GOOD[1:], "application/json", Outcome.OK),
    "another shape": (b'{"hello": "world"}', "application/json", Outcome.PROVIDER_ERROR),
    "a bare number": (b"200", "application/json", Outcome.PROVIDER_ERROR),
}


@pytest.mark.parametrize(("body", "kind", "outcome"), NONSENSE.values(), ids=NONSENSE)
def test_a_200_proves_nothing_by_itself(body: bytes, kind: str, outcome: Outcome) -> None:
    with Server(servers.answer(body, kind=kind)) as server:
        found = verdict(tried(server.url))

    assert found.outcome is outcome


def test_a_refusal_that_comes_before_the_request_was_read_is_heard() -> None:
    with Server(servers.early_refusal) as server:
        found = verdict(tried(server.url))

    assert (found.outcome, found.code) == (Outcome.AUTH, "invalid_api_key")


def leading(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> None:
    """Every name leads to `addresses`."""

    def found(host: str, port: int, *_: object, **__: object) -> list[object]:
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port)) for address in addresses
        ]

    monkeypatch.setattr(socket, "getaddrinfo", found)


def test_plain_http_by_name_goes_to_the_address_that_was_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with Server(servers.answer(GOOD)) as server:
        leading(monkeypatch, "169.254.169.254", "127.0.0.1")
        url = server.url.replace("127.0.0.1", "gate.lan")
        response = tried(url)
        assert isinstance(response, Response)
        assert response.status == 200
        assert f"gate.lan:{server.port}".encode() in server.requests[0].lower()


@pytest.mark.parametrize("address", ["169.254.169.254", "100.100.100.200", "8.8.8.8"])
def test_plain_http_by_name_goes_nowhere_else(
    monkeypatch: pytest.MonkeyPatch, address: str
) -> None:
    leading(monkeypatch, address)
    failure = tried("http://gate.lan:9/v1/chat/completions")
    assert isinstance(failure, WireFailure)
    assert failure.reason == "address"
    assert "gate.lan leads to an address of another network" in str(failure)


def test_a_refused_port_is_told_as_such() -> None:
    with Server(servers.silence) as server:
        url = server.url

    found = verdict(tried(url))
    assert (found.outcome, found.code, found.credential) == (Outcome.NETWORK, "refused", "unknown")


def test_a_server_on_ipv6_alone_is_reached() -> None:
    with Server(servers.answer(GOOD), host="::1") as server:
        assert verdict(tried(server.url)).outcome is Outcome.OK


def test_a_name_whose_first_address_is_dead_is_reached_by_the_other() -> None:
    # localhost is ::1 and 127.0.0.1 on most machines; the server is on one of them only.
    with Server(servers.answer(GOOD)) as server, within(1):
        assert verdict(tried(f"http://localhost:{server.port}")).outcome is Outcome.OK


def test_a_server_that_closes_idle_connections_costs_nobody_a_verdict() -> None:
    async def three_in_a_row(url: str) -> list[int]:
        async with HttpxWire() as wire:
            return [(await wire.hold(flow(url), 2000)).status for _ in range(3)]

    with Server(servers.closes_idle()) as server:
        assert asyncio.run(three_in_a_row(server.url)) == [200, 200, 200]


def test_no_cookie_goes_from_one_request_to_the_next() -> None:
    async def two_in_a_row(url: str) -> None:
        async with HttpxWire() as wire:
            for _ in range(2):
                await wire.hold(flow(url), 2000)

    with Server(servers.answer(GOOD, headers="set-cookie: id=1; path=/\r\n")) as server:
        asyncio.run(two_in_a_row(server.url))
        assert len(server.requests) == 2
        assert not any(b"cookie" in request.lower() for request in server.requests)


def test_a_wire_can_be_opened_again_in_another_loop() -> None:
    wire = HttpxWire()

    async def once(url: str) -> int:
        async with wire:
            return (await wire.hold(flow(url), 2000)).status

    with Server(servers.answer(GOOD)) as server:
        assert [asyncio.run(once(server.url)) for _ in range(2)] == [200, 200]


def test_twenty_hanging_servers_take_no_longer_than_one() -> None:
    async def at_once(url: str) -> list[object]:
        async with HttpxWire() as wire:
            holding = (wire.hold(flow(url), 500) for _ in range(20))
            return list(await asyncio.gather(*holding, return_exceptions=True))

    with Server(servers.silence) as server, within(0.5 + GRACE):
        found = asyncio.run(at_once(server.url))

    assert [f.reason for f in found if isinstance(f, WireFailure)] == ["timeout"] * 20


IN_PIECES = {
    "chunks": servers.flood(
        OK_HEADERS + b"transfer-encoding: chunked\r\n\r\n", b"1\r\n \r\n" * 4096
    ),
    "informational answers": servers.flood(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1024),
}


@pytest.mark.parametrize("behaviour", IN_PIECES.values(), ids=IN_PIECES)
def test_thousands_of_pieces_at_full_speed_hold_up_no_deadline(behaviour: Behaviour) -> None:
    async def at_once(url: str) -> list[object]:
        async with HttpxWire() as wire:
            holding = (wire.hold(flow(url), 1000) for _ in range(29))
            return list(await asyncio.gather(*holding, return_exceptions=True))

    with Server(behaviour) as server, within(1.5 + GRACE):
        found = asyncio.run(at_once(server.url))

    reasons = [f.reason for f in found if isinstance(f, WireFailure)]
    assert len(reasons) == 29
    assert set(reasons) <= {"timeout", "too_large"}


def test_an_answer_in_too_many_pieces_is_left_there() -> None:
    with Server(IN_PIECES["chunks"]) as server:
        found = verdict(tried(server.url, timeout=10_000))

    assert (found.outcome, found.code) == (Outcome.PROVIDER_ERROR, "too_large")
