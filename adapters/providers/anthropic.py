"""The dialect of Anthropic's messages."""

import json

from adapters.providers.requests import checked, concluded, headers
from application.exchange import Flow, Request
from application.provider import Access, Dialect
from domain.probing import ProbeVerdict
from domain.providers import Provider

_VERSION = "2023-06-01"
# Subscription tokens are refused without this.
_OAUTH_BETA = "oauth-2025-04-20"
_OAUTH_PREFIX = "sk-ant-oat"
_MODELS = "/v1/models?limit=1"


class AnthropicDialect(Dialect):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        body = {
            "model": model,
            "max_tokens": max_tokens,
            "messages": [{"role": "user", "content": "Reply with OK."}],
        }
        response = yield Request(
            "POST",
            f"{access.base_url}/v1/messages",
            {"content-type": "application/json", **_headers(row, access)},
            json.dumps(body).encode(),
        )
        return concluded(response, access, _is_message, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, _headers(row, access))


def _headers(row: Provider, access: Access) -> dict[str, str]:
    sent = {"anthropic-version": _VERSION, **headers(row, access)}
    if access.secret and access.secret.reveal().startswith(_OAUTH_PREFIX):
        sent["anthropic-beta"] = _OAUTH_BETA
    return sent


def _is_message(document: object) -> bool:
    """A message with a list of content blocks, empty or not."""
    return (
        isinstance(document, dict)
        and document.get("type", "message") == "message"
        and isinstance(document.get("content"), list)
    )
