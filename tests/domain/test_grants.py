"""A token endpoint's reply: what it grants, whose it is, its errors; whatever comes."""

import base64
import contextlib
import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credentials.credential import OAuthToken
from domain.credentials.grants import (
    Labels,
    expiry,
    granted,
    label,
    labels,
    oauth_error,
    seconds,
    token,
)
from domain.credentials.secret import Secret
from domain.errors import SignInFailed
from domain.instants import DAY, HOUR
from domain.providers.client import Client

NOW = 1_795_000_000_000
CLIENT = Client("our-id", "https://issuer.test/token")
ACCESS, REFRESH = "at-canary-0123456789", "rt-canary-9876543210"
GOOD: dict[str, Any] = {"access_token": ACCESS, "token_type": "Bearer", "expires_in": 3600}
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=8,
)


def jwt(**claims: object) -> str:
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def test_a_good_reply_is_a_grant_of_who_asked() -> None:
    got = granted({**GOOD, "refresh_token": REFRESH}, CLIENT, NOW)
    assert got == OAuthToken(Secret(ACCESS), Secret(REFRESH), NOW + HOUR, CLIENT, "")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        (3600, NOW + HOUR),
        (3600.0, NOW + HOUR),
        (0.5, NOW + 500),
        ("3600", NOW + HOUR),
        (" 3600 ", NOW + HOUR),
        ("3599.5", NOW + HOUR - 500),
        (0, NOW),
        (-1, NOW),
        ("-30", NOW),
        (-math.inf, NOW),
        (10 * 365 * DAY // 1000, NOW + 10 * 365 * DAY),
        (10 * 365 * DAY // 1000 + 1, None),
        (10**4000, None),
        ("9" * 400, None),
        (math.inf, None),
        (math.nan, None),
        ("NaN", None),
        ("1_000", None),
        ("soon", None),
        ("", None),
        (True, None),
        (False, None),
        (None, None),
        ([3600], None),
        ({"s": 1}, None),
    ],
)
def test_an_expiry_is_a_moment_of_our_clock_or_unknown(told: object, expected: int | None) -> None:
    assert expiry(told, NOW) == expected
    assert granted({**GOOD, "expires_in": told}, CLIENT, NOW).expires_at == expected


def test_a_reply_without_an_expiry_has_none() -> None:
    assert granted({"access_token": ACCESS}, CLIENT, NOW).expires_at is None


@given(JSON)
def test_any_expiry_is_a_moment_from_now_to_ten_years_or_unknown(told: object) -> None:
    got = expiry(told, NOW)
    assert got is None or NOW <= got <= NOW + 10 * 365 * DAY


def test_numbers_in_strings_are_numbers_and_truth_is_none() -> None:
    assert (seconds("5"), seconds(5), seconds(2.5)) == (5, 5, 2.5)
    assert [seconds(told) for told in (True, "x", None, math.nan, "٥")] == [None] * 5


@pytest.mark.parametrize("kind", ["bearer", "Bearer", "BEARER", None])
def test_a_bearer_token_is_one_in_any_case(kind: str | None) -> None:
    assert granted({**GOOD, "token_type": kind}, CLIENT, NOW).access.reveal() == ACCESS


@pytest.mark.parametrize("kind", ["mac", "DPoP", "", 1, ["bearer"]])
def test_another_type_of_token_is_refused(kind: object) -> None:
    with pytest.raises(SignInFailed, match="other than bearer"):
        granted({**GOOD, "token_type": kind}, CLIENT, NOW)


BAD = ["", " ", "a b", "a\n", " a", "é", "\x1b[2J", "\ud800", "a" * 16385, 7, None, [], {}, True]


@pytest.mark.parametrize("text", BAD, ids=lambda t: ascii(t)[:12])
def test_what_is_no_token_is_refused_and_not_repeated(text: object) -> None:
    with pytest.raises(SignInFailed) as refusal:
        granted({**GOOD, "access_token": text}, CLIENT, NOW)
    assert str(refusal.value) == "the reply has no usable access token"
    assert refusal.value.__context__ is None
    with pytest.raises(SignInFailed, match="no usable key"):
        token(text, "key")


@pytest.mark.parametrize("text", ["a", "a" * 16384, "!~"])
def test_short_and_long_tokens_are_tokens(text: str) -> None:
    assert granted({**GOOD, "access_token": text}, CLIENT, NOW).access.reveal() == text


@pytest.mark.parametrize("text", ["a b", 7, [], "a" * 16385, "\x1b"])
def test_a_refresh_token_that_is_none_is_refused(text: object) -> None:
    with pytest.raises(SignInFailed, match="no usable refresh token"):
        granted({**GOOD, "refresh_token": text}, CLIENT, NOW)


@pytest.mark.parametrize("text", [None, ""])
def test_a_reply_without_a_refresh_token_keeps_the_old_one(text: str | None) -> None:
    old = OAuthToken(Secret("old"), Secret(REFRESH), NOW, CLIENT, "acc-1", spent=True)
    reply = {**GOOD, "refresh_token": text, "user_id": "acc-2"}
    got = granted(reply, CLIENT, NOW, old)
    assert got == OAuthToken(Secret(ACCESS), Secret(REFRESH), NOW + HOUR, CLIENT, "acc-1")
    renewed = granted({**GOOD, "refresh_token": "new"}, CLIENT, NOW, old)
    assert renewed.refresh == Secret("new")
    assert granted(reply, CLIENT, NOW).refresh is None


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ({}, Labels()),
        (
            {
                "id_token": jwt(
                    aud="our-id",
                    sub="sub-1",
                    email="a@b.test",
                    **{
                        "https://api.openai.com/auth": {
                            "chatgpt_account_id": "acc-1",
                            "chatgpt_plan_type": "plus",
                        }
                    },
                )
            },
            Labels("acc-1", "a@b.test", "plus"),
        ),
        ({"id_token": jwt(aud=["x", "our-id"], sub="sub-1")}, Labels("sub-1")),
        ({"id_token": jwt(sub="sub-1", email="a@b.test")}, Labels("sub-1", "a@b.test")),
        ({"access_token": jwt(aud="an-api", sub="s2", email="x@y.test")}, Labels("s2", "x@y.test")),
        ({"user_id": "user-1", "account": "acc"}, Labels("user-1")),
        ({"account": "acc"}, Labels("acc")),
        ({"id_token": jwt(sub="sub-1"), "user_id": "user-1"}, Labels("sub-1")),
    ],
)
def test_labels_are_what_the_reply_says(reply: dict[str, Any], expected: Labels) -> None:
    assert labels(reply, "our-id") == expected
    assert granted({**GOOD, **reply}, CLIENT, NOW).account == expected.account


@pytest.mark.parametrize("audience", ["another", ["another"], [], "", 7, {"our-id": 1}, "our-id2"])
def test_an_id_token_for_another_says_nothing(audience: object) -> None:
    told = jwt(aud=audience, sub="sub-1", email="a@b.test")
    assert labels({"id_token": told, "user_id": "user-1"}, "our-id") == Labels("user-1")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "a.b",
        "a.b.c",
        "..",
        "é.é.é",
        f"e30.{base64.urlsafe_b64encode(b'[1]').decode()}.x",
        f"e30.{base64.urlsafe_b64encode(b'[' * 9000).decode()}.x",
        f"e30.{base64.urlsafe_b64encode(b'{').decode()}.x",
        f"e30.{base64.urlsafe_b64encode(bytes([255, 254])).decode()}.x",
        jwt(sub="x", pad="p" * 70_000),
        jwt(sub=7, email=["a"], **{"https://api.openai.com/auth": "text"}),
        jwt(sub="  ", email=""),
        7,
        None,
        {"sub": "x"},
    ],
    ids=lambda text: ascii(text)[:16],
)
def test_what_is_no_jwt_labels_nothing(text: object) -> None:
    assert labels({"id_token": text, "access_token": text}, "our-id") == Labels()


def test_labels_are_short_and_printable() -> None:
    hostile = "a\x1b[2J\n\u202e" + "b" * 500
    got = labels({"id_token": jwt(sub=hostile, email=hostile)}, "our-id")
    assert len(got.account) == len(got.email) == 200
    assert got.account.isprintable()
    assert got.account.startswith("a\\x1b[2J \\u202ebbb")
    assert (label("x" * 200), label(7), label("\ud800")) == ("x" * 200, "", "\\ud800")


def test_a_token_is_no_label() -> None:
    reply = {**GOOD, "refresh_token": REFRESH, "user_id": f"u {REFRESH}", "account": "acc"}
    assert labels(reply, "our-id") == Labels("acc")
    assert labels({**GOOD, "id_token": jwt(sub=ACCESS)}, "our-id") == Labels()
    # One of a few letters is in every other word.
    assert labels({"access_token": "a", "user_id": "adam"}, "our-id") == Labels("adam")


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"error": "invalid_grant"}, ("invalid_grant", "")),
        (
            {"error": "invalid_client", "error_description": "who are you"},
            ("invalid_client", "who are you"),
        ),
        (
            {"error": {"code": "refresh_token_reused", "type": "invalid_request_error"}},
            ("refresh_token_reused", ""),
        ),
        (
            {"error": {"code": None, "type": "invalid_grant", "message": "used"}},
            ("invalid_grant", "used"),
        ),
        ({"error": {"code": 403, "message": "Invalid code"}}, ("", "Invalid code")),
        ({"error": True, "message": "no"}, ("", "no")),
        ({"error": ["x"]}, ("", "")),
    ],
)
def test_an_error_is_read_in_either_form(document: object, expected: tuple[str, str]) -> None:
    assert oauth_error(document) == expected


@pytest.mark.parametrize("document", [None, [], "error", 7, {}, {"error": None}, {"error": ""}])
def test_no_error_is_none(document: object) -> None:
    assert oauth_error(document) is None


def test_an_error_is_harmless_and_holds_no_secret() -> None:
    hostile = f"\x1b]0;x\x07 {REFRESH}\nnext {REFRESH[::-1]} " + "z" * 500
    error = oauth_error({"error": hostile, "error_description": hostile}, [REFRESH])
    assert error is not None
    for text in error:
        assert text.isprintable()
        assert len(text) <= 200
        assert "[redacted]" in text
        assert REFRESH not in text
        assert REFRESH[::-1] not in text


def test_a_code_stays_a_word_and_a_secret_never_is_one() -> None:
    near = "rt_invalid_grant_0123"
    assert oauth_error({"error": "invalid_grant"}, [near]) == ("invalid_grant", "")
    assert oauth_error({"error": "correct_horse"}, ["correct_horse"]) == ("[redacted]", "")


@given(
    st.dictionaries(
        st.sampled_from([*GOOD, "refresh_token", "id_token", "user_id"]),
        JSON | st.sampled_from([ACCESS, "bearer"]),
    )
)
def test_any_reply_is_a_grant_or_refused(document: dict[str, Any]) -> None:
    assert all(len(text) <= 200 for text in labels(document, "our-id"))
    with contextlib.suppress(SignInFailed):
        assert granted(document, CLIENT, NOW).access.reveal() == document["access_token"]
