"""Conversations held over HTTP with httpx's transport, below its client.

The transport follows no redirect, keeps no cookie, reads no environment and sends nothing twice;
what a client would add on top is what must not happen to a credential (docs/adr/0003).
"""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import httpx

from adapters.http.bodies import KIB, MIB, Body
from adapters.http.failures import reason
from adapters.http.resolving import LeftBehind
from adapters.http.routes import Routes, read_little
from application.ports.network import Flow, Head, Request, Response, Stream, Wire
from domain.errors import WireFailure

T = TypeVar("T")
LARGEST_BODY = 256 * KIB
"""How much of an answer is read, in bytes."""
LARGEST_STREAM = 16 * MIB
"""The same of a good answer that comes in pieces."""
_CONNECT = 5.0
_MOST_PIECES = 4096
_LATE = "no whole answer in time"
# Some providers' front doors refuse a caller that does not say what it is.
_ALWAYS = {
    "accept": "application/json",
    "accept-encoding": "identity",
    "user-agent": "aura_intelligence",
}


class HttpxWire(Wire):
    """`proxy` and `ca_file` are what a person set for this program; no other is followed."""

    def __init__(
        self,
        *,
        proxy: str | None = None,
        ca_file: Path | None = None,
        proxy_hint: str | None = None,
        transport: Callable[[], httpx.AsyncBaseTransport] | None = None,
    ) -> None:
        self._proxy_hint = proxy_hint
        self._make = transport or (lambda: Routes(proxy, ca_file))
        self._open: httpx.AsyncBaseTransport | None = None

    async def __aenter__(self) -> "HttpxWire":
        asyncio.get_running_loop().set_default_executor(LeftBehind())
        read_little()
        self._open = self._make()
        return self

    async def __aexit__(self, *_: object) -> None:
        transport, self._open = self._open, None
        if transport is not None:
            await transport.aclose()

    async def hold(self, flow: Flow[T], timeout: int) -> T:
        until = asyncio.get_running_loop().time() + timeout / 1000
        try:
            request = next(flow)
            while True:
                try:
                    response = await self._exchange(request, until)
                except WireFailure as failure:
                    request = flow.throw(failure)
                else:
                    request = flow.send(response)
        except StopIteration as stop:
            learned: T = stop.value
            return learned
        finally:
            flow.close()

    async def stream(
        self, talk: Stream[T], on_text: Callable[[str], None], timeout: int, silence: int
    ) -> T:
        until = asyncio.get_running_loop().time() + timeout / 1000
        call = _Call(self, until, silence / 1000)
        try:
            step = next(talk)
            while True:
                if isinstance(step, str):
                    call.heard()
                    if step:
                        on_text(step)
                    step = talk.send(None)
                    continue
                try:
                    said = await call.answer(step)
                except WireFailure as failure:
                    step = talk.throw(failure)
                else:
                    step = talk.send(said)
        except StopIteration as stop:
            learned: T = stop.value
            return learned
        finally:
            talk.close()
            await call.close()

    async def _exchange(self, request: Request, until: float) -> Response:
        return await self.within(until, _LATE, self._send(request, until))

    async def within(self, until: float, late: str, work: Awaitable[T]) -> T:
        """What `work` brings; whatever goes wrong is a WireFailure, and `late` after `until`."""
        try:
            async with asyncio.timeout_at(until):
                return await work
        except (TimeoutError, httpx.TimeoutException):
            failure = WireFailure("timeout", late)
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as cause:
            # Their texts may hold the URL or a header, the key in it: only the kind is told.
            failure = WireFailure(*reason(cause), hint=self._proxy_hint)
        # Raised here, not above, so that the cause is not even its context.
        raise failure

    async def _send(self, request: Request, until: float) -> Response:
        answer = await self.begun(request, until)
        is_good = 200 <= answer.status_code < 300
        most = max(LARGEST_BODY, request.most) if is_good else LARGEST_BODY
        body = Body(answer, most, max(_MOST_PIECES, most // KIB))
        try:
            return Response(answer.status_code, _headers(answer), await body.whole())
        finally:
            await body.close()

    async def begun(self, request: Request, until: float) -> httpx.Response:
        """The answer as soon as its head is there."""
        assert self._open is not None, "the wire is not open"
        left = max(until - asyncio.get_running_loop().time(), 0.001)
        return await self._open.handle_async_request(
            httpx.Request(
                request.method,
                request.url,
                headers={**_ALWAYS, **request.headers},
                content=request.body,
                extensions={
                    "timeout": {
                        "connect": min(_CONNECT, left),
                        "read": left,
                        "write": left,
                        "pool": left,
                    }
                },
            )
        )


@dataclass(slots=True)
class _Call:
    """A conversation in pieces: the answer that is open, and until when the next piece may come.

    `until` and `quiet_until` are of the loop's clock; each sign of life moves the latter by
    `silence` (s).
    """

    wire: HttpxWire
    until: float
    silence: float
    quiet_until: float = 0.0
    body: Body | None = None

    def __post_init__(self) -> None:
        self.heard()

    def heard(self) -> None:
        self.quiet_until = asyncio.get_running_loop().time() + self.silence

    async def answer(self, step: Request | None) -> Head | bytes:
        until, late = min((self.until, _LATE), (self.quiet_until, "it stopped answering"))
        if step is not None:
            await self.close()
            return await self.wire.within(until, late, self._begin(step))
        assert self.body is not None, "nothing was asked"
        return await self.wire.within(until, late, self.body.piece())

    async def _begin(self, request: Request) -> Head:
        answer = await self.wire.begun(request, self.until)
        is_good = 200 <= answer.status_code < 300
        self.body = Body(answer, LARGEST_STREAM if is_good else LARGEST_BODY)
        return Head(answer.status_code, _headers(answer))

    async def close(self) -> None:
        body, self.body = self.body, None
        if body is not None:
            await body.close()


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}
