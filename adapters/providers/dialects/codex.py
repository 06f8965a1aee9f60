"""OpenAI's responses as a ChatGPT plan serves them: for one account, and as a stream."""

import base64
import binascii
import json
import re
from dataclasses import replace

from adapters.providers.dialects import responses
from adapters.providers.dialects.requests import checked, concluded, headers, posted
from adapters.providers.dialects.streams import streamed
from application.ports.network import Flow, Response, Stream
from application.ports.providers import Access, Prompt, Speaker
from domain.answers.reading import parse
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.providers.row import Provider

_CLAIM = "https://api.openai.com/auth"
_ACCOUNT = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_MODELS = "/models"


class CodexDialect(Speaker):
    def probe(
        self, row: Provider, access: Access, model: str, max_tokens: int, now: int
    ) -> Flow[ProbeVerdict]:
        # A field it does not know, a token limit among them, is refused there.
        body = {
            "model": model,
            "instructions": "Reply with OK.",
            "input": [
                {"role": "user", "content": [{"type": "input_text", "text": "Reply with OK."}]}
            ],
            "store": False,
            "stream": True,
        }
        response = yield posted(
            f"{access.base_url}/responses", {**headers(row, access), **_manners(access)}, body
        )
        return concluded(_whole(response), access, responses.is_response, now)

    def check(self, row: Provider, access: Access, now: int) -> Flow[ProbeVerdict]:
        return checked(row, access, now, _MODELS, {**headers(row, access), **_account(access)})

    def ask(
        self, row: Provider, access: Access, model: str, prompt: Prompt, now: int
    ) -> Stream[ProbeVerdict]:
        # Without instructions it is refused there.
        body = {"instructions": "Answer the user.", **responses.ask_body(model, prompt)}
        sent = {**headers(row, access), **_manners(access)}
        request = posted(f"{access.base_url}/responses", sent, body)
        return streamed(request, access, responses.listen, responses.is_response, now)


def _manners(access: Access) -> dict[str, str]:
    return {**_account(access), "accept": "text/event-stream"}


def _account(access: Access) -> dict[str, str]:
    account = account_id(access.secret) if access.secret else None
    return {"chatgpt-account-id": account} if account else {}


def account_id(token: Secret) -> str | None:
    """The account a ChatGPT access token names, read without asking whether it is genuine."""
    payload = [*token.reveal().split("."), ""][1]
    try:
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    claim = claims.get(_CLAIM) if isinstance(claims, dict) else None
    account = claim.get("chatgpt_account_id") if isinstance(claim, dict) else None
    # It becomes a header: nothing that could end one.
    return account if isinstance(account, str) and _ACCOUNT.fullmatch(account) else None


def _whole(response: Response) -> Response:
    """`response` with the last response its events tell of as its body; itself without any."""
    if response.status != 200:
        return response
    for line in reversed(response.body.split(b"\n")):
        if line.startswith(b"data:") and (told := _told(line[5:])) is not None:
            return replace(response, body=json.dumps(told).encode())
    return response


def _told(data: bytes) -> dict[str, object] | None:
    event = parse(data)
    if not isinstance(event, dict):
        return None
    if event.get("type") == "error":
        return {"error": event.get("error", event)}
    response = event.get("response")
    if not isinstance(response, dict):
        return None
    failure = response.get("error")
    return {"error": failure} if isinstance(failure, dict) else response
