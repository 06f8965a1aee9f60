"""A conversation described, not held: a provider yields requests and is sent responses."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

T = TypeVar("T")
_LARGEST_WHOLE = 256 * 1024


@dataclass(frozen=True, slots=True)
class Request:
    """One HTTP request. `headers` may hold a secret and stay out of the repr."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    # How much of a good answer is read whole, in bytes, where that is more than of others.
    most: int = 0


@dataclass(frozen=True, slots=True)
class Response:
    """One answer, whole: header names in lower case, at most 256 KiB of body, or what its request
    says of a good one; not decoded.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """How an answer begins whose body comes in pieces: header names in lower case."""

    status: int
    headers: Mapping[str, str]


# A provider's side of a conversation: it yields what to send and returns what it learned. The
# wire throws a WireFailure into it where no answer came.
Flow = Generator[Request, Response, T]

# The same where the answer comes in pieces. It yields a Request and is sent its Head; None, and is
# sent the next bytes of the body (b"" at its end); a str, which is a piece of the answer for the
# person ("" says no more than that the model is at work), and is sent None. A WireFailure is thrown
# into it where it happened. It may ask again once it has read what it wants of a body.
Stream = Generator[Request | str | None, Head | bytes | None, T]


def begun(request: Request) -> Stream[Head]:
    """How the answer to `request` begins."""
    head = yield request
    assert isinstance(head, Head)
    return head


def more() -> Stream[bytes]:
    """The next bytes of the body; none at its end."""
    piece = yield None
    assert isinstance(piece, bytes)
    return piece


def rest(head: Head) -> Stream[Response]:
    """The answer that begins with `head`, whole; what is too large for one is left there."""
    body = bytearray()
    while len(body) < _LARGEST_WHOLE and (piece := (yield from more())):
        body += piece
    return Response(head.status, head.headers, bytes(body[:_LARGEST_WHOLE]))


class Wire(Protocol):
    """The whole network, open between `async with` and its end."""

    async def __aenter__(self) -> object: ...

    async def __aexit__(self, *failure: object) -> None: ...

    async def hold(self, flow: Flow[T], timeout: int) -> T:
        """Holds the conversation and returns what the flow learned; `timeout` in ms is for all
        of it. Where no usable answer comes a WireFailure is thrown into the flow. No redirect is
        followed, nothing is sent twice, no header is ever in an exception.
        """
        ...

    async def stream(
        self, talk: Stream[T], on_text: Callable[[str], None], timeout: int, silence: int
    ) -> T:
        """Holds a conversation whose answer comes in pieces and returns what the talk learned.

        Each piece of text goes to `on_text` as it comes. `timeout` in ms is for all of it,
        `silence` from one text or sign of thinking to the next, and to the first; neither head nor
        comments are one. Where no usable answer comes a WireFailure is thrown into the talk. At
        most 16 MiB of a good answer are read and 256 KiB of any other. No redirect is followed,
        nothing is sent twice, no header is ever in an exception. What `on_text` raises ends it and
        is raised; the connection is closed whenever this ends, be it cancelled.
        """
        ...
