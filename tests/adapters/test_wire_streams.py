"""Answers in pieces over real sockets: said at once, bounded in time and size, ended cleanly."""

import asyncio
import inspect
import socket
import struct
import threading
import traceback
import zlib
from collections.abc import Callable
from typing import TypeVar

import pytest

from adapters.http.wire import HttpxWire
from adapters.providers.dialects.openai import OpenAIDialect
from application.ports.network import Request, Response, Stream, begun, more
from application.ports.providers import Access, Prompt
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.errors import OutputFailed, WireFailure
from domain.providers.row import Provider
from tests.adapters import servers
from tests.adapters.servers import OK_HEADERS, Behaviour, Server
from tests.adapters.talks import chunk, events
from tests.adapters.test_wire import GRACE, IN_PIECES, KEY, MIB, within

T = TypeVar("T")
CHUNKED = OK_HEADERS + b"transfer-encoding: chunked\r\n\r\n"
ROW = Provider("own", "Own", "https://gateway.test/v1", "openai", source="user")


def nothing(_: str) -> None:
    """Nobody listens."""


def request(url: str, secret: str = KEY) -> Request:
    headers = {"authorization": f"Bearer {secret}", "x-api-key": secret}
    return Request("POST", f"{url}/v1/chat/completions", headers, b'{"stream": true}')


def echo(url: str, secret: str = KEY) -> Stream[Response]:
    """Says each piece as it is."""
    head = yield from begun(request(url, secret))
    body = b""
    while piece := (yield from more()):
        body += piece
        yield piece.decode("latin-1")
    return Response(head.status, head.headers, body)


def silent(url: str) -> Stream[int]:
    """Reads all and says nothing."""
    yield from begun(request(url))
    size = 0
    while piece := (yield from more()):
        size += len(piece)
    return size


def asking(url: str) -> Stream[ProbeVerdict]:
    access = Access(url, "bearer", Secret(KEY))
    return OpenAIDialect().ask(ROW, access, "m", Prompt("Say hello."), 0)


def streamed(
    talk: Stream[T],
    on_text: Callable[[str], None] = nothing,
    timeout: int = 5000,
    silence: int = 5000,
) -> T | WireFailure:
    async def stream() -> T:
        async with HttpxWire() as wire:
            return await wire.stream(talk, on_text, timeout, silence)

    try:
        return asyncio.run(stream())
    except WireFailure as failure:
        return failure


def test_what_is_there_is_said_before_the_rest_is() -> None:
    heard, said = threading.Event(), []

    def on_text(text: str) -> None:
        said.append(text)
        heard.set()

    with Server(servers.told(b"one", heard, b"two")) as server:
        answer = streamed(echo(server.url), on_text)

    assert said == ["one", "two"]
    assert isinstance(answer, Response)
    assert (answer.status, answer.body) == (200, b"onetwo")
    assert answer.headers["content-type"] == "application/json"


def test_the_request_is_sent_once_as_described() -> None:
    with Server(servers.told(b"x")) as server:
        streamed(echo(server.url))
        [sent] = server.requests

    head, _, body = sent.partition(b"\r\n\r\n")
    assert head.startswith(b"POST /v1/chat/completions HTTP/1.1\r\n")
    assert b"accept-encoding: identity" in head.lower()
    assert body == b'{"stream": true}'


UNHEARD: dict[str, Behaviour] = {
    "never answers": servers.silence,
    "a head in drips": servers.drip(b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n"),
    "a head alone": servers.hang(CHUNKED),
    "comments in drips": servers.drip(CHUNKED, b"e\r\n: keep-alive\n\n\r\n"),
    "comments at full speed": servers.flood(CHUNKED, b"e\r\n: keep-alive\n\n\r\n" * 64),
    "roles without words": servers.flood(
        CHUNKED, b"%x\r\n%b\r\n" % (len(ROLE := events(chunk({"role": "assistant"}))), ROLE)
    ),
}


@pytest.mark.parametrize("behaviour", UNHEARD.values(), ids=UNHEARD)
def test_who_says_nothing_is_left_soon(behaviour: Behaviour) -> None:
    with Server(behaviour) as server, within(0.5 + GRACE):
        failure = streamed(asking(server.url), timeout=60_000, silence=500)

    assert isinstance(failure, WireFailure)
    assert (failure.reason, str(failure)) == ("timeout", "it stopped answering")


BEGUN: dict[str, bytes] = {
    "a word": events(chunk({"content": "O"})),
    "a thought": events(chunk({"reasoning_content": "hm"})),
}


@pytest.mark.parametrize("first", BEGUN.values(), ids=BEGUN)
def test_who_falls_silent_after_it_is_left_as_soon(first: bytes) -> None:
    gone = threading.Event()
    with Server(servers.then(first, gone)) as server, within(0.4 + GRACE):
        failure = streamed(asking(server.url), timeout=60_000, silence=400)
        assert gone.wait(5)

    assert isinstance(failure, WireFailure)
    assert (failure.reason, str(failure)) == ("timeout", "it stopped answering")


def test_who_goes_on_talking_has_the_time_there_is() -> None:
    words = events(chunk({"content": "O"}))
    beat = servers.beat(CHUNKED, b"%x\r\n%b\r\n" % (len(words), words))
    with Server(beat) as server, within(1.5 + GRACE):
        failure = streamed(asking(server.url), timeout=1500, silence=700)

    assert isinstance(failure, WireFailure)
    assert (failure.reason, str(failure)) == ("timeout", "no whole answer in time")


def test_the_first_word_has_no_more_time_than_all_of_them() -> None:
    with Server(servers.silence) as server, within(0.4 + GRACE):
        failure = streamed(echo(server.url), timeout=400, silence=60_000)

    assert isinstance(failure, WireFailure)
    assert failure.reason == "timeout"


def test_words_in_drips_end_with_the_deadline() -> None:
    drip = servers.drip(CHUNKED, b"1\r\nx\r\n")
    with Server(drip) as server, within(0.8 + GRACE):
        failure = streamed(echo(server.url), timeout=800)

    assert isinstance(failure, WireFailure)
    assert failure.reason == "timeout"


def reset_after(first: bytes) -> Behaviour:
    def behave(connection: socket.socket, ended: threading.Event) -> None:
        connection.request()  # type: ignore[attr-defined]  # see servers._Listening
        connection.sendall(CHUNKED + b"%x\r\n%b\r\n" % (len(first), first))
        ended.wait(0.3)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return behave


BROKEN: dict[str, tuple[Behaviour, str]] = {
    "chunks without an end": (servers.raw(CHUNKED + b"3\r\none\r\n"), "reset"),
    "half a chunk": (servers.raw(CHUNKED + b"9\r\none"), "reset"),
    "less than was promised": (servers.raw(OK_HEADERS + b"content-length: 9\r\n\r\none"), "reset"),
    "a reset": (reset_after(b"one"), "reset"),
    "a chunk that is none": (servers.raw(CHUNKED + b"3\r\none\r\nzz\r\n"), "protocol"),
}


@pytest.mark.parametrize(("behaviour", "code"), BROKEN.values(), ids=BROKEN)
def test_what_was_there_before_it_broke_was_said(behaviour: Behaviour, code: str) -> None:
    said: list[str] = []
    with Server(behaviour) as server:
        failure = streamed(echo(server.url), said.append)
        assert len(server.requests) == 1

    assert isinstance(failure, WireFailure)
    assert (failure.reason, "".join(said)) == (code, "one")


def test_without_a_length_the_end_of_the_connection_is_the_end() -> None:
    with Server(servers.raw(OK_HEADERS + b"\r\none")) as server:
        answer = streamed(echo(server.url))

    assert isinstance(answer, Response)
    assert answer.body == b"one"


def test_a_talk_may_make_something_of_a_failure() -> None:
    def forgiving(url: str) -> Stream[str]:
        try:
            yield from echo(url)
        except WireFailure as failure:
            yield failure.reason
        return "fine"

    said: list[str] = []
    with Server(servers.raw(CHUNKED + b"3\r\none\r\n")) as server:
        assert streamed(forgiving(server.url), said.append) == "fine"

    assert said == ["one", "reset"]


LARGE: dict[str, tuple[Behaviour, str]] = {
    "no end": (
        servers.flood(OK_HEADERS + b"\r\n", b" " * 65536),
        "the answer is larger than 16 MiB",
    ),
    "a refusal without end": (
        servers.flood(b"HTTP/1.1 500 No\r\n\r\n", b" " * 65536),
        "the answer is larger than 256 KiB",
    ),
    "a gzip bomb": (
        servers.answer(servers.gzip_bomb(100 * MIB), headers="content-encoding: gzip\r\n"),
        "the answer is larger than 16 MiB",
    ),
}


@pytest.mark.parametrize(("behaviour", "words"), LARGE.values(), ids=LARGE)
def test_what_is_too_large_is_left_there(behaviour: Behaviour, words: str) -> None:
    with Server(behaviour) as server:
        failure = streamed(silent(server.url), timeout=30_000, silence=30_000)

    assert isinstance(failure, WireFailure)
    assert (failure.reason, str(failure)) == ("too_large", words)


def test_ten_mebibytes_of_words_are_not_too_large() -> None:
    with Server(servers.answer(b"x" * 10 * MIB)) as server:
        assert streamed(silent(server.url), timeout=30_000, silence=30_000) == 10 * MIB


def test_what_was_packed_unasked_is_said_as_it_comes() -> None:
    packer, heard = zlib.compressobj(wbits=31), threading.Event()
    one = packer.compress(b"one") + packer.flush(zlib.Z_SYNC_FLUSH)
    two = packer.compress(b"two") + packer.flush()
    head = OK_HEADERS + b"content-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n"
    said: list[str] = []

    def on_text(text: str) -> None:
        said.append(text)
        heard.set()

    with Server(servers.told(one, heard, two + b"after the end", head=head)) as server:
        answer = streamed(echo(server.url), on_text)

    assert isinstance(answer, Response)
    assert (said, answer.body) == (["one", "two"], b"onetwo")


@pytest.mark.parametrize("encoding", [b"br", b"gzip"])
def test_what_cannot_be_unpacked_is_told_as_such(encoding: bytes) -> None:
    head = OK_HEADERS + b"content-encoding: %b\r\ntransfer-encoding: chunked\r\n\r\n" % encoding
    with Server(servers.told(b"no gzip at all", head=head)) as server:
        failure = streamed(echo(server.url))

    assert isinstance(failure, WireFailure)
    assert failure.reason == "encoding"


def test_a_redirect_is_not_followed_nor_read() -> None:
    with Server(servers.told(b"x")) as elsewhere:
        location = f"http://127.0.0.1:{elsewhere.port}/take"
        with Server(servers.redirect(307, location)) as server:
            answer = streamed(echo(server.url))
        assert elsewhere.accepted == 0

    assert isinstance(answer, Response)
    assert (answer.status, answer.headers["location"], answer.body) == (307, location, b"")


def test_a_talk_may_ask_again_and_the_first_connection_is_closed() -> None:
    gone = threading.Event()

    def twice(first: str, second: str) -> Stream[bytes]:
        yield from begun(request(first))
        yield from more()
        answer = yield from echo(second)
        assert gone.wait(5)
        return answer.body

    with Server(servers.then(b"one", gone)) as server, Server(servers.told(b"two")) as other:
        assert streamed(twice(server.url, other.url)) == b"two"


def test_who_is_cancelled_hangs_up_at_once() -> None:
    gone = threading.Event()

    async def cancelled(url: str) -> None:
        heard = asyncio.Event()
        async with HttpxWire() as wire:
            talk = echo(url)
            stream = wire.stream(talk, lambda _: heard.set(), 60_000, 60_000)
            task = asyncio.create_task(stream)
            await heard.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            # Now, not when the loop comes round to it.
            assert gone.wait(5)
            assert inspect.getgeneratorstate(talk) == inspect.GEN_CLOSED

    with Server(servers.then(b"one", gone)) as server, within(5):
        asyncio.run(cancelled(server.url))


def test_who_has_heard_enough_hangs_up_at_once() -> None:
    gone = threading.Event()

    def brief(url: str) -> Stream[bytes]:
        yield from begun(request(url))
        return (yield from more())

    async def asked(url: str) -> None:
        async with HttpxWire() as wire:
            assert await wire.stream(brief(url), nothing, 5000, 5000) == b"one"
            assert gone.wait(5)

    with Server(servers.then(b"one", gone)) as server:
        asyncio.run(asked(server.url))


@pytest.mark.parametrize("failure", [OutputFailed("the reader is gone"), BrokenPipeError()])
def test_what_goes_wrong_while_it_is_said_is_nobodys_network(failure: Exception) -> None:
    gone = threading.Event()

    def on_text(_: str) -> None:
        raise failure

    with Server(servers.then(b"one", gone)) as server:
        with pytest.raises(type(failure)) as caught:
            streamed(echo(server.url), on_text)
        assert gone.wait(5)

    assert caught.value is failure


@pytest.mark.parametrize("behaviour", IN_PIECES.values(), ids=IN_PIECES)
def test_thousands_of_pieces_at_full_speed_hold_up_no_deadline(behaviour: Behaviour) -> None:
    async def at_once(url: str) -> list[object]:
        async with HttpxWire() as wire:
            streams = (wire.stream(silent(url), nothing, 60_000, 1000) for _ in range(20))
            return list(await asyncio.gather(*streams, return_exceptions=True))

    with Server(behaviour) as server, within(1.5 + GRACE):
        found = asyncio.run(at_once(server.url))

    assert [f.reason for f in found if isinstance(f, WireFailure)] == ["timeout"] * 20


def test_an_answer_may_come_in_ten_thousand_pieces() -> None:
    with Server(servers.told(*[b"x"] * 10_000)) as server:
        assert streamed(silent(server.url), timeout=30_000, silence=30_000) == 10_000


ODD_KEYS = ["sk-canary\r\nx-injected: yes", "sk-canary-\udcff", "sk-canary-" + "a" * 16374]


@pytest.mark.parametrize("key", [KEY, *ODD_KEYS])
@pytest.mark.parametrize(
    "behaviour", [servers.reset, servers.silence, servers.raw(CHUNKED + b"1\r\nx\r\n")]
)
def test_no_failure_holds_a_part_of_the_key(key: str, behaviour: Behaviour) -> None:
    with Server(behaviour) as server:
        failure = streamed(echo(server.url, key), timeout=300)

    assert isinstance(failure, WireFailure)
    told = [repr(failure), str(failure), repr(vars(failure)), *traceback.format_exception(failure)]
    assert not any("sk-canary" in text or "x-injected" in text for text in told)
    assert failure.__cause__ is None
    assert failure.__context__ is None


def test_a_question_over_the_wire_is_answered_and_judged() -> None:
    told = events(
        chunk({"content": "wörld "}), chunk({"content": "🌍"}), chunk({}, "stop"), done=True
    )
    said: list[str] = []
    with Server(servers.told(*(told[at : at + 3] for at in range(0, len(told), 3)))) as server:
        verdict = streamed(asking(server.url), said.append)

    assert "".join(said) == "wörld 🌍"
    assert isinstance(verdict, ProbeVerdict)
    assert (verdict.outcome, verdict.credential) == (Outcome.OK, "proven")
