"""What a failure of httpx is called: its kind alone, since its words may hold a URL or a header."""

import ssl
from typing import Any

import httpx

# How httpcore and h11 begin to say that the other side closed; the rest of that type is nonsense.
_CUT_SHORT = ("Server disconnected", "peer closed connection")


def reason(failure: Exception) -> tuple[str, str]:
    """The `reason` of a WireFailure, and its words."""
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
