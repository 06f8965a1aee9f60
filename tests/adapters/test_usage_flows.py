"""Usage endpoints as conversations: where a credential goes, and what is made of any reply."""

import base64
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.providers.limits.endpoints import UsageEndpoints
from adapters.providers.table import BY_ID, ROWS
from application.ports.network import Request, Response
from application.ports.providers import Access
from domain.answers.usage import MOST, Snapshot, UsageWindow
from domain.credentials.secret import Secret
from domain.instants import DAY, HOUR

NOW = 1_795_000_000_000
AT = 1_795_007_200
LATER = NOW + 2 * HOUR
ISO = "2026-11-18T13:06:40.123+00:00"
KEY = "sk-canary-0123456789"
ASKED = ("anthropic", "openai-codex", "github-copilot", "openrouter", "deepseek", "zai", "minimax")


def account_token() -> str:
    claims = {"https://api.openai.com/auth": {"chatgpt_account_id": "acc-1"}}
    payload = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return f"e30.{payload}.c2ln"


def held(
    provider: str, reply: object, status: int = 200, *, base_url: str = "", secret: str = KEY
) -> tuple[Request, Snapshot]:
    """The one request, and the snapshot made of this reply."""
    row = BY_ID[provider]
    flow = UsageEndpoints().usage(
        row, Access(base_url or row.base_url, "bearer", Secret(secret)), NOW
    )
    request = next(flow)
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    with pytest.raises(StopIteration) as stop:
        flow.send(Response(status, {"content-type": "application/json"}, body))
    found = stop.value.value
    assert isinstance(found, Snapshot)
    return request, found


def test_the_rows_name_the_providers_that_can_be_asked() -> None:
    assert sorted(row.id for row in ROWS if row.usage) == sorted(ASKED)
    assert all(row.usage == row.id for row in ROWS if row.usage)


@pytest.mark.parametrize(
    ("provider", "url"),
    [
        ("anthropic", "https://api.anthropic.com/api/oauth/usage"),
        ("openai-codex", "https://chatgpt.com/backend-api/wham/usage"),
        ("github-copilot", "https://api.github.com/copilot_internal/user"),
        ("openrouter", "https://openrouter.ai/api/v1/key"),
        ("deepseek", "https://api.deepseek.com/user/balance"),
        ("zai", "https://api.z.ai/api/monitor/usage/quota/limit"),
        ("minimax", "https://api.minimax.io/v1/api/openplatform/coding_plan/remains"),
    ],
)
def test_a_provider_is_asked_at_its_own_page(provider: str, url: str) -> None:
    request, _ = held(provider, {})
    assert (request.method, request.url, request.body) == ("GET", url, b"")


@pytest.mark.parametrize("provider", ASKED)
def test_a_credential_for_another_address_stays_below_it(provider: str) -> None:
    request, _ = held(provider, {}, base_url="https://gateway.test/tenant")
    assert request.url.startswith("https://gateway.test/tenant/")


@pytest.mark.parametrize(
    "base_url",
    ["http://api.z.ai/api/paas/v4", "https://api.z.ai.evil.test/v4", "https://api.z.ai:8443/v4"],
)
def test_a_host_that_only_looks_the_same_is_another(base_url: str) -> None:
    request, _ = held("zai", {}, base_url=base_url)
    assert request.url.startswith(f"{base_url}/")
    plan, _ = held("zai", {}, base_url="https://api.z.ai/api/coding/paas/v4")
    assert plan.url == "https://api.z.ai/api/monitor/usage/quota/limit"


def test_headers_are_what_each_page_wants() -> None:
    anthropic, _ = held("anthropic", {})
    assert anthropic.headers["authorization"] == f"Bearer {KEY}"
    assert anthropic.headers["anthropic-beta"] == "oauth-2025-04-20"
    codex, _ = held("openai-codex", {}, secret=account_token())
    assert codex.headers["chatgpt-account-id"] == "acc-1"
    copilot, _ = held("github-copilot", {})
    assert copilot.headers["authorization"] == f"token {KEY}"
    for provider in ("openrouter", "deepseek", "zai", "minimax"):
        request, _ = held(provider, {})
        assert request.headers["authorization"] == f"Bearer {KEY}"


REPLIES: dict[str, tuple[str, object, tuple[UsageWindow, ...]]] = {
    "anthropic tells percent here": (
        "anthropic",
        {
            "five_hour": {"utilization": 20.0, "resets_at": ISO},
            "seven_day": {"utilization": 36, "resets_at": None},
            "seven_day_opus": None,
            "seven_day_sonnet": {"utilization": 0.5, "resets_at": ISO},
            "extra_usage": {"is_enabled": False, "utilization": None},
        },
        (
            UsageWindow("5h", 0.2, resets_at=LATER + 123, length=5 * HOUR),
            UsageWindow("week", 0.36, length=7 * DAY),
            UsageWindow("week sonnet", 0.005, resets_at=LATER + 123, length=7 * DAY),
        ),
    ),
    "anthropic's newer list": (
        "anthropic",
        {
            "limits": [
                {"kind": "session", "percent": 12, "resets_at": ISO},
                {"kind": "weekly_all", "percent": 100, "resets_at": ISO},
                {"kind": "something_else", "percent": 1},
            ]
        },
        (
            UsageWindow("5h", 0.12, resets_at=LATER + 123, length=5 * HOUR),
            UsageWindow("week", 1.0, resets_at=LATER + 123, length=7 * DAY),
        ),
    ),
    "a week of codex is no day": (
        "openai-codex",
        {
            "plan_type": "plus",
            "rate_limit": {
                "primary_window": {
                    "used_percent": 20,
                    "limit_window_seconds": 18000,
                    "reset_at": AT,
                },
                "secondary_window": {
                    "used_percent": 36,
                    "limit_window_seconds": 604800,
                    "reset_after_seconds": 7200,
                },
            },
            "credits": {"has_credits": True, "unlimited": False, "balance": "12.5"},
            "spend_control": {"reached": False},
        },
        (
            UsageWindow("5h", 0.2, resets_at=LATER, length=5 * HOUR),
            UsageWindow("week", 0.36, resets_at=LATER, length=7 * DAY),
            UsageWindow("credits", remaining=12.5),
        ),
    ),
    "copilot": (
        "github-copilot",
        {
            "copilot_plan": "individual",
            "quota_reset_date": "2026-12-01",
            "quota_snapshots": {
                "premium_interactions": {
                    "entitlement": 300,
                    "remaining": 75,
                    "percent_remaining": 25.0,
                    "unlimited": False,
                },
                "chat": {"entitlement": 0, "remaining": 0, "unlimited": True},
                "completions": {"entitlement": 10, "remaining": -2, "percent_remaining": -20.0},
            },
        },
        (
            UsageWindow("premium", 0.75, 300, 75, 1_796_083_200_000),
            UsageWindow("completions", 1.0, 10, 0, 1_796_083_200_000),
        ),
    ),
    "copilot free": (
        "github-copilot",
        {
            "limited_user_quotas": {"chat": 25, "completions": 1000},
            "monthly_quotas": {"chat": 50, "completions": 2000},
            "limited_user_reset_date": "2026-12-01",
        },
        (
            UsageWindow("chat", 0.5, 50, 25, 1_796_083_200_000),
            UsageWindow("completions", 0.5, 2000, 1000, 1_796_083_200_000),
        ),
    ),
    "openrouter": (
        "openrouter",
        {"data": {"limit": 10, "limit_remaining": 7.5, "limit_reset": "monthly", "usage": 2.5}},
        (UsageWindow("key limit/month", 0.25, 10, 7.5),),
    ),
    "openrouter overspent": (
        "openrouter",
        {"data": {"limit": 10, "limit_remaining": -0.25, "limit_reset": None}},
        (UsageWindow("key limit", 1.0, 10, 0),),
    ),
    "deepseek": (
        "deepseek",
        {
            "is_available": True,
            "balance_infos": [
                {"currency": "CNY", "total_balance": "110.00", "granted_balance": "10.00"},
                {"currency": "USD", "total_balance": "3.5"},
            ],
        },
        (UsageWindow("balance CNY", remaining=110.0), UsageWindow("balance USD", remaining=3.5)),
    ),
    "zai": (
        "zai",
        {
            "code": 200,
            "success": True,
            "data": {
                "limits": [
                    {
                        "type": "TOKENS_LIMIT",
                        "unit": 3,
                        "number": 5,
                        "percentage": 42,
                        "nextResetTime": LATER,
                    },
                    {"type": "TOKENS_LIMIT", "unit": 6, "number": 1, "percentage": 7},
                    {"type": "TIME_LIMIT", "unit": 5, "number": 1, "percentage": 1},
                ]
            },
        },
        (
            UsageWindow("5h", 0.42, resets_at=LATER, length=5 * HOUR),
            UsageWindow("week", 0.07, length=7 * DAY),
            UsageWindow("tools/month", 0.01),
        ),
    ),
    "minimax counts what remains as usage": (
        "minimax",
        {
            "base_resp": {"status_code": 0},
            "model_remains": [
                {"model_name": "speech-hd", "current_interval_total_count": 4},
                {
                    "model_name": "MiniMax-M*",
                    "start_time": NOW - 2 * HOUR,
                    "end_time": LATER,
                    "current_interval_total_count": 1500,
                    "current_interval_usage_count": 1200,
                    "current_weekly_total_count": 15000,
                    "current_weekly_usage_count": 7500,
                },
            ],
        },
        (
            UsageWindow("4h", 0.2, 1500, 1200, LATER, 4 * HOUR),
            UsageWindow("week", 0.5, 15_000, 7500, None, 7 * DAY),
        ),
    ),
    "minimax in percent": (
        "minimax",
        {
            "model_remains": [
                {
                    "model_name": "general",
                    "current_interval_total_count": 0,
                    "current_interval_usage_count": 0,
                    "current_interval_remaining_percent": 92,
                    "current_weekly_remaining_percent": 98,
                    "weekly_start_time": LATER - 7 * DAY,
                    "weekly_end_time": LATER,
                }
            ]
        },
        (
            UsageWindow("5h", 0.08, length=5 * HOUR),
            UsageWindow("week", 0.02, resets_at=LATER, length=7 * DAY),
        ),
    ),
}


@pytest.mark.parametrize("name", REPLIES)
def test_a_reply_is_read_into_windows(name: str) -> None:
    provider, reply, windows = REPLIES[name]
    assert held(provider, reply)[1] == Snapshot(windows, NOW, "endpoint")


@pytest.mark.parametrize(
    ("provider", "status", "reply", "problem"),
    [
        ("anthropic", 403, {"error": {}}, "permission (user:profile scope missing)"),
        ("anthropic", 401, {"error": {"type": "authentication_error"}}, "auth (HTTP 401)"),
        ("openrouter", 403, {"error": {"code": 403}}, "permission (HTTP 403)"),
        ("deepseek", 404, {}, "not offered there (HTTP 404)"),
        ("zai", 429, {}, "rate_limit (HTTP 429)"),
        ("minimax", 500, b"<html>", "provider_error (HTTP 500)"),
        ("openai-codex", 302, b"", "network (HTTP 302)"),
        ("openai-codex", 200, b"<!doctype html><html>", "network (HTTP 200)"),
        ("openrouter", 200, {"error": {"code": 401, "message": KEY}}, "auth (HTTP 200)"),
        ("github-copilot", 200, b"", "the reply names no limit"),
        ("github-copilot", 200, [[]], "the reply names no limit"),
        ("deepseek", 200, b"[" * 100_000, "the reply names no limit"),
        ("openrouter", 200, {"data": {"limit": None}}, "the reply names no limit"),
    ],
)
def test_a_refusal_is_a_reason_in_our_own_words(
    provider: str, status: int, reply: object, problem: str
) -> None:
    _, found = held(provider, reply, status)
    assert found == Snapshot((), NOW, "endpoint", problem)


@pytest.mark.parametrize(
    ("provider", "reply"),
    [
        ("minimax", {"base_resp": {"status_code": 1004, "status_msg": KEY}}),
        ("zai", {"code": 500, "success": False, "msg": KEY}),
    ],
)
def test_a_failure_under_a_good_status_is_a_reason_too(provider: str, reply: object) -> None:
    _, found = held(provider, reply)
    assert found.windows == ()
    assert found.problem
    assert KEY not in found.problem


_FIELDS = sorted(
    {
        *("five_hour", "utilization", "resets_at", "limits", "kind", "percent", "rate_limit"),
        *("primary_window", "used_percent", "limit_window_seconds", "reset_at", "credits"),
        *("quota_snapshots", "chat", "percent_remaining", "remaining", "monthly_quotas"),
        *("data", "limit", "limit_remaining", "limit_reset", "balance_infos", "currency"),
        *("total_balance", "type", "unit", "number", "percentage", "nextResetTime"),
        *("model_remains", "model_name", "start_time", "end_time", "quota_reset_date"),
        *("current_interval_total_count", "current_interval_usage_count", "has_credits"),
    }
)
_LEAVES = (
    st.sampled_from(["TOKENS_LIMIT", "general", "session", "CNY", ISO, "monthly", True, None])
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
)
_REPLIES: st.SearchStrategy[Any] = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_FIELDS), inner, max_size=6)
    ),
    max_leaves=25,
)


@given(st.sampled_from(ASKED), st.dictionaries(st.sampled_from(_FIELDS), _REPLIES, max_size=6))
def test_whatever_a_page_says_is_a_snapshot(provider: str, reply: dict[str, Any]) -> None:
    _, found = held(provider, reply)

    assert len(found.windows) <= MOST
    assert bool(found.windows) == (found.problem is None)
    assert all(w.used is not None or w.remaining is not None for w in found.windows)
    assert all(w.length is None or w.length > 0 for w in found.windows)
