"""How much of its limits is left, asked of a provider: one request each, every reply optional.

These pages are private or change without notice, so a reply
that cannot be understood is a reason, never a failure.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from adapters.providers.dialects.codex import account_id
from adapters.providers.dialects.requests import authorization, concluded
from adapters.providers.limits import replies
from application.ports.network import Flow, Request, Response
from application.ports.providers import Access, TellsUsage
from domain.answers.outcome import Outcome
from domain.answers.reading import parse
from domain.answers.usage import MOST, Snapshot, UsageWindow
from domain.providers.endpoints import is_below
from domain.providers.row import Provider

Read = Callable[[Any, int], Iterator[UsageWindow | None]]
_OAUTH_BETA = "oauth-2025-04-20"


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """`path` is below the base URL of a credential; `url` is where the provider itself has it.

    `read` yields the windows of a reply's document.
    """

    path: str
    read: Read
    url: str | None = None
    scopes: str | None = None


class UsageEndpoints(TellsUsage):
    """The usage endpoint that a row names."""

    def usage(self, row: Provider, access: Access, now: int) -> Flow[Snapshot]:
        return _asked(row, access, now)


def _asked(row: Provider, access: Access, now: int) -> Flow[Snapshot]:
    endpoint = _ENDPOINTS[row.usage or ""]
    response = yield Request("GET", _place(row, access, endpoint), _headers(row, access))
    # Whatever stands under a good status is looked at below.
    outcome = concluded(response, access, lambda _: True, now).outcome
    if outcome is not Outcome.OK:
        return Snapshot((), now, "endpoint", _refusal(response, outcome, endpoint))
    found = _read(endpoint, parse(response.body), now)
    return Snapshot(found, now, "endpoint", None if found else "the reply names no limit")


def _place(row: Provider, access: Access, endpoint: _Endpoint) -> str:
    """A credential goes below its own base URL; only the provider's own has a page elsewhere.

    Elsewhere is a constant: for the provider's own address, or one on the very same host.
    """
    if endpoint.url and (
        access.base_url == row.base_url or is_below(endpoint.url, access.base_url)
    ):
        return endpoint.url
    return f"{access.base_url}{endpoint.path}"


def _headers(row: Provider, access: Access) -> dict[str, str]:
    sent = {**dict(row.extra_headers), **authorization(access)}
    if row.usage == "anthropic":
        sent |= {"anthropic-version": "2023-06-01", "anthropic-beta": _OAUTH_BETA}
    elif row.usage == "github-copilot" and access.secret:
        sent["authorization"] = f"token {access.secret.reveal()}"
    elif row.usage == "openai-codex" and access.secret:
        account = account_id(access.secret)
        sent |= {"chatgpt-account-id": account} if account else {}
    return sent


def _refusal(response: Response, outcome: Outcome, endpoint: _Endpoint) -> str:
    if response.status == 403 and endpoint.scopes:
        return f"permission ({endpoint.scopes})"
    if response.status == 404:
        return "not offered there (HTTP 404)"
    return f"{outcome.value} (HTTP {response.status})"


def _read(endpoint: _Endpoint, document: object, now: int) -> tuple[UsageWindow, ...]:
    if not isinstance(document, dict):
        return ()
    found: dict[str, UsageWindow] = {}
    for made in endpoint.read(document, now):
        if made is not None:
            found.setdefault(made.label, made)
    return tuple(found.values())[:MOST]


_ENDPOINTS = {
    "anthropic": _Endpoint(
        "/api/oauth/usage", replies.anthropic, scopes="user:profile scope missing"
    ),
    "openai-codex": _Endpoint(
        "/wham/usage", replies.codex, url="https://chatgpt.com/backend-api/wham/usage"
    ),
    "github-copilot": _Endpoint(
        "/copilot_internal/user",
        replies.copilot,
        url="https://api.github.com/copilot_internal/user",
    ),
    "openrouter": _Endpoint("/key", replies.openrouter),
    "deepseek": _Endpoint("/user/balance", replies.deepseek),
    "zai": _Endpoint(
        "/api/monitor/usage/quota/limit",
        replies.zai,
        url="https://api.z.ai/api/monitor/usage/quota/limit",
    ),
    "minimax": _Endpoint("/api/openplatform/coding_plan/remains", replies.minimax),
}
