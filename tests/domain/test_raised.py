"""Exceptions of other people's libraries, known by their shape."""

import email.message
import http.client
import json
import socket
import ssl
import urllib.error
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from domain.answers.exceptions import verdict_of
from domain.errors import NoAnswer, WireFailure
from tests.domain.values import NOW

REQUEST = httpx.Request("POST", "https://api.example/v1/chat/completions")


class APIStatusError(Exception):
    """As openai's and anthropic's are."""

    def __init__(self, response: httpx.Response, body: object = None) -> None:
        super().__init__("Error code")
        self.response, self.status_code, self.body = response, response.status_code, body


class APIConnectionError(Exception):
    """As openai's and anthropic's are."""


class APITimeoutError(APIConnectionError):
    """As openai's and anthropic's are."""


class ClientError(Exception):
    """As google-genai's is."""

    def __init__(self, code: int, response_json: dict[str, Any]) -> None:
        self.code, self.response_json, self.response = code, response_json, None


class ClientResponseError(Exception):
    """As aiohttp's is."""

    def __init__(self, status: int, headers: dict[str, str]) -> None:
        self.status, self.headers, self.request_info = status, headers, object()


def answered(status: int, document: object, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status, headers=named, content=json.dumps(document).encode(), request=REQUEST
    )


def by_httpx(response: httpx.Response) -> Exception:
    with pytest.raises(httpx.HTTPStatusError) as caught:
        response.raise_for_status()
    return caught.value


QUOTA = {"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}}
CASES = [
    (401, {"error": {"code": "invalid_api_key"}}, "auth", "refused"),
    (402, {}, "billing", "proven"),
    (403, {}, "permission", "unknown"),
    (404, {"error": {"code": "model_not_found"}}, "no_model", "proven"),
    (429, {"error": {"code": "rate_limit_exceeded"}}, "rate_limit", "proven"),
    (429, QUOTA, "billing", "proven"),
    (400, {"error": {"message": "bad"}}, "format", "unknown"),
    (500, {}, "provider_error", "unknown"),
    (529, {"type": "error", "error": {"type": "overloaded_error"}}, "overloaded", "unknown"),
]


@pytest.mark.parametrize("shape", [by_httpx, APIStatusError])
@pytest.mark.parametrize(("status", "document", "outcome", "credential"), CASES)
def test_an_answer_is_judged_by_the_table_whoever_raised_it(
    shape: Any, status: int, document: object, outcome: str, credential: str
) -> None:
    verdict = verdict_of(shape(answered(status, document)), NOW)
    assert verdict is not None
    assert (verdict.outcome, verdict.credential) == (outcome, credential)
    assert verdict.http_status == status


def test_a_reset_is_read_from_the_headers() -> None:
    raised = APIStatusError(answered(429, {}, retry_after="7"))
    verdict = verdict_of(raised, NOW)
    assert verdict is not None
    assert verdict.resets_at == NOW + 7_000


def test_a_body_that_was_taken_apart_already_will_do() -> None:
    bare = APIStatusError(httpx.Response(400, request=REQUEST), {"code": "invalid_api_key"})
    verdict = verdict_of(bare, NOW)
    assert verdict is not None
    assert verdict.outcome == "auth"


def test_an_answer_nobody_has_read_is_judged_by_its_status() -> None:
    unread = httpx.Response(503, stream=httpx.ByteStream(b"busy"), request=REQUEST)
    verdict = verdict_of(APIStatusError(unread), NOW)
    assert verdict is not None
    assert verdict.outcome == "overloaded"


def test_google_and_aiohttp_number_theirs_otherwise() -> None:
    told = {"error": {"code": 400, "status": "INVALID_ARGUMENT", "message": "API key not valid."}}
    google = verdict_of(ClientError(400, told), NOW)
    limited = verdict_of(ClientResponseError(429, {"Retry-After": "3"}), NOW)
    assert google is not None
    assert google.outcome == "auth"
    assert limited is not None
    assert (limited.outcome, limited.resets_at) == ("rate_limit", NOW + 3_000)


def test_an_error_in_the_middle_of_a_good_stream_is_one() -> None:
    class APIError(Exception):
        body, request = {"type": "overloaded_error", "message": "Overloaded"}, REQUEST

    verdict = verdict_of(APIError(), NOW)
    assert verdict is not None
    assert verdict.outcome == "overloaded"


@pytest.mark.parametrize(
    ("raised", "outcome", "code"),
    [
        (httpx.ReadTimeout("slow"), "timeout", "timeout"),
        (httpx.ConnectTimeout("slow"), "timeout", "timeout"),
        (APITimeoutError(), "timeout", "timeout"),
        (TimeoutError(), "timeout", "timeout"),
        (httpx.ConnectError("no"), "network", "connect"),
        (httpx.RemoteProtocolError("cut"), "network", "reset"),
        (APIConnectionError(), "network", "connect"),
        (ConnectionRefusedError(), "network", "refused"),
        (ConnectionResetError(), "network", "reset"),
        (socket.gaierror(), "network", "dns"),
        (ssl.SSLError(), "network", "tls"),
        (WireFailure("dns", "no such host"), "network", "dns"),
    ],
)
def test_a_failure_without_an_answer_says_nothing_of_the_key(
    raised: Exception, outcome: str, code: str
) -> None:
    verdict = verdict_of(raised, NOW)
    assert verdict is not None
    assert (verdict.outcome, verdict.credential, verdict.code) == (outcome, "unknown", code)


def test_what_it_was_raised_from_says_why() -> None:
    try:
        try:
            raise ConnectionRefusedError
        except ConnectionRefusedError as refused:
            raise APIConnectionError("Connection error.") from refused
    except APIConnectionError as raised:
        verdict = verdict_of(raised, NOW)
    assert verdict is not None
    assert verdict.code == "refused"


@pytest.mark.parametrize(
    "raised",
    [
        ValueError("no JSON"),
        KeyError("choices"),
        FileNotFoundError("prompt.txt"),
        PermissionError(),
        AssertionError(),
        type("Numbered", (Exception,), {"code": 404})(),
        type("Happy", (Exception,), {"status_code": 200, "headers": {}})(),
    ],
)
def test_a_callers_own_exception_is_none_of_ours(raised: Exception) -> None:
    assert verdict_of(raised, NOW) is None


BASE_URL = "https://api.example/v1"


def test_what_another_host_answered_is_the_callers_own() -> None:
    elsewhere = httpx.Request("GET", "http://127.0.0.1:8080/db")
    refused = by_httpx(httpx.Response(401, request=elsewhere))
    assert verdict_of(refused, NOW, BASE_URL) is None
    assert verdict_of(httpx.ReadTimeout("slow", request=elsewhere), NOW, BASE_URL) is None
    own = by_httpx(httpx.Response(401, request=httpx.Request("POST", f"{BASE_URL}/chat")))
    assert verdict_of(own, NOW, BASE_URL) is not None
    port = by_httpx(httpx.Response(401, request=httpx.Request("GET", "https://api.example:443/x")))
    assert verdict_of(port, NOW, BASE_URL) is not None


def raised_by(call: Callable[[], object]) -> BaseException:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is
        call()
    return caught.value


def test_another_run_inside_the_call_has_told_its_own_story() -> None:
    def inner() -> None:
        raise NoAnswer("nothing answered") from by_httpx(answered(401, {}))

    assert verdict_of(raised_by(inner), NOW) is None


def test_an_answer_the_caller_gives_is_his_own() -> None:
    """As Starlette's is: it has a status and headers, and is no answer of anybody else."""

    class HTTPException(Exception):
        status_code, detail, headers = 403, "no", None

    assert verdict_of(HTTPException(), NOW) is None
    assert verdict_of(BrokenPipeError(), NOW) is None


def test_what_it_was_merely_raised_after_is_no_part_of_it() -> None:
    def stumbling() -> None:
        try:
            raise httpx.ConnectError("no")
        except httpx.ConnectError:
            raise KeyError("of the caller")  # noqa: B904 - that is what is tested

    def wrapping() -> None:
        try:
            raise httpx.ConnectError("no")
        except httpx.ConnectError as failure:
            raise RuntimeError("of the caller") from failure

    assert verdict_of(raised_by(stumbling), NOW) is None
    assert verdict_of(raised_by(wrapping), NOW) is not None


def test_a_redirect_is_still_of_whom_it_came_from() -> None:
    first = httpx.Response(307, request=httpx.Request("POST", f"{BASE_URL}/chat"))
    last = httpx.Response(
        503, request=httpx.Request("POST", "https://other.example/chat"), history=[first]
    )
    verdict = verdict_of(by_httpx(last), NOW, BASE_URL)
    assert verdict is not None
    assert verdict.outcome == "overloaded"


def test_this_machine_is_one_host_however_it_is_called() -> None:
    request = httpx.Request("POST", "http://localhost:8080/v1/chat")
    limited = by_httpx(httpx.Response(429, request=request))
    assert verdict_of(limited, NOW, "http://127.0.0.1:8080/v1") is not None
    assert verdict_of(limited, NOW, "http://127.0.0.1:9090/v1") is None


def test_urllib_and_aiohttp_say_otherwise_where_they_asked() -> None:
    headers = email.message.Message()
    refused = urllib.error.HTTPError("http://127.0.0.1:1/db", 401, "no", headers, None)
    assert verdict_of(refused, NOW, BASE_URL) is None
    refused.close()
    connector = type("ClientConnectorError", (ClientConnectionError,), {"host": "db", "port": 1})
    assert verdict_of(connector(), NOW, BASE_URL) is None


class ClientConnectionError(OSError):
    """As aiohttp's is."""


def test_google_tells_of_an_error_in_a_good_stream_by_its_details() -> None:
    class ServerError(Exception):
        code, details = 503, {"error": {"code": 503, "status": "UNAVAILABLE"}}
        response = type("HttpResponse", (), {"status_code": 200})()

    verdict = verdict_of(ServerError(), NOW, BASE_URL)
    assert verdict is not None
    assert verdict.outcome == "overloaded"


def test_in_a_group_what_is_the_providers_counts_wherever_it_stands() -> None:
    elsewhere = httpx.ReadTimeout("slow", request=httpx.Request("GET", "http://db.example/x"))
    own = httpx.ReadTimeout("slow", request=httpx.Request("POST", f"{BASE_URL}/chat"))
    for order in ([elsewhere, own], [own, elsewhere]):
        assert verdict_of(ExceptionGroup("both", order), NOW, BASE_URL) is not None
    assert verdict_of(ExceptionGroup("one", [elsewhere]), NOW, BASE_URL) is None


def test_a_group_is_what_is_in_it() -> None:
    group = ExceptionGroup("of a TaskGroup", [ExceptionGroup("inner", [httpx.ReadTimeout("slow")])])
    verdict = verdict_of(group, NOW)
    assert verdict is not None
    assert verdict.outcome == "timeout"
    assert verdict_of(ExceptionGroup("own", [ValueError()]), NOW) is None


class RequestException(OSError):
    """As requests' is."""


class ChunkedEncodingError(RequestException):
    """As requests' is."""


class InvalidURL(RequestException, ValueError):
    """As requests' is."""


class ClientPayloadError(Exception):
    """As aiohttp's is, raised from a parser's error with a number of its own."""


@pytest.mark.parametrize(
    ("raised", "outcome", "code"),
    [
        (ChunkedEncodingError(), "network", "reset"),
        (ClientPayloadError(), "network", "reset"),
        (httpx.DecodingError("gzip"), "provider_error", "encoding"),
        (httpx.TooManyRedirects("ring"), "network", "redirect"),
        (urllib.error.URLError(ConnectionRefusedError()), "network", "refused"),
        (http.client.RemoteDisconnected(""), "network", "reset"),
        (http.client.IncompleteRead(b""), "network", "reset"),
    ],
)
def test_an_answer_that_broke_is_none(raised: Exception, outcome: str, code: str) -> None:
    raised.__cause__ = type("Parser", (Exception,), {"code": 400})()
    verdict = verdict_of(raised, NOW)
    assert verdict is not None
    assert (verdict.outcome, verdict.code) == (outcome, code)


def test_an_address_nobody_could_have_asked_is_the_callers_own() -> None:
    assert verdict_of(InvalidURL(), NOW) is None


def test_urllib_says_its_status_as_a_code() -> None:
    headers = email.message.Message()
    headers["Retry-After"] = "4"
    limited = urllib.error.HTTPError(BASE_URL, 429, "slow down", headers, None)
    verdict = verdict_of(limited, NOW)
    assert verdict is not None
    assert (verdict.outcome, verdict.resets_at) == ("rate_limit", NOW + 4_000)
    limited.close()


def test_an_error_event_may_be_a_word_alone() -> None:
    class APIError(Exception):
        body, request = "Overloaded, try later", REQUEST

    verdict = verdict_of(APIError(), NOW, BASE_URL)
    assert verdict is not None
    assert verdict.outcome == "overloaded"


def test_a_ring_of_causes_ends() -> None:
    one, other = ValueError(), ValueError()
    one.__cause__, other.__cause__ = other, one
    assert verdict_of(one, NOW) is None


class InternalServerError(Exception):
    """As litellm's is: with an answer, and an address, that it made up."""

    def __init__(self) -> None:
        asked = httpx.Request("POST", "https://docs.litellm.ai/docs")
        self.response, self.llm_provider = httpx.Response(500, request=asked), "anthropic"


InternalServerError.__module__ = "litellm.exceptions"


def retold(failure: Exception | None) -> Exception:
    """Told anew twice, as litellm does, and not `from` it."""
    if failure is None:
        return InternalServerError()
    try:
        try:
            raise failure
        except type(failure):
            raise InternalServerError  # noqa: B904
    except InternalServerError:
        try:
            raise InternalServerError
        except InternalServerError as told:
            return told


def test_what_litellm_tells_anew_is_judged_by_what_was_told_to_it() -> None:
    refused = httpx.ConnectError("no", request=httpx.Request("POST", f"{BASE_URL}/chat"))
    refused.__cause__ = ConnectionRefusedError()
    request = httpx.Request("POST", f"{BASE_URL}/chat")
    limited = by_httpx(httpx.Response(429, headers={"retry-after": "7"}, request=request))
    found = [verdict_of(retold(one), NOW, BASE_URL) for one in (refused, limited)]
    assert [(v.outcome, v.code, v.resets_at) for v in found if v] == [
        ("network", "refused", None),
        ("rate_limit", None, NOW + 7_000),
    ]
    assert verdict_of(retold(limited), NOW, "https://elsewhere.example/v1") is None


def test_what_litellm_tells_of_nothing_is_the_callers_own() -> None:
    assert verdict_of(retold(None), NOW, BASE_URL) is None
    assert verdict_of(retold(KeyError("no such provider")), NOW, BASE_URL) is None
