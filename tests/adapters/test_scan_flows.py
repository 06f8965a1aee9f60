"""Whether a model calls a tool or reads an image: requests described, answers judged."""

import json
from typing import Any

import pytest

from adapters.providers.scan.endpoints import EndpointPages
from adapters.providers.scan.proofs import PIXEL, Proofs
from adapters.providers.table import BY_ID
from adapters.registry import EntryPointRegistry
from application.ports.network import Request, Response
from application.ports.providers import Ability, Access, Proves
from domain.answers.outcome import Outcome
from domain.credentials.secret import Secret
from domain.errors import WireFailure
from domain.scan.ranking import NO_CALL
from tests.domain.values import NOW

ACCESS = Access("https://own.test", "bearer", Secret("sk-scripted-0001"))


def asked(provider: str, ability: Ability, document: object, model: str = "m") -> Any:
    """The request, its body, and the verdict on an answer with that `document`."""
    flow = Proofs().prove(BY_ID[provider], ACCESS, model, ability, NOW)
    request = next(flow)
    try:
        flow.send(Response(200, {}, json.dumps(document).encode()))
    except StopIteration as stop:
        return request, json.loads(request.body), stop.value
    raise AssertionError("it asks more than once")


def choices(*calls: Any) -> dict[str, Any]:
    return {"choices": [{"message": {"content": None, "tool_calls": [*calls]}}]}


PING = {"function": {"name": "ping", "arguments": "{}"}}
CALLS: dict[str, Any] = {
    "openai": {"output": [{"type": "reasoning"}, {"type": "function_call", "name": "ping"}]},
    "openrouter": choices(PING),
    "anthropic": {"type": "message", "content": [{"type": "tool_use", "name": "ping"}]},
    "google": {"candidates": [{"content": {"parts": [{"functionCall": {"name": "ping"}}]}}]},
    "ollama": {"message": {"tool_calls": [PING]}},
}
MODELS = {"openai": "gpt-5-pro"}
TEXTS: dict[str, Any] = {
    "openai": {"output": [{"type": "message", "content": []}]},
    "openrouter": {"choices": [{"message": {"content": "ping()"}}]},
    "anthropic": {"type": "message", "content": [{"type": "text", "text": "ping"}]},
    "google": {"candidates": [{"content": {"parts": [{"text": "ping"}]}}]},
    "ollama": {"message": {"content": "ping"}},
}
FORCED: dict[str, Any] = {
    "openai": {"tool_choice": "required"},
    "openrouter": {"tool_choice": "required"},
    "anthropic": {"tool_choice": {"type": "any"}},
    "google": {"toolConfig": {"functionCallingConfig": {"mode": "ANY"}}},
    "ollama": {},
}
FREE: dict[str, Any] = {
    "openai": {"tool_choice": "auto"},
    "openrouter": {"tool_choice": "auto"},
    "anthropic": {"tool_choice": {"type": "auto"}},
    "google": {"toolConfig": {"functionCallingConfig": {"mode": "AUTO"}}},
    "ollama": {},
}


@pytest.mark.parametrize("provider", CALLS)
def test_a_call_of_the_tool_alone_counts(provider: str) -> None:
    model = MODELS.get(provider, "m")
    request, body, verdict = asked(provider, "tool", CALLS[provider], model)
    assert (verdict.outcome, verdict.code) == (Outcome.OK, None)
    assert "ping" in json.dumps(body["tools"])
    assert FORCED[provider].items() <= body.items()
    assert request.url.startswith("https://own.test/")
    _, body, verdict = asked(provider, "tool_auto", TEXTS[provider], model)
    assert FREE[provider].items() <= body.items()
    assert (verdict.outcome, verdict.code) == (Outcome.OK, NO_CALL)


@pytest.mark.parametrize("provider", CALLS)
def test_an_image_of_one_pixel_is_shown(provider: str) -> None:
    _, body, verdict = asked(provider, "image", TEXTS[provider], MODELS.get(provider, "m"))
    assert verdict.outcome is Outcome.OK
    assert "iVBORw0KGgo" in json.dumps(body)
    assert "tools" not in body
    assert body.get("stream", False) is False
    assert PIXEL.content.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    "document",
    [
        choices({"function": {"name": "pong"}}),
        choices({"function": {"name": "ping", "arguments": "{cut"}}),
        choices({"function": {"name": "ping", "arguments": "[7]"}}),
        choices({"function": None}),
        choices("ping"),
        {"choices": [{"message": {"tool_calls": "ping"}}]},
        {"choices": [{"message": {"tool_calls": [{}]}}]},
    ],
)
def test_whatever_else_comes_is_no_call(document: object) -> None:
    _, _, verdict = asked("openrouter", "tool", document)
    assert (verdict.outcome, verdict.code) == (Outcome.OK, NO_CALL)


def test_an_error_under_success_is_an_error() -> None:
    _, _, verdict = asked("openrouter", "tool", {"error": {"code": 502, "message": "down"}})
    assert verdict.outcome is Outcome.PROVIDER_ERROR


def test_who_may_be_asked_so() -> None:
    registry = EntryPointRegistry()
    assert all(registry.can(BY_ID[id], Proves) for id in CALLS)
    assert registry.can(BY_ID["openai-codex"], Proves) is None


def page(answer: Response | WireFailure) -> tuple[Request, object]:
    flow = EndpointPages()(ACCESS, "maker/m?x:free")
    request = next(flow)
    try:
        flow.throw(answer) if isinstance(answer, WireFailure) else flow.send(answer)
    except StopIteration as stop:
        return request, stop.value
    raise AssertionError("it asks more than once")


def test_who_serves_a_model_is_a_page_of_its_own() -> None:
    request, document = page(Response(200, {}, b'{"data": {}}'))
    assert request.url == "https://own.test/models/maker/m%3Fx:free/endpoints"
    assert (request.method, document) == ("GET", {"data": {}})


@pytest.mark.parametrize(
    "answer", [Response(404, {}, b"{}"), Response(200, {}, b"<"), WireFailure("dns", "no")]
)
def test_a_page_that_does_not_come_is_none(answer: Response | WireFailure) -> None:
    assert page(answer)[1] is None


@pytest.mark.parametrize("model", ["a/../../../keys", "..", "a/./b"])
def test_a_model_that_leads_to_another_page_is_asked_for_nowhere(model: str) -> None:
    with pytest.raises(StopIteration) as stop:
        next(EndpointPages()(ACCESS, model))
    assert stop.value.value is None
