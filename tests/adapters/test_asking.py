"""The dialects asked a question: what of the answer is said, and the verdict on it."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from application.ports.network import Head
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.errors import WireFailure
from tests.adapters.talks import (
    DIALECTS,
    STREAMS,
    TEXT,
    WHOLE,
    asked,
    block,
    candidate,
    chunk,
    events,
    lines,
    spoken,
    talk,
)
from tests.adapters.test_events import CUTS, pieces

RESET = WireFailure("reset", "the connection broke before a whole answer came")


@pytest.mark.parametrize("name", DIALECTS)
@given(cuts=CUTS)
def test_an_answer_is_the_same_wherever_it_is_cut(name: str, cuts: list[int]) -> None:
    told = asked(name, *pieces(STREAMS[name], [cut * 3 for cut in cuts]))

    assert told.text == TEXT
    assert told.signs > 0
    assert told.verdict == ProbeVerdict(Outcome.OK, "proven", 200, request_id="req_1")


@pytest.mark.parametrize("name", DIALECTS)
def test_each_piece_is_said_as_soon_as_it_is_there(name: str) -> None:
    stream = talk(name)
    next(stream)
    step = stream.send(Head(200, {}))
    for line in STREAMS[name].splitlines(keepends=True):
        if b"rld " in line:
            break
        step = stream.send(line)
        while step is not None:
            step = stream.send(None)
    assert stream.send(line) == "wörld "
    stream.close()


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("indent", [None, 2])
@given(cuts=CUTS)
def test_a_whole_document_is_an_answer_as_well(
    name: str, indent: int | None, cuts: list[int]
) -> None:
    told = asked(name, *pieces(json.dumps(WHOLE[name], indent=indent).encode(), cuts))

    assert told.text == TEXT
    assert told.verdict == ProbeVerdict(Outcome.OK, "proven", 200, request_id="req_1")


@pytest.mark.parametrize("name", ["openai", "responses", "anthropic", "google"])
def test_so_is_a_whole_document_in_one_event(name: str) -> None:
    told = asked(name, events(WHOLE[name], done=True))

    assert (told.text, told.verdict.outcome) == (TEXT, Outcome.OK)


def test_a_google_stream_without_events_is_a_list() -> None:
    body = json.dumps([candidate({"text": "wörld "}), candidate({"text": "🌍\n\tok"})], indent=1)

    assert asked("google", body.encode()).text == TEXT


END_MARKS = {
    "openai": b'"stop"',
    "responses": b"response.completed",
    "codex": b"response.completed",
    "anthropic": b"end_turn",
    "google": b"STOP",
    "ollama": b"true",
}


@pytest.mark.parametrize("name", DIALECTS)
@given(data=st.data())
def test_an_answer_that_breaks_off_is_never_ok(name: str, data: st.DataObject) -> None:
    body = STREAMS[name]
    told = asked(name, body[: data.draw(st.integers(0, body.index(END_MARKS[name])))])

    assert told.verdict.outcome is Outcome.PROVIDER_ERROR
    assert TEXT.startswith(told.text)
    assert (told.verdict.code == "cut_short") or not told.text


@pytest.mark.parametrize("name", DIALECTS)
def test_one_that_breaks_off_by_itself_is_called_cut_short(name: str) -> None:
    body = STREAMS[name]
    told = asked(name, body[: body.index("🌍".encode()) - 60])

    assert (told.verdict.outcome, told.verdict.code) == (Outcome.PROVIDER_ERROR, "cut_short")
    assert told.verdict.credential == "proven"
    assert told.verdict.detail == "the answer broke off before its end"


@pytest.mark.parametrize("name", DIALECTS)
def test_a_failure_of_the_wire_passes_through(name: str) -> None:
    for body in ((RESET,), (STREAMS[name][:80], RESET)):
        with pytest.raises(WireFailure) as caught:
            asked(name, *body)
        assert caught.value is RESET
    stream = talk(name)
    next(stream)
    with pytest.raises(WireFailure):
        stream.throw(RESET)


ENDS = {
    "openai": events(chunk({"content": "OK"}), chunk({}, "stop")),
    "anthropic": events(
        block({"type": "text_delta", "text": "OK"}),
        {"type": "message_delta", "delta": {"stop_reason": "end_turn"}},
    ),
    "google": events(candidate({"text": "OK"}, reason="STOP")),
}


@pytest.mark.parametrize("name", ENDS)
def test_what_fails_after_the_end_takes_no_answer_back(name: str) -> None:
    for body in ((ENDS[name],), (ENDS[name], RESET)):
        told = asked(name, *body)
        assert (told.text, told.verdict.outcome) == ("OK", Outcome.OK)


@pytest.mark.parametrize("name", ["openai", "responses", "codex", "anthropic", "ollama"])
def test_nothing_is_read_after_the_last_word(name: str) -> None:
    told = asked(name, STREAMS[name] * 2, RESET)

    assert (told.text, told.verdict.outcome) == (TEXT, Outcome.OK)


def test_a_message_so_far_beside_a_delta_is_not_said_again() -> None:
    def both(delta: object, so_far: str, reason: str | None = None) -> dict[str, object]:
        choice = {"index": 0, "delta": delta, "message": {"content": so_far}}
        return {"choices": [{**choice, "finish_reason": reason}]}

    told = asked(
        "openai",
        events(both({"content": "Hel"}, "Hel")),
        events(both({"content": "lo"}, "Hello"), both({}, "Hello")),
    )
    assert (told.text, told.verdict.code) == ("Hello", "cut_short")
    ended = asked(
        "openai", events(both({"content": "Hello"}, "Hello"), both(None, "Hello", "stop"))
    )
    assert (ended.text, ended.verdict.outcome) == ("Hello", Outcome.OK)


EMPTY = {
    "openai": events(chunk({"role": "assistant"}), chunk({}, "stop"), done=True),
    "openai without a reason": events(chunk({"content": None}), done=True),
    "openai without deltas": events(
        {"choices": [{"index": 0, "delta": None, "finish_reason": "stop"}]}
    ),
    "responses": events({"type": "response.completed", "response": {"output": []}}),
    "codex": events({"response": {"status": "completed", "output": []}}),
    "anthropic": events({"type": "message_start", "message": {}}, {"type": "message_stop"}),
    "google": events({"candidates": [{"finishReason": "STOP"}]}),
    "ollama": lines(spoken("", done=True)),
    "ollama without a message": lines({"done": True}),
}


@pytest.mark.parametrize("case", EMPTY)
def test_an_answer_without_a_word_is_one(case: str) -> None:
    told = asked(case.partition(" ")[0], EMPTY[case])

    assert (told.text, told.verdict.outcome, told.verdict.code) == ("", Outcome.OK, None)


NOTHING = {
    "no byte": b"",
    "comments": b": OPENROUTER PROCESSING\n\n" * 9,
    "an end alone": b"data: [DONE]\n\n",
    "prose": b"Hello, I am a web server.",
    "another document": b'{"hello": "world"}',
    "another document in an event": b'data: {"hello": "world"}\n\n',
    "a number": b"7",
    "half a document": b'{"choices": [{"message": {"content": "OK"',
    "an empty list": b'{"choices": []}',
    "no list": b'{"choices": {}, "candidates": 7, "message": [], "content": "x", "output": {}}',
    "odd choices": events({"choices": [None, 1, {"text": "OK", "finish_reason": "stop"}]}),
}


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("body", NOTHING.values(), ids=NOTHING)
def test_what_is_no_answer_is_none(name: str, body: bytes) -> None:
    told = asked(name, body)

    assert told.verdict.outcome is Outcome.PROVIDER_ERROR
    assert told.verdict.code in ("unexpected_answer", None)
    assert (told.text, told.verdict.credential) == ("", "unknown")


def test_what_another_document_says_is_kept_for_the_person() -> None:
    for body in (b'{"detail": "I am a teapot"}', b'data: {"detail": "I am a teapot"}\n\n'):
        assert asked("anthropic", body).verdict.detail == "I am a teapot"


@pytest.mark.parametrize("name", DIALECTS)
def test_a_page_in_place_of_an_answer_is_a_captive_portal(name: str) -> None:
    told = asked(name, b"<!doctype html>\n<html>\n", b"data: x\n</html>")

    assert (told.verdict.outcome, told.verdict.code) == (Outcome.NETWORK, "captive_portal")


LIMITS = {
    "openai": (events(chunk({"content": "O"}, "length"), done=True), "length"),
    "openai filtered": (events(chunk({"content": "O"}, "content_filter")), "content_filter"),
    "openai whole": (lines({"choices": [{"message": {}, "finish_reason": "length"}]}), "length"),
    "responses": (
        events({"type": "response.incomplete", "response": {"status": "incomplete"}}),
        "length",
    ),
    "codex": (
        events(
            {
                "type": "response.incomplete",
                "response": {"incomplete_details": {"reason": "content_filter"}},
            }
        ),
        "content_filter",
    ),
    "anthropic": (
        events(
            {"type": "message_delta", "delta": {"stop_reason": "max_tokens"}},
            {"type": "message_stop"},
        ),
        "length",
    ),
    "anthropic whole": (
        lines({"type": "message", "content": [], "stop_reason": "refusal"}),
        "content_filter",
    ),
    "google": (events(candidate({"text": "O"}, reason="MAX_TOKENS")), "length"),
    "google filtered": (events(candidate(reason="SAFETY")), "content_filter"),
    "google blocked": (events({"promptFeedback": {"blockReason": "OTHER"}}), "content_filter"),
    "ollama": (lines(spoken("O", done=True, done_reason="length")), "length"),
}


@pytest.mark.parametrize("case", LIMITS)
def test_what_cut_an_answer_is_told(case: str) -> None:
    body, code = LIMITS[case]
    verdict = asked(case.partition(" ")[0], body).verdict

    assert (verdict.outcome, verdict.code) == (Outcome.OK, code)
    assert (
        verdict.detail
        == {
            "length": "the answer was cut at its token limit",
            "content_filter": "the provider's filter cut the answer",
        }[code]
    )


SLOW_DOWN = {"message": "Slow down", "code": "rate_limit_exceeded"}
ERRORS: dict[str, tuple[bytes, Outcome]] = {
    "openai": (events({"error": SLOW_DOWN}), Outcome.RATE_LIMIT),
    "openai after some words": (
        events(chunk({"content": "O"}), {"error": {"code": 402, "message": "no credits"}}),
        Outcome.BILLING,
    ),
    "openai with a chunk": (
        events({**chunk({"content": ""}, "error"), "error": {"code": 502, "message": "down"}}),
        Outcome.PROVIDER_ERROR,
    ),
    "openai in a choice": (
        events({"choices": [{"delta": {}, "error": {"code": 429, "message": "x"}}]}),
        Outcome.RATE_LIMIT,
    ),
    "openai by its reason": (events(chunk({}, "error"), done=True), Outcome.PROVIDER_ERROR),
    "openai of vllm": (
        events({"object": "error", "message": "no such model", "code": 404}),
        Outcome.NO_MODEL,
    ),
    "openai of minimax": (
        events({"choices": None, "base_resp": {"status_code": 1008, "status_msg": "poor"}}),
        Outcome.BILLING,
    ),
    "openai by its event": (
        b'event: error\ndata: {"code": "invalid_api_key", "message": "no"}\n\n',
        Outcome.AUTH,
    ),
    "openai on one line": (b'{"error": {"code": "invalid_api_key"}}', Outcome.AUTH),
    "responses": (
        events(
            {"type": "response.output_text.delta", "delta": "O"},
            {"type": "response.failed", "response": {"status": "failed", "error": SLOW_DOWN}},
        ),
        Outcome.RATE_LIMIT,
    ),
    "responses flat": (
        events(
            {"type": "response.created", "response": {"status": "in_progress"}},
            {"type": "error", **SLOW_DOWN, "param": None},
        ),
        Outcome.RATE_LIMIT,
    ),
    "responses without a word": (
        events({"type": "response.failed", "response": {"error": None}}),
        Outcome.PROVIDER_ERROR,
    ),
    "codex": (
        events({"type": "error", "error": {"code": "invalid_api_key", "message": "x"}}),
        Outcome.AUTH,
    ),
    "anthropic": (
        b"event: message_start\n"
        + events({"type": "message_start", "message": {}})
        + b"event: error\n"
        + events({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
        Outcome.OVERLOADED,
    ),
    "google": (
        events(candidate({"text": "O"}), {"error": {"code": 503, "status": "UNAVAILABLE"}}),
        Outcome.OVERLOADED,
    ),
    "google in a list": (
        b'[{"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "message": "x"}}]',
        Outcome.RATE_LIMIT,
    ),
    "ollama": (lines({"error": 'model "x" not found'}), Outcome.NO_MODEL),
    "ollama after some words": (
        lines(spoken("O"), {"error": "an error was encountered while running the model"}),
        Outcome.PROVIDER_ERROR,
    ),
}


@pytest.mark.parametrize("case", ERRORS)
@given(cuts=CUTS)
def test_an_error_in_a_good_answer_is_what_it_says(case: str, cuts: list[int]) -> None:
    body, outcome = ERRORS[case]
    told = asked(case.partition(" ")[0], *pieces(body, cuts))

    assert told.verdict.outcome is outcome
    assert told.verdict.http_status == 200
    assert told.verdict.code != "cut_short"


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize(
    ("status", "code", "outcome"),
    [
        (401, "invalid_api_key", Outcome.AUTH),
        (402, "insufficient_credits", Outcome.BILLING),
        (404, "model_not_found", Outcome.NO_MODEL),
        (429, "rate_limit_exceeded", Outcome.RATE_LIMIT),
        (500, "internal_error", Outcome.PROVIDER_ERROR),
        (302, "moved", Outcome.NETWORK),
    ],
)
def test_a_refusal_is_read_whole(name: str, status: int, code: str, outcome: Outcome) -> None:
    body = json.dumps({"error": {"message": "no", "code": code}}).encode()
    told = asked(name, body[:20], body[20:], status=status)

    assert (told.text, told.verdict.outcome, told.verdict.http_status) == ("", outcome, status)


def test_an_event_that_is_too_large_ends_the_answer() -> None:
    told = asked("openai", events(chunk({"content": "O"})), b"data: " + b"x" * 2_000_000)

    assert told.text == "O"
    assert (told.verdict.outcome, told.verdict.code) == (Outcome.PROVIDER_ERROR, "too_large")
    assert (told.verdict.http_status, told.verdict.detail) == (
        200,
        "a part of the answer is larger than 1 MiB",
    )


FIELDS = st.sampled_from(
    [
        "choices",
        "delta",
        "message",
        "content",
        "index",
        "finish_reason",
        "error",
        "type",
        "response",
        "output",
        "status",
        "text",
        "candidates",
        "parts",
        "finishReason",
        "promptFeedback",
        "blockReason",
        "done",
        "done_reason",
        "thinking",
        "item",
        "code",
        "stop_reason",
        "content_block",
        "incomplete_details",
        "reason",
        "usage",
        "reasoning",
        "refusal",
        "base_resp",
    ]
)
TYPES = st.sampled_from(
    [
        "response.created",
        "response.completed",
        "response.failed",
        "response.output_text.delta",
        "error",
        "message",
        "content_block_start",
        "content_block_delta",
        "message_delta",
        "message_stop",
        "ping",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 500) | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(FIELDS, inner, max_size=5),
    max_leaves=25,
)
ODD = st.dictionaries(FIELDS, JSON, max_size=6)
ODD_EVENTS = st.lists(st.builds(lambda told, kind: {**told, "type": kind}, ODD, TYPES | JSON) | ODD)


@pytest.mark.parametrize("name", DIALECTS)
@settings(max_examples=50)
@given(documents=ODD_EVENTS, framed=st.booleans(), cuts=CUTS)
def test_whatever_comes_there_is_one_verdict(
    name: str, documents: list[object], framed: bool, cuts: list[int]
) -> None:
    body = events(*documents) if framed else lines(*documents)
    told = asked(name, *pieces(body, cuts))

    assert isinstance(told.verdict.outcome, Outcome)
    assert told == asked(name, body)


@pytest.mark.parametrize("name", DIALECTS)
def test_an_error_as_deep_as_can_just_be_read_is_an_error(name: str) -> None:
    # Where just is depends on the stack and on the version of Python.
    for depth in (*range(700, 1000), 5_000, 50_000):
        body = b'data: {"error": ' + b'{"a":' * depth + b"1" + b"}" * depth + b"}\n\n"
        assert asked(name, body).verdict.outcome is Outcome.PROVIDER_ERROR
