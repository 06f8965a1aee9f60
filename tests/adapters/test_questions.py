"""The dialects asked a question: what is sent, to whom, and with which credential."""

import base64
import json
from typing import Any

import pytest

from adapters.providers.dialects.copilot import CopilotDialect
from adapters.providers.table import BY_ID
from application.ports.network import Stream
from application.ports.providers import Access, Image, Prompt
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from tests.adapters.talks import DIALECTS, KEY, PROMPT, STREAMS, TEXT, asked, held, talk

PICTURE = Image("image/png", b"\x89PNG canary")
PACKED = base64.b64encode(PICTURE.content).decode()


BODIES: dict[str, tuple[str, dict[str, object], dict[str, object]]] = {
    "openai": (
        "/chat/completions",
        {
            "model": "m",
            "messages": [{"role": "user", "content": "Say hello."}],
            "stream": True,
        },
        {
            "content": [
                {"type": "text", "text": "Say hello."},
                {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PACKED}"}},
            ]
        },
    ),
    "responses": (
        "/responses",
        {
            "model": "o3-pro",
            "input": [{"role": "user", "content": [{"type": "input_text", "text": "Say hello."}]}],
            "store": False,
            "stream": True,
        },
        {
            "content": [
                {"type": "input_text", "text": "Say hello."},
                {"type": "input_image", "image_url": f"data:image/png;base64,{PACKED}"},
            ]
        },
    ),
    "codex": (
        "/responses",
        {
            "model": "m",
            "instructions": "Answer the user.",
            "input": [{"role": "user", "content": [{"type": "input_text", "text": "Say hello."}]}],
            "store": False,
            "stream": True,
        },
        {
            "content": [
                {"type": "input_text", "text": "Say hello."},
                {"type": "input_image", "image_url": f"data:image/png;base64,{PACKED}"},
            ]
        },
    ),
    "anthropic": (
        "/v1/messages",
        {
            "model": "m",
            "max_tokens": 4096,
            "messages": [{"role": "user", "content": "Say hello."}],
            "stream": True,
        },
        {
            "content": [
                {
                    "type": "image",
                    "source": {"type": "base64", "media_type": "image/png", "data": PACKED},
                },
                {"type": "text", "text": "Say hello."},
            ]
        },
    ),
    "google": (
        "/v1beta/models/m:streamGenerateContent?alt=sse",
        {"contents": [{"role": "user", "parts": [{"text": "Say hello."}]}]},
        {
            "parts": [
                {"text": "Say hello."},
                {"inlineData": {"mimeType": "image/png", "data": PACKED}},
            ]
        },
    ),
    "ollama": (
        "/api/chat",
        {
            "model": "m",
            "messages": [{"role": "user", "content": "Say hello."}],
            "stream": True,
        },
        {"content": "Say hello.", "images": [PACKED]},
    ),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_question_is_one_request_that_asks_for_a_stream(name: str) -> None:
    [request] = asked(name, STREAMS[name]).requests
    path, body, _ = BODIES[name]

    assert (request.method, request.url) == ("POST", f"https://gateway.test/v1{path}")
    assert json.loads(request.body) == body
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert KEY not in request.url
    assert KEY.encode() not in request.body


SYSTEM_PLACES = {
    "openai": "messages",
    "responses": "instructions",
    "codex": "instructions",
    "anthropic": "system",
    "google": "systemInstruction",
    "ollama": "messages",
}


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("images", [(), (PICTURE,)], ids=["text", "picture"])
def test_what_the_model_is_told_before_goes_in_the_dialects_own_way(
    name: str, images: tuple[Image, ...]
) -> None:
    def body(system: str) -> dict[str, Any]:
        prompt = Prompt("Say hello.", images, system)
        [request] = held(talk(name, prompt), (200, [STREAMS[name]])).requests
        sent: dict[str, Any] = json.loads(request.body)
        return sent

    told, untold, place = body("Be brief."), body(""), SYSTEM_PLACES[name]
    expected: object = "Be brief."
    if place == "messages":
        expected = [{"role": "system", "content": "Be brief."}, *untold["messages"]]
    elif place == "systemInstruction":
        expected = {"parts": [{"text": "Be brief."}]}
    assert told == {**untold, place: expected}
    assert "Be brief." not in repr(Prompt("Say hello.", images, "Be brief."))


@pytest.mark.parametrize("name", DIALECTS)
def test_pictures_go_with_it(name: str) -> None:
    prompt = Prompt("Say hello.", (PICTURE,))
    [request] = held(talk(name, prompt), (200, [STREAMS[name]])).requests
    body = json.loads(request.body)
    [message] = body.get("messages") or body.get("contents") or body["input"]

    assert message == {"role": "user", **BODIES[name][2]}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_picture_without_a_word_is_a_question(name: str) -> None:
    [request] = held(talk(name, Prompt("", (PICTURE,))), (200, [STREAMS[name]])).requests

    assert PACKED.encode() in request.body
    assert b'"text": ""' not in request.body


@pytest.mark.parametrize("name", DIALECTS)
def test_any_text_can_be_asked(name: str) -> None:
    for text in ("", "\udcff\0", "x" * 100_000):
        [request] = held(talk(name, Prompt(text)), (200, [STREAMS[name]])).requests
        assert json.dumps(text).encode() in request.body


@pytest.mark.parametrize("name", DIALECTS)
def test_without_a_key_none_is_sent_and_nothing_learned_of_one(name: str) -> None:
    told = held(
        talk(name, access=Access("http://127.0.0.1:1", "bearer", None)), (200, [STREAMS[name]])
    )

    assert "authorization" not in told.requests[0].headers
    assert (told.verdict.outcome, told.verdict.credential) == (Outcome.OK, "unknown")


def test_a_prompt_and_a_picture_show_nothing_of_themselves() -> None:
    shown = repr(Prompt("what nobody should read", (PICTURE,)))

    assert "nobody" not in shown
    assert "canary" not in shown


SHORT = "tid=canary0123456789;exp=1"
EXCHANGED = json.dumps({"token": SHORT}).encode()
COPILOT = BY_ID["github-copilot"]


def copilot(prompt: Prompt = PROMPT, base_url: str = COPILOT.base_url) -> Stream[ProbeVerdict]:
    access = Access(base_url, "bearer", Secret(KEY))
    return CopilotDialect().ask(COPILOT, access, "m", prompt, 0)


def test_copilot_exchanges_its_token_first() -> None:
    told = held(copilot(), (200, [EXCHANGED[:9], EXCHANGED[9:]]), (200, [STREAMS["openai"]]))
    exchange, request = told.requests

    assert (exchange.method, exchange.url) == ("GET", COPILOT.check_url)
    assert exchange.headers["authorization"] == f"token {KEY}"
    assert request.url == f"{COPILOT.base_url}/chat/completions"
    assert request.headers["authorization"] == f"Bearer {SHORT}"
    assert "copilot-vision-request" not in request.headers
    assert (told.text, told.verdict.outcome) == (TEXT, Outcome.OK)


def test_copilot_is_told_as_any_chat_is() -> None:
    told = held(
        copilot(Prompt("Hi", system="Be brief.")), (200, [EXCHANGED]), (200, [STREAMS["openai"]])
    )
    assert json.loads(told.requests[1].body)["messages"][0] == {
        "role": "system",
        "content": "Be brief.",
    }


def test_copilots_short_token_is_in_no_verdict() -> None:
    echo = json.dumps({"error": {"message": f"bad {SHORT}", "code": SHORT[:20]}}).encode()
    told = held(copilot(), (200, [EXCHANGED]), (500, [echo]))

    assert told.verdict.credential == "proven"
    assert "canary" not in repr(told.verdict)


def test_an_exchange_that_gives_no_token_ends_the_question() -> None:
    for status, body, outcome in (
        (401, b'{"message": "Bad credentials"}', Outcome.AUTH),
        (200, b'{"token": 7}', Outcome.PROVIDER_ERROR),
    ):
        told = held(copilot(), (status, [body]))
        assert (told.text, told.verdict.outcome, len(told.requests)) == ("", outcome, 1)


def test_copilot_is_told_of_pictures_and_goes_nowhere_else_with_a_token_of_elsewhere() -> None:
    stream = copilot(Prompt("Look.", (PICTURE,)), "https://gateway.test")
    [request] = held(stream, (200, [STREAMS["openai"]])).requests

    assert request.url == "https://gateway.test/chat/completions"
    assert request.headers["copilot-vision-request"] == "true"
