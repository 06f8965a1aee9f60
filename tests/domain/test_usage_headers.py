"""What rate-limit headers and refusals tell, in every format; and that no other one breaks it."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers.limits import number, share_of, snapshot
from domain.answers.usage import LARGEST, MOST, UsageWindow
from domain.instants import DAY, HOUR, MINUTE, SECOND

NOW = 1_795_000_000_000
AT = 1_795_007_200
"""Two hours from now, in epoch seconds."""
LATER = NOW + 2 * HOUR


def plan(claim: str, utilization: str, reset: str = str(AT)) -> dict[str, str]:
    prefix = f"anthropic-ratelimit-unified-{claim}"
    return {f"{prefix}-utilization": utilization, f"{prefix}-reset": reset}


def test_a_subscription_tells_fractions() -> None:
    headers = {
        "anthropic-ratelimit-unified-status": "allowed_warning",
        "anthropic-ratelimit-unified-reset": str(AT),
        "anthropic-ratelimit-unified-representative-claim": "five_hour",
        "anthropic-ratelimit-unified-fallback": "available",
        "anthropic-ratelimit-unified-5h-status": "allowed_warning",
        "anthropic-ratelimit-unified-5h-surpassed-threshold": "0.75",
        **plan("5h", "0.8"),
        **plan("7d", "0.36", "2026-11-18T13:06:40Z"),
        **plan("7d-sonnet", "1.04"),
        **plan("7d_oi", "0"),
        **plan("overage", "0.5"),
        "anthropic-ratelimit-unified-overage-in-use": "false",
        "anthropic-ratelimit-unified-overage-status": "allowed",
    }
    assert snapshot(headers, None, NOW) == (
        UsageWindow("5h", 0.8, resets_at=LATER, length=5 * HOUR),
        UsageWindow("week", 0.36, resets_at=LATER, length=7 * DAY),
        UsageWindow("week sonnet", 1.04, resets_at=LATER, length=7 * DAY),
        UsageWindow("week oi", 0.0, resets_at=LATER, length=7 * DAY),
        UsageWindow("extra usage", 0.5, resets_at=LATER),
    )


def test_a_rejected_window_without_a_number_is_used_up() -> None:
    headers = {
        "anthropic-ratelimit-unified-5h-status": "rejected",
        "anthropic-ratelimit-unified-7d-status": "allowed",
        "anthropic-ratelimit-unified-overage-status": "rejected",
    }
    assert snapshot(headers, None, NOW) == (UsageWindow("5h", 1.0, length=5 * HOUR),)


def test_a_window_for_a_model_nobody_knows_shows_no_word_of_the_header() -> None:
    (found,) = snapshot(plan("7d-skcanary", "0.5"), None, NOW)
    assert found.label == "week one model"


def test_an_api_key_of_anthropic_tells_counts() -> None:
    headers = {
        "anthropic-ratelimit-requests-limit": "50",
        "anthropic-ratelimit-requests-remaining": "49",
        "anthropic-ratelimit-requests-reset": "2026-11-18T11:06:42Z",
        "anthropic-ratelimit-input-tokens-limit": "40000",
        "anthropic-ratelimit-input-tokens-remaining": "10000",
        "anthropic-ratelimit-output-tokens-remaining": "8000",
        "anthropic-organization-id": "org",
        "request-id": "req_1",
    }
    assert snapshot(headers, None, NOW) == (
        UsageWindow("requests", 0.02, 50, 49, NOW + 2 * SECOND),
        UsageWindow("input tokens", 0.75, 40_000, 10_000),
        UsageWindow("output tokens", remaining=8000),
    )


OPENAI = {
    "x-ratelimit-limit-requests": "500",
    "x-ratelimit-remaining-requests": "499",
    "x-ratelimit-reset-requests": "120ms",
    "x-ratelimit-limit-tokens": "30000",
    "x-ratelimit-remaining-tokens": "15000",
    "x-ratelimit-reset-tokens": "2m59.56s",
}


def test_openai_does_not_say_how_long_its_windows_are() -> None:
    assert snapshot(OPENAI, None, NOW, "api.openai.com") == (
        UsageWindow("requests", 0.002, 500, 499, NOW + 120),
        UsageWindow("tokens", 0.5, 30_000, 15_000, NOW + 179_560),
    )


def test_groq_counts_requests_by_the_day_and_tokens_by_the_minute() -> None:
    found = snapshot(OPENAI, None, NOW, "api.groq.com")
    assert [(w.label, w.length) for w in found] == [
        ("requests/day", DAY),
        ("tokens/minute", MINUTE),
    ]
    elsewhere = snapshot(OPENAI, None, NOW, "api.notgroq.com")
    assert [w.label for w in elsewhere] == ["requests", "tokens"]


def test_azure_says_minus_one_of_what_it_does_not_know() -> None:
    headers = {**OPENAI, "x-ratelimit-remaining-requests": "-1"}
    assert [w.label for w in snapshot(headers, None, NOW)] == ["tokens"]


def test_mistral_and_cerebras_name_the_period() -> None:
    mistral = {
        "x-ratelimit-limit-req-minute": "60",
        "x-ratelimit-remaining-req-minute": "45",
        "x-ratelimit-limit-tokens-minute": "500000",
        "x-ratelimit-remaining-tokens-minute": "500000",
        "x-ratelimit-tokens-query-cost": "12",
    }
    assert snapshot(mistral, None, NOW) == (
        UsageWindow("requests/minute", 0.25, 60, 45, None, MINUTE),
        UsageWindow("tokens/minute", 0.0, 500_000, 500_000, None, MINUTE),
    )
    cerebras = {
        "x-ratelimit-limit-requests-day": "14400",
        "x-ratelimit-remaining-requests-day": "3600",
        "x-ratelimit-reset-requests-day": "33011.382867",
    }
    assert snapshot(cerebras, None, NOW) == (
        UsageWindow("requests/day", 0.75, 14_400, 3600, NOW + 33_011_382, DAY),
    )


def test_together_tells_seconds_and_openrouter_epoch_milliseconds() -> None:
    together = {
        "x-ratelimit-limit": "10",
        "x-ratelimit-remaining": "9",
        "x-ratelimit-reset": "1",
        "x-tokenlimit-limit": "1000",
        "x-tokenlimit-remaining": "500",
    }
    assert snapshot(together, None, NOW) == (
        UsageWindow("requests", 0.1, 10, 9, NOW + SECOND),
        UsageWindow("tokens", 0.5, 1000, 500),
    )
    inner = {
        "X-RateLimit-Limit": "50",
        "X-RateLimit-Remaining": 0,
        "X-RateLimit-Reset": str(LATER),
    }
    body = {"error": {"code": 429, "metadata": {"headers": inner}}}
    assert snapshot({}, body, NOW) == (UsageWindow("requests", 1.0, 50, 0, LATER),)


def test_a_chatgpt_plan_tells_percent_and_a_week_is_no_day() -> None:
    headers = {
        "x-codex-primary-used-percent": "20",
        "x-codex-primary-window-minutes": "300",
        "x-codex-primary-reset-at": str(AT),
        "x-codex-secondary-used-percent": "36.5",
        "x-codex-secondary-window-minutes": "10080",
        "x-codex-secondary-reset-after-seconds": "7200",
        "x-codex-active-limit": "primary",
        "x-codex-credits-balance": "12",
    }
    assert snapshot(headers, None, NOW) == (
        UsageWindow("5h", 0.2, resets_at=LATER, length=5 * HOUR),
        UsageWindow("week", 0.365, resets_at=LATER, length=7 * DAY),
    )
    (bare,) = snapshot({"x-codex-primary-used-percent": "1"}, None, NOW)
    assert (bare.label, bare.used) == ("primary", 0.01)


@pytest.mark.parametrize("wrapped", [False, True])
def test_gemini_names_quotas_that_are_used_up(wrapped: bool) -> None:
    violations = [
        {
            "quotaMetric": "generativelanguage.googleapis.com/generate_content_requests",
            "quotaId": "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
            "quotaValue": "10",
        },
        {"quotaId": "GenerateRequestsPerDayPerProjectPerModel-FreeTier", "quotaValue": "250"},
        {"quotaId": "GenerateContentInputTokensPerModelPerMinute-FreeTier"},
    ]
    details = [
        {"@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": violations},
        {"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": "37s"},
    ]
    body: Any = {"error": {"code": 429, "status": "RESOURCE_EXHAUSTED", "details": details}}
    assert snapshot({}, [body] if wrapped else body, NOW) == (
        UsageWindow("requests/minute", 1.0, 10, 0, NOW + 37_000, MINUTE),
        UsageWindow("requests/day", 1.0, 250, 0, None, DAY),
        UsageWindow("input tokens/minute", 1.0, None, None, NOW + 37_000, MINUTE),
    )


def test_an_answer_that_tells_nothing_has_no_windows() -> None:
    told = {
        "retry-after": "30",
        "x-ratelimit-reset": "60",
        "x-ratelimit-limit": "soon",
        "x-ratelimit-over-limit": "no",
        "x-ratelimit-remaining-walks-minute": "4",
        "ratelimit-limit": "100, 100;window=60",
        "anthropic-ratelimit-unified-status": "allowed",
        "anthropic-ratelimit-unified-5h-utilization": "NaN",
        "x-codex-primary-used-percent": "1e9",
    }
    assert snapshot(told, {"error": "no"}, NOW) == ()
    assert snapshot({}, {"choices": []}, NOW) == ()


@pytest.mark.parametrize(
    "value",
    [
        *("", "x", "-1", "1e3", "inf", "٣", "1" * 15, True, None, [], {}, -1, 10**400, 10**14),
        *(float("nan"), float("inf"), 1e300),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_what_is_no_count_is_none(value: object) -> None:
    assert number(value) is None
    assert share_of(value) is None


def test_a_window_used_a_hundred_times_over_is_a_mistake() -> None:
    assert share_of("100") == share_of("10000", 100) == 100
    assert share_of("101") is share_of("10001", 100) is None


_NAMES = st.sampled_from(
    [
        *(f"anthropic-ratelimit-unified-{c}-utilization" for c in ("5h", "7d_oi", "0h", "999d")),
        "anthropic-ratelimit-unified-5h-reset",
        "anthropic-ratelimit-unified-5h-status",
        "x-ratelimit-limit-requests",
        "x-ratelimit-remaining-requests",
        "x-ratelimit-reset-requests",
        "x-ratelimit-remaining",
        "x-tokenlimit-remaining",
        "x-codex-primary-used-percent",
        "x-codex-primary-window-minutes",
        "x-codex-primary-reset-at",
    ]
)
_VALUES = st.text(max_size=24) | st.integers().map(str) | st.floats().map(str)
_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("error", "details", "violations", "quotaId", "quotaValue", "retryDelay"),
                    *("metadata", "headers", "x-ratelimit-remaining"),
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(st.dictionaries(_NAMES, _VALUES), _JSON)
def test_whatever_comes_is_a_few_sane_windows(headers: dict[str, str], document: object) -> None:
    found = snapshot(headers, document, NOW)

    assert len(found) <= MOST
    assert len({window.label for window in found}) == len(found)
    for window in found:
        assert window.used is not None or window.remaining is not None
        assert window.left is None or 0 <= window.left <= 1
        assert all(n is None or 0 <= n < LARGEST for n in window[1:])
        assert window.label.isprintable()
        assert len(window.label) < 30
