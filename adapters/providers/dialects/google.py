"""The dialect of Google's generateContent."""

from collections.abc import Iterator
from urllib.parse import quote

from adapters.providers.dialects.events import Event
from adapters.providers.dialects.requests import (
    checked,
    concluded,
    headers,
    in_base64,
    posted,
)
from adapters.providers.dialects.streams import Heard, Limit, objects, part, streamed
from application.ports.network import Flow, Stream
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.verdict import ProbeVerdict
from domain.providers.row import Provider

_ANSWERS = ("candidates", "promptFeedback", "usageMetadata")
_MODELS = "/v1beta/models?pageSize=1"
_FILTERS = (
    "SAFETY",
    "RECITATION",
    "LANGUAGE",
    "BLOCKLIST",
    "PROHIBITED_CONTENT",
    "SPII",
    "IMAGE_SAFETY",
)
_LIMITS: dict[str, Limit] = {
    "MAX_TOKENS": "length",
    **dict.fromkeys(_FILTERS, "content_filter"),
}


class GoogleDialect(Speaker):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        body = {
            "contents": [{"role": "user", "parts": [{"text": "Reply with OK."}]}],
            "generationConfig": {"maxOutputTokens": max_tokens},
        }
        response = yield posted(
            f"{_place(access, model)}:generateContent", headers(row, access), body
        )
        return concluded(response, access, is_content, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, headers(row, access))

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        told = {"systemInstruction": {"parts": [{"text": prompt.system}]}} if prompt.system else {}
        body = {**told, "contents": [{"role": "user", "parts": parts_of(prompt)}]}
        url = f"{_place(access, model)}:streamGenerateContent?alt=sse"
        request = posted(url, headers(row, access), body)
        return streamed(request, access, _listen, is_content, now)


def _place(access: Access, model: str) -> str:
    # A model's name may have slashes; none of its characters may end the path.
    name = quote(model.removeprefix("models/"), safe="/")
    return f"{access.base_url}/v1beta/models/{name}"


def parts_of(prompt: Prompt) -> list[dict[str, object]]:
    pictures: list[dict[str, object]] = [
        {"inlineData": {"mimeType": image.media_type, "data": in_base64(image)}}
        for image in prompt.images
    ]
    return [{"text": prompt.text}, *pictures] if prompt.text or not pictures else pictures


def is_content(document: object) -> bool:
    """Candidates, or the reason there are none: an answer that was blocked came from the model."""
    return isinstance(document, dict) and any(
        isinstance(document.get(name), list | dict) for name in _ANSWERS
    )


def _listen(heard: Heard, event: Event) -> Iterator[str]:
    """Answers in part, each shaped like a whole one."""
    told = event.document
    if not is_content(told):
        return
    heard.document = {"candidates": []}
    # Only the last part of a stream names an end; what came as one document is whole.
    heard.is_whole = heard.is_whole or not event.is_framed
    for candidate in objects(told.get("candidates")):
        if candidate.get("index") in (0, None):
            for piece in objects(part(candidate.get("content")).get("parts")):
                yield from [""] if piece.get("thought") else heard.text(piece.get("text"))
            _finished(heard, candidate.get("finishReason"))
    if part(told.get("promptFeedback")).get("blockReason"):
        _finished(heard, "SAFETY")


def _finished(heard: Heard, reason: object) -> None:
    if isinstance(reason, str) and reason != "FINISH_REASON_UNSPECIFIED":
        heard.is_whole = True
        heard.limit = _LIMITS.get(reason, heard.limit)
