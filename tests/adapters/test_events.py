"""Bytes in pieces, and the events that come out of them wherever they were cut."""

import json
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.dialects.events import LARGEST_EVENT, Events

CUTS = st.lists(st.integers(0, 400), max_size=12)


def pieces(body: bytes, cuts: list[int]) -> list[bytes]:
    """`body` cut at these places; none of the pieces is empty."""
    places = [0, *sorted(cuts), len(body)]
    cut = [body[a:b] for a, b in pairwise(places)]
    return [piece for piece in cut if piece]


def found(told: list[bytes]) -> tuple[list[dict[str, Any]], Events]:
    events, documents = Events(), []
    for piece in told:
        documents += [event.document for event in events.feed(piece)]
    documents += [event.document for event in events.end()]
    return documents, events


def listed(body: bytes) -> list[dict[str, Any]]:
    return found([body])[0]


A, B = {"a": 1}, {"b": "wörld 🌍"}
FORMS: dict[str, bytes] = {
    "server-sent": 'data: {"a": 1}\n\ndata: {"b": "wörld 🌍"}\n\n'.encode(),
    "with carriage returns": 'data: {"a": 1}\r\n\r\ndata: {"b": "wörld 🌍"}\r\n\r\n'.encode(),
    "without a space": 'data:{"a": 1}\n\ndata:{"b": "wörld 🌍"}\n\n'.encode(),
    "without empty lines": 'data: {"a": 1}\ndata: {"b": "wörld 🌍"}\n'.encode(),
    "without a last line end": 'data: {"a": 1}\n\ndata: {"b": "wörld 🌍"}'.encode(),
    "over several fields": 'data: {"a":\ndata: 1}\n\ndata: {"b":\ndata:"wörld 🌍"}\n\n'.encode(),
    "after a mark of byte order": '\ufeffdata: {"a": 1}\n\ndata: {"b": "wörld 🌍"}\n\n'.encode(),
    "with names, ids and comments": (
        ': hello\nid: 1\nevent: x\nretry: 3\ndata: {"a": 1}\n\n: still here\n\n'
        'id: 2\ndata: {"b": "wörld 🌍"}\n\n:\n'
    ).encode(),
    "among rubbish": (
        'rubbish\ndata: rubbish\n\ndata\ndata:\n\ndata: {"a": 1}\n\n<p>\n\ndata: 7\n\n'
        'data: {"b": "wörld 🌍"}\n\n{]\n'
    ).encode(),
    "until it says so": (
        'data: {"a": 1}\n\ndata: {"b": "wörld 🌍"}\n\ndata: [DONE]\n\ndata: {"c": 1}\n\n'
    ).encode(),
    "on lines of their own": '{"a": 1}\n{"b": "wörld 🌍"}\n'.encode(),
    "on lines after rubbish": 'rubbish\n{"a": 1}\n{"b": "wörld 🌍"}'.encode(),
    "in a list over several lines": json.dumps([A, B], indent=2).encode(),
    "in a list on one line": json.dumps([A, B]).encode(),
}


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
@given(cuts=CUTS)
def test_the_same_events_come_out_wherever_the_bytes_are_cut(body: bytes, cuts: list[int]) -> None:
    assert found(pieces(body, cuts))[0] == [A, B]


@pytest.mark.parametrize("body", FORMS.values(), ids=FORMS)
def test_byte_by_byte_as_well(body: bytes) -> None:
    assert found([bytes([byte]) for byte in body])[0] == [A, B]


WORDS = (
    b"data:",
    b"event: error",
    b": x",
    b"\n",
    b"\r\n",
    b" ",
    b'{"a": 1}',
    b'{"a":',
    b"1}",
    b"[",
    b"]",
)
BODIES = st.lists(st.sampled_from((*WORDS, b"[DONE]", b"\xef\xbb\xbf", b"\xc3"))).map(b"".join)


@given(BODIES | st.binary(max_size=300), CUTS)
def test_any_bytes_give_the_same_events_whole_and_cut(body: bytes, cuts: list[int]) -> None:
    whole, cut = found([body]), found(pieces(body, cuts))
    assert whole[0] == cut[0]
    assert whole[1].loose == cut[1].loose


def test_an_event_is_there_with_the_end_of_its_line() -> None:
    events = Events()
    assert [event.document for event in events.feed(b'data: {"a": 1}\n')] == [A]


def test_a_document_of_many_lines_is_one_event_at_the_end() -> None:
    events = Events()
    assert list(events.feed(json.dumps({"a": {"b": {}}}, indent=1).encode())) == []
    [event] = events.end()
    assert event == ({"a": {"b": {}}}, False)


def test_a_character_that_was_cut_does_not_cost_the_event() -> None:
    assert listed(b'data: {"a": "x\xc3"}\n\n') == [{"a": "x\ufffd"}]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b'event: error\ndata: {"code": 7}\n\n', [{"error": {"code": 7}}]),
        (b'event: error\ndata: {"error": "x"}\n\n', [{"error": "x"}]),
        (b"event: error\ndata: no room\ndata: left\n\n", [{"error": "no room\nleft"}]),
        (b'event: error\ndata: {"code": 7}\n\ndata: {"a": 1}\n\n', [{"error": {"code": 7}}, A]),
        (b'data: {"code":\nevent: error\ndata: {"a": 1}\n', [{"error": A}]),
        (b"event: done\ndata: [DONE]\n\n", []),
    ],
)
def test_an_event_called_error_is_one(body: bytes, told: list[dict[str, Any]]) -> None:
    assert listed(body) == told


@pytest.mark.parametrize(
    "body",
    [
        b"data: " + b"x" * LARGEST_EVENT + b"\n\n",
        b"x" * (LARGEST_EVENT + 1),
        (b"data: " + b"x" * 1000 + b"\n") * 1100,
        (b"x" * 1000 + b"\n") * 1100,
    ],
)
@pytest.mark.parametrize("size", [4096, 10_000_000])
def test_what_is_larger_than_an_event_may_be_ends_it(body: bytes, size: int) -> None:
    told = [body[at : at + size] for at in range(0, len(body), size)]
    documents, events = found([*told, b'\n\ndata: {"a": 1}\n\n'])
    assert (documents, events.is_too_large) == ([], True)


def test_the_largest_event_may_come_in_single_bytes() -> None:
    body = json.dumps({"a": "x" * (LARGEST_EVENT - 100)}).encode()
    events = Events()
    for at in range(len(body)):
        assert list(events.feed(body[at : at + 1])) == []
    assert [len(event.document["a"]) for event in events.end()] == [LARGEST_EVENT - 100]


@pytest.mark.parametrize(
    "body",
    [b"[" * 100_000, b'{"a":' * 100_000, b"data: " + b'{"a":' * 100_000 + b"\n\n", b"9" * 9999],
)
def test_what_is_nested_too_deep_is_no_event(body: bytes) -> None:
    assert listed(body) == []


def test_what_made_no_event_is_kept_for_a_look() -> None:
    page = b"<!doctype html>\n<p>\ndata: x\n"
    documents, events = found([page])
    assert (documents, events.loose) == ([], b"<!doctype html>\n<p>\n")
    assert found([b'{"a": 1}\n<p>'])[1].loose == b""
