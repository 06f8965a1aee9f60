"""The page a browser comes back to, asked by real clients, good and bad."""

import asyncio
import errno
import socket
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from adapters.http import listener
from adapters.http.listener import LoopbackListener
from application.ports.sign_in import Visit
from domain.errors import Unavailable

QUERY = "code=c0de%2F1&state=st4te"
CODEX = "http://localhost:1455/auth/callback"
IPV4, IPV6 = "127.0.0.1", "::1"
FAMILIES = {IPV4: socket.AF_INET, IPV6: socket.AF_INET6}


def has_ipv6() -> bool:
    try:
        socket.create_server((IPV6, 0), family=socket.AF_INET6).close()
    except OSError:
        return False
    return True


needs_ipv6 = pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")


def run(work: Coroutine[Any, Any, None]) -> None:
    """`work` to its end; a complaint of the loop fails the test."""
    complaints: list[dict[str, Any]] = []

    async def watched() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, what: complaints.append(what))
        async with asyncio.timeout(10):
            await work

    asyncio.run(watched())
    assert complaints == []


@asynccontextmanager
async def listening(redirect_uri: str = "", port: int | None = None) -> AsyncIterator[Visit]:
    async with LoopbackListener().listening(redirect_uri, port) as visit:
        yield visit


def port_of(visit: Visit) -> int:
    port = urlsplit(visit.redirect_uri).port
    assert port is not None
    return port


def a_free_port() -> int:
    with socket.create_server((IPV4, 0)) as server:
        return int(server.getsockname()[1])


@asynccontextmanager
async def connected(
    visit: Visit, address: str = IPV4
) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection(address, port_of(visit))
    try:
        yield reader, writer
    finally:
        writer.transport.abort()


async def sent(visit: Visit, raw: bytes, address: str = IPV4) -> str:
    """The whole answer to these bytes, until the connection is closed; empty where it is cut."""
    async with connected(visit, address) as (reader, writer):
        writer.write(raw)
        try:
            return (await reader.read()).decode()
        except ConnectionError:
            return ""


async def asked(
    visit: Visit,
    target: str = f"/callback?{QUERY}",
    *,
    method: str = "GET",
    host: str = "",
    address: str = IPV4,
) -> str:
    host = host or urlsplit(visit.redirect_uri).netloc
    return await sent(
        visit,
        f"{method} {target} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\n\r\n".encode(),
        address,
    )


def status(answer: str) -> int:
    return int(answer.split(" ")[1])


async def is_still_waiting(visit: Visit) -> bool:
    """Nothing of what came was taken, and a good request still is."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.05):
            await visit.callback()
    return (
        status(await asked(visit, "/callback?good=1")) == 200
        and (await visit.callback()).query == "good=1"
    )


def test_the_query_of_a_browser_is_handed_on_as_it_came() -> None:
    async def work() -> None:
        async with listening() as visit:
            assert visit.redirect_uri == f"http://127.0.0.1:{port_of(visit)}/callback"
            assert status(await asked(visit)) == 200
            assert (await visit.callback()).query == QUERY
            assert (await visit.callback()).query == QUERY

    run(work())


def test_the_page_is_static_claims_nothing_and_is_kept_nowhere() -> None:
    async def work() -> None:
        async with listening() as visit:
            head, _, page = (await asked(visit)).partition("\r\n\r\n")
        fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:])
        assert fields["Content-Security-Policy"] == "default-src 'none'"
        assert fields["Cache-Control"] == "no-store"
        assert fields["Referrer-Policy"] == "no-referrer"
        assert fields["Connection"] == "close"
        assert int(fields["Content-Length"]) == len(page)
        assert "Go back to the terminal" in page
        assert "success" not in page.lower()
        assert "script" not in page
        assert "c0de" not in head + page

    run(work())


def test_only_the_first_of_two_callbacks_counts() -> None:
    async def work() -> None:
        async with listening() as visit:
            await asked(visit, "/callback?code=first")
            second = await asked(visit, "/callback?code=second")
            assert status(second) == 410
            assert "This sign-in is over" in second
            assert (await visit.callback()).query == "code=first"

    run(work())


def test_who_gives_up_waiting_may_wait_again() -> None:
    async def work() -> None:
        async with listening() as visit:
            assert await is_still_waiting(visit)

    run(work())


def test_the_page_is_answered_although_the_listener_is_left_at_once() -> None:
    async def work() -> None:
        async with listening() as visit:
            browser = asyncio.create_task(asked(visit))
            await visit.callback()
        assert "</html>" in await browser

    run(work())


@pytest.mark.parametrize(
    ("method", "target", "expected"),
    [
        ("GET", "/favicon.ico", 404),
        ("GET", "/", 404),
        ("GET", "/callback/?code=x", 404),
        ("GET", "//callback?code=x", 404),
        ("POST", f"/callback?{QUERY}", 405),
        ("HEAD", f"/callback?{QUERY}", 405),
        ("OPTIONS", f"/callback?{QUERY}", 405),
    ],
)
def test_another_page_or_method_is_answered_and_ignored(
    method: str, target: str, expected: int
) -> None:
    async def work() -> None:
        async with listening() as visit:
            answer = await asked(visit, target, method=method)
            assert status(answer) == expected
            assert answer.endswith("\r\n\r\n")
            assert await is_still_waiting(visit)

    run(work())


@pytest.mark.parametrize("name", ["localhost", "LOCALHOST", "127.0.0.1", "[::1]"])
def test_every_name_of_loopback_is_taken(name: str) -> None:
    async def work() -> None:
        async with listening() as visit:
            assert status(await asked(visit, host=f"{name}:{port_of(visit)}")) == 200

    run(work())


@pytest.mark.parametrize(
    "host", ["evil.test:{}", "127.0.0.1", "127.0.0.1:1", "127.0.0.1.evil.test:{}", "0.0.0.0:{}"]
)
def test_a_foreign_name_that_points_here_is_refused(host: str) -> None:
    async def work() -> None:
        async with listening() as visit:
            assert status(await asked(visit, host=host.format(port_of(visit)))) == 400
            assert await is_still_waiting(visit)

    run(work())


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /callback?a=b HTTP/1.1\r\n\r\n",
        b"GET /callback?a=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nHost: 127.0.0.1:%d\r\n\r\n",
        b"GET /callback?a=b\r\nHost: 127.0.0.1:%d\r\n\r\n",
        b"GET /callback?a=b c HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
        b"get /callback?a=b HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"\r\n\r\n",
        b"\xff\xfe\x00",
        b"GET \xff\xfe HTTP/1.1\r\n\r\n",
        b"A" * (16 * 1024 + 1),
    ],
)
def test_what_is_no_request_is_refused_at_once(raw: bytes) -> None:
    async def work() -> None:
        async with listening() as visit:
            request = raw.replace(b"%d", str(port_of(visit)).encode())
            async with asyncio.timeout(2):
                assert status(await sent(visit, request)) == 400
            assert await is_still_waiting(visit)

    run(work())


def test_a_request_may_come_in_pieces() -> None:
    async def work() -> None:
        async with listening() as visit, connected(visit) as (reader, writer):
            for byte in f"GET /callback?a=b HTTP/1.1\r\nHost: {IPV4}:{port_of(visit)}\r\n\r\n":
                writer.write(byte.encode())
                await writer.drain()
                await asyncio.sleep(0)
            assert status((await reader.read()).decode()) == 200

    run(work())


def test_a_megabyte_of_headers_is_cut_off() -> None:
    async def work() -> None:
        async with listening() as visit:
            many = b"X-Filler: %b\r\n" % (b"x" * 1000) * 1024
            answer = await sent(visit, b"GET /callback?a=b HTTP/1.1\r\n" + many)
            # What is unread when the answer is sent may cost the client the answer.
            assert answer == "" or status(answer) == 400
            assert await is_still_waiting(visit)

    run(work())


def test_who_sends_nothing_is_in_nobodys_way_and_is_dropped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(listener, "_PATIENCE", 0.3)

    async def work() -> None:
        async with listening() as visit:
            async with connected(visit) as (silent, _), connected(visit) as (slow, writer):
                writer.write(b"GET /callback?code=slow HTTP/1.1\r\nHost:")
                assert status(await asked(visit, "/callback?code=quick")) == 200
                async with asyncio.timeout(2):
                    assert await silent.read() == b""
                    assert await slow.read() == b""
            assert (await visit.callback()).query == "code=quick"

    run(work())


def test_who_opens_many_connections_is_in_nobodys_way() -> None:
    async def work() -> None:
        async with listening() as visit, AsyncExitStack() as stack:
            crowd = [await stack.enter_async_context(connected(visit)) for _ in range(80)]
            assert status(await asked(visit)) == 200
            async with asyncio.timeout(2):
                assert await crowd[0][0].read() == b""

    run(work())


def test_who_leaves_in_the_middle_is_forgotten() -> None:
    async def work() -> None:
        async with listening() as visit:
            for raw in (b"", b"GET /callback", b"GET /callback?a=b HTTP/1.1\r\nHost: x\r\n\r\n"):
                async with connected(visit) as (_, writer):
                    writer.write(raw)
            assert await is_still_waiting(visit)

    run(work())


def test_leaving_closes_what_is_open_and_frees_the_port() -> None:
    async def work() -> None:
        async with listening() as visit:
            client = socket.create_connection((IPV4, port_of(visit)), timeout=0.5)
            waiter = asyncio.create_task(visit.callback())
            await asyncio.sleep(0.05)
        with client:
            # At once: the loop gets no turn in between.
            assert client.recv(1) == b""
        await asyncio.wait([waiter], timeout=1)
        assert waiter.cancelled()
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(IPV4, port_of(visit))
        async with listening("", port_of(visit)) as again:
            assert again.redirect_uri == visit.redirect_uri

    run(work())


def test_a_failure_inside_frees_the_port_too() -> None:
    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            async with listening() as visit:
                raise ZeroDivisionError
        socket.create_server((IPV4, port_of(visit))).close()

    run(work())


@needs_ipv6
@pytest.mark.parametrize("address", [IPV4, IPV6])
@pytest.mark.parametrize("redirect_uri", [CODEX, "http://localhost/auth/callback"])
def test_localhost_is_listened_at_in_both_families(redirect_uri: str, address: str) -> None:
    port = a_free_port() if redirect_uri == CODEX else None

    async def work() -> None:
        async with listening(redirect_uri, port) as visit:
            assert visit.redirect_uri == f"http://localhost:{port_of(visit)}/auth/callback"
            assert port is None or port_of(visit) == port
            answer = await asked(visit, f"/auth/callback?{QUERY}", address=address)
            assert status(answer) == 200
            assert (await visit.callback()).query == QUERY

    run(work())


@needs_ipv6
@pytest.mark.parametrize(
    ("redirect_uri", "at", "other"),
    [("http://127.0.0.1/callback", IPV4, IPV6), ("http://[::1]/callback", IPV6, IPV4)],
)
def test_an_address_is_listened_at_alone(redirect_uri: str, at: str, other: str) -> None:
    async def work() -> None:
        async with listening(redirect_uri) as visit:
            assert visit.redirect_uri == redirect_uri.replace(
                "/callback", f":{port_of(visit)}/callback"
            )
            with pytest.raises(ConnectionRefusedError):
                await asked(visit, address=other)
            assert status(await asked(visit, address=at)) == 200

    run(work())


def test_a_redirect_keeps_its_own_port_and_path() -> None:
    uri = f"http://127.0.0.1:{a_free_port()}/a/b?fixed=1"

    async def work() -> None:
        async with listening(uri) as visit:
            assert visit.redirect_uri == uri
            assert status(await asked(visit, "/a/b?fixed=1&code=x")) == 200

    run(work())


def test_a_redirect_without_a_path_is_the_root() -> None:
    async def work() -> None:
        async with listening("http://127.0.0.1") as visit:
            assert visit.redirect_uri == f"http://127.0.0.1:{port_of(visit)}"
            assert status(await asked(visit, "/?code=x")) == 200

    run(work())


def refusing(*addresses: str, number: int) -> Callable[..., socket.socket]:
    """`socket.create_server` of a machine that has not got these."""
    real = socket.create_server

    def create_server(address: tuple[str, int], **more: Any) -> socket.socket:
        if address[0] in addresses:
            raise OSError(number, "not here")
        return real(address, **more)

    return create_server


@pytest.mark.parametrize("number", [errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT])
@pytest.mark.parametrize(("here", "absent"), [(IPV4, IPV6), (IPV6, IPV4)])
def test_one_family_is_enough(
    here: str, absent: str, number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    if here == IPV6 and not has_ipv6():
        pytest.skip("this machine has no IPv6")
    monkeypatch.setattr(socket, "create_server", refusing(absent, number=number))

    async def work() -> None:
        async with listening("http://localhost/callback") as visit:
            assert status(await asked(visit, address=here)) == 200

    run(work())


@pytest.mark.parametrize("redirect_uri", ["", "http://localhost/callback"])
def test_without_any_family_it_says_so(redirect_uri: str, monkeypatch: pytest.MonkeyPatch) -> None:
    refuse = refusing(IPV4, IPV6, number=errno.EADDRNOTAVAIL)
    monkeypatch.setattr(socket, "create_server", refuse)
    run(is_refused(redirect_uri, None, "cannot be used"))


async def is_refused(redirect_uri: str, port: int | None, why: str) -> None:
    with pytest.raises(Unavailable, match=why) as refusal:
        async with listening(redirect_uri, port):
            pass
    assert "\n" not in str(refusal.value)
    assert refusal.value.hint


@pytest.mark.parametrize(
    ("redirect_uri", "holder", "other"),
    [
        ("", IPV4, None),
        ("http://127.0.0.1/callback", IPV4, None),
        (CODEX, IPV4, None),
        pytest.param(CODEX, IPV4, IPV6, marks=needs_ipv6),
        pytest.param(CODEX, IPV6, IPV4, marks=needs_ipv6),
    ],
)
def test_a_port_in_use_is_refused_and_nothing_stays_open(
    redirect_uri: str, holder: str, other: str | None
) -> None:
    with socket.create_server((holder, 0), family=FAMILIES[holder]) as held:
        port = held.getsockname()[1]
        run(is_refused(redirect_uri, port, f"port {port} of this machine is in use"))
        if other is not None:
            socket.create_server((other, port), family=FAMILIES[other]).close()


def test_a_port_in_use_is_refused_where_the_other_family_is_absent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server((IPV4, 0)) as held:
        refuse = refusing(IPV6, number=errno.EADDRNOTAVAIL)
        monkeypatch.setattr(socket, "create_server", refuse)
        run(is_refused(CODEX, held.getsockname()[1], "is in use"))


def test_a_random_port_that_is_taken_in_one_family_is_drawn_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real, drawn = socket.create_server, []

    def create_server(address: tuple[str, int], **more: Any) -> socket.socket:
        if address[0] == IPV6:
            drawn.append(address[1])
            # Taken the first time; absent then, so that the test needs no IPv6.
            raise OSError(errno.EADDRINUSE if len(drawn) == 1 else errno.EADDRNOTAVAIL, "no")
        return real(address, **more)

    monkeypatch.setattr(socket, "create_server", create_server)

    async def work() -> None:
        async with listening("http://localhost/callback") as visit:
            assert port_of(visit) == drawn[1]
            assert status(await asked(visit)) == 200

    run(work())


@pytest.mark.parametrize(
    ("redirect_uri", "port", "why"),
    [
        ("https://platform.example/oauth/callback", None, "no address of this machine"),
        ("https://localhost:1455/callback", None, "no address of this machine"),
        ("http://0.0.0.0:1455/callback", None, "no address of this machine"),
        ("http://localhost.evil.test/callback", None, "no address of this machine"),
        ("http://localhost:x/callback", None, "no address of this machine"),
        ("http://[::1/callback", None, "no address of this machine"),
        ("app.example:/callback", None, "no address of this machine"),
        ("", 65536, "there is no port 65536"),
        ("", -1, "there is no port -1"),
    ],
)
def test_what_is_not_on_loopback_is_never_listened_at(
    redirect_uri: str, port: int | None, why: str
) -> None:
    run(is_refused(redirect_uri, port, why))
