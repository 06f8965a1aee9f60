"""What a caller's exception says of the request it was raised for, by the table of answers.

Exceptions of httpx, openai, anthropic, requests, aiohttp and google-genai are known by their
shape: none of them is imported, and others of the same shape are understood as well.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from domain.classification import classify, classify_failure
from domain.errors import WireFailure
from domain.probing import ProbeVerdict

_TIMEOUTS = frozenset({"APITimeoutError", "TimeoutException", "Timeout", "ServerTimeoutError"})
_NETWORK = frozenset(
    {"APIConnectionError", "TransportError", "ClientConnectionError", "ConnectionError"}
)
_REASONS = {
    "gaierror": "dns",
    "SSLError": "tls",
    "ConnectionRefusedError": "refused",
    "ConnectionResetError": "reset",
    "RemoteProtocolError": "reset",
    "ReadError": "reset",
    "ProxyError": "proxy",
}
_BESIDE_A_STATUS = ("headers", "response", "response_json", "body")
_LARGEST = 256 * 1024


def verdict_of(raised: BaseException, now: int) -> ProbeVerdict | None:
    """None where it says nothing of a request: the caller's own. `now` is epoch ms.

    An answer is judged by its status, headers and body; a failure without one by its kind.
    """
    for one in _chain(raised):
        answer = _answer(one)
        if answer is not None:
            return classify(*answer, lambda _: False, now)
    failed = next((one for one in _chain(raised) if _is_failure(one)), None)
    return classify_failure(_failure(failed)) if failed is not None else None


def _chain(raised: BaseException) -> Iterator[BaseException]:
    """`raised`, then what it was raised from; a wrapper of one's own hides nothing."""
    seen: set[int] = set()
    one: BaseException | None = raised
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__


def _answer(raised: BaseException) -> tuple[int, Mapping[str, str], bytes] | None:
    """Status, headers and body, where it carries an answer that was an error."""
    response = getattr(raised, "response", None)
    # A number alone may be anything: an answer has headers or a body beside it.
    is_answer = any(hasattr(raised, name) for name in _BESIDE_A_STATUS)
    for holder in (response, raised if is_answer else None):
        status = _status(holder)
        if status is not None:
            headers = _headers(holder) or _headers(raised)
            return status, headers, _body(response, raised)
    # An error event in the middle of a good stream: a body, and no status of its own.
    body = getattr(raised, "body", None)
    if isinstance(body, dict) and hasattr(raised, "request"):
        return 200, {}, _as_bytes({"error": body})
    return None


def _status(holder: object) -> int | None:
    for name in ("status_code", "status", "code"):
        value = getattr(holder, name, None)
        if isinstance(value, int) and not isinstance(value, bool) and 300 <= value < 600:
            return int(value)
    return None


def _headers(holder: object) -> dict[str, str]:
    headers: Any = getattr(holder, "headers", None)
    if not hasattr(headers, "items"):
        return {}
    pairs = [(k, v) for k, v in headers.items() if isinstance(k, str) and isinstance(v, str)]
    return {name.lower(): value for name, value in pairs}


def _body(response: object, raised: BaseException) -> bytes:
    content = _content(response)
    if content:
        return content[:_LARGEST]
    for name in ("body", "response_json", "details"):
        told = getattr(raised, name, None)
        if isinstance(told, dict | list):
            return _as_bytes(told)
        if isinstance(told, str) and told:
            return told.encode("utf-8", "replace")[:_LARGEST]
    return b""


def _content(response: object) -> bytes | None:
    try:
        content: Any = getattr(response, "content", None)
    except (RuntimeError, OSError):
        # A stream nobody has read (httpx), or that broke when it was (requests).
        return None
    return bytes(content) if isinstance(content, bytes | bytearray) else None


def _as_bytes(document: object) -> bytes:
    return json.dumps(document, default=str).encode()[:_LARGEST]


def _is_failure(raised: BaseException) -> bool:
    """Whether no answer came. Of the operating system's errors only those of a connection: a file
    that is missing is the caller's.
    """
    names = _names(raised)
    is_system = isinstance(raised, ConnectionError) or bool(names & {"gaierror", "SSLError"})
    return (
        is_system
        or bool(names & (_NETWORK | _TIMEOUTS))
        or isinstance(raised, TimeoutError | WireFailure)
    )


def _failure(raised: BaseException) -> WireFailure:
    if isinstance(raised, WireFailure):
        return raised
    if isinstance(raised, TimeoutError) or _names(raised) & _TIMEOUTS:
        return WireFailure("timeout", "no whole answer in time")
    # What it was raised from knows best what was wrong.
    names = {name for one in _chain(raised) for name in _names(one)}
    reason = next((told for name, told in _REASONS.items() if name in names), "connect")
    return WireFailure(reason, "no answer came")


def _names(raised: BaseException) -> set[str]:
    return {kind.__name__ for kind in type(raised).__mro__}
