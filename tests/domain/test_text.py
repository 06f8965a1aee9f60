"""The border for foreign text."""

import base64
import json
import time
from unicodedata import category
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.text import LIMIT, REDACTED, did_you_mean, foreign, nearest, readable, visible

SECRETS = st.text(
    st.characters(codec="ascii", categories=("L", "N", "P", "S")), min_size=8, max_size=80
)
PROSE = st.text(st.characters(codec="ascii", categories=("L", "P", "Zs")), max_size=40)
KEY = "sk-proj-Zm9vYmFy/cXV4+Q==_x1~y2"


@given(st.text(max_size=600), st.integers(2, 300))
def test_shown_text_is_one_printable_line_no_longer_than_its_limit(text: str, limit: int) -> None:
    shown = visible(text, limit)
    assert shown.isprintable()
    assert len(shown) <= limit


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("h\u00e9llo \u4f60\u597d \U0001f600", "h\u00e9llo \u4f60\u597d \U0001f600"),
        ("a\x1b[31mb", "a\\x1b[31mb"),
        ("a\r\nb\tc", "a\\x0d\\x0ab\\x09c"),
        ("a\x00\x7f\x9bb", "a\\x00\\x7f\\x9bb"),
        ("a\u202eb\u2066c", "a\\u202eb\\u2066c"),
        ("a\u200bb\ufeffc", "a\\u200bb\\ufeffc"),
        ("a\u2028b\u2029c", "a\\u2028b\\u2029c"),
        ("a\ud800b", "a\\ud800b"),
        ("a\ue000b", "a\\ue000b"),
        ("a\U000e0041b", "a\\U000e0041b"),
        ("e\u0301\u0301\u0301\u0301x", "e\u0301\u0301x"),
        ("e" + "\u0489" * 50 + "x", "e\u0489\u0489x"),
    ],
)
def test_what_could_change_a_terminal_is_shown_as_its_number(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(st.text(max_size=600))
def test_readable_text_has_nothing_a_terminal_obeys_but_line_ends_and_tabs(text: str) -> None:
    shown = readable(text)
    rest = shown.replace("\n", "").replace("\t", "")
    assert all(c.isprintable() or c in "\u200c\u200d" or category(c) == "Zs" for c in rest)
    assert shown.count("\n") == text.count("\n")
    assert readable(shown) == shown
    shown.encode()


@given(st.text(max_size=200), st.integers(0, 200))
def test_readable_pieces_are_the_readable_whole(text: str, at: int) -> None:
    assert readable(text.replace("\r", "")) == "".join(
        map(readable, (text[:at].replace("\r", ""), text[at:].replace("\r", "")))
    )


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("one\ntwo\tthree\n", "one\ntwo\tthree\n"),
        ("one\r\ntwo\rthree\r", "one\ntwo\\x0dthree\\x0d"),
        ("a\x1b[2Jb\x07\x7f\x9b", "a\\x1b[2Jb\\x07\\x7f\\x9b"),
        ("a\u202eb\u2066c\u200e", "a\\u202eb\\u2066c\\u200e"),
        ("a\ud83d", "a\\ud83d"),
        ("a\ue000\U000e0041", "a\\ue000\\U000e0041"),
        ("a\u2028b\u0085", "a\\u2028b\\x85"),
        (
            "n\u2019est-ce pas\u00a0? \u4f60\u3000\u597d",
            "n\u2019est-ce pas\u00a0? \u4f60\u3000\u597d",
        ),
        (
            "\U0001f469\u200d\U0001f52c \u0645\u06cc\u200c\u062e",
            "\U0001f469\u200d\U0001f52c \u0645\u06cc\u200c\u062e",
        ),
        ("x" * 100_000, "x" * 100_000),
    ],
)
def test_readable_text_keeps_what_a_person_reads(text: str, shown: str) -> None:
    assert readable(text) == shown


def test_a_long_text_is_cut_and_says_so() -> None:
    assert visible("x" * LIMIT) == "x" * LIMIT
    assert visible("x" * (LIMIT + 1)) == "x" * (LIMIT - 1) + "\u2026"


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        quote(KEY, safe=""),
        quote(KEY),
        quote_plus(KEY),
        quote(KEY, safe="").lower(),
        json.dumps(KEY)[1:-1],
        KEY.replace("/", "\\/"),
        KEY.upper(),
        KEY.lower(),
        KEY[:8],
        KEY[-8:],
        KEY[5:17],
        KEY[::-1],
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
        KEY.encode().hex()[6:30],
        "".join(chr(ord(char) + 0xFEE0) for char in KEY),
        "".join(chr(ord(char) + 0xFEE0) for char in KEY.upper()),
        *(base64.b64encode(b"x" * lead + KEY.encode() + b"y").decode() for lead in range(6)),
        *(base64.urlsafe_b64encode(b"x" * lead + KEY.encode()).decode() for lead in range(6)),
    ],
)
def test_a_secret_is_found_in_every_form_it_comes_back_in(form: str) -> None:
    said = foreign(f"refused: {form} (see the manual)", [KEY])
    assert said.startswith("refused: ")
    assert said.endswith("(see the manual)")
    kept = said.removeprefix("refused: ").removesuffix("(see the manual)").replace(REDACTED, "")
    assert not any(form[at : at + 8] in kept for at in range(len(form) - 7))


@given(SECRETS, PROSE, PROSE)
def test_no_ten_characters_of_a_secret_survive(secret: str, before: str, after: str) -> None:
    forms = (secret, quote(secret, safe=""), json.dumps(secret)[1:-1], secret[1:], secret[:-1])
    for form in forms:
        shown = foreign(before + form + after, [secret], limit=1000)
        spaced = shown.replace(REDACTED, "\n")
        assert not any(secret[at : at + 10] in spaced for at in range(len(secret) - 9))


@given(SECRETS, st.integers(0, 5), st.binary(max_size=5))
def test_no_ten_characters_of_its_base64_survive(secret: str, lead: int, tail: bytes) -> None:
    encoded = base64.b64encode(b"u" * lead + secret.encode() + tail).decode()
    inner = base64.b64encode(b"u" * lead + secret.encode()).decode().rstrip("=")
    own = inner[(lead * 8 + 5) // 6 : -1]
    shown = foreign(f"got {encoded}", [secret], limit=1000).replace(REDACTED, "\n")
    assert not any(own[at : at + 10] in shown for at in range(len(own) - 9))


@pytest.mark.parametrize("form", ["a&amp;b&lt;c&gt;d&quot;e", "&lt;c&gt;d&quot;e&#39;f&#x27;"])
def test_a_secret_escaped_for_a_page_is_found(form: str) -> None:
    assert foreign(f"got {form}", ["a&b<c>d\"e'f'"]).startswith(f"got {REDACTED}")


def test_full_width_prose_that_is_no_secret_is_kept() -> None:
    assert foreign("\uff2d\uff4f\uff44\uff45\uff4c \ufb01 \u6a21\u578b", [KEY]) == (
        "\uff2d\uff4f\uff44\uff45\uff4c \ufb01 \u6a21\u578b"
    )


def test_a_secret_is_redacted_before_the_text_is_cut() -> None:
    shown = foreign("x" * (LIMIT - 5) + KEY, [KEY])
    assert KEY[:3] not in shown


def test_several_secrets_are_all_redacted() -> None:
    assert foreign("aaaabbbbcc and ddddeeeeff", ["aaaabbbbcc", "ddddeeeeff"]) == (
        f"{REDACTED} and {REDACTED}"
    )


def test_prose_that_shares_less_than_a_window_is_kept() -> None:
    assert foreign("the model gpt-5-x does not exist", ["gpt-5-z-secret"]) == (
        "the model gpt-5-x does not exist"
    )


@pytest.mark.parametrize(
    "stranger",
    [
        "Bearer abc.def",
        "bearer   abcdefghijk",
        "sk-proj-****************wxyz",
        "sk-ant-api03-abcdefgh",
        "gsk_abcdefghijkl",
        "hf_abcdefghijkl",
        "ghp_abcdefghijkl",
        "github_pat_11ABCDEFG0abcdefgh",
        "AIzaSyAbcdefghijkl",
        "ya29.abcdefghijkl",
        "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
        "abcd****wxyz",
        "sk-ab...wxyz",
        "key-1234\u2026wxyz",
    ],
)
def test_what_looks_like_anybodys_key_goes_as_well(stranger: str) -> None:
    assert foreign(f"wrong: {stranger} !") == f"wrong: {REDACTED} !"


@pytest.mark.parametrize(
    "prose",
    [
        "skywork-13b-chat is not a model",
        "Please wait... then try again",
        "retry in 5s...",
        "the hfmodelname of pkg-config-tools",
        "2 ** 3 * 4",
        "gpt-5-mini, claude-haiku-4-5 and llama-3.1-8b-instant",
    ],
)
def test_ordinary_prose_is_left_alone(prose: str) -> None:
    assert foreign(prose) == prose


@pytest.mark.parametrize(
    "hostile",
    [
        "a" * 500_000,
        "a*" * 250_000,
        "a**" * 150_000,
        "*" * 500_000,
        "." * 500_000,
        "ab..." * 100_000,
        "Bearer " * 70_000,
        "Bearer" + " " * 500_000,
        "eyJ" * 150_000,
        "sk-" * 150_000,
        "-" * 500_000,
        "\u0301" * 500_000,
        "\u202e" * 500_000,
    ],
    ids=lambda text: repr(text[:8]),
)
def test_hostile_text_costs_next_to_nothing(hostile: str) -> None:
    began = time.process_time()
    foreign(hostile, [KEY])
    assert time.process_time() - began < 0.5


@given(st.lists(st.from_regex(r"[a-z]{3,10}", fullmatch=True), max_size=6), st.text(max_size=12))
def test_only_known_names_are_offered(known: list[str], word: str) -> None:
    assert set(nearest(word, known)) <= set(known)
    assert len(nearest(word, known)) <= 3


def test_the_nearest_names_come_in_the_hint_else_another_one() -> None:
    known = ["openai", "openrouter", "groq"]
    assert did_you_mean("OpenAl", known) == "did you mean openai?"
    assert did_you_mean("zzz", known) is None
    assert did_you_mean("zzz", known, "see the list") == "see the list"
