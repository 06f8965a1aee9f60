"""OpenAI's responses: what some models speak instead of chat completions."""

from collections.abc import Iterator
from typing import Any

from adapters.providers.dialects.events import Event
from adapters.providers.dialects.requests import data_url
from adapters.providers.dialects.streams import Heard, objects, part
from application.ports.providers import Prompt

_LEAST_OUTPUT = 16
_TEXTS = ("response.output_text.delta", "response.refusal.delta")
_ENDS = ("completed", "incomplete", "failed", "cancelled")


def small_body(model: str, max_tokens: int) -> dict[str, object]:
    return {
        "model": model,
        "input": "Reply with OK.",
        "max_output_tokens": max(_LEAST_OUTPUT, max_tokens),
        "store": False,
    }


def ask_body(model: str, prompt: Prompt) -> dict[str, object]:
    content: list[dict[str, object]] = []
    if prompt.text or not prompt.images:
        content.append({"type": "input_text", "text": prompt.text})
    content += [{"type": "input_image", "image_url": data_url(i)} for i in prompt.images]
    return {
        **({"instructions": prompt.system} if prompt.system else {}),
        "model": model,
        "input": [{"role": "user", "content": content}],
        "store": False,
        "stream": True,
    }


def is_response(document: object) -> bool:
    """A response with a list of outputs, cut short or empty included, that did not fail."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("output"), list)
        and document.get("status", "completed") in ("completed", "incomplete")
    )


def listen(heard: Heard, event: Event) -> Iterator[str]:
    """Events named `response.…`, some with the response as it then is; or that one alone."""
    told, kind = event.document, event.document.get("type")
    name = kind if isinstance(kind, str) else ""
    if name.startswith("response."):
        heard.document = heard.document or {"output": []}
    if name in _TEXTS:
        yield from heard.text(told.get("delta"))
    elif "reasoning" in name or part(told.get("item")).get("type") == "reasoning":
        yield ""
    elif name == "error":
        heard.error = told.get("error") or told
    if isinstance(told.get("response"), dict):
        named = name.removeprefix("response.")
        yield from _ended(heard, told["response"], named if named in _ENDS else None)
    elif isinstance(told.get("output"), list):
        yield from _ended(heard, told, "completed")


def _ended(heard: Heard, response: dict[str, Any], otherwise: str | None) -> Iterator[str]:
    heard.document = heard.document or {"output": []}
    status = response.get("status") or otherwise
    if status not in _ENDS:
        return
    heard.error = response.get("error") or None
    heard.document = {"output": [], "status": status}
    heard.is_whole = heard.is_over = True
    if status == "incomplete":
        why = part(response.get("incomplete_details")).get("reason")
        heard.limit = "content_filter" if why == "content_filter" else "length"
    if not heard.has_text and status in ("completed", "incomplete"):
        for item in objects(response.get("output")):
            if item.get("type", "message") == "message":
                yield from heard.content(item.get("content"))
