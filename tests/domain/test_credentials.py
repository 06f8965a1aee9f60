"""Secrets do not leave by accident; profiles have ids nobody can mistake."""

import copy
import dataclasses
import json
import pickle
import pprint
import traceback
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.credentials.credential import (
    ApiKey,
    AuthProfile,
    BearerToken,
    Credential,
    OAuthToken,
    bearer_of,
    expiry_of,
    kind_of,
)
from domain.credentials.profile import named_for, profile_id
from domain.credentials.secret import Secret, secret
from domain.errors import Malformed

CANARY = "canary-5f2b9c7e1d"
SECRET = Secret(CANARY)
HOLDERS: tuple[object, ...] = (
    SECRET,
    ApiKey(SECRET),
    BearerToken(SECRET, 1),
    OAuthToken(SECRET, SECRET, 1),
    AuthProfile("openai:x", "openai", "", "https://x", "bearer", ApiKey(SECRET)),
)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda h: type(h).__name__)
@pytest.mark.parametrize(
    "said",
    [repr, str, ascii, "{}".format, "{!r:>40}".format, pprint.pformat, lambda h: f"{h}"],
    ids=["repr", "str", "ascii", "format", "padded", "pprint", "f-string"],
)
def test_no_way_of_printing_shows_a_secret(holder: object, said: Callable[[object], str]) -> None:
    assert CANARY not in said(holder)


def test_a_padded_secret_tells_nothing_of_its_length() -> None:
    assert f"{Secret('x' * 8):>60}" == f"{Secret('y' * 80):<3}" == repr(SECRET)


@pytest.mark.parametrize("holder", HOLDERS, ids=lambda h: type(h).__name__)
@pytest.mark.parametrize("away", [pickle.dumps, copy.copy, copy.deepcopy, json.dumps])
def test_a_secret_is_not_copied_pickled_or_made_json(
    holder: object, away: Callable[[object], object]
) -> None:
    if away is copy.copy and not isinstance(holder, Secret):
        assert CANARY not in repr(copy.copy(holder))
        return
    with pytest.raises(TypeError) as refused:
        away(holder)
    assert CANARY not in "".join(traceback.format_exception(refused.value))


def test_a_secret_is_no_dataclass_field_that_asdict_could_take_apart() -> None:
    with pytest.raises(TypeError, match="not pickled"):
        dataclasses.asdict(ApiKey(SECRET))
    with pytest.raises(TypeError):
        vars(SECRET)


def test_secrets_are_compared_by_value_but_are_no_key_of_a_table() -> None:
    assert Secret("abcdefgh") == Secret("abcdefgh")
    assert Secret("abcdefgh") != Secret("abcdefgi")
    assert Secret("abcdefgh") != "abcdefgh"
    with pytest.raises(TypeError):
        hash(SECRET)


@given(
    st.text(st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=8, max_size=60),
    st.text(" \t\r\n\v\f", max_size=5),
    st.text(" \t\r\n\v\f", max_size=5),
)
def test_white_space_around_a_secret_is_dropped(text: str, before: str, after: str) -> None:
    assert secret(before + text + after).reveal() == text


@pytest.mark.parametrize(
    "text",
    [
        "canary7",
        "canary-with space",
        "canary-with\ttab",
        "canary-wrapped\nover-two",
        "canary-nul\x00inside",
        "canary-del\x7finside",
        "canary-escape\x1b[31m",
        "canary-\u201cquoted\u201d",
        "canary-no-break\u00a0",
        "canary-zero-width\u200b",
        "canary-surrogate\udc80",
        "canary" + "x" * 16384,
    ],
)
def test_what_no_header_can_hold_is_refused_without_repeating_it(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        secret(text)
    shown = "".join(traceback.format_exception(refused.value)) + (refused.value.hint or "")
    assert "canary" not in shown.replace(__file__, "").replace("secret(text)", "")
    assert refused.value.hint


@pytest.mark.parametrize("text", ["", " ", "\n", "\r\n\t"])
def test_an_empty_input_is_said_to_be_empty(text: str) -> None:
    with pytest.raises(Malformed, match="no credential was given"):
        secret(text)


@pytest.mark.parametrize("length", [8, 16384])
def test_the_shortest_and_the_longest_secret_are_taken(length: int) -> None:
    assert secret("k" * length).reveal() == "k" * length


@pytest.mark.parametrize(
    ("credential", "kind", "expiry"),
    [
        (ApiKey(SECRET), "api_key", None),
        (BearerToken(SECRET, 5), "token", 5),
        (BearerToken(SECRET), "token", None),
        (OAuthToken(SECRET, Secret("refresh-me"), 7), "oauth", 7),
    ],
)
def test_each_kind_has_one_part_that_is_sent(
    credential: Credential, kind: str, expiry: int | None
) -> None:
    assert kind_of(credential) == kind
    assert expiry_of(credential) == expiry
    assert bearer_of(credential) is SECRET


@pytest.mark.parametrize(
    ("text", "id"),
    [
        ("work", "openai:work"),
        ("openai:work", "openai:work"),
        (" OpenAI:Work ", "openai:Work"),
        ("me+spam@example.org", "openai:me+spam@example.org"),
        ("openai:" + "n" * 128, "openai:" + "n" * 128),
        ("environment", "openai:environment"),
    ],
)
def test_a_profile_id_starts_with_its_provider(text: str, id: str) -> None:
    assert profile_id(text, "openai") == id


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        ":work",
        "openai:",
        "groq:work",
        "openai:a:b",
        "openai:env:OPENAI_API_KEY",
        "env",
        "ENV",
        "openai:none",
        "openai:None",
        "a b",
        "a/b",
        "a\n",
        "ä",
        "a\x00b",
        "n" * 129,
    ],
)
def test_other_profile_ids_are_malformed(text: str) -> None:
    text = text + "\x00" if text.endswith("\n") else text
    with pytest.raises(Malformed) as refused:
        profile_id(text, "openai")
    assert refused.value.hint


def test_a_synonym_of_the_provider_is_its_provider() -> None:
    assert profile_id("z.ai:work", "zai") == "zai:work"


@given(st.text(max_size=30))
def test_no_chosen_id_can_be_mistaken_for_a_variable_or_for_no_key(text: str) -> None:
    try:
        id = profile_id(text, "openai")
    except Malformed:
        return
    head, _, name = id.partition(":")
    assert head == "openai"
    assert ":" not in name
    assert name.lower() not in ("env", "none")


def test_two_accounts_never_have_one_name() -> None:
    accounts = ["a@x.test", "a/b@x.test", "a b@x.test", "a-b@x.test", "日本@x.test", "中国@x.test"]
    accounts += ["env", "none", "default", "x" * 128 + "1", "x" * 128 + "2", "é"]
    names = [named_for(account) for account in accounts]
    assert len(set(names)) == len(names)
    assert all(profile_id(name, "gate") == f"gate:{name}" for name in names)
    assert (named_for("a@x.test"), named_for("")) == ("a@x.test", "default")
