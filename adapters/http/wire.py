"""Conversations held over HTTP with httpx's transport, below its client.

The transport follows no redirect, keeps no cookie, reads no environment and sends nothing twice;
what a client would add on top is what must not happen to a credential (reference/trust.md 2.8).
"""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import certifi
import httpx

from application.exchange import Flow, Request, Response
from application.ports import Wire
from domain.errors import WireFailure

T = TypeVar("T")
LARGEST_BODY = 256 * 1024
"""How much of an answer is read, in bytes."""
_CONNECT = 5.0


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
        self._proxy = proxy
        self._ca_file = ca_file
        self._proxy_hint = proxy_hint
        self._make = transport or self._transport
        self._open: httpx.AsyncBaseTransport | None = None

    async def __aenter__(self) -> "HttpxWire":
        asyncio.get_running_loop().set_default_executor(_LeftBehind())
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
            raise WireFailure("timeout", "no whole answer in time") from None
        except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as failure:
            # Their texts may hold the URL or a header, the key in it: only the kind is told.
            reason, message = _reason(failure)
            raise WireFailure(reason, message, hint=self._proxy_hint) from None

    async def _send(self, request: Request, left: float) -> Response:
        assert self._open is not None, "the wire is not open"
        answer = await self._open.handle_async_request(
            httpx.Request(
                request.method,
                request.url,
                headers={"accept-encoding": "identity", **request.headers},
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
            encoding = answer.headers.get("content-encoding", "identity").strip().lower()
            if encoding not in ("", "identity"):
                raise WireFailure("encoding", "the answer is compressed, which was not asked for")
            return Response(answer.status_code, _headers(answer), await _body(answer))
        finally:
            await answer.aclose()

    def _transport(self) -> httpx.AsyncBaseTransport:
        return httpx.AsyncHTTPTransport(
            verify=tls_context(self._ca_file),
            trust_env=False,
            proxy=self._proxy,
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=64),
        )


def tls_context(ca_file: Path | None) -> ssl.SSLContext:
    """TLS 1.2 or newer, names and chains verified. Raises WireFailure for an unreadable CA file.

    Not `create_default_context`: that one writes the session keys to SSLKEYLOGFILE.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_verify_locations(cafile=str(ca_file or certifi.where()))
    except (OSError, ssl.SSLError):
        raise WireFailure(
            "tls", f"the CA file {ca_file} cannot be read", hint="check AURA_INTELLIGENCE_CA_FILE"
        ) from None
    return context


def _headers(answer: httpx.Response) -> dict[str, str]:
    return {name.lower(): value for name, value in answer.headers.items()}


async def _body(answer: httpx.Response) -> bytes:
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise WireFailure("too_large", "the answer is larger than 256 KiB")
    return bytes(body)


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
    if isinstance(failure, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return "reset", "the connection broke before a whole answer came"
    return "protocol", "the exchange failed"


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
