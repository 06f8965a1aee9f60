"""A provider's list of models, all of its pages: what came before a failure is not lost."""

import json
from typing import Any
from urllib.parse import quote, urlsplit

from adapters.providers.dialects import anthropic, copilot
from adapters.providers.dialects.codex import account_id
from adapters.providers.dialects.requests import concluded, headers, posted
from application.ports.lists import Listed, ListsModels
from application.ports.network import Flow, Request, Response
from application.ports.providers import Access
from domain.answers.outcome import Outcome
from domain.answers.reading import parse
from domain.errors import AuraError, Malformed, NotFound, Refused, Unavailable, WireFailure
from domain.providers.row import Provider, is_loopback_url
from domain.selection.live_lists import entries
from domain.text import forms

MIB = 1024 * 1024
MOST_PAGES = 50
MOST_BYTES = 64 * MIB
"""Of all pages together."""
# Nobody's key is shorter, and a word that a server of this machine asks for is not so long.
_LONGEST_WORD = 16
_MOST_SHOWN, _LARGEST_SHOWN = 200, 4 * MIB
_PATHS = {"anthropic": "/v1/models?limit=1000", "google": "/v1beta/models?pageSize=1000"}
_ENDS = ("/models", "/api/tags")
_PAGES = {"anthropic": "after_id", "google": "page_token"}
# What says more than the usual list: instead of it, and beside it (which has models of all kinds).
_INSTEAD = {"lmstudio": ("/api/v0/models", "/api/v1/models")}
_BESIDE = {"xai": "/language-models"}


class ModelLists(ListsModels):
    def __call__(self, row: Provider, access: Access, now: int) -> Flow[Listed]:
        return _listed(row, access, now)

    def heard(
        self, row: Provider, access: Access, request: Request, response: Response
    ) -> Listed | None:
        path = urlsplit(request.url).path
        if request.method != "GET" or not path.endswith(_ENDS) or response.status != 200:
            return None
        try:
            document = _document(response, access, 0)
            is_all = not _next(document, _paging(row))[1]
        except AuraError:
            return None
        # What a list does not say of Ollama's models is asked for apart, and not lost.
        is_all = is_all and row.dialect != "ollama"
        return Listed((document,), None if is_all else Unavailable("it is the first page only"))


def _listed(row: Provider, access: Access, now: int) -> Flow[Listed]:
    pages: list[object] = []
    try:
        yield from _asked(row, access, now, pages)
    except AuraError as failure:
        return Listed(tuple(pages), failure)
    return Listed(tuple(pages))


def _asked(row: Provider, access: Access, now: int, pages: list[object]) -> Flow[None]:
    """Adds to `pages` as they come. Raises AuraError."""
    if not row.list_shape:
        raise NotFound(f"{row.id} has no list of models")
    if row.builtin and row.id == "github-copilot":
        access = yield from _exchanged(row, access, now)
    sent = _headers(row, access)
    if row.dialect == "ollama":
        yield from _paged(row, access, now, f"{access.base_url}/api/tags", sent, pages)
        return (yield from _shown(access, sent, pages))
    root = access.base_url.removesuffix("/v1")
    for path in _INSTEAD.get(row.id, ()) if row.builtin else ():
        if (yield from _tried(row, access, now, f"{root}{path}", sent, pages)):
            return None
    if row.builtin and row.id in _BESIDE:
        yield from _tried(row, access, now, f"{access.base_url}{_BESIDE[row.id]}", sent, pages)
    yield from _paged(row, access, now, _place(row, access), sent, pages)
    return None


def _exchanged(row: Provider, access: Access, now: int) -> Flow[Access]:
    """Copilot's token of half an hour, where there is one to be had."""
    if not copilot.exchanges(row, access):
        return access
    response = yield copilot.exchange(row, access)
    short = copilot.short_token(response, access, now)
    if isinstance(short, Access):
        return short
    raise Refused(f"{short.outcome.value} (HTTP {response.status})")


def _headers(row: Provider, access: Access) -> dict[str, str]:
    if row.dialect == "anthropic":
        return anthropic.headers_of(row, access)
    account = account_id(access.secret) if row.id == "openai-codex" and access.secret else None
    return {**headers(row, access), **({"chatgpt-account-id": account} if account else {})}


def _place(row: Provider, access: Access) -> str:
    """Its own list; a credential for another address than the provider's stays below that."""
    if row.check_url and access.base_url == row.base_url and _is_list(row.check_url):
        # Cohere's is on another host, and was asked for one model.
        return f"{row.check_url.partition('?')[0]}?page_size=1000"
    if row.check_path and _is_list(row.check_path):
        return f"{access.base_url}{row.check_path}"
    return f"{access.base_url}{_PATHS.get(row.dialect, '/models')}"


def _is_list(url: str) -> bool:
    return urlsplit(url).path.endswith("/models")


def _tried(
    row: Provider, access: Access, now: int, url: str, sent: dict[str, str], pages: list[object]
) -> Flow[bool]:
    """Whether a list is there, which not every version of its server has."""
    try:
        yield from _paged(row, access, now, url, sent, pages)
    except AuraError:
        return False
    return True


def _paged(
    row: Provider, access: Access, now: int, url: str, sent: dict[str, str], pages: list[object]
) -> Flow[None]:
    left, query, seen = MOST_BYTES, "", {""}
    for _ in range(MOST_PAGES):
        response = yield Request("GET", f"{url}{query}", sent, most=left)
        document = _document(response, access, now)
        pages.append(document)
        left -= len(response.body)
        name, mark = _next(document, _paging(row))
        if not mark:
            return
        if mark in seen:
            raise Malformed("the pages of its list go round in a circle")
        if left <= 0:
            raise Unavailable(f"its list is larger than {MOST_BYTES // MIB} MiB")
        seen.add(mark)
        query = f"{'&' if '?' in url else '?'}{name}={quote(mark, safe='')}"
    raise Unavailable(f"its list has more than {MOST_PAGES} pages")


def _paging(row: Provider) -> str:
    return row.list_pages or _PAGES.get(row.dialect, "")


def _next(document: object, paging: str) -> tuple[str, str]:
    """How the page after `document` is asked for: a name, and a mark; no mark after the last.

    Raises Malformed where there is one, of which nobody says how.
    """
    told = document if isinstance(document, dict) else {}
    name, mark = "", None
    if paging == "after_id" and told.get("has_more") is True:
        name, mark = "after_id", told.get("last_id")
    elif paging == "page_token" and "next_page_token" in told:
        name, mark = "page_token", told["next_page_token"]
    elif paging == "page_token":
        name, mark = "pageToken", told.get("nextPageToken")
    if not isinstance(mark, str) and (mark or told.get("has_more") is True):
        raise Malformed("there is more of its list, and it does not say how that is asked for")
    return name, mark if isinstance(mark, str) else ""


def _document(response: Response, access: Access, now: int) -> object:
    """The list in `response`. Raises AuraError, in our own words."""
    status = response.status
    if 300 <= status < 400:
        raise Unavailable(f"it leads elsewhere (HTTP {status}), where no credential is sent")
    if status in (404, 405, 501):
        raise NotFound(f"it has no list of models there (HTTP {status})")
    if not 200 <= status < 300:
        outcome = concluded(response, access, lambda _: True, now).outcome
        kind = Refused if outcome in (Outcome.AUTH, Outcome.PERMISSION) else Unavailable
        raise kind(f"{outcome.value} (HTTP {status})")
    document = parse(response.body)
    entries(document)
    if isinstance(document, dict) and document.get("error"):
        raise Unavailable("it answers with an error")
    if _repeats(document, access):
        # It would be kept on disk, as the name of a model.
        raise Malformed("its answer repeats the credential")
    return document


def _repeats(document: object, access: Access) -> bool:
    """Whether the secret is in it. One for this machine is often a word like `lm-studio`."""
    secret = access.secret.reveal() if access.secret else ""
    if len(secret) < (_LONGEST_WORD if is_loopback_url(access.base_url) else 1):
        return False
    # As it is read, in whatever way it was written.
    text = json.dumps(document, ensure_ascii=False)
    return any(form in text for form in forms(secret))


def _shown(access: Access, sent: dict[str, str], pages: list[object]) -> Flow[None]:
    """Adds to each of Ollama's models what it can, which its list does not say."""
    for entry in [e for page in pages for e in entries(page) if isinstance(e, dict)][:_MOST_SHOWN]:
        asked = posted(f"{access.base_url}/api/show", sent, {"model": entry.get("model")})
        try:
            response = yield Request("POST", asked.url, asked.headers, asked.body, _LARGEST_SHOWN)
        except WireFailure:
            # The list is whole without.
            return
        shown = parse(response.body) if response.status == 200 else None
        if not _repeats(shown, access):
            entry |= _of_show(shown)


def _of_show(document: object) -> dict[str, Any]:
    """Its abilities and its context; without its licence, its template and each of its tensors."""
    told = document if isinstance(document, dict) else {}
    info = told.get("model_info")
    known = info if isinstance(info, dict) else {}
    lengths = {k: v for k, v in known.items() if k.endswith(".context_length")}
    found = {"capabilities": told.get("capabilities"), "model_info": lengths}
    return {name: value for name, value in found.items() if value}
