"""The dialect of OpenAI's chat completions, which most providers and gateways speak."""

import json
import re
from urllib.parse import urlsplit

from adapters.providers.requests import checked, concluded, headers, json_headers
from application.exchange import Flow, Request
from application.provider import Access, Dialect
from domain.probing import ProbeVerdict
from domain.providers import Provider

# OpenAI's own API deprecates max_tokens, and its reasoning models refuse it;
# most compatible servers know only max_tokens. Its regions have hosts below this one.
_OWN_HOST = "api.openai.com"
_OWN_LIMIT = "max_completion_tokens"
# Whoever passes these on passes the refusal on as well.
_REASONING = re.compile(r"(gpt-([5-9]|\d\d)|o\d)(?![a-z0-9]).*")
_LEAST_OUTPUT = 16
_MODELS = "/models"


class OpenAIDialect(Dialect):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        if speaks_responses(row, model):
            path, body, shape = "/responses", responses_body(model, max_tokens), is_response
        else:
            body = {**chat_body(model), limit_field(row, access, model): max_tokens}
            path, shape = "/chat/completions", is_completion
        response = yield Request(
            "POST",
            f"{access.base_url}{path}",
            json_headers(row, access),
            json.dumps(body).encode(),
        )
        return concluded(response, access, shape, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, headers(row, access))


def speaks_responses(row: Provider, model: str) -> bool:
    return any(re.fullmatch(pattern, model) for pattern in row.responses_models)


def limit_field(row: Provider, access: Access, model: str) -> str:
    """The name of the token limit: by model, by host, else the row's where it is the row's host."""
    host = urlsplit(access.base_url).hostname or ""
    if host == _OWN_HOST or host.endswith(f".{_OWN_HOST}") or _REASONING.fullmatch(model):
        return _OWN_LIMIT
    # Behind another address may stand a gateway, and those know the older name.
    return "max_tokens" if row.base_url not in ("", access.base_url) else row.limit_field


def chat_body(model: str) -> dict[str, object]:
    return {"model": model, "messages": [{"role": "user", "content": "Reply with OK."}]}


def responses_body(model: str, max_tokens: int) -> dict[str, object]:
    return {
        "model": model,
        "input": "Reply with OK.",
        "max_output_tokens": max(_LEAST_OUTPUT, max_tokens),
        "store": False,
    }


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


def is_response(document: object) -> bool:
    """A response with a list of outputs, cut short or empty included, that did not fail."""
    return (
        isinstance(document, dict)
        and isinstance(document.get("output"), list)
        and document.get("status", "completed") in ("completed", "incomplete")
    )
