"""Known secrets in text that comes in pieces."""

import base64
import json
import time
from collections.abc import Iterable
from urllib.parse import quote

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.masking import StreamMask
from domain.text import REDACTED, forms

KEY = "sk-proj-Zm9vYmFy/cXV4+Q==_x1~y2"
# Few letters, so that texts are full of beginnings, overlaps and repetitions.
SHORT = st.text("abA", min_size=2, max_size=6)
SECRETS = st.lists(SHORT, min_size=1, max_size=3)
PIECES = st.lists(st.text("abABz%", max_size=8), max_size=12)


def masked(pieces: Iterable[str], secrets: Iterable[str]) -> str:
    mask = StreamMask(secrets)
    return "".join([*(mask.feed(piece) for piece in pieces), mask.finish()])


def plainly(text: str, secrets: Iterable[str], until: int | None = None) -> str:
    """The same by its definition: each run of occurrences that begins before `until`."""
    until = len(text) if until is None else until
    found = {form.lower() for secret in secrets for form in forms(secret)}
    spans = sorted(
        (at, at + len(form))
        for form in found
        for at in range(until)
        if text.lower().startswith(form, at)
    )
    out, end = [], 0
    for begin, last in spans:
        if begin >= end:
            out += [text[end:begin], REDACTED]
        end = max(end, last)
    return "".join(out) + text[end:until]


def open_end(text: str, secrets: Iterable[str]) -> int:
    """How much of the end of `text` may yet become a secret."""
    found = {form.lower() for secret in secrets for form in forms(secret)}
    ends = (text.lower()[at:] for at in range(len(text)))
    begun = (end for end in ends if any(f != end and f.startswith(end) for f in found))
    return len(next(begun, ""))


@given(PIECES, SECRETS)
@example(["aab", "ab", "aab"], ["abab", "baa"])
@example(["ab", "a", "b", "a"], ["ab", "abab", "ba"])
def test_every_cut_of_a_text_gives_what_the_whole_gives(
    pieces: list[str], secrets: list[str]
) -> None:
    text = "".join(pieces)
    expected = plainly(text, secrets)
    assert masked(pieces, secrets) == expected
    assert masked([text], secrets) == expected
    assert masked(text, secrets) == expected


@given(PIECES, SECRETS)
def test_no_more_is_held_back_than_may_become_a_secret(
    pieces: list[str], secrets: list[str]
) -> None:
    mask, text, told = StreamMask(secrets), "", ""
    for piece in pieces:
        text += piece
        told += mask.feed(piece)
        assert told == plainly(text, secrets, len(text) - open_end(text, secrets))


@pytest.mark.parametrize(
    "form",
    [
        KEY,
        KEY.upper(),
        KEY[::-1],
        quote(KEY, safe=""),
        quote(KEY, safe="").lower(),
        json.dumps(KEY)[1:-1],
        KEY.replace("/", "\\/"),
        KEY.encode().hex(),
        KEY.encode().hex().upper(),
    ],
)
def test_each_form_is_masked_wherever_it_is_cut(form: str) -> None:
    text = f"the key {form} and {form}{form}."
    expected = f"the key {REDACTED} and {REDACTED}{REDACTED}."
    assert masked(text, [KEY]) == expected
    for at in range(len(text)):
        assert masked([text[:at], text[at:]], [KEY]) == expected


@pytest.mark.parametrize("lead", range(6))
@pytest.mark.parametrize("encode", [base64.b64encode, base64.urlsafe_b64encode])
def test_base64_is_masked_wherever_the_secret_begins_in_it(lead: int, encode: type) -> None:
    text = encode(b"u" * lead + KEY.encode() + b":").decode()
    shown = masked(text, [KEY])
    assert REDACTED in shown
    assert len(shown) - len(REDACTED) <= lead * 4 // 3 + 8


@given(st.text(max_size=300), st.integers(1, 50))
def test_text_without_a_secret_is_unchanged(text: str, size: int) -> None:
    pieces = [text[at : at + size] for at in range(0, len(text), size)]
    assert masked(pieces, [KEY]) == text
    assert masked(pieces, []) == text


@given(st.binary(max_size=300), st.integers(0, 300))
def test_bytes_go_through_as_latin_1(content: bytes, at: int) -> None:
    raw = content[:at] + KEY.encode() + content[at:]
    shown = masked([raw.decode("latin-1")], [KEY]).encode("latin-1")
    assert shown == content[:at] + REDACTED.encode() + content[at:]


def test_what_cannot_become_a_secret_is_told_at_once() -> None:
    mask = StreamMask([KEY])
    assert mask.feed("loading 1%") == "loading 1%"
    assert mask.feed(f"got {KEY[:10]}") == "got "
    assert mask.feed("!") == f"{KEY[:10]}!"
    assert mask.feed(f"got {KEY}") == f"got {REDACTED}"


def test_a_secret_whose_end_may_begin_another_is_told_at_once() -> None:
    mask = StreamMask(["abcdefab"])
    assert mask.feed("xabcdefab") == f"x{REDACTED}"
    assert mask.feed("cdefab.") == "."
    assert mask.feed("ab") == ""
    assert mask.finish() == "ab"


def test_what_is_in_any_text_is_no_secret_to_hide() -> None:
    mask = StreamMask(["none"])
    assert mask.feed("there is none") == "there is none"


def test_after_the_end_a_new_text_begins() -> None:
    mask = StreamMask([KEY])
    assert (mask.feed(KEY[:9]), mask.finish()) == ("", KEY[:9])
    assert mask.feed(KEY[9:]) + mask.finish() == KEY[9:]


def test_the_end_of_one_secret_that_is_the_beginning_of_another_is_masked_with_both() -> None:
    assert masked("<firstmiddlelast>", ["firstmiddle", "middlelast"]) == f"<{REDACTED}>"


@pytest.mark.parametrize(
    ("text", "secret", "size"),
    [
        ("a" * 1_000_000, "a" * 16_384, 65_536),
        ("a" * 100_000, "a" * 16_383 + "b", 1),
        ("ab" * 100_000, "ab" * 8_191 + "aa", 7),
        ("sk-" * 700_000, KEY, 65_536),
        ("no secret in here\n" * 300_000, KEY, 65_536),
        ("\xff\x00\xfe" * 1_000_000, KEY, 65_536),
    ],
    ids=["one run", "a run by letters", "a rhythm", "beginnings", "prose", "bytes"],
)
def test_the_time_grows_with_the_text_alone(text: str, secret: str, size: int) -> None:
    began = time.process_time()
    masked((text[at : at + size] for at in range(0, len(text), size)), [secret])
    assert time.process_time() - began < 20
