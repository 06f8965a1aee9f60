"""The dialects as conversations: what they ask, byte for byte, and what they make of the answer."""

import base64
import json

import pytest

from adapters.providers.dialects.anthropic import AnthropicDialect
from adapters.providers.dialects.codex import CodexDialect, account_id
from adapters.providers.dialects.copilot import CopilotDialect
from adapters.providers.dialects.google import GoogleDialect
from adapters.providers.dialects.ollama import OllamaDialect
from adapters.providers.dialects.openai import OpenAIDialect
from adapters.providers.table import BY_ID, ROWS
from adapters.registry import EntryPointRegistry
from application.ports.network import Flow, Request, Response
from application.ports.providers import Access, Dialect
from domain.answers.outcome import Outcome
from domain.answers.verdict import ProbeVerdict
from domain.credentials.secret import Secret
from domain.errors import WireFailure
from domain.providers.row import Provider

KEY = "sk-canary-0123456789"
PROMPT = "Reply with OK."
COMPLETION = b'{"choices": [{"message": {"role": "assistant", "content": "OK"}}]}'
MESSAGE = b'{"type": "message", "content": [{"type": "text", "text": "OK"}]}'
CONTENT = b'{"candidates": [{"content": {"parts": [{"text": "OK"}]}}]}'
CHAT = b'{"message": {"role": "assistant", "content": "OK"}, "done": true}'
RESPONSE = b'{"status": "completed", "output": [{"type": "message"}]}'
MODELS = b'{"object": "list", "data": [{"id": "m"}]}'
ROW = Provider("own", "Own", "https://gateway.test/v1", "openai", source="user")


def held(
    flow: Flow[ProbeVerdict],
    body: bytes,
    status: int = 200,
) -> tuple[Request, ProbeVerdict]:
    """The one request of `flow`, and what it learned from this answer."""
    request = next(flow)
    with pytest.raises(StopIteration) as stop:
        flow.send(Response(status, {}, body))
    verdict = stop.value.value
    assert isinstance(verdict, ProbeVerdict)
    return request, verdict


def openai(base_url: str, secret: str | None = KEY) -> Access:
    return Access(base_url, "bearer", Secret(secret) if secret else None)


@pytest.mark.parametrize(
    ("base_url", "url", "limit"),
    [
        (
            "https://api.openai.com/v1",
            "https://api.openai.com/v1/chat/completions",
            "max_completion_tokens",
        ),
        (
            "https://eu.api.openai.com/v1",
            "https://eu.api.openai.com/v1/chat/completions",
            "max_completion_tokens",
        ),
        (
            "https://api.openai.com:443/v1",
            "https://api.openai.com:443/v1/chat/completions",
            "max_completion_tokens",
        ),
        (
            "https://api.groq.com/openai/v1",
            "https://api.groq.com/openai/v1/chat/completions",
            "max_tokens",
        ),
        ("https://api.deepseek.com", "https://api.deepseek.com/chat/completions", "max_tokens"),
        ("http://[::1]:8000/v1", "http://[::1]:8000/v1/chat/completions", "max_tokens"),
        (
            "https://gw.test/a//b/%20c/v1",
            "https://gw.test/a//b/%20c/v1/chat/completions",
            "max_tokens",
        ),
        (
            "https://gw.test//api.openai.com/v1",
            "https://gw.test//api.openai.com/v1/chat/completions",
            "max_tokens",
        ),
        (
            "https://api.openai.com.gw.test/v1",
            "https://api.openai.com.gw.test/v1/chat/completions",
            "max_tokens",
        ),
        (
            "https://notapi.openai.com/v1",
            "https://notapi.openai.com/v1/chat/completions",
            "max_tokens",
        ),
    ],
)
def test_an_openai_probe_is_one_small_request(base_url: str, url: str, limit: str) -> None:
    flow = OpenAIDialect().probe(ROW, openai(base_url), "vendor/m:free", 16, 0)
    request, verdict = held(flow, COMPLETION)

    assert (request.method, request.url) == ("POST", url)
    assert request.headers == {
        "content-type": "application/json",
        "authorization": f"Bearer {KEY}",
    }
    assert json.loads(request.body) == {
        "model": "vendor/m:free",
        "messages": [{"role": "user", "content": PROMPT}],
        limit: 16,
    }
    assert (verdict.outcome, verdict.credential) == (Outcome.OK, "proven")


@pytest.mark.parametrize(
    ("scheme", "secret", "auth"),
    [
        ("x-api-key", "sk-ant-api03-x", {"x-api-key": "sk-ant-api03-x"}),
        ("bearer", "gateway-token", {"authorization": "Bearer gateway-token"}),
        (
            "bearer",
            "sk-ant-oat01-x",
            {"authorization": "Bearer sk-ant-oat01-x", "anthropic-beta": "oauth-2025-04-20"},
        ),
    ],
)
def test_an_anthropic_probe_is_one_small_request(
    scheme: str, secret: str, auth: dict[str, str]
) -> None:
    access = Access("https://api.anthropic.com", scheme, Secret(secret))  # type: ignore[arg-type]  # the two literals above
    flow = AnthropicDialect().probe(BY_ID["anthropic"], access, "claude-haiku-4-5", 16, 0)
    request, verdict = held(flow, MESSAGE)

    assert (request.method, request.url) == ("POST", "https://api.anthropic.com/v1/messages")
    assert request.headers == {
        "content-type": "application/json",
        "anthropic-version": "2023-06-01",
        **auth,
    }
    assert json.loads(request.body) == {
        "model": "claude-haiku-4-5",
        "max_tokens": 16,
        "messages": [{"role": "user", "content": PROMPT}],
    }
    assert (verdict.outcome, verdict.credential) == (Outcome.OK, "proven")


def test_a_google_probe_keeps_the_key_out_of_the_url() -> None:
    access = Access("https://generativelanguage.test", "x-goog-api-key", Secret(KEY))
    flow = GoogleDialect().probe(ROW, access, "models/gemini?x#y", 16, 0)
    request, verdict = held(flow, CONTENT)

    assert request.url == (
        "https://generativelanguage.test/v1beta/models/gemini%3Fx%23y:generateContent"
    )
    assert request.headers["x-goog-api-key"] == KEY
    assert KEY not in request.url
    assert verdict.outcome is Outcome.OK


def test_an_ollama_probe_does_not_stream() -> None:
    flow = OllamaDialect().probe(ROW, openai("http://127.0.0.1:11434", None), "llama3", 16, 0)
    request, verdict = held(flow, CHAT)

    assert request.url == "http://127.0.0.1:11434/api/chat"
    assert json.loads(request.body)["stream"] is False
    assert "authorization" not in request.headers
    assert verdict.outcome is Outcome.OK


DIALECTS: dict[str, tuple[Dialect, str]] = {
    "openai": (OpenAIDialect(), "/models"),
    "anthropic": (AnthropicDialect(), "/v1/models?limit=1"),
    "google": (GoogleDialect(), "/v1beta/models?pageSize=1"),
    "ollama": (OllamaDialect(), "/api/tags"),
}


@pytest.mark.parametrize("name", DIALECTS)
def test_a_free_check_asks_for_models_and_spends_nothing(name: str) -> None:
    dialect, path = DIALECTS[name]
    request, verdict = held(dialect.check(ROW, openai("https://gateway.test"), 0), MODELS)

    assert (request.method, request.url, request.body) == (
        "GET",
        f"https://gateway.test{path}",
        b"",
    )
    assert verdict.outcome is Outcome.OK


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (MODELS, Outcome.OK),
        (b'{"models": []}', Outcome.OK),
        (b'[{"id": "m"}]', Outcome.OK),
        (b"[]", Outcome.OK),
        (b'{"data": {"label": "sk-or-v1-abc", "limit": null}}', Outcome.OK),
        (b'{"status": "fine"}', Outcome.PROVIDER_ERROR),
        (b'[{"error": {"code": 401, "message": "no"}}]', Outcome.AUTH),
        (b"", Outcome.PROVIDER_ERROR),
        (b"<html></html>", Outcome.NETWORK),
    ],
)
def test_a_list_of_models_comes_in_many_shapes(body: bytes, outcome: Outcome) -> None:
    _, verdict = held(OpenAIDialect().check(ROW, openai(ROW.base_url), 0), body)

    assert verdict.outcome is outcome


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"redacted_api_key": "xai-...abc", "api_key_blocked": false}', Outcome.OK),
        (b'{"redacted_api_key": "xai-...abc", "api_key_disabled": true}', Outcome.PERMISSION),
        (b'{"redacted_api_key": "xai-...abc", "team_blocked": true}', Outcome.PERMISSION),
        (b'{"is_available": true, "balance_infos": []}', Outcome.OK),
        (b'{"is_available": false, "balance_infos": []}', Outcome.BILLING),
        (b'{"name": "me", "auth": {"type": "access_token"}}', Outcome.OK),
        (b'{"data": {"limit_remaining": null}}', Outcome.OK),
        (b'{"data": {"limit_remaining": 0.0}}', Outcome.BILLING),
        (b'{"data": {"limit_remaining": false}}', Outcome.OK),
        (b'{"data": {"available_balance": -3}}', Outcome.BILLING),
        (b'{"requests": []}', Outcome.OK),
        (b'{"balance": "0.5"}', Outcome.OK),
    ],
)
def test_a_page_about_a_key_or_an_account_proves_the_key_and_may_tell_what_is_wrong(
    body: bytes, outcome: Outcome
) -> None:
    _, verdict = held(OpenAIDialect().check(ROW, openai(ROW.base_url), 0), body)

    assert (verdict.outcome, verdict.credential) == (outcome, "proven")
    assert (verdict.detail is None) == (outcome is Outcome.OK)


@pytest.mark.parametrize(
    ("provider", "model", "limit"),
    [
        ("together", "gpt-5-mini", "max_completion_tokens"),
        ("together", "gpt-5.2", "max_completion_tokens"),
        ("together", "o3-mini", "max_completion_tokens"),
        ("together", "o1", "max_completion_tokens"),
        ("together", "gpt-4o-mini", "max_tokens"),
        ("together", "gpt-oss-20b", "max_tokens"),
        ("together", "openai/gpt-5-mini", "max_tokens"),
        ("together", "olmo-2", "max_tokens"),
        ("openai", "gpt-4o-mini", "max_completion_tokens"),
        ("cerebras", "qwen-3-32b", "max_completion_tokens"),
        ("mistral", "mistral-small-latest", "max_tokens"),
    ],
)
def test_the_token_limit_has_the_name_its_model_or_provider_knows(
    provider: str, model: str, limit: str
) -> None:
    row = BY_ID[provider]
    request, _ = held(OpenAIDialect().probe(row, openai(row.base_url), model, 7, 0), COMPLETION)
    body = json.loads(request.body)

    assert body == {"model": model, "messages": body["messages"], limit: 7}


def test_behind_another_address_the_older_name_is_the_safer_one() -> None:
    moved = openai("https://gateway.test/v1")
    request, _ = held(OpenAIDialect().probe(BY_ID["groq"], moved, "m", 7, 0), COMPLETION)
    assert json.loads(request.body)["max_tokens"] == 7
    azure = openai("https://mine.openai.azure.com/openai/v1")
    own, _ = held(OpenAIDialect().probe(BY_ID["azure-openai"], azure, "mine", 7, 0), COMPLETION)
    assert json.loads(own.body)["max_completion_tokens"] == 7


@pytest.mark.parametrize(
    ("provider", "model", "speaks"),
    [
        ("openai", "gpt-5-codex", True),
        ("openai", "gpt-5.1-codex-mini", True),
        ("openai", "gpt-5-pro-2025-10-06", True),
        ("openai", "o3-pro", True),
        ("openai", "o4-mini-deep-research", True),
        ("openai", "gpt-5-mini", False),
        ("openai", "o3", False),
        ("github-copilot", "gpt-5-mini", False),
        ("github-copilot", "gpt-5.4", False),
        ("github-copilot", "gpt-5.4-mini", True),
        ("github-copilot", "claude-haiku-4.5", False),
        ("amazon-bedrock", "openai.gpt-oss-20b", False),
        ("amazon-bedrock", "openai.gpt-5.5", True),
        ("xai", "grok-4.20-multi-agent-0309", True),
        ("groq", "gpt-5-codex", False),
    ],
)
def test_a_model_that_speaks_only_responses_is_asked_there(
    provider: str, model: str, speaks: bool
) -> None:
    row = BY_ID[provider]
    access = openai(row.base_url + "/moved")
    answer = RESPONSE if speaks else COMPLETION
    request, verdict = held(OpenAIDialect().probe(row, access, model, 1, 0), answer)

    assert request.url.endswith("/responses") == speaks
    assert verdict.outcome is Outcome.OK
    if speaks:
        assert json.loads(request.body) == {
            "model": model,
            "input": PROMPT,
            "max_output_tokens": 16,
            "store": False,
        }


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"status": "incomplete", "output": []}', Outcome.OK),
        (b'{"output": []}', Outcome.OK),
        (b'{"status": "failed", "output": []}', Outcome.PROVIDER_ERROR),
        (b'{"status": "completed"}', Outcome.PROVIDER_ERROR),
        (COMPLETION, Outcome.PROVIDER_ERROR),
    ],
)
def test_a_response_cut_short_is_a_good_one(body: bytes, outcome: Outcome) -> None:
    row = BY_ID["openai"]
    _, verdict = held(OpenAIDialect().probe(row, openai(row.base_url), "o3-pro", 16, 0), body)

    assert verdict.outcome is outcome


def test_a_credential_saved_for_another_address_is_checked_there_and_nowhere_else() -> None:
    for row in (r for r in ROWS if r.check_url):
        dialect = EntryPointRegistry().can(row, Dialect)
        assert dialect is not None
        for moved in ("https://gateway.test/v1", f"{row.base_url}/v2"):
            flows = (
                dialect.check(row, openai(moved), 0),
                dialect.probe(row, openai(moved), "m", 16, 0),
            )
            for flow in flows:
                assert next(flow).url.startswith(f"{moved}/")


def test_a_list_asked_instead_of_a_page_elsewhere_proves_no_key() -> None:
    row = BY_ID["huggingface"]
    _, verdict = held(OpenAIDialect().check(row, openai("https://gateway.test/v1"), 0), MODELS)

    assert (verdict.outcome, verdict.credential) == (Outcome.OK, "unknown")


def claims(payload: bytes) -> str:
    return f"eyJhbGciOiJub25lIn0.{base64.urlsafe_b64encode(payload).decode().rstrip('=')}.c2ln"


@pytest.mark.parametrize(
    ("token", "account"),
    [
        (claims(b'{"https://api.openai.com/auth": {"chatgpt_account_id": "acct-1"}}'), "acct-1"),
        (claims(b'{"https://api.openai.com/auth": {"chatgpt_account_id": "a\\r\\nb"}}'), None),
        (claims(b'{"https://api.openai.com/auth": {"chatgpt_account_id": 7}}'), None),
        (claims(b'{"https://api.openai.com/auth": null}'), None),
        (claims(b"[]"), None),
        (claims(b"[" * 100_000), None),
        ("a.\xff\xff.b", None),
        ("no-token-at-all", None),
        ("", None),
    ],
)
def test_the_account_of_a_plan_is_read_from_its_token_whatever_it_is(
    token: str, account: str | None
) -> None:
    assert account_id(Secret(token)) == account


@pytest.mark.parametrize(
    ("events", "outcome"),
    [
        (b'data: {"type": "error", "error": {"code": "invalid_api_key"}}', Outcome.AUTH),
        (b'data: {"response": {"status": "incomplete", "output": []}}\r\n\r\n', Outcome.OK),
        (b'data: {"response": {"status": "in_progress", "output": []}}', Outcome.PROVIDER_ERROR),
        (b"data: [DONE]", Outcome.PROVIDER_ERROR),
        (b"data: " + b"[" * 50_000, Outcome.PROVIDER_ERROR),
        (b'data: {"response": {"status": "comp', Outcome.PROVIDER_ERROR),
        (b"", Outcome.PROVIDER_ERROR),
    ],
)
def test_a_stream_is_what_its_last_response_says(events: bytes, outcome: Outcome) -> None:
    row = BY_ID["openai-codex"]
    _, verdict = held(CodexDialect().probe(row, openai(row.base_url), "m", 16, 0), events)

    assert verdict.outcome is outcome


def test_copilots_short_token_goes_to_the_model_and_into_no_verdict() -> None:
    row = BY_ID["github-copilot"]
    short = "tid=canary0123456789;exp=1"
    flow = CopilotDialect().probe(row, openai(row.base_url), "m", 16, 0)
    next(flow)
    request = flow.send(Response(200, {}, json.dumps({"token": short}).encode()))
    echo = json.dumps({"error": {"message": f"bad {short}", "code": short[:20]}}).encode()
    with pytest.raises(StopIteration) as stop:
        flow.send(Response(500, {"x-request-id": short}, echo))

    assert request.headers["authorization"] == f"Bearer {short}"
    assert KEY not in str(dict(request.headers))
    assert stop.value.value.credential == "proven"
    assert "canary" not in repr(stop.value.value)


@pytest.mark.parametrize(
    "answer",
    [b"{}", b'{"token": 7}', b'{"token": "a\\r\\nhost: x"}', b'{"token": ""}', b"[]", b"x"],
)
def test_an_exchange_that_gives_no_token_ends_the_conversation(answer: bytes) -> None:
    row = BY_ID["github-copilot"]
    _, verdict = held(CopilotDialect().probe(row, openai(row.base_url), "m", 16, 0), answer)

    assert verdict.outcome is not Outcome.OK


def test_a_list_anybody_may_read_proves_no_key() -> None:
    public = Provider("own", "Own", ROW.base_url, "openai", source="user", check_proves=False)
    _, good = held(OpenAIDialect().check(public, openai(ROW.base_url), 0), MODELS)
    _, bad = held(OpenAIDialect().check(public, openai(ROW.base_url), 0), b"", 401)

    assert (good.outcome, good.credential) == (Outcome.OK, "unknown")
    assert (bad.outcome, bad.credential) == (Outcome.AUTH, "refused")


def test_openrouters_key_is_checked_where_only_its_owner_may_look() -> None:
    row = BY_ID["openrouter"]
    body = b'{"data": {"label": "sk-or-v1-a...b", "limit_remaining": 1.5}}'
    request, verdict = held(OpenAIDialect().check(row, openai(row.base_url), 0), body)

    assert request.url == "https://openrouter.ai/api/v1/key"
    assert (verdict.outcome, verdict.credential) == (Outcome.OK, "proven")


@pytest.mark.parametrize("name", DIALECTS)
@pytest.mark.parametrize("status", [200, 401, 429])
def test_without_a_key_no_header_is_sent_and_nothing_is_learned_of_one(
    name: str, status: int
) -> None:
    dialect, _ = DIALECTS[name]
    access = openai("http://127.0.0.1:1", None)
    for flow in (dialect.check(ROW, access, 0), dialect.probe(ROW, access, "m", 16, 0)):
        request, verdict = held(flow, MODELS, status)

        assert not {"authorization", "x-api-key", "x-goog-api-key"} & set(request.headers)
        assert verdict.credential == "unknown"


@pytest.mark.parametrize("name", DIALECTS)
def test_a_failure_of_the_wire_passes_through(name: str) -> None:
    dialect, _ = DIALECTS[name]
    flow = dialect.probe(ROW, openai("http://127.0.0.1:1"), "m", 16, 0)
    next(flow)

    with pytest.raises(WireFailure):
        flow.throw(WireFailure("timeout", "no whole answer in time"))


@pytest.mark.parametrize(
    ("name", "body", "outcome"),
    [
        ("openai", COMPLETION, Outcome.OK),
        ("openai", b'{"choices": [{"message": {}, "finish_reason": "length"}]}', Outcome.OK),
        (
            "openai",
            b'{"choices": [{"message": {}, "finish_reason": "error"}]}',
            Outcome.PROVIDER_ERROR,
        ),
        ("openai", b'{"choices": [null, 1, "x"]}', Outcome.PROVIDER_ERROR),
        ("openai", b'{"choices": {}}', Outcome.PROVIDER_ERROR),
        ("openai", b'{"choices": [{"text": "OK"}]}', Outcome.PROVIDER_ERROR),
        ("openai", MESSAGE, Outcome.PROVIDER_ERROR),
        ("openai", MODELS, Outcome.PROVIDER_ERROR),
        ("anthropic", MESSAGE, Outcome.OK),
        ("anthropic", b'{"type": "message", "content": []}', Outcome.OK),
        ("anthropic", COMPLETION, Outcome.PROVIDER_ERROR),
        ("anthropic", b'{"type": "completion", "content": []}', Outcome.PROVIDER_ERROR),
        ("anthropic", b'{"type": "message", "content": "OK"}', Outcome.PROVIDER_ERROR),
        ("google", CONTENT, Outcome.OK),
        ("google", COMPLETION, Outcome.PROVIDER_ERROR),
        ("ollama", CHAT, Outcome.OK),
        ("ollama", b'{"error": "model \\"x\\" not found"}', Outcome.NO_MODEL),
    ],
)
def test_only_the_dialects_own_answer_is_a_good_one(
    name: str, body: bytes, outcome: Outcome
) -> None:
    dialect, _ = DIALECTS[name]
    _, verdict = held(dialect.probe(ROW, openai("http://127.0.0.1:1"), "m", 16, 0), body)

    assert verdict.outcome is outcome
