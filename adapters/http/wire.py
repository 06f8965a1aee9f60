"""Conversations held over HTTP with httpx's transport, below its client.

The transport follows no redirect, keeps no cookie, reads no environment and sends nothing twice;
what a client would add on top is what must not happen to a credential (docs/adr/0003).
"""

import asyncio
import contextlib
import ssl
import threading
import zlib
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx

from adapters.http.routes import Routes, read_little, settle_sniffio
from application.exchange import Flow, Request, Response
from application.ports import Wire
from domain.errors import WireFailure

T = TypeVar("T")
LARGEST_BODY = 256 * 1024
"""How much of an answer is read, in bytes."""
_CONNECT = 5.0
_MOST_PIECES = 4096
_PIECES_IN_A_TURN = 16
# How httpcore and h11 begin to say that the other side closed; the rest of that type is nonsense.
_CUT_SHORT = ("Server disconnected", "peer closed connection")
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
        asyncio.get_running_loop().set_default_executor(_LeftBehind())
        settle_sniffio()
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

    async def _exchange(self, request: Request, until: float) -> Response:
        left = until - asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout_at(until):
                return await self._send(request, max(left, 0.001))
        except (TimeoutError, httpx.TimeoutException):
            failure = WireFailure("timeout", "no whole answer in time")
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as cause:
            # Their texts may hold the URL or a header, the key in it: only the kind is told.
            failure = WireFailure(*_reason(cause), hint=self._proxy_hint)
        # Raised here, not above, so that the cause is not even its context.
        raise failure

    async def _send(self, request: Request, left: float) -> Response:
        assert self._open is not None, "the wire is not open"
        answer = await self._open.handle_async_request(
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
        try:
            body = b"" if answer.is_redirect else await _body(answer)
            return Response(answer.status_code, _headers(answer), body)
        finally:
            await answer.aclose()


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


async def _body(answer: httpx.Response) -> bytes:
    encoding = answer.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity", "gzip"):
        raise WireFailure("encoding", "the answer is compressed, which was not asked for")
    body, pieces = bytearray(), 0
    async for chunk in answer.aiter_raw():
        body += chunk
        _refuse_large(len(body))
        pieces += 1
        if pieces > _MOST_PIECES:
            raise WireFailure("too_large", "the answer comes in too many pieces")
        # What one read brought may be ten thousand pieces, none of which waits for anything: nobody
        # else's turn would come, nor any deadline.
        if pieces % _PIECES_IN_A_TURN == 0:
            await asyncio.sleep(0)
    return _unpacked(body) if encoding == "gzip" else bytes(body)


def _unpacked(body: bytes | bytearray) -> bytes:
    """What a server packed unasked; a bomb is not unpacked further than the limit."""
    try:
        plain = zlib.decompressobj(wbits=31).decompress(body, LARGEST_BODY + 1)
    except zlib.error:
        raise WireFailure("encoding", "the answer cannot be unpacked") from None
    _refuse_large(len(plain))
    return plain


def _refuse_large(size: int) -> None:
    if size > LARGEST_BODY:
        raise WireFailure("too_large", "the answer is larger than 256 KiB")


def _reason(failure: Exception) -> tuple[str, str]:
    causes = list(_causes(failure))
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "tls", "the server's certificate is not to be trusted"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "tls", "no secure connection could be made"
    if any(type(cause).__name__ == "gaierror" for cause in causes):
        return "dns", "the host's name was not found"
    if any(isinstance(cause, ConnectionRefusedError) for cause in causes):
        return "refused", "nothing listens there"
    if isinstance(failure, httpx.ProxyError):
        return "proxy", "the proxy refused"
    if isinstance(failure, httpx.ConnectError):
        return "connect", "no connection could be made"
    cut = isinstance(failure, httpx.RemoteProtocolError) and str(failure).startswith(_CUT_SHORT)
    if cut or isinstance(failure, httpx.ReadError | httpx.WriteError):
        return "reset", "the connection broke before a whole answer came"
    return "protocol", "what listens there does not speak HTTP as it should"


def _causes(failure: BaseException) -> Any:
    seen: set[int] = set()
    waiting: list[BaseException] = [failure]
    while waiting:
        cause = waiting.pop()
        if id(cause) in seen:
            continue
        seen.add(id(cause))
        yield cause
        waiting += [c for c in (cause.__cause__, cause.__context__) if c is not None]
        if isinstance(cause, BaseExceptionGroup):
            waiting += cause.exceptions


class _LeftBehind(ThreadPoolExecutor):
    """Runs each call (asyncio resolves names here) on a daemon thread nobody waits for.

    A resolver that hangs must not outlive the deadline: `asyncio.run` joins its executor's threads.
    """

    def submit(self, call: Callable[..., Any], /, *args: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                result = call(*args, **named)
            except (OSError, ValueError, UnicodeError) as failure:
                with contextlib.suppress(Exception):
                    future.set_exception(failure)
            else:
                future.set_result(result)

        threading.Thread(target=work, daemon=True).start()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """There is nothing to wait for."""
