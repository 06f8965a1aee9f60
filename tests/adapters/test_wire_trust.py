"""Whom the wire trusts, what it tells and what it leaves alone: TLS, proxies, names, secrets."""

import asyncio
import gc
import os
import socket
import time
import traceback
from pathlib import Path

import pytest

from adapters.http.routes import tls_context
from adapters.http.wire import HttpxWire
from application.ports.network import Request
from domain.answers.outcome import Outcome
from domain.errors import WireFailure
from tests.adapters import servers
from tests.adapters.alone import alone
from tests.adapters.certificates import Authority, authority
from tests.adapters.servers import Server
from tests.adapters.test_wire import GOOD, GRACE, KEY, flow, tried, verdict, within


def test_a_resolver_that_hangs_outlives_neither_the_deadline_nor_the_process() -> None:
    began = time.monotonic()
    done = alone("hangs", "https://api.example.test/v1", 700)

    assert done.said == "timeout"
    assert done.seconds < 0.7 + GRACE
    # The rest is the interpreter and its imports; the resolver would have taken a minute.
    assert time.monotonic() - began < 5


def test_a_name_nobody_knows_is_told_as_such() -> None:
    assert alone("fails", "https://api.example.test/v1", 2000).said == "dns"


@pytest.fixture
def signer(tmp_path: Path) -> Authority:
    return authority(tmp_path)


def test_a_server_of_the_trusted_authority_is_believed(signer: Authority) -> None:
    with Server(servers.answer(GOOD), tls=signer.server("127.0.0.1")) as server:
        found = verdict(tried(server.url, ca_file=signer.ca_file))

    assert found.outcome is Outcome.OK


def test_a_stranger_gets_no_request(signer: Authority, tmp_path: Path) -> None:
    strangers = {
        "self-signed": signer.server("127.0.0.1", self_signed=True),
        "expired": signer.server("127.0.0.1", days=-1),
        "another host": signer.server("other.test"),
    }
    for context in strangers.values():
        with Server(servers.answer(GOOD), tls=context) as server, within(2):
            found = verdict(tried(server.url, ca_file=signer.ca_file))

            assert (found.outcome, found.code) == (Outcome.NETWORK, "tls")
            assert found.credential == "unknown"
            assert server.requests == []


def test_an_authority_nobody_named_is_a_stranger(signer: Authority) -> None:
    with Server(servers.answer(GOOD), tls=signer.server("127.0.0.1")) as server:
        found = verdict(tried(server.url))
        assert server.requests == []

    assert (found.outcome, found.code) == (Outcome.NETWORK, "tls")


def test_old_tls_is_refused(signer: Authority) -> None:
    import ssl

    assert tls_context(signer.ca_file).minimum_version == ssl.TLSVersion.TLSv1_2


def test_a_server_without_tls_under_https_is_told_as_such() -> None:
    with Server(servers.early_refusal) as server:
        found = verdict(tried(server.url.replace("http", "https")))
        assert server.requests == []

    assert (found.outcome, found.code) == (Outcome.NETWORK, "tls")


# httpcore leaves the socket of a handshake that was cut to the collector, which says so.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_a_handshake_that_never_ends_ends_with_the_deadline() -> None:
    with Server(servers.silence) as server:
        with within(0.8 + GRACE):
            found = verdict(tried(server.url.replace("http", "https"), timeout=800))
        gc.collect()

    assert found.outcome is Outcome.TIMEOUT


@pytest.mark.parametrize("content", [None, b"", b"no certificate"])
def test_a_ca_file_that_cannot_be_read_is_named(tmp_path: Path, content: bytes | None) -> None:
    ca_file = tmp_path / "ca.pem"
    if content is not None:
        ca_file.write_bytes(content)

    with Server(servers.silence) as server:
        failure = tried(server.url.replace("http", "https"), ca_file=ca_file)
        assert server.accepted == 0

    assert isinstance(failure, WireFailure)
    assert failure.reason == "tls"
    assert str(ca_file) in str(failure)


def test_a_ca_file_that_cannot_be_read_does_not_stop_plain_http(tmp_path: Path) -> None:
    with Server(servers.answer(GOOD)) as server:
        found = verdict(tried(server.url, ca_file=tmp_path / "missing.pem"))

    assert found.outcome is Outcome.OK


def test_session_keys_are_not_written_for_a_watcher(signer: Authority, tmp_path: Path) -> None:
    log = tmp_path / "keys.log"
    with Server(servers.answer(GOOD), tls=signer.server("127.0.0.1")) as server:
        env = {**os.environ, "SSLKEYLOGFILE": str(log), "SSL_CERT_FILE": str(signer.ca_file)}
        assert alone("works", f"{server.url}/", 2000, env).said == "tls"

    assert not log.exists()


def test_proxies_of_the_environment_are_not_followed() -> None:
    with Server(servers.answer(GOOD)) as proxy, Server(servers.answer(GOOD)) as server:
        names = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY")
        set_ = {n: proxy.url for name in names for n in (name, name.lower())}
        done = alone("works", f"{server.url}/", 2000, {**os.environ, **set_, "NO_PROXY": ""})
        assert done.said == "200"
        assert len(server.requests) == 1
        assert proxy.accepted == 0


def test_the_proxy_a_person_named_sees_a_host_and_no_key() -> None:
    with Server(servers.answer(b"", 407)) as proxy:
        found = verdict(
            tried("https://api.example.test", proxy=f"http://me:pw@127.0.0.1:{proxy.port}")
        )
        [request] = proxy.requests

    assert request.startswith(b"CONNECT api.example.test:443 HTTP/1.1\r\n")
    assert b"proxy-authorization: basic bWU6cHc=" in request.replace(
        b"Proxy-Authorization: Basic", b"proxy-authorization: basic"
    )
    assert KEY.encode() not in request
    assert (found.outcome, found.code) == (Outcome.NETWORK, "proxy")


def test_a_server_of_this_machine_is_not_asked_for_by_a_proxy() -> None:
    with Server(servers.answer(GOOD)) as proxy, Server(servers.answer(GOOD)) as server:
        assert verdict(tried(server.url, proxy=proxy.url)).outcome is Outcome.OK
        assert proxy.accepted == 0


@pytest.mark.parametrize(
    "proxy",
    [
        "proxy.test:3128",
        "socks5://proxy.test",
        "ftp://proxy.test",
        "http://",
        "http://x:99999",
    ],
)
def test_a_proxy_that_is_none_is_refused_before_anything_is_sent(proxy: str) -> None:
    failure = tried("https://api.example.test", proxy=proxy)

    assert isinstance(failure, WireFailure)
    assert failure.reason == "proxy"
    assert "proxy.test" not in f"{failure} {failure.hint}"


def test_the_hint_about_an_unused_proxy_comes_with_a_network_failure() -> None:
    with Server(servers.reset) as server:
        failure = tried(server.url, proxy_hint="HTTPS_PROXY is set and not followed")

    assert isinstance(failure, WireFailure)
    assert failure.hint == "HTTPS_PROXY is set and not followed"


ODD_KEYS = {
    "a line break": "sk-canary\r\nx-injected: yes",
    "a null": "sk-canary\0tail",
    "not Latin": "sk-canary-ключ-✓",
    "a lone surrogate": "sk-canary-\udcff",
    "a space in front": " sk-canary-",
    "16,384 characters": "sk-canary-" + "a" * 16374,
    "every visible character": "sk-canary-" + "".join(map(chr, range(0x21, 0x7F))),
}


@pytest.mark.parametrize("key", ODD_KEYS.values(), ids=ODD_KEYS)
@pytest.mark.parametrize("behaviour", [servers.reset, servers.silence])
def test_no_failure_holds_a_part_of_the_key(key: str, behaviour: servers.Behaviour) -> None:
    async def hold(url: str) -> WireFailure:
        async with HttpxWire() as wire:
            with pytest.raises(WireFailure) as caught:
                await wire.hold(flow(url, key), 300)
            return caught.value

    with Server(behaviour) as server:
        failure = asyncio.run(hold(server.url))

    told = [repr(failure), str(failure), repr(vars(failure)), *traceback.format_exception(failure)]
    assert not any("sk-canary" in text or "x-injected" in text for text in told)
    assert failure.__cause__ is None
    assert failure.__context__ is None


def test_a_key_cannot_smuggle_a_header_in() -> None:
    async def hold(url: str) -> None:
        async with HttpxWire() as wire:
            await wire.hold(flow(url, "sk-canary\r\nx-injected: yes"), 500)

    with Server(servers.answer(GOOD)) as server:
        with pytest.raises(WireFailure) as caught:
            asyncio.run(hold(server.url))
        assert server.requests == []

    assert caught.value.reason == "protocol"


def test_a_request_shows_no_header_and_no_body() -> None:
    request = Request("POST", "https://api.example.test", {"x-api-key": KEY}, KEY.encode())

    assert KEY not in repr(request)


def test_ports_and_names_no_socket_takes_are_failures_not_bugs() -> None:
    for url in ("http://127.0.0.1:0", f"http://{'a' * 64}.test", "http://a..test", "http://[::1"):
        failure = tried(url)
        assert isinstance(failure, WireFailure)


def test_a_refused_port_names_no_address() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    failure = tried(f"http://127.0.0.1:{port}")

    assert isinstance(failure, WireFailure)
    assert str(port) not in str(failure)
