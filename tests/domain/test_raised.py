"""Exceptions of other people's libraries, known by their shape."""

import json
import socket
import ssl
from typing import Any

import httpx
import pytest

from domain.errors import WireFailure
from domain.raised import verdict_of
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
        self.status, self.headers = status, headers


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


def test_a_ring_of_causes_ends() -> None:
    one, other = ValueError(), ValueError()
    one.__cause__, other.__cause__ = other, one
    assert verdict_of(one, NOW) is None
