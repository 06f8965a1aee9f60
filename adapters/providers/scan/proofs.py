"""Whether a model calls a tool, or reads an image: the smallest request of each dialect."""

import base64
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from urllib.parse import quote

from adapters.providers.dialects import anthropic, google, ollama, openai, responses
from adapters.providers.dialects.requests import concluded, headers, in_base64, posted
from application.ports.network import Flow
from application.ports.providers import Ability, Access, Image, Prompt, Proves
from domain.answers.classification import Shape
from domain.answers.outcome import Outcome
from domain.answers.reading import parse
from domain.answers.verdict import ProbeVerdict
from domain.providers.row import Provider
from domain.scan.ranking import NO_CALL

TOOL = "ping"
_ASK = f"Call the tool {TOOL} with an empty object, and say nothing else."
_ABOUT = {"name": TOOL, "description": "Answers that it is there."}
_NOTHING: dict[str, Any] = {"type": "object", "properties": {}}
# Enough for a model that thinks before it calls, and for a word about a picture.
_TOKENS: Mapping[Ability, int] = {"tool": 256, "tool_auto": 256, "image": 32}
PIXEL = Image(
    "image/png",
    base64.b64decode(
        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGP4//8/AAX+Av4N70a4AAAAAElFTkSuQmCC"
    ),
)
_LOOK = Prompt("Reply with OK.", (PIXEL,))


class _Question(NamedTuple):
    """Where to post what with which headers; what a good answer looks like, and the calls in it."""

    path: str
    sent: dict[str, str]
    body: dict[str, Any]
    shape: Shape
    calls: Callable[[Any], Iterable[Any]]


class Proofs(Proves):
    """Of the dialects that are in `SPEAKS`."""

    def prove(
        self, row: Provider, access: Access, model: str, ability: Ability, now: int
    ) -> Flow[ProbeVerdict]:
        asked = SPEAKS[row.dialect](row, access, model, ability)
        response = yield posted(f"{access.base_url}{asked.path}", asked.sent, asked.body)
        verdict = concluded(response, access, asked.shape, now)
        if ability == "image" or verdict.outcome is not Outcome.OK:
            return verdict
        try:
            called = [*asked.calls(parse(response.body))]
        except (KeyError, TypeError, IndexError, AttributeError):
            called = []
        return verdict if TOOL in called else replace(verdict, code=NO_CALL)


def _openai(row: Provider, access: Access, model: str, ability: Ability) -> _Question:
    if row.speaks_responses(model):
        return _responses(row, access, model, ability)
    limit = {openai.limit_field(row, access, model): _TOKENS[ability]}
    prompt = _LOOK if ability == "image" else Prompt(_ASK)
    body = {**openai.ask_body(model, prompt), **limit, "stream": False}
    if ability != "image":
        function = {"type": "function", "function": {**_ABOUT, "parameters": _NOTHING}}
        body |= {"tools": [function], "tool_choice": "required" if ability == "tool" else "auto"}
    sent = headers(row, access)
    return _Question("/chat/completions", sent, body, openai.is_completion, _of_choices)


def _of_choices(document: Any) -> Iterable[Any]:
    for choice in document["choices"]:
        yield from _of_message(choice)


def _of_message(document: Any) -> Iterable[Any]:
    for call in document["message"].get("tool_calls") or ():
        function = call["function"]
        if _are_arguments(function.get("arguments")):
            yield function["name"]


def _are_arguments(told: object) -> bool:
    """An object, as it is or as JSON, or nothing; else nobody could make the call."""
    if isinstance(told, str) and told:
        told = parse(told.encode("utf-8", "replace"))
        return isinstance(told, dict)
    return not told or isinstance(told, dict)


def _responses(row: Provider, access: Access, model: str, ability: Ability) -> _Question:
    prompt = _LOOK if ability == "image" else Prompt(_ASK)
    limit = {"max_output_tokens": _TOKENS[ability], "stream": False}
    body = {**responses.ask_body(model, prompt), **limit}
    if ability != "image":
        body["tools"] = [{"type": "function", **_ABOUT, "parameters": _NOTHING}]
        body["tool_choice"] = "required" if ability == "tool" else "auto"
    sent = headers(row, access)
    return _Question("/responses", sent, body, responses.is_response, _of_output)


def _of_output(document: Any) -> Iterable[Any]:
    calls = [item for item in document["output"] if item["type"] == "function_call"]
    return [call["name"] for call in calls if _are_arguments(call.get("arguments"))]


def _anthropic(row: Provider, access: Access, model: str, ability: Ability) -> _Question:
    content: object = anthropic.content_of(_LOOK) if ability == "image" else _ASK
    body: dict[str, Any] = {
        "model": model,
        "max_tokens": _TOKENS[ability],
        "messages": [{"role": "user", "content": content}],
    }
    if ability != "image":
        body["tools"] = [{**_ABOUT, "input_schema": _NOTHING}]
        body["tool_choice"] = {"type": "any" if ability == "tool" else "auto"}
    sent = anthropic.headers_of(row, access)
    return _Question("/v1/messages", sent, body, anthropic.is_message, _of_content)


def _of_content(document: Any) -> Iterable[Any]:
    return [part.get("name") for part in document["content"] if part["type"] == "tool_use"]


def _google(row: Provider, access: Access, model: str, ability: Ability) -> _Question:
    parts = google.parts_of(_LOOK if ability == "image" else Prompt(_ASK))
    body: dict[str, Any] = {
        "contents": [{"role": "user", "parts": parts}],
        "generationConfig": {"maxOutputTokens": _TOKENS[ability]},
    }
    if ability != "image":
        mode = "ANY" if ability == "tool" else "AUTO"
        body["tools"] = [{"functionDeclarations": [_ABOUT]}]
        body["toolConfig"] = {"functionCallingConfig": {"mode": mode}}
    name = quote(model.removeprefix("models/"), safe="/")
    path = f"/v1beta/models/{name}:generateContent"
    return _Question(path, headers(row, access), body, google.is_content, _of_parts)


def _of_parts(document: Any) -> Iterable[Any]:
    for candidate in document["candidates"]:
        for part in candidate["content"]["parts"]:
            yield (part.get("functionCall") or {}).get("name")


def _ollama(row: Provider, access: Access, model: str, ability: Ability) -> _Question:
    pictures = {"images": [in_base64(PIXEL)]} if ability == "image" else {}
    text = _LOOK.text if ability == "image" else _ASK
    body: dict[str, Any] = {
        "model": model,
        "messages": [{"role": "user", "content": text, **pictures}],
        "stream": False,
        "options": {"num_predict": _TOKENS[ability]},
    }
    if ability != "image":
        # Nothing can be forced there.
        body["tools"] = [{"type": "function", "function": {**_ABOUT, "parameters": _NOTHING}}]
    return _Question("/api/chat", headers(row, access), body, ollama.is_chat, _of_message)


SPEAKS: Mapping[str, Callable[[Provider, Access, str, Ability], _Question]] = {
    "openai": _openai,
    "anthropic": _anthropic,
    "google": _google,
    "ollama": _ollama,
}
