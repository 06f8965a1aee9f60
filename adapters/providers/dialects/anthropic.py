"""The dialect of Anthropic's messages."""

from collections.abc import Iterator
from typing import Any

from adapters.providers.dialects.events import Event
from adapters.providers.dialects.requests import checked, concluded, headers, in_base64, posted
from adapters.providers.dialects.streams import Heard, Limit, objects, part, streamed
from application.ports.network import Flow, Stream
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.verdict import ProbeVerdict
from domain.providers.row import Provider

_VERSION = "2023-06-01"
# Subscription tokens are refused without this.
_OAUTH_BETA = "oauth-2025-04-20"
_OAUTH_PREFIX = "sk-ant-oat"
_MODELS = "/v1/models?limit=1"
# A limit must be told there; no model of theirs refuses this one.
_MOST_TOKENS = 4096
_KINDS = (
    "message_start",
    "content_block_start",
    "content_block_delta",
    "content_block_stop",
    "message_delta",
    "message_stop",
)
_THINKING = ("thinking", "redacted_thinking", "thinking_delta", "signature_delta")
_LIMITS: dict[str, Limit] = {
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}


class AnthropicDialect(Speaker):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        body = {
            "model": model,
            "max_tokens": max_tokens,
            "messages": [{"role": "user", "content": "Reply with OK."}],
        }
        response = yield posted(f"{access.base_url}/v1/messages", headers_of(row, access), body)
        return concluded(response, access, is_message, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, headers_of(row, access))

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        content = content_of(prompt) if prompt.images else prompt.text
        body = {
            **({"system": prompt.system} if prompt.system else {}),
            "model": model,
            "max_tokens": _MOST_TOKENS,
            "messages": [{"role": "user", "content": content}],
            "stream": True,
        }
        request = posted(f"{access.base_url}/v1/messages", headers_of(row, access), body)
        return streamed(request, access, _listen, is_message, now)


def content_of(prompt: Prompt) -> list[dict[str, object]]:
    # Pictures first, as they recommend; an empty text is refused.
    pictures: list[dict[str, object]] = [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": image.media_type, "data": in_base64(image)},
        }
        for image in prompt.images
    ]
    return [*pictures, {"type": "text", "text": prompt.text}] if prompt.text else pictures


def headers_of(row: Provider, access: Access) -> dict[str, str]:
    sent = {"anthropic-version": _VERSION, **headers(row, access)}
    if access.secret and access.secret.reveal().startswith(_OAUTH_PREFIX):
        sent["anthropic-beta"] = _OAUTH_BETA
    return sent


def is_message(document: object) -> bool:
    """A message with a list of content blocks, empty or not."""
    return (
        isinstance(document, dict)
        and document.get("type", "message") == "message"
        and isinstance(document.get("content"), list)
    )


def _listen(heard: Heard, event: Event) -> Iterator[str]:
    """Events of blocks that begin, grow and end, or one message."""
    told = event.document
    if told.get("type") in _KINDS:
        heard.document = {"type": "message", "content": []}
    match told.get("type"):
        case "content_block_start":
            yield from _block(heard, part(told.get("content_block")))
        case "content_block_delta":
            yield from _block(heard, part(told.get("delta")))
        case "message_delta":
            _stopped(heard, part(told.get("delta")).get("stop_reason"))
        case "message_stop":
            heard.is_whole = heard.is_over = True
        case _ if is_message(told):
            heard.document = {"type": "message", "content": []}
            heard.is_whole = True
            for block in objects(told["content"]):
                yield from _block(heard, block)
            _stopped(heard, told.get("stop_reason"))


def _block(heard: Heard, block: dict[str, Any]) -> Iterator[str]:
    if block.get("type") in _THINKING:
        yield ""
    else:
        yield from heard.text(block.get("text"))


def _stopped(heard: Heard, reason: object) -> None:
    if isinstance(reason, str) and reason:
        heard.is_whole = True
        heard.limit = _LIMITS.get(reason)
