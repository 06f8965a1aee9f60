"""The dialect of Google's generateContent."""

import json
from urllib.parse import quote

from adapters.providers.requests import checked, concluded, headers, json_headers
from application.exchange import Flow, Request
from application.provider import Access, Dialect
from domain.probing import ProbeVerdict
from domain.providers import Provider

_ANSWERS = ("candidates", "promptFeedback", "usageMetadata")
_MODELS = "/v1beta/models?pageSize=1"


class GoogleDialect(Dialect):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        body = {
            "contents": [{"role": "user", "parts": [{"text": "Reply with OK."}]}],
            "generationConfig": {"maxOutputTokens": max_tokens},
        }
        # A model's name may have slashes; none of its characters may end the path.
        name = quote(model.removeprefix("models/"), safe="/")
        response = yield Request(
            "POST",
            f"{access.base_url}/v1beta/models/{name}:generateContent",
            json_headers(row, access),
            json.dumps(body).encode(),
        )
        return concluded(response, access, _is_content, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, headers(row, access))


def _is_content(document: object) -> bool:
    """Candidates, or the reason there are none: an answer that was blocked came from the model."""
    return isinstance(document, dict) and any(
        isinstance(document.get(name), list | dict) for name in _ANSWERS
    )
