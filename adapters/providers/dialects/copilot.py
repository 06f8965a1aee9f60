"""GitHub Copilot: a GitHub token is exchanged for one of half an hour, which asks the model."""

import re
from dataclasses import replace

from adapters.providers.dialects.openai import OpenAIDialect
from adapters.providers.dialects.requests import checked, concluded
from application.ports.network import Flow, Request, Response, Stream, begun, rest
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.outcome import Outcome
from domain.answers.reading import parse
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.providers.row import Provider
from domain.text import foreign

_TOKEN = re.compile(r"[!-~]{1,8192}")
_MODELS = "/models"
# A picture without this is refused there.
_VISION = ("copilot-vision-request", "true")


class CopilotDialect(Speaker):
    def __init__(self) -> None:
        self._chat = OpenAIDialect()

    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        if not exchanges(row, access):
            return (yield from self._chat.probe(row, access, model, max_tokens, now))
        response = yield exchange(row, access)
        short = short_token(response, access, now)
        if isinstance(short, ProbeVerdict):
            return short
        found = yield from self._chat.probe(row, short, model, max_tokens, now)
        return _without(found, short)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        if not exchanges(row, access):
            return (yield from self._chat.check(row, access, now))
        verdict = yield from checked(row, access, now, _MODELS, _exchange_headers(row, access))
        # What GitHub tells of the limits of its own API is not what is left of Copilot.
        return replace(verdict, usage=())

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        seeing = row._replace(extra_headers=(*row.extra_headers, _VISION))
        asked = seeing if prompt.images else row
        if not exchanges(row, access):
            return (yield from self._chat.ask(asked, access, model, prompt, now))
        head = yield from begun(exchange(row, access))
        short = short_token((yield from rest(head)), access, now)
        if isinstance(short, ProbeVerdict):
            return short
        found = yield from self._chat.ask(asked, short, model, prompt, now)
        return _without(found, short)


def exchange(row: Provider, access: Access) -> Request:
    return Request("GET", row.check_url or "", _exchange_headers(row, access))


def short_token(response: Response, access: Access, now: int) -> Access | ProbeVerdict:
    """What the model is asked with, or why there is nothing."""
    verdict = concluded(response, access, _is_exchange, now)
    token = _token(response)
    if verdict.outcome is not Outcome.OK or token is None:
        return verdict
    return Access(access.base_url, "bearer", token)


def _without(verdict: ProbeVerdict, short: Access) -> ProbeVerdict:
    """The caller takes his own secret out of a verdict's words, and knows nothing of this one."""
    secrets = (short.secret.reveal(),) if short.secret else ()

    def clean(text: str | None) -> str | None:
        return foreign(text, secrets) if text else None

    return replace(
        verdict,
        credential="proven",
        code=clean(verdict.code),
        error_type=clean(verdict.error_type),
        request_id=clean(verdict.request_id),
        detail=clean(verdict.detail),
    )


def exchanges(row: Provider, access: Access) -> bool:
    """A token saved for another address never goes to GitHub."""
    return access.base_url == row.base_url and access.secret is not None


def _exchange_headers(row: Provider, access: Access) -> dict[str, str]:
    secret = access.secret.reveal() if access.secret else ""
    return {
        **dict(row.extra_headers),
        "accept": "application/json",
        "authorization": f"token {secret}",
    }


def _token(response: Response) -> Secret | None:
    return _token_in(parse(response.body))


def _token_in(document: object) -> Secret | None:
    token = document.get("token") if isinstance(document, dict) else None
    # It becomes a header: nothing that could end one.
    return Secret(token) if isinstance(token, str) and _TOKEN.fullmatch(token) else None


def _is_exchange(document: object) -> bool:
    return _token_in(document) is not None
