"""The dialect of OpenAI's chat completions, which most providers and gateways speak."""

import json
from urllib.parse import urlsplit

from adapters.providers.requests import authorization, concluded, is_model_list
from application.exchange import Flow, Request
from application.provider import Access, Dialect
from domain.probing import ProbeVerdict
from domain.providers import Provider

# OpenAI's own API deprecates max_tokens, and its reasoning models refuse it (providers.md 5.4);
# most compatible servers know only max_tokens. Its regions have hosts below this one.
_OWN_HOST = "api.openai.com"
_MODELS = "/models"


class OpenAIDialect(Dialect):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        host = urlsplit(access.base_url).hostname or ""
        own = host == _OWN_HOST or host.endswith(f".{_OWN_HOST}")
        limit = "max_completion_tokens" if own else "max_tokens"
        body = {
            "model": model,
            "messages": [{"role": "user", "content": "Reply with OK."}],
            limit: max_tokens,
        }
        response = yield Request(
            "POST",
            f"{access.base_url}/chat/completions",
            {"content-type": "application/json", **authorization(access)},
            json.dumps(body).encode(),
        )
        return concluded(response, access, _is_completion, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        url = f"{access.base_url}{row.check_path or _MODELS}"
        response = yield Request("GET", url, authorization(access))
        return concluded(response, access, is_model_list, now, proves=row.check_proves)


def _is_completion(document: object) -> bool:
    """A list of choices with at least one message in it; cut short or empty text included."""
    choices = document.get("choices") if isinstance(document, dict) else None
    return isinstance(choices, list) and any(map(_is_choice, choices))


def _is_choice(choice: object) -> bool:
    return (
        isinstance(choice, dict)
        and isinstance(choice.get("message"), dict)
        and choice.get("finish_reason") != "error"
    )
