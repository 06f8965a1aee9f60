"""What every wire promises: one conversation held, in time, within bounds, and hung up on."""

import asyncio
import inspect
import time
import traceback
from collections.abc import Awaitable, Callable
from contextlib import AbstractContextManager
from typing import TypeVar

import pytest

from application.ports.network import Flow, Head, Request, Response, Stream, begun, more, rest
from domain.errors import WireFailure
from tests.application.fakes import Answer, Pause, Pieces
from tests.contracts.wires import WIRES, Script, World

T = TypeVar("T")
Start = Callable[[Script], AbstractContextManager[World]]
KEY = "sk-canary-0123456789"
KIB, MIB = 1024, 1024 * 1024
NO_ANSWER = WireFailure("reset", "the connection broke")
FINE = Response(200, {"Content-Type": "application/json"}, b'{"ok": true}')


@pytest.fixture(params=WIRES)
def start(request: pytest.FixtureRequest) -> Start:
    """Begins a wire with a provider that answers by the script it is given."""
    return WIRES[request.param]


def always(said: Answer) -> Script:
    return lambda _: said


def request(world: World, path: str = "/v1/chat") -> Request:
    return Request("POST", world.url + path, {"authorization": f"Bearer {KEY}"}, b'{"n": 1}')


def one(world: World) -> Flow[Response]:
    response = yield request(world)
    return response


def forgiving(flow: Flow[Response]) -> Flow[Response | str]:
    try:
        return (yield from flow)
    except WireFailure as failure:
        return failure.reason


def echo(world: World) -> Stream[bytes]:
    """Says each piece as it is, and returns all of them."""
    yield from begun(request(world))
    body = b""
    while piece := (yield from more()):
        body += piece
        yield piece.decode()
    return body


def counting(world: World) -> Stream[int]:
    """Reads all and says that it is at work."""
    yield from begun(request(world))
    size = 0
    while piece := (yield from more()):
        size += len(piece)
        yield ""
    return size


def run(world: World, work: Callable[[], Awaitable[T]]) -> T:
    async def opened() -> T:
        async with world.wire:
            return await work()

    return asyncio.run(opened())


def held(world: World, flow: Flow[T], timeout: int = 5000) -> T:
    return run(world, lambda: world.wire.hold(flow, timeout))


def nothing(_: str) -> None:
    """Nobody listens."""


def streamed(
    world: World,
    talk: Stream[T],
    on_text: Callable[[str], None] = nothing,
    timeout: int = 5000,
    silence: int = 5000,
) -> T:
    return run(world, lambda: world.wire.stream(talk, on_text, timeout, silence))


def refused(work: Callable[[], object]) -> WireFailure:
    with pytest.raises(WireFailure) as caught:
        work()
    return caught.value


def test_an_answer_comes_whole_with_its_header_names_in_lower_case(start: Start) -> None:
    with start(always(FINE)) as world:
        answer = held(world, one(world))
    assert (answer.status, answer.body) == (200, b'{"ok": true}')
    assert answer.headers["content-type"] == "application/json"


def test_an_answer_that_comes_in_pieces_is_whole_to_who_wants_it_so(start: Start) -> None:
    with start(always(Pieces((b"one", Pause(0.01), b"two")))) as world:
        assert held(world, one(world)).body == b"onetwo"


def test_a_request_is_sent_once_as_it_is_described(start: Start) -> None:
    with start(always(FINE)) as world:
        held(world, one(world))
        (sent,) = world.sent
    assert (sent.method, sent.url, sent.body) == ("POST", f"{world.url}/v1/chat", b'{"n": 1}')
    assert sent.headers["authorization"] == f"Bearer {KEY}"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 500, 503, 529])
def test_a_refusal_is_an_answer(start: Start, status: int) -> None:
    with start(always(Response(status, {"Retry-After": "7"}, b"no"))) as world:
        answer = held(world, one(world))
    assert (answer.status, answer.headers["retry-after"], answer.body) == (status, "7", b"no")
    assert len(world.sent) == 1


def test_a_flow_may_ask_as_often_as_it_likes(start: Start) -> None:
    def thrice(world: World) -> Flow[list[bytes]]:
        bodies = []
        for path in ("/a", "/b", "/c"):
            bodies.append((yield request(world, path)).body)
        return bodies

    with start(lambda asked: Response(200, {}, asked.url[-2:].encode())) as world:
        assert held(world, thrice(world)) == [b"/a", b"/b", b"/c"]
    assert len(world.sent) == 3


def test_a_flow_that_asks_nothing_has_nothing_sent(start: Start) -> None:
    def quiet(world: World) -> Flow[str]:
        if world.url == "":
            yield request(world)
        return "known already"

    with start(always(FINE)) as world:
        assert held(world, quiet(world)) == "known already"
    assert world.sent == []


def test_a_failure_is_thrown_into_the_flow_and_nothing_is_sent_twice(start: Start) -> None:
    with start(always(NO_ANSWER)) as world:
        assert held(world, forgiving(one(world))) == "reset"
    assert len(world.sent) == 1


def test_a_failure_that_a_flow_lets_pass_is_raised(start: Start) -> None:
    with start(always(NO_ANSWER)) as world:
        assert refused(lambda: held(world, one(world))).reason == "reset"


def test_a_flow_may_ask_again_after_a_failure(start: Start) -> None:
    def stubborn(world: World) -> Flow[bytes]:
        yield from forgiving(one(world))
        return (yield request(world, "/again")).body

    with start(lambda asked: FINE if asked.url.endswith("again") else NO_ANSWER) as world:
        assert held(world, stubborn(world)) == FINE.body
    assert len(world.sent) == 2


def test_what_a_flow_raises_is_raised(start: Start) -> None:
    def stumbling(world: World) -> Flow[None]:
        yield request(world)
        raise LookupError("a bug of the dialect")

    with start(always(FINE)) as world, pytest.raises(LookupError, match="a bug"):
        held(world, stumbling(world))


@pytest.mark.parametrize("said", [Pause(), Pieces((Pause(),)), Pieces((b"half", Pause()))])
def test_who_never_ends_an_answer_is_left_in_time(start: Start, said: Answer) -> None:
    with start(always(said)) as world:
        began = time.monotonic()
        assert held(world, forgiving(one(world)), timeout=200) == "timeout"
        assert 0.15 < time.monotonic() - began < 2
        assert world.left.wait(5)
    assert len(world.sent) == 1


def test_the_time_is_for_all_requests_of_a_flow(start: Start) -> None:
    def patient(world: World) -> Flow[int]:
        answers = 0
        while (yield from forgiving(one(world))) != "timeout":
            answers += 1
        return answers

    with start(always(Pieces((Pause(0.15), b"slow")))) as world:
        assert 1 <= held(world, patient(world), timeout=500) <= 3


def test_who_asks_again_when_the_time_is_over_is_told_so_again(start: Start) -> None:
    def late(world: World) -> Flow[list[object]]:
        first = yield from forgiving(one(world))
        return [first, (yield from forgiving(one(world)))]

    with start(always(Pause())) as world:
        assert held(world, late(world), timeout=100) == ["timeout", "timeout"]


REDIRECT = Response(307, {"Location": "/elsewhere"}, b"this way")


def test_no_redirect_is_followed_nor_read(start: Start) -> None:
    with start(always(REDIRECT)) as world:
        answer = held(world, one(world))
    assert (answer.status, answer.body) == (307, b"")
    assert answer.headers["location"] == "/elsewhere"
    assert len(world.sent) == 1


@pytest.mark.parametrize("status", [200, 500])
def test_an_answer_of_256_kib_is_read_and_a_larger_one_is_none(start: Start, status: int) -> None:
    with start(always(Response(status, {}, b"x" * 256 * KIB))) as world:
        assert len(held(world, one(world)).body) == 256 * KIB
    with start(always(Response(status, {}, b"x" * (256 * KIB + 1)))) as world:
        assert held(world, forgiving(one(world))) == "too_large"


@pytest.mark.parametrize("said", [NO_ANSWER, Pause(), Response(200, {}, b"x" * 257 * KIB)])
def test_no_failure_holds_a_header(start: Start, said: Answer) -> None:
    with start(always(said)) as world:
        failure = refused(lambda: held(world, one(world), timeout=200))
    told = [repr(failure), repr(vars(failure)), *traceback.format_exception(failure)]
    assert not any(KEY in text for text in told)


def test_a_wire_may_be_opened_again_but_is_open_only_within_its_block(start: Start) -> None:
    with start(always(FINE)) as world:
        assert held(world, one(world)).status == 200
        assert held(world, one(world)).status == 200
        with pytest.raises(AssertionError):
            asyncio.run(world.wire.hold(one(world), 1000))
    assert len(world.sent) == 2


def test_many_conversations_are_held_at_once(start: Start) -> None:
    async def ten(world: World) -> list[Response]:
        async with world.wire:
            return await asyncio.gather(*(world.wire.hold(one(world), 5000) for _ in range(10)))

    with start(always(Pieces((Pause(0.2), b"slow")))) as world:
        began = time.monotonic()
        assert [answer.body for answer in asyncio.run(ten(world))] == [b"slow"] * 10
        assert time.monotonic() - began < 1.5


async def cancelled(world: World, work: Awaitable[object]) -> None:
    task = asyncio.ensure_future(work)
    while not world.sent:
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.05)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.parametrize("said", [Pause(), Pieces((b"half", Pause()))])
def test_who_is_cancelled_hangs_up_and_closes_its_flow(start: Start, said: Answer) -> None:
    with start(always(said)) as world:
        flow = one(world)
        run(world, lambda: cancelled(world, world.wire.hold(flow, 60_000)))
        assert world.left.wait(5)
    assert inspect.getgeneratorstate(flow) == inspect.GEN_CLOSED


def test_each_text_is_said_in_its_turn(start: Start) -> None:
    said: list[str] = []
    with start(always(Pieces((b"one", Pause(0.05), b"two")))) as world:
        assert streamed(world, echo(world), said.append) == b"onetwo"
    assert said == ["one", "two"]


def test_a_text_is_said_before_the_next_is_there(start: Start) -> None:
    heard: list[str] = []
    with start(always(Pieces((b"one", Pause())))) as world:
        failure = refused(lambda: streamed(world, echo(world), heard.append, timeout=200))
    assert (heard, failure.reason) == (["one"], "timeout")


def test_a_sign_of_thinking_is_no_text(start: Start) -> None:
    said: list[str] = []
    with start(always(Pieces((b"one", b"two")))) as world:
        assert streamed(world, counting(world), said.append) == 6
    assert said == []


def test_an_answer_begins_with_its_head_and_ends_with_nothing(start: Start) -> None:
    def reading(world: World) -> Stream[tuple[Head, bytes, bytes]]:
        head = yield from begun(request(world))
        return head, (yield from more()), (yield from more())

    with start(always(Pieces((b"all",), headers={"X-Id": "7"}))) as world:
        head, piece, end = streamed(world, reading(world))
    assert (head.status, head.headers["x-id"], piece, end) == (200, "7", b"all", b"")


def test_a_failure_in_the_middle_is_thrown_where_it_happened(start: Start) -> None:
    def made_of_it(world: World) -> Stream[str]:
        try:
            yield from echo(world)
        except WireFailure as failure:
            yield "but"
            return failure.reason
        return "fine"

    said: list[str] = []
    with start(always(Pieces((b"one", NO_ANSWER)))) as world:
        assert streamed(world, made_of_it(world), said.append) == "reset"
    assert said == ["one", "but"]
    assert len(world.sent) == 1


def test_a_failure_that_a_talk_lets_pass_is_raised(start: Start) -> None:
    for said in (NO_ANSWER, Pieces((b"one", NO_ANSWER))):
        with start(always(said)) as world:
            assert refused(lambda at=world: streamed(at, echo(at))).reason == "reset"  # type: ignore[misc]
        assert len(world.sent) == 1


COMMENTS = Pieces((b": keep-alive\n\n", Pause(0.05)) * 60)


@pytest.mark.parametrize("said", [Pause(), Pieces((Pause(),)), COMMENTS])
def test_who_says_nothing_is_left_when_the_silence_is_too_long(start: Start, said: Answer) -> None:
    def reading(world: World) -> Stream[Response]:
        head = yield from begun(request(world))
        return (yield from rest(head))

    with start(always(said)) as world:
        began = time.monotonic()
        talk = reading(world)
        failure = refused(lambda: streamed(world, talk, timeout=60_000, silence=200))
        assert time.monotonic() - began < 2
        assert world.left.wait(5)
    assert failure.reason == "timeout"


@pytest.mark.parametrize("talk", [echo, counting])
def test_a_text_or_a_sign_of_thinking_ends_a_silence(
    start: Start, talk: Callable[[World], Stream[object]]
) -> None:
    with start(always(Pieces((b"x", Pause(0.2)) * 4))) as world:
        assert streamed(world, talk(world), silence=500) in (4, b"xxxx")


def test_who_goes_on_talking_is_left_when_the_time_is_over(start: Start) -> None:
    with start(always(Pieces((b"x", Pause(0.05)) * 60))) as world:
        failure = refused(lambda: streamed(world, echo(world), timeout=400, silence=300))
        assert world.left.wait(5)
    assert failure.reason == "timeout"


def of_size(size: int, status: int) -> Pieces:
    whole, little = divmod(size, 64 * KIB)
    return Pieces((b"x" * 64 * KIB,) * whole + (b"x" * little,), status)


@pytest.mark.parametrize(("status", "most"), [(200, 16 * MIB), (400, 256 * KIB), (503, 256 * KIB)])
def test_more_is_read_of_a_good_answer_than_of_another(
    start: Start, status: int, most: int
) -> None:
    with start(always(of_size(most, status))) as world:
        assert streamed(world, counting(world), timeout=60_000) == most
    with start(always(of_size(most + 1, status))) as world:
        failure = refused(lambda: streamed(world, counting(world), timeout=60_000))
    assert failure.reason == "too_large"


def test_no_redirect_of_a_talk_is_followed_nor_read(start: Start) -> None:
    def reading(world: World) -> Stream[Response]:
        head = yield from begun(request(world))
        return (yield from rest(head))

    with start(always(REDIRECT)) as world:
        answer = streamed(world, reading(world))
    assert (answer.status, answer.body) == (307, b"")
    assert len(world.sent) == 1


def test_a_talk_that_asks_again_hangs_up_on_the_first_answer(start: Start) -> None:
    def twice(world: World) -> Stream[bytes]:
        yield from begun(request(world, "/first"))
        first = yield from more()
        head = yield from begun(request(world, "/second"))
        return first + (yield from rest(head)).body

    first, second = Pieces((b"one", Pause())), Pieces((b"two",))
    with start(lambda asked: first if asked.url.endswith("first") else second) as world:
        assert streamed(world, twice(world)) == b"onetwo"
        assert world.left.wait(5)
    assert len(world.sent) == 2


def test_who_has_heard_enough_hangs_up(start: Start) -> None:
    def brief(world: World) -> Stream[bytes]:
        yield from begun(request(world))
        return (yield from more())

    with start(always(Pieces((b"one", Pause())))) as world:
        assert streamed(world, brief(world)) == b"one"
        assert world.left.wait(5)


@pytest.mark.parametrize("failure", [BrokenPipeError(), NO_ANSWER, LookupError()])
def test_what_goes_wrong_while_it_is_said_ends_the_talk(start: Start, failure: Exception) -> None:
    def on_text(_: str) -> None:
        raise failure

    with start(always(Pieces((b"one", Pause())))) as world:
        talk = echo(world)
        with pytest.raises(type(failure)) as caught:
            streamed(world, talk, on_text)
        assert world.left.wait(5)
    assert caught.value is failure
    assert inspect.getgeneratorstate(talk) == inspect.GEN_CLOSED


def test_who_is_cancelled_in_the_middle_hangs_up_and_closes_its_talk(start: Start) -> None:
    with start(always(Pieces((b"one", Pause())))) as world:
        talk = echo(world)
        stream = world.wire.stream
        run(world, lambda: cancelled(world, stream(talk, nothing, 60_000, 60_000)))
        assert world.left.wait(5)
    assert inspect.getgeneratorstate(talk) == inspect.GEN_CLOSED


@pytest.mark.parametrize("said", [NO_ANSWER, Pieces((b"one", NO_ANSWER)), Pause()])
def test_no_failure_of_a_talk_holds_a_header(start: Start, said: Answer) -> None:
    with start(always(said)) as world:
        failure = refused(lambda: streamed(world, echo(world), timeout=200))
    told = [repr(failure), repr(vars(failure)), *traceback.format_exception(failure)]
    assert not any(KEY in text for text in told)
