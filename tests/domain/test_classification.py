"""What answers mean: every row of the table, on answers recorded from providers and gateways."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.answers.classification import classify, classify_failure
from domain.answers.outcome import Outcome
from domain.errors import WireFailure

# One answer a line, scrubbed; `outcome`, `credential` and `code` are what is true of it.
RECORDED = [
    json.loads(line)
    for name in ("answers.jsonl", "strangers.jsonl")
    for line in Path(__file__).with_name(name).read_text("utf-8").splitlines()
]
NOW = 1_795_000_000_000


def is_answer(document: object) -> bool:
    """A completion or a message, as the two dialects would say."""
    if not isinstance(document, dict):
        return False
    choices = document.get("choices")
    if isinstance(choices, list):
        messages = [c for c in choices if isinstance(c, dict) and "message" in c]
        return any(choice.get("finish_reason") != "error" for choice in messages)
    return document.get("type") == "message"


def body_of(recorded: dict[str, Any]) -> bytes:
    text = recorded["text"] if "text" in recorded else json.dumps(recorded["body"])
    return str(text).encode()


def test_the_record_is_wide_enough_to_mean_something() -> None:
    assert len(RECORDED) >= 350
    assert len({recorded["provider"] for recorded in RECORDED}) >= 45
    judged = {Outcome(recorded["outcome"]) for recorded in RECORDED}
    silent = (Outcome.CANCELLED, Outcome.INTERRUPTED, Outcome.UNREADABLE, Outcome.CLEARED)
    assert judged == set(Outcome) - {*silent}


@pytest.mark.parametrize("recorded", RECORDED, ids=lambda r: f"{r['provider']} {r['case']}")
def test_a_recorded_answer_means_what_it_meant(recorded: dict[str, Any]) -> None:
    headers = recorded.get("headers", {})
    found = classify(recorded["status"], headers, body_of(recorded), is_answer, NOW)

    assert found.outcome.value == recorded["outcome"]
    assert found.credential == recorded["credential"]
    assert found.http_status == recorded["status"]
    if "code" in recorded:
        assert found.code == recorded["code"]


@pytest.mark.parametrize(
    "recorded",
    [r for r in RECORDED if "text" not in r and r["outcome"] != "ok"],
    ids=lambda r: f"{r['provider']} {r['case']}",
)
def test_words_around_an_error_change_nothing(recorded: dict[str, Any]) -> None:
    body = recorded["body"]
    if isinstance(body, dict):
        body = {"id": "x", "user": None, "surplus": {"deep": [1, {"note": "hello"}]}, **body}
    headers = {"date": "Mon, 23 Nov 2026 05:00:00 GMT", **recorded.get("headers", {})}
    found = classify(recorded["status"], headers, json.dumps(body).encode(), is_answer, NOW)

    assert (found.outcome.value, found.credential) == (recorded["outcome"], recorded["credential"])


@pytest.mark.parametrize(
    ("row", "status", "outcome", "credential"),
    [
        ("200", 200, Outcome.OK, "proven"),
        ("200 with empty text", 200, Outcome.OK, "proven"),
        ("400", 400, Outcome.FORMAT, "unknown"),
        ("401", 401, Outcome.AUTH, "refused"),
        ("402", 402, Outcome.BILLING, "proven"),
        ("403", 403, Outcome.PERMISSION, "unknown"),
        ("404 model not found", 404, Outcome.NO_MODEL, "proven"),
        ("408", 408, Outcome.TIMEOUT, "unknown"),
        ("429 rate limit", 429, Outcome.RATE_LIMIT, "proven"),
        ("429 insufficient_quota", 429, Outcome.BILLING, "proven"),
        ("500", 500, Outcome.PROVIDER_ERROR, "unknown"),
        ("502 HTML", 502, Outcome.PROVIDER_ERROR, "unknown"),
        ("503", 503, Outcome.OVERLOADED, "unknown"),
        ("529 overloaded", 529, Outcome.OVERLOADED, "unknown"),
    ],
)
def test_the_answers_that_others_get_wrong(
    row: str, status: int, outcome: Outcome, credential: str
) -> None:
    error = {"message": row, "type": "error", "code": row.partition(" ")[2].replace(" ", "_")}
    bodies = {
        "200": b'{"choices": [{"message": {"content": "OK"}}]}',
        "200 with empty text": b'{"choices": [{"message": {"content": ""}}]}',
        "502 HTML": b"<html><h1>502 Bad Gateway</h1></html>",
    }
    found = classify(
        status, {}, bodies.get(row, json.dumps({"error": error}).encode()), is_answer, 0
    )

    assert (found.outcome, found.credential) == (outcome, credential)


@pytest.mark.parametrize(
    ("reason", "outcome"),
    [
        ("dns", Outcome.NETWORK),
        ("refused", Outcome.NETWORK),
        ("connect", Outcome.NETWORK),
        ("tls", Outcome.NETWORK),
        ("reset", Outcome.NETWORK),
        ("proxy", Outcome.NETWORK),
        ("protocol", Outcome.NETWORK),
        ("timeout", Outcome.TIMEOUT),
        ("too_large", Outcome.PROVIDER_ERROR),
        ("encoding", Outcome.PROVIDER_ERROR),
    ],
)
def test_no_answer_says_nothing_about_the_key(reason: str, outcome: Outcome) -> None:
    found = classify_failure(WireFailure(reason, "what happened"))

    assert (found.outcome, found.credential, found.code) == (outcome, "unknown", reason)
    assert (found.http_status, found.detail) == (None, "what happened")


def test_the_providers_own_words_are_kept() -> None:
    error = {"message": "Slow down.", "type": "requests", "code": "rate_limit_exceeded"}
    found = classify(
        429, {"x-request-id": "req_1"}, json.dumps({"error": error}).encode(), is_answer, 0
    )

    assert (found.code, found.error_type) == ("rate_limit_exceeded", "requests")
    assert (found.request_id, found.detail) == ("req_1", "Slow down.")


@pytest.mark.parametrize(
    ("headers", "id"),
    [
        ({"request-id": "req_a"}, "req_a"),
        ({"x-request-id": "9f86d081-884c"}, "9f86d081-884c"),
        ({}, "req_body"),
        ({"request-id": "two words"}, None),
        ({"request-id": "\x1b[31mred"}, None),
        ({"request-id": "x" * 65}, None),
    ],
)
def test_a_request_id_is_one_plain_word(headers: dict[str, str], id: str | None) -> None:
    body = b'{"type": "error", "error": {"type": "api_error"}, "request_id": "req_body"}'

    assert classify(500, headers, body, is_answer, 0).request_id == id


def test_a_good_answer_keeps_its_request_id() -> None:
    body = b'{"choices": [{"message": {}}]}'

    assert classify(200, {"x-request-id": "req_1"}, body, is_answer, 0).request_id == "req_1"


@pytest.mark.parametrize(
    ("status", "body", "headers", "resets_at"),
    [
        (429, b"{}", {"retry-after": "20"}, NOW + 20_000),
        (503, b"{}", {"retry-after": "5"}, NOW + 5_000),
        (402, b"{}", {"retry-after": "60"}, NOW + 60_000),
        (
            429,
            b'{"error": {"type": "usage_limit_reached", "resets_in_seconds": 90}}',
            {},
            NOW + 90_000,
        ),
        (429, b"{}", {"ratelimit-remaining": "0", "ratelimit-reset": "15"}, NOW + 15_000),
        (429, b"{}", {"x-ratelimit-reset-requests": "1m0s"}, NOW + 60_000),
        (429, b'{"detail": "slow", "retry_after": 7.5}', {}, NOW + 7_500),
        (503, b'{"error": "Model is loading", "estimated_time": 20.0}', {}, NOW + 20_000),
        (429, b'{"error": {"message": "Please try again in 7.66s."}}', {}, NOW + 7_660),
        (429, b'{"error": {"message": "Please try again in 2m59.5s."}}', {}, NOW + 179_500),
        (429, b'{"error": {"message": "Please retry after 9 seconds."}}', {}, NOW + 9_000),
        (429, b'{"detail": "Your rate limit resets in ~30s."}', {}, NOW + 30_000),
        (
            429,
            b'{"error": {"message": "Please wait 2 hours before retrying."}}',
            {},
            NOW + 7_200_000,
        ),
        (429, b'{"error": {"message": "Retry 3 times, then wait in 5 lines."}}', {}, None),
        (429, b'{"error": {"message": "try again in 5s"}}', {"retry-after": "2"}, NOW + 2_000),
        (401, b"{}", {"retry-after": "20"}, None),
        (200, b'{"choices": [{"message": {}}]}', {"x-ratelimit-reset-requests": "20s"}, None),
    ],
)
def test_a_limit_says_when_it_ends(
    status: int, body: bytes, headers: dict[str, str], resets_at: int | None
) -> None:
    assert classify(status, headers, body, is_answer, NOW).resets_at == resets_at


def test_a_redirect_names_the_host_and_no_more() -> None:
    found = classify(302, {"location": "https://me:pw@portal.test/in?key=k#f"}, b"", is_answer, 0)

    assert found.detail == "redirected to portal.test"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["error", "code", "type", "message", "status", "details", "choices", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=300)
@given(status=st.integers(100, 599), document=JSON)
def test_any_document_under_any_status_has_a_verdict(status: int, document: object) -> None:
    found = classify(status, {}, json.dumps(document).encode(), is_answer, NOW)

    assert (found.outcome is Outcome.OK) <= (200 <= status < 300)
    assert found.http_status == status


@settings(max_examples=300)
@given(
    status=st.integers(100, 599),
    body=st.binary(max_size=200),
    headers=st.dictionaries(
        st.sampled_from(["retry-after", "location", "content-type", "request-id"]), st.text()
    ),
)
def test_any_bytes_have_a_verdict(status: int, body: bytes, headers: dict[str, str]) -> None:
    found = classify(status, headers, body, is_answer, NOW)

    assert found.outcome is not Outcome.OK
    assert found.code is None or (found.code.isascii() and found.code.isprintable())


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 100_000,
        b'{"error":' * 40_000,
        b'{"error": ' + b"9" * 5_000 + b"}",
        b'{"error": {"code": ' + b"9" * 4_000 + b"}}",
        b'{"error": {"message": "' + b"a" * 250_000 + b'"}}',
        b'{"error": [' + b'{"code": "x"},' * 15_000 + b"{}]}",
        b'{"error": {"code": NaN, "resets_at": Infinity, "resets_in_seconds": -Infinity}}',
        b"\xff\xfe\x00\x00",
        b"\x00" * 200_000,
    ],
    ids=["lists", "objects", "digits", "a long number", "prose", "many", "NaN", "marks", "zeros"],
)
def test_a_hostile_body_is_judged_like_any(body: bytes) -> None:
    assert classify(401, {}, body, is_answer, NOW).outcome is Outcome.AUTH
    assert classify(200, {}, body, is_answer, NOW).outcome is Outcome.PROVIDER_ERROR


@pytest.mark.parametrize(
    ("status", "said", "outcome"),
    [
        (403, "CSRF token expired", Outcome.PERMISSION),
        (403, "Session token has expired", Outcome.PERMISSION),
        (400, "prompt cache key has expired", Outcome.FORMAT),
        (400, "max tokens window expired", Outcome.FORMAT),
        (400, "the access token cache has expired", Outcome.FORMAT),
        (400, "token expired", Outcome.FORMAT),
    ],
)
def test_what_else_expires_says_nothing_of_the_key(
    status: int, said: str, outcome: Outcome
) -> None:
    found = classify(status, {}, json.dumps({"error": {"message": said}}).encode(), is_answer, 0)

    assert (found.outcome, found.credential) == (outcome, "unknown")


@pytest.mark.parametrize("said", ["CSRF token expired", "prompt cache key has expired"])
def test_a_401_about_another_token_does_not_say_the_key_expired(said: str) -> None:
    found = classify(401, {}, json.dumps({"error": {"message": said}}).encode(), is_answer, 0)

    assert found.outcome is Outcome.AUTH


@pytest.mark.parametrize(
    ("status", "said"),
    [
        (400, "API key expired. Please renew it."),
        (403, "Your access token has expired"),
        (403, "The refresh token you sent has expired"),
        (400, "Expired API key"),
        (401, "Token is expired"),
        (401, "jwt expired"),
    ],
)
def test_a_credential_that_is_named_and_expired_is_expired(status: int, said: str) -> None:
    found = classify(status, {}, json.dumps({"error": {"message": said}}).encode(), is_answer, 0)

    assert (found.outcome, found.credential) == (Outcome.EXPIRED, "refused")


@pytest.mark.parametrize("status", [500, 502, 503])
@pytest.mark.parametrize("code", ["invalid_api_key", "expired_token", "API_KEY_INVALID"])
def test_a_gateway_that_fails_of_a_key_fails_of_its_own(status: int, code: str) -> None:
    found = classify(status, {}, json.dumps({"error": {"code": code}}).encode(), is_answer, 0)

    assert (found.outcome, found.credential, found.code) == (Outcome.AUTH, "unknown", code)


@pytest.mark.parametrize("body", [b"", b"401 Unauthorized", b"<html><h1>401</h1></html>", b"{}"])
def test_a_password_asked_by_a_server_in_front_is_no_judgement_of_the_key(body: bytes) -> None:
    headers = {"www-authenticate": 'Basic realm="restricted"'}
    found = classify(401, headers, body, is_answer, 0)

    assert (found.outcome, found.credential) == (Outcome.AUTH, "unknown")


@pytest.mark.parametrize(
    ("asked", "body"),
    [
        ("Bearer", b"{}"),
        ('Bearer realm="x", Basic realm="x"', b"{}"),
        ('Basic realm="x", Bearer', b"{}"),
        ("Basic", b'{"error": {"code": "invalid_api_key"}}'),
    ],
)
def test_a_key_that_was_seen_and_refused_is_refused(asked: str, body: bytes) -> None:
    found = classify(401, {"www-authenticate": asked}, body, is_answer, 0)

    assert (found.outcome, found.credential) == (Outcome.AUTH, "refused")
