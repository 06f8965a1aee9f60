"""The conversation about a list of models: pages, places, and faults in the middle."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from adapters.providers.lists.asking import MOST_BYTES, MOST_PAGES, ModelLists
from adapters.providers.table import BY_ID
from application.ports.lists import Listed
from application.ports.network import Request, Response
from application.ports.providers import Access
from domain.credentials.secret import Secret
from domain.errors import Malformed, NotFound, Refused, Unavailable, WireFailure
from domain.providers.row import Provider
from domain.selection.live_lists import entries

NOW = 1_795_000_000_000
KEY = "sk-canary-0123456789"
Answer = Response | WireFailure


def reply(document: object, status: int = 200) -> Response:
    body = document if isinstance(document, bytes) else json.dumps(document).encode()
    return Response(status, {}, body)


def held(
    row: Provider, script: Callable[[Request, int], Answer], *, base_url: str = "", key: str = KEY
) -> tuple[list[Request], Listed]:
    secret = Secret(key) if key else None
    flow = ModelLists()(row, Access(base_url or row.base_url, row.scheme, secret), NOW)
    asked: list[Request] = []
    try:
        request = next(flow)
        while True:
            asked.append(request)
            said = script(request, len(asked) - 1)
            request = flow.throw(said) if isinstance(said, WireFailure) else flow.send(said)
    except StopIteration as stop:
        listed: Listed = stop.value
    return asked, listed


def in_turn(*answers: Answer) -> Callable[[Request, int], Answer]:
    return lambda _, at: answers[at]


def names(listed: Listed) -> list[Any]:
    return [e for page in listed.pages for e in entries(page)]


def test_anthropic_is_asked_page_by_page() -> None:
    pages = [
        {"data": [{"id": "a"}], "has_more": True, "last_id": "a/1"},
        {"data": [{"id": "b"}], "has_more": False, "last_id": "b"},
    ]
    asked, listed = held(BY_ID["anthropic"], in_turn(*map(reply, pages)))
    assert [r.url for r in asked] == [
        "https://api.anthropic.com/v1/models?limit=1000",
        "https://api.anthropic.com/v1/models?limit=1000&after_id=a%2F1",
    ]
    assert asked[0].headers["x-api-key"] == KEY
    assert asked[0].headers["anthropic-version"] == "2023-06-01"
    assert asked[0].most == MOST_BYTES
    assert asked[1].most == MOST_BYTES - len(reply(pages[0]).body)
    assert (names(listed), listed.failure) == ([{"id": "a"}, {"id": "b"}], None)


def test_gemini_and_cohere_have_tokens_for_pages() -> None:
    google = [{"models": [{"name": "models/a"}], "nextPageToken": "t+1"}, {"models": []}]
    asked, _ = held(BY_ID["google"], in_turn(*map(reply, google)))
    assert [r.url for r in asked] == [
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000",
        "https://generativelanguage.googleapis.com/v1beta/models?pageSize=1000&pageToken=t%2B1",
    ]
    cohere = [{"models": [{"name": "c"}], "next_page_token": "n"}, {"models": []}]
    asked, _ = held(BY_ID["cohere"], in_turn(*map(reply, cohere)))
    assert [r.url for r in asked] == [
        "https://api.cohere.com/v1/models?page_size=1000",
        "https://api.cohere.com/v1/models?page_size=1000&page_token=n",
    ]


def test_a_credential_for_another_address_stays_there() -> None:
    for id in ("cohere", "github-copilot", "xai", "openai-codex"):
        asked, _ = held(
            BY_ID[id], lambda *_: reply({"data": []}), base_url="https://gateway.test/v1"
        )
        assert all(r.url.startswith("https://gateway.test/v1/") for r in asked)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (WireFailure("timeout", "no whole answer in time"), WireFailure),
        (WireFailure("reset", "the connection broke"), WireFailure),
        (reply({"error": {}}, 500), Unavailable),
        (reply({"error": {}}, 429), Unavailable),
        (reply({}, 302), Unavailable),
        (reply(b'{"data": [{"id'), Malformed),
        (reply(b"<html>"), Malformed),
        (reply({"data": [{"id": KEY}]}), Malformed),
        (reply({"error": {"message": "no"}}), Malformed),
        (reply({"data": [{"id": "b"}], "has_more": True, "last_id": "a"}), Malformed),
    ],
)
def test_what_came_before_a_fault_is_kept(fault: Answer, kind: type[Exception]) -> None:
    first = reply({"data": [{"id": "a"}], "has_more": True, "last_id": "a"})
    _, listed = held(BY_ID["anthropic"], in_turn(first, fault))
    assert names(listed)[0] == {"id": "a"}
    assert type(listed.failure) is kind
    assert KEY not in str(listed.failure)


def test_pages_are_counted() -> None:
    def endless(_: Request, at: int) -> Answer:
        return reply({"data": [{"id": str(at)}], "has_more": True, "last_id": str(at)})

    asked, listed = held(BY_ID["anthropic"], endless)
    assert len(asked) == len(listed.pages) == MOST_PAGES
    assert "50 pages" in str(listed.failure)


@pytest.mark.parametrize(
    ("status", "kind", "words"),
    [
        (401, Refused, "auth (HTTP 401)"),
        (403, Refused, "permission (HTTP 403)"),
        (404, NotFound, "it has no list of models there (HTTP 404)"),
        (503, Unavailable, "(HTTP 503)"),
    ],
)
def test_why_there_is_none(status: int, kind: type[Exception], words: str) -> None:
    _, listed = held(BY_ID["openai"], in_turn(reply({"error": {"message": KEY}}, status)))
    assert type(listed.failure) is kind
    assert words in str(listed.failure)


def test_who_has_no_list_is_not_asked() -> None:
    asked, listed = held(BY_ID["perplexity"], in_turn())
    assert asked == []
    assert isinstance(listed.failure, NotFound)


def test_openai_compatible_places() -> None:
    for id, url in (
        ("openrouter", "https://openrouter.ai/api/v1/models"),
        ("together", "https://api.together.xyz/v1/models"),
        ("huggingface", "https://router.huggingface.co/v1/models"),
        ("openai-codex", "https://chatgpt.com/backend-api/codex/models?client_version=1.0.0"),
    ):
        asked, _ = held(BY_ID[id], in_turn(reply([])))
        assert [r.url for r in asked] == [url]


def test_ollama_is_asked_what_each_model_can() -> None:
    def script(request: Request, at: int) -> Answer:
        if request.url.endswith("/api/tags"):
            return reply({"models": [{"name": n, "model": n} for n in ("a", "b", "c")]})
        if json.loads(request.body)["model"] == "b":
            return reply({"error": "gone"}, 404)
        info = {"general.architecture": "x", "x.context_length": 9, "tokens": None}
        return reply({"license": "x" * 9, "capabilities": ["tools"], "model_info": info})

    asked, listed = held(BY_ID["ollama"], script, key="")
    assert [r.url.rpartition("/")[2] for r in asked] == ["tags", "show", "show", "show"]
    able = {"capabilities": ["tools"], "model_info": {"x.context_length": 9}}
    assert names(listed) == [
        {"name": "a", "model": "a", **able},
        {"name": "b", "model": "b"},
        {"name": "c", "model": "c", **able},
    ]
    assert "authorization" not in asked[0].headers
    broken = WireFailure("reset", "it broke")
    _, listed = held(
        BY_ID["ollama"], lambda r, at: reply({"models": [{"model": "a"}]}) if at == 0 else broken
    )
    assert (len(names(listed)), listed.failure) == (1, None)


def test_lm_studio_has_older_and_newer_lists() -> None:
    lost = reply({"error": "Unexpected endpoint or method. (GET /api/v0/models)"})
    asked, listed = held(BY_ID["lmstudio"], in_turn(lost, lost, reply({"data": [{"id": "a"}]})))
    assert [r.url.removeprefix("http://localhost:1234") for r in asked] == [
        "/api/v0/models",
        "/api/v1/models",
        "/v1/models",
    ]
    assert (names(listed), listed.failure) == ([{"id": "a"}], None)
    asked, _ = held(BY_ID["lmstudio"], in_turn(reply({"data": []})))
    assert len(asked) == 1


def test_xai_has_a_better_list_and_a_whole_one() -> None:
    models = reply({"data": [{"id": "image"}]})
    better = reply({"models": [{"id": "grok"}]})
    _, listed = held(BY_ID["xai"], in_turn(better, models))
    assert names(listed) == [{"id": "grok"}, {"id": "image"}]
    _, listed = held(BY_ID["xai"], in_turn(reply({}, 404), models))
    assert (names(listed), listed.failure) == ([{"id": "image"}], None)


def test_copilot_exchanges_its_token_first() -> None:
    row = BY_ID["github-copilot"]
    listed_by = in_turn(reply({"token": "short-lived"}), reply({"data": [{"id": "gpt"}]}))
    asked, listed = held(row, listed_by, key="gho_0123456789")
    assert asked[1].headers["authorization"] == "Bearer short-lived"
    assert "gho_0123456789" not in str(dict(asked[1].headers))
    assert names(listed) == [{"id": "gpt"}]
    _, listed = held(row, in_turn(reply({}, 401)), key="gho_0123456789")
    assert isinstance(listed.failure, Refused)


def test_a_word_for_a_key_is_no_secret_on_this_machine() -> None:
    document = reply({"data": [{"id": "m", "publisher": "lm-studio-community"}]})
    _, listed = held(BY_ID["lmstudio"], in_turn(document), key="lm-studio")
    assert listed.failure is None
