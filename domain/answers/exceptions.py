"""What a caller's exception says of the request it was raised for, by the table of answers.

Exceptions of httpx, openai, anthropic, requests, aiohttp, urllib and google-genai are known by
their shape, and so are others of the same shape; litellm's by what they were made of. None of them
is imported.
"""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from domain.answers.classification import classify, classify_failure
from domain.answers.verdict import ProbeVerdict
from domain.errors import AuraError, WireFailure

_TIMEOUTS = frozenset({"APITimeoutError", "TimeoutException", "Timeout", "ServerTimeoutError"})
# Names of classes that say no whole answer came, with what was wrong; the first that fits counts.
_REASONS = {
    "gaierror": "dns",
    "SSLError": "tls",
    "ConnectionRefusedError": "refused",
    "ConnectionResetError": "reset",
    "ProxyError": "proxy",
    "TooManyRedirects": "redirect",
    "DecodingError": "encoding",
    "ContentDecodingError": "encoding",
    "RemoteProtocolError": "reset",
    "ReadError": "reset",
    "ChunkedEncodingError": "reset",
    "IncompleteRead": "reset",
    "BadStatusLine": "protocol",
    "ClientPayloadError": "reset",
    "ConnectionAbortedError": "reset",
    "APIConnectionError": "connect",
    "TransportError": "connect",
    "ClientConnectionError": "connect",
    "URLError": "connect",
    # Of requests: the builtin one has the children that are named above.
    "RequestException": "connect",
}
_OF_NO_REQUEST = frozenset(
    {"InvalidURL", "InvalidSchema", "MissingSchema", "InvalidHeader", "InvalidJSONError"}
)
_PORTS = {"http": 80, "https": 443}
_LARGEST = 256 * 1024


class _Answered(NamedTuple):
    status: int
    headers: Mapping[str, str]
    body: bytes


def verdict_of(raised: BaseException, now: int, base_url: str = "") -> ProbeVerdict | None:
    """None where it says nothing of the provider: the caller's own. `now` is epoch ms.

    An answer is judged by its status, headers and body; a failure without one by its kind. What a
    request to another host than that of `base_url` met is the caller's, and so is an error of this
    program: another run, inside the call, has told its own story.
    """
    for one in _story(raised):
        if isinstance(one, BaseExceptionGroup):
            inner = (verdict_of(each, now, base_url) for each in one.exceptions)
            if (found := next(filter(None, inner), None)) is not None:
                return found
        if isinstance(one, AuraError) and not isinstance(one, WireFailure):
            return None
        if _is_retold(one):
            continue
        if base_url and _is_elsewhere(one, base_url):
            return None
        answer = _answer(one)
        if answer is not None:
            return classify(*answer, lambda _: False, now)
        if (failure := _failure(one)) is not None:
            return classify_failure(failure)
    return None


def _story(raised: BaseException) -> Iterator[BaseException]:
    """`raised`, then what it says it was raised from. What it was merely raised after is no part of
    it: a caller may stumble while he looks at a refusal. With LiteLLM it is all there is.
    """
    seen: set[int] = set()
    one: BaseException | None = raised
    while one is not None and id(one) not in seen:
        seen.add(id(one))
        yield one
        one = one.__cause__ or (one.__context__ if _is_retold(one) else None)


def _is_retold(raised: BaseException) -> bool:
    """LiteLLM tells a failure anew, with a request and an answer it made up: 500 where nothing
    listens, and an address of its own manual. The truth lies in what it was raised after.
    """
    return type(raised).__module__.partition(".")[0] == "litellm"


def _is_elsewhere(raised: BaseException, base_url: str) -> bool:
    """Whether it tells of requests, and none of them went to that host first or last."""
    origins = {_origin(url) for url in _urls(raised)}
    return bool(origins) and _origin(base_url) not in origins


def _urls(raised: BaseException) -> Iterator[str]:
    """Where requests went, as far as the exception tells; redirects included."""
    response = _read(raised, "response")
    holders = [_read(raised, "request"), _read(raised, "request_info"), response, raised]
    history = _read(response, "history") or _read(raised, "history")
    holders += history if isinstance(history, list | tuple) else []
    for holder in holders:
        url = _read(holder, "url") or _read(holder, "real_url")
        if url is not None and "://" in str(url):
            yield str(url)
    host, port = _read(raised, "host"), _read(raised, "port")
    if isinstance(host, str) and isinstance(port, int):
        yield f"http://{host}:{port}"


def _origin(url: str) -> tuple[str | None, int | None]:
    """Host and port; this machine is one host, however it is called."""
    try:
        parts = urlsplit(url)
        host = "127.0.0.1" if parts.hostname == "localhost" else parts.hostname
        return host, parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None, None


def _answer(raised: BaseException) -> _Answered | None:
    """Status, headers and body, where it carries an answer that was an error."""
    response = _read(raised, "response")
    status = _number(response, "status_code", "status", "code")
    if status is not None:
        return _Answered(status, _headers(response), _body(response, raised))
    # Without a response a number may be anything; these say more of themselves.
    if _read(raised, "request_info") is not None:
        status = _number(raised, "status")
    elif _says_more(raised):
        status = _number(raised, "code")
    if status is not None:
        return _Answered(status, _headers(raised), _body(None, raised))
    # An error event in the middle of a good stream: a body, and no status of its own.
    body = _read(raised, "body")
    if isinstance(body, dict | str) and body and _read(raised, "request") is not None:
        return _Answered(200, {}, _as_bytes({"error": body}))
    return None


def _says_more(raised: BaseException) -> bool:
    """As urllib's and google-genai's do of their code."""
    told = _read(raised, "details"), _read(raised, "response_json")
    return hasattr(raised, "hdrs") or any(isinstance(one, dict) for one in told)


def _number(holder: object, *names: str) -> int | None:
    for name in names:
        value = _read(holder, name)
        if isinstance(value, int) and not isinstance(value, bool) and 300 <= value < 600:
            return int(value)
    return None


def _headers(holder: object) -> dict[str, str]:
    headers = _read(holder, "headers")
    if not hasattr(headers, "items"):
        return {}
    pairs = [(k, v) for k, v in headers.items() if isinstance(k, str) and isinstance(v, str)]
    return {name.lower(): value for name, value in pairs}


def _body(response: object, raised: BaseException) -> bytes:
    content = _read(response, "content")
    if isinstance(content, bytes | bytearray) and content:
        return bytes(content[:_LARGEST])
    for name in ("body", "response_json", "details"):
        told = _read(raised, name)
        if isinstance(told, dict | list):
            return _as_bytes(told)
        if isinstance(told, str) and told:
            return told.encode("utf-8", "replace")[:_LARGEST]
    return b""


def _read(holder: object, name: str) -> Any:
    """An attribute, or None: some are computed, and refuse where a stream was not read."""
    try:
        return getattr(holder, name, None)
    except (RuntimeError, OSError, ValueError, TypeError, LookupError):
        return None


def _as_bytes(document: object) -> bytes:
    return json.dumps(document, default=str).encode()[:_LARGEST]


def _failure(raised: BaseException) -> WireFailure | None:
    """None unless no whole answer came. Of the operating system's errors only those of a connection
    count: a missing file, or a pipe whose reader has gone, is the caller's.
    """
    if isinstance(raised, WireFailure):
        return raised
    names = {kind.__name__ for kind in type(raised).__mro__}
    if isinstance(raised, TimeoutError) or names & _TIMEOUTS:
        return WireFailure("timeout", "no whole answer in time")
    if names & _OF_NO_REQUEST or not names & _REASONS.keys():
        return None
    # What it was raised from knows best what was wrong.
    causes = [*_story(raised), _read(raised, "reason")]
    names = {kind.__name__ for cause in causes for kind in type(cause).__mro__}
    reason = next(told for name, told in _REASONS.items() if name in names)
    return WireFailure(reason, "no answer came")
