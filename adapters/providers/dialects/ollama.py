"""The dialect of Ollama's own API."""

from collections.abc import Iterator

from adapters.providers.dialects.events import Event
from adapters.providers.dialects.requests import (
    checked,
    concluded,
    headers,
    in_base64,
    messages,
    posted,
)
from adapters.providers.dialects.streams import Heard, streamed
from application.ports.network import Flow, Stream
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.verdict import ProbeVerdict
from domain.providers.row import Provider

_MODELS = "/api/tags"


class OllamaDialect(Speaker):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Reply with OK."}],
            "stream": False,
            "options": {"num_predict": max_tokens},
        }
        response = yield posted(f"{access.base_url}/api/chat", headers(row, access), body)
        return concluded(response, access, is_chat, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, headers(row, access))

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        pictures = {"images": list(map(in_base64, prompt.images))} if prompt.images else {}
        asked = messages(prompt, {"content": prompt.text, **pictures})
        body = {"model": model, "messages": asked, "stream": True}
        request = posted(f"{access.base_url}/api/chat", headers(row, access), body)
        return streamed(request, access, _listen, is_chat, now)


def is_chat(document: object) -> bool:
    return isinstance(document, dict) and isinstance(document.get("message"), dict)


def _listen(heard: Heard, event: Event) -> Iterator[str]:
    """A line each time the model said something; the last says `done`, and maybe no more."""
    told, message = event.document, event.document.get("message")
    if isinstance(message, dict):
        heard.document = {"message": {}}
        if message.get("thinking"):
            yield ""
        yield from heard.text(message.get("content"))
    if told.get("done") is True and not told.get("error"):
        heard.document = {"message": {}}
        heard.is_whole = heard.is_over = True
        heard.limit = "length" if told.get("done_reason") == "length" else None
