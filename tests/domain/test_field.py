"""Answers people met that other programs misread: outcome, key, and what the answer holds of."""

import json
from pathlib import Path
from typing import Any

import pytest

from domain.answers.classification import classify
from domain.answers.outcome import Outcome
from tests.domain.test_classification import NOW, body_of, is_answer

MET = [
    json.loads(line)
    for line in Path(__file__).with_name("field.jsonl").read_text("utf-8").splitlines()
]


def name(met: dict[str, Any]) -> str:
    return f"{met['status']} {met.get('text') or json.dumps(met['body'], ensure_ascii=False)}"[:90]


@pytest.mark.parametrize("met", MET, ids=name)
def test_an_answer_holds_of_what_it_names(met: dict[str, Any]) -> None:
    found = classify(met["status"], {}, body_of(met), is_answer, NOW)

    assert (found.outcome.value, found.credential) == (met["outcome"], met["credential"])
    assert found.scope == met["scope"]


@pytest.mark.parametrize(
    ("headers", "message", "ends"),
    [
        ({}, "Usage limit reached. Your limit will reset at 2026-11-18 20:06:40 UTC", 9 * 3600),
        ({"retry-after": "30"}, "Try again in 9 hours", 30),
        ({}, "Rate limit reached; Retry-After: 90 minutes", 90 * 60),
        ({}, "Slow down", None),
    ],
)
def test_a_limit_told_in_words_ends_then(
    headers: dict[str, str], message: str, ends: int | None
) -> None:
    body = json.dumps({"error": {"message": message}}).encode()
    found = classify(429, headers, body, is_answer, NOW)

    assert found.resets_at == (None if ends is None else NOW + ends * 1000)


def test_a_stamp_of_zai_without_a_zone_is_of_china() -> None:
    error = {"code": "1310", "message": "Limit exhausted. It will reset at 2026-11-19 04:06:40"}
    found = classify(429, {}, json.dumps({"error": error}).encode(), is_answer, NOW)

    assert (found.outcome, found.resets_at) == (Outcome.QUOTA, NOW + 9 * 3_600_000)


FIELDS = [
    "billing_address",
    "account_id",
    "quota",
    "usage_limit",
    "weekly_quota",
    "disabled",
    "suspended",
    "organization",
    "credits",
    "credit_balance",
    "model_kwargs",
    "capacity",
    "overloaded",
    "spend_limit",
    "expired",
    "api_key",
    "token",
    "safety",
    "requests_per_minute",
    "tokens_per_day",
    "reset_at",
    "subscription",
    "upstream",
    "deactivated",
    "blocked",
]


@pytest.mark.parametrize(
    "complaint",
    [
        "Unknown parameter: '{}'.",
        "{}: Extra inputs are not permitted",
        "Additional properties are not allowed ('{}' was unexpected)",
        "'{}' must be one of enabled, disabled",
        "The value of {} exceeds 100 characters",
        "{} is not allowed here",
        "thinking is disabled when {} is set",
        "Missing required field {}",
    ],
)
@pytest.mark.parametrize("field", FIELDS)
def test_the_name_of_a_field_means_nothing(complaint: str, field: str) -> None:
    error = {"message": complaint.format(field), "type": "invalid_request_error", "param": field}
    found = classify(400, {}, json.dumps({"error": error}).encode(), is_answer, NOW)

    assert (found.outcome, found.scope) == (Outcome.FORMAT, None)
