"""What the dialects share: requests, headers, the free key check, the verdict on an answer."""

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlsplit

from adapters.providers.dialects.key_pages import is_page, trouble
from application.ports.network import Flow, Request, Response
from application.ports.providers import Access, Image, Prompt
from domain.answers.classification import Shape, classify
from domain.answers.limits import snapshot
from domain.answers.outcome import Outcome
from domain.answers.reading import parse
from domain.answers.usage import UsageWindow
from domain.answers.verdict import ProbeVerdict
from domain.providers.row import Provider

_LARGEST_LIST = 16 * 1024 * 1024


def authorization(access: Access) -> dict[str, str]:
    """The one header that carries the credential; none without one."""
    if access.secret is None:
        return {}
    match access.scheme:
        case "bearer":
            return {"authorization": f"Bearer {access.secret.reveal()}"}
        case header:
            return {header: access.secret.reveal()}


def headers(row: Provider, access: Access) -> dict[str, str]:
    """The credential, and what else `row` wants said."""
    return {**dict(row.extra_headers), **authorization(access)}


def posted(url: str, sent: Mapping[str, str], body: Mapping[str, object]) -> Request:
    told = {"content-type": "application/json", **sent}
    return Request("POST", url, told, json.dumps(body).encode())


def messages(prompt: Prompt, question: Mapping[str, object]) -> list[Mapping[str, object]]:
    """`question` as a message of the user, after what the system tells the model, if anything."""
    told = [{"role": "system", "content": prompt.system}] if prompt.system else []
    return [*told, {"role": "user", **question}]


def in_base64(image: Image) -> str:
    return base64.b64encode(image.content).decode()


def data_url(image: Image) -> str:
    return f"data:{image.media_type};base64,{in_base64(image)}"


def checked(
    row: Provider, access: Access, now: int, models: str, sent: dict[str, str]
) -> Flow[ProbeVerdict]:
    """The free check of `row`, else `models`, the dialect's own list, with the headers `sent`."""
    url = check_url(row, access, models)
    response = yield Request("GET", url, sent, most=_LARGEST_LIST)
    # A page was chosen where the list is public: instead of the page, the list shows nothing.
    proves = row.check_proves and row.check_url in (None, url)
    verdict = concluded(response, access, is_page, now, proves=proves)
    if verdict.outcome is Outcome.NO_MODEL:
        # No model was asked for: the page is not there, which says nothing of the key.
        return replace(verdict, outcome=Outcome.FORMAT, credential="unknown")
    if verdict.outcome is Outcome.OK and (found := trouble(response.body)):
        outcome, detail = found
        return replace(verdict, outcome=outcome, detail=detail)
    return verdict


def check_url(row: Provider, access: Access, models: str) -> str:
    """Where the free check of a credential is asked for.

    A credential saved for another address than the provider's own never leaves that address.
    """
    if row.check_url and access.base_url == row.base_url:
        return row.check_url
    return f"{access.base_url}{row.check_path or models}"


def concluded(
    response: Response, access: Access, shape: Shape, now: int, *, proves: bool = True
) -> ProbeVerdict:
    """The verdict. `proves`: whether a good answer needs a known caller; a public list does not."""
    verdict = classify(response.status, response.headers, response.body, shape, now)
    verdict = replace(verdict, usage=_usage(response, access, verdict.outcome, now))
    tells_nothing = verdict.outcome is Outcome.OK and not proves
    if tells_nothing or access.secret is None:
        return replace(verdict, credential="unknown")
    return verdict


def _usage(
    response: Response, access: Access, outcome: Outcome, now: int
) -> tuple[UsageWindow, ...]:
    """What the answer tells of limits; somebody else's on the way tells nothing."""
    if outcome is Outcome.NETWORK:
        return ()
    # Of good answers only the headers tell.
    document = None if outcome is Outcome.OK else parse(response.body)
    host = urlsplit(access.base_url).hostname or ""
    return snapshot(response.headers, document, now, host)
