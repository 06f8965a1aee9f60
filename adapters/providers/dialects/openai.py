"""The dialect of OpenAI's chat completions, which most providers and gateways speak."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from adapters.providers.dialects import responses
from adapters.providers.dialects.events import Event
from adapters.providers.dialects.requests import (
    checked,
    concluded,
    data_url,
    headers,
    messages,
    posted,
)
from adapters.providers.dialects.streams import Heard, Limit, objects, part, streamed
from application.ports.network import Flow, Stream
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.verdict import ProbeVerdict
from domain.providers.row import Provider

# OpenAI's own API deprecates max_tokens, and its reasoning models refuse it;
# most compatible servers know only max_tokens. Its regions have hosts below this one.
_OWN_HOST = "api.openai.com"
_OWN_LIMIT = "max_completion_tokens"
# Whoever passes these on passes the refusal on as well.
_REASONING = re.compile(r"(gpt-([5-9]|\d\d)|o\d)(?![a-z0-9]).*")
_MODELS = "/models"
_LIMITS: dict[str, Limit] = {"length": "length", "content_filter": "content_filter"}
_THINKING = ("reasoning_content", "reasoning", "reasoning_details", "thinking")


class OpenAIDialect(Speaker):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        if row.speaks_responses(model):
            path, shape = "/responses", responses.is_response
            body = responses.small_body(model, max_tokens)
        else:
            body = {**chat_body(model), limit_field(row, access, model): max_tokens}
            path, shape = "/chat/completions", is_completion
        response = yield posted(f"{access.base_url}{path}", headers(row, access), body)
        return concluded(response, access, shape, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, headers(row, access))

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        sent = headers(row, access)
        if row.speaks_responses(model):
            body = responses.ask_body(model, prompt)
            request = posted(f"{access.base_url}/responses", sent, body)
            return streamed(request, access, responses.listen, responses.is_response, now)
        request = posted(f"{access.base_url}/chat/completions", sent, ask_body(model, prompt))
        return streamed(request, access, listen, is_completion, now)


def limit_field(row: Provider, access: Access, model: str) -> str:
    """The name of the token limit: by model, by host, else the row's where it is the row's host."""
    host = urlsplit(access.base_url).hostname or ""
    if host == _OWN_HOST or host.endswith(f".{_OWN_HOST}") or _REASONING.fullmatch(model):
        return _OWN_LIMIT
    # Behind another address may stand a gateway, and those know the older name.
    return "max_tokens" if row.base_url not in ("", access.base_url) else row.limit_field


def chat_body(model: str) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": "Reply with OK."}]}


def ask_body(model: str, prompt: Prompt) -> dict[str, object]:
    # Many servers know text alone and no list of parts.
    content = _parts(prompt) if prompt.images else prompt.text
    return {"model": model, "messages": messages(prompt, {"content": content}), "stream": True}


def _parts(prompt: Prompt) -> list[dict[str, object]]:
    pictures: list[dict[str, object]] = [
        {"type": "image_url", "image_url": {"url": data_url(image)}} for image in prompt.images
    ]
    return [{"type": "text", "text": prompt.text}, *pictures] if prompt.text else pictures


def is_completion(document: object) -> bool:
    """A list of choices with at least one message in it; cut short or empty text included."""
    choices = document.get("choices") if isinstance(document, dict) else None
    return isinstance(choices, list) and any(map(_is_choice, choices))


def _is_choice(choice: object) -> bool:
    return (
        isinstance(choice, dict)
        and isinstance(choice.get("message"), dict)
        and choice.get("finish_reason") != "error"
    )


def listen(heard: Heard, event: Event) -> Iterator[str]:
    """Chunks with a `delta` each, or one completion with a `message`."""
    if isinstance(event.document.get("choices"), list):
        heard.document = heard.document or {"choices": []}
    for choice in objects(event.document.get("choices")):
        if choice.get("index") not in (0, None):
            continue
        reason = choice.get("finish_reason")
        named = reason if isinstance(reason, str) else ""
        if "delta" in choice or isinstance(choice.get("message"), dict):
            heard.document = {"choices": [{"message": {}, "finish_reason": named}]}
        yield from _said(heard, choice)
        if named:
            heard.is_whole = True
            heard.limit = _LIMITS.get(named, heard.limit)


def _said(heard: Heard, choice: dict[str, Any]) -> Iterator[str]:
    delta, message = choice.get("delta"), choice.get("message")
    told = part(delta)
    # Perplexity sends the message so far beside each delta.
    if not isinstance(delta, dict) and isinstance(message, dict):
        told = {} if heard.has_text else message
        heard.is_whole = True
    if any(told.get(name) for name in _THINKING):
        yield ""
    yield from heard.content(told.get("content"))
    yield from heard.text(told.get("refusal"))
