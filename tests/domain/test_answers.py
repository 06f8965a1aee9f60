"""Answers read once: the document, the provider's words, the prose, whatever came."""

import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers.reading import Answer, as_error, error_under_success, parse, read


def answer(document: object, status: int = 400) -> Answer:
    return read(status, {}, json.dumps(document).encode())


@pytest.mark.parametrize(
    ("body", "document"),
    [
        (b'{"a": 1}', {"a": 1}),
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        ('{"a": "é"}'.encode("utf-16"), {"a": "é"}),
        (b'{"a": 1, "a": 2}', {"a": 2}),
        (b"", None),
        (b"{", None),
        (b'{"a": "\xff"}', None),
        (b"[" * 100_000, None),
        (b"1" * 5_000, None),
        (b"null", None),
    ],
)
def test_what_is_json_is_read_and_the_rest_is_nothing(body: bytes, document: object) -> None:
    assert parse(body) == document


@pytest.mark.parametrize(
    ("document", "code", "type"),
    [
        (
            {"error": {"type": "requests", "code": "rate_limit_exceeded"}},
            "rate_limit_exceeded",
            "requests",
        ),
        ({"error": {"type": "billing_error", "code": None}}, "billing_error", "billing_error"),
        ({"type": "error", "error": {"type": "api_error"}}, "api_error", "api_error"),
        (
            {
                "error": {
                    "type": "rate_limit_error",
                    "details": {"error_code": "ramp_limit_exceeded"},
                }
            },
            "ramp_limit_exceeded",
            "rate_limit_error",
        ),
        ({"error": {"code": 400, "status": "INVALID_ARGUMENT"}}, "INVALID_ARGUMENT", None),
        ({"error": {"code": "400", "type": "auth_error"}}, "auth_error", "auth_error"),
        ({"object": "error", "type": "invalid_model", "code": "1500"}, "1500", "invalid_model"),
        ({"error": {"code": 3505}}, "3505", None),
        ({"error": "invalid_grant"}, "invalid_grant", None),
        ({"error": "Incorrect API key provided: xa***"}, None, None),
        ({"code": "Client specified an invalid argument"}, None, None),
        ({"error": {"code": True}}, None, None),
        ({"error": {"code": "\x1b[31m"}}, None, None),
        ({"error": {"code": "x" * 65}}, None, None),
        ([{"error": {"code": "x"}}], "x", None),
        ("x", None, None),
        (None, None, None),
    ],
)
def test_the_most_telling_word_is_the_code(
    document: object, code: str | None, type: str | None
) -> None:
    found = answer(document)

    assert (found.code(400), found.type) == (code, type)


def test_words_are_compared_in_lower_case_and_kept_as_they_came() -> None:
    found = answer({"error": {"status": "RESOURCE_EXHAUSTED", "message": "Quota Exceeded"}})

    assert found.coded("resourceexhausted")
    assert found.says("quota exceeded")
    assert found.words == ("RESOURCE_EXHAUSTED",)
    assert found.detail == "Quota Exceeded"


@pytest.mark.parametrize(
    ("kind", "body", "is_html"),
    [
        ("text/html", b"<p>x</p>", True),
        ("text/html", b"", True),
        ("application/xhtml+xml", b"", True),
        ("application/json", b" \r\n<!DOCTYPE HTML>", True),
        ("", b"\xef\xbb\xbf<html>", True),
        ("text/plain", b'<?xml version="1.0"?>\n<!DOCTYPE html PUBLIC "x">', True),
        ("text/plain", b"<!-- a --><!-- b -->\n<html lang='en'>", True),
        ("text/plain", b"<!--" + b" portal " * 100 + b"--><HTML>", True),
        ("text/plain", b"<!doctype\n html><html>", True),
        ("application/xml", b"<Error><Code>AccessDenied</Code></Error>", False),
        ("text/plain", b"no <html> here", False),
        ("text/html", b'{"error": "x"}', False),
        ("text/plain", b"Missing API key", False),
    ],
)
def test_a_page_is_told_from_an_answer(kind: str, body: bytes, is_html: bool) -> None:
    assert read(401, {"content-type": kind}, body).is_html is is_html


def test_a_thousand_comments_are_read_once() -> None:
    began = time.process_time()
    assert not read(401, {}, b"<!-- -->" * 30_000).is_html
    assert not read(401, {}, b"<!--" * 60_000).is_html
    assert time.process_time() - began < 0.5


def test_plain_text_is_prose_and_a_page_is_not() -> None:
    assert read(401, {}, b"Authentication Fails (governor)").says("authentication fails")
    assert read(401, {}, b"<html>Authentication Fails</html>").detail is None


@pytest.mark.parametrize(
    ("document", "error"),
    [
        ({"error": {"code": 1}}, {"code": 1}),
        ({"error": "x"}, "x"),
        ([{"error": {"code": 1}}], {"code": 1}),
        ({"object": "error", "message": "x"}, {"object": "error", "message": "x"}),
        ({"choices": [{"error": {"code": 502}}]}, {"code": 502}),
        ({"choices": [{"message": {}}], "error": None}, None),
        ({"error": {}}, None),
        ({"choices": []}, None),
        ({"choices": ["x"]}, None),
        ([{"id": "x"}, {"error": "y"}], None),
        ([], None),
        ("error", None),
    ],
)
def test_an_error_under_success_is_found(document: object, error: object) -> None:
    assert error_under_success(document) == error


@pytest.mark.parametrize(
    ("code", "status"),
    [(401, 401), ("402", 402), (200, 0), (40_100, 0), ("٤٠١", 0), (None, 0), (True, 0), (-401, 0)],
)
def test_an_error_under_success_has_the_status_of_its_code(code: object, status: int) -> None:
    found = as_error(answer({"error": {"code": code}}, 200), {"code": code})

    assert found.status == status


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("https://portal.test/login?key=sk-1", "redirected to portal.test"),
        ("https://me:pw@portal.test:8443/x", "redirected to portal.test:8443"),
        ("//portal.test/x", "redirected to portal.test"),
        ("https://portal.test?key=sk-1", "redirected to portal.test"),
        ("https://portal.test#sk-1", "redirected to portal.test"),
        ("https:///x", "redirected to another path"),
        ("/elsewhere", "redirected to another path"),
        ("", "redirected to another path"),
    ],
)
def test_a_redirect_tells_a_host_and_nothing_else(location: str, said: str) -> None:
    assert read(302, {"location": location}, b"").detail == said


@given(st.binary(max_size=300), st.integers(100, 599), st.text(max_size=20))
def test_any_bytes_are_read(body: bytes, status: int, kind: str) -> None:
    found = read(status, {"content-type": kind}, body)

    assert found.status == status
    assert all(word == word.lower() for word in found.codes)


@given(st.integers(1, 60))
def test_no_depth_is_followed_for_ever(depth: int) -> None:
    document: object = {"code": "deepest"}
    for _ in range(depth):
        document = {"error": document}

    assert answer(document).coded("deepest") is (depth <= 6)
