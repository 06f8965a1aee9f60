"""The dialect of Ollama's own API."""

import json

from adapters.providers.requests import checked, concluded, headers, json_headers
from application.exchange import Flow, Request
from application.provider import Access, Dialect
from domain.probing import ProbeVerdict
from domain.providers import Provider

_MODELS = "/api/tags"


class OllamaDialect(Dialect):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Reply with OK."}],
            "stream": False,
            "options": {"num_predict": max_tokens},
        }
        response = yield Request(
            "POST",
            f"{access.base_url}/api/chat",
            json_headers(row, access),
            json.dumps(body).encode(),
        )
        return concluded(response, access, _is_chat, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, headers(row, access))


def _is_chat(document: object) -> bool:
    return isinstance(document, dict) and isinstance(document.get("message"), dict)
