"""When a limit ends, in the formats providers write it, and in some no provider should."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers.resets import parse_reset, resets_at, retry_after
from domain.instants import DAY, HOUR, MINUTE, SECOND

NOW = 1_795_000_000_000
FURTHEST = 400 * DAY


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-11-18T10:26:40Z", 1_794_997_600_000),
        ("2026-11-18T11:26:40+00:00", 1_795_001_200_000),
        ("2026-11-18T12:26:40+01:00", 1_795_001_200_000),
        ("2026-11-18T11:26:40", 1_795_001_200_000),
        ("2026-11-18T11:26:40.250Z", 1_795_001_200_250),
        ("12ms", NOW + 12),
        ("1s", NOW + SECOND),
        ("7.66s", NOW + 7660),
        ("2m59.56s", NOW + 179_560),
        ("6m0s", NOW + 6 * MINUTE),
        ("1h2m3s", NOW + HOUR + 2 * MINUTE + 3 * SECOND),
        ("500µs", NOW),
        ("37", NOW + 37 * SECOND),
        (37, NOW + 37 * SECOND),
        (0.5, NOW + 500),
        ("1795000060", NOW + MINUTE),
        (1_795_000_060, NOW + MINUTE),
        ("1795000060000", NOW + MINUTE),
        (1_795_000_060_000, NOW + MINUTE),
        (" 37 ", NOW + 37 * SECOND),
    ],
)
def test_a_reset_is_read_in_every_format(text: object, at: int) -> None:
    assert parse_reset(text, NOW) == at


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "NaN",
        "nan",
        "inf",
        "-5",
        "-5s",
        "1e3",
        "٣٧",
        "３７",
        "3 7",
        "37 s",
        "s",
        "1h2x",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00+23:59",
        "2026-13-01T00:00:00Z",
        "9" * 17,
        "9" * 100_000,
        "1s" * 50_000,
        float("nan"),
        float("inf"),
        -1,
        10**4000,
        True,
        None,
        [],
        {},
    ],
    ids=lambda text: repr(text)[:20],
)
def test_what_is_no_reset_is_none(text: object) -> None:
    assert parse_reset(text, NOW) is None


@pytest.mark.parametrize(
    ("headers", "at"),
    [
        ({"retry-after": "20"}, NOW + 20 * SECOND),
        ({"retry-after": "0"}, NOW),
        ({"retry-after": "1.5"}, NOW + 1500),
        ({"retry-after": "Wed, 18 Nov 2026 11:06:40 GMT"}, NOW),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:40 GMT"}, NOW + MINUTE),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:40"}, NOW + MINUTE),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:40 -0000"}, NOW + MINUTE),
        ({"retry-after": "Wednesday, 18-Nov-26 11:07:40 GMT"}, NOW + MINUTE),
        ({"retry-after-ms": "1250", "retry-after": "2"}, NOW + 1250),
        ({"retry-after-ms": "soon", "retry-after": "2"}, NOW + 2000),
        ({}, None),
        ({"retry-after": ""}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "NaN"}, None),
        ({"retry-after": "٢٠"}, None),
        ({"retry-after": "Wed, ١٨ Nov 2026 11:07:40 GMT"}, None),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT"}, None),
        ({"retry-after": "Fri, 31 Dec 99999 23:59:59 GMT"}, None),
        ({"retry-after": "Wed, 99 Nov 2026 11:07:40 GMT"}, None),
        ({"retry-after": "Wed, 18 Nov 2026 11:07:40 +9999999"}, None),
        ({"retry-after": "99999999999"}, None),
        ({"retry-after": "1" * 100_000}, None),
        ({"retry-after": "Wed, " * 20_000}, None),
    ],
    ids=lambda value: repr(value)[:50],
)
def test_retry_after_is_seconds_or_a_date(headers: dict[str, str], at: int | None) -> None:
    assert retry_after(headers, NOW) == at


@given(st.text(max_size=80) | st.integers() | st.floats() | st.none() | st.booleans())
def test_anything_is_a_sane_moment_or_none(value: object) -> None:
    at = parse_reset(value, NOW)

    assert at is None or NOW - DAY <= at <= NOW + FURTHEST


@given(
    st.dictionaries(
        st.sampled_from(["retry-after", "retry-after-ms", "x-ratelimit-reset-tokens"]),
        st.text(max_size=80) | st.datetimes().map(str) | st.integers().map(str),
    )
)
def test_any_headers_are_a_sane_moment_or_none(headers: dict[str, str]) -> None:
    at = resets_at(headers, None, NOW)

    assert at is None or NOW - DAY <= at <= NOW + FURTHEST


@given(st.integers(0, 86_400_000))
def test_a_duration_in_milliseconds_is_read_back(length: int) -> None:
    hours, rest = divmod(length, HOUR)
    minutes, rest = divmod(rest, MINUTE)

    assert parse_reset(f"{hours}h{minutes}m{rest / 1000:.3f}s", NOW) == NOW + length


@pytest.mark.parametrize(
    ("headers", "document", "at"),
    [
        # What the answer says first of all.
        ({"retry-after": "5", "x-ratelimit-reset-tokens": "60s"}, None, NOW + 5000),
        # The limit that is used up, not the one that is far away.
        (
            {
                "x-ratelimit-remaining-requests": "900",
                "x-ratelimit-reset-requests": "23h0m0s",
                "x-ratelimit-remaining-tokens": "0",
                "x-ratelimit-reset-tokens": "7.66s",
            },
            None,
            NOW + 7660,
        ),
        (
            {
                "anthropic-ratelimit-requests-remaining": "0",
                "anthropic-ratelimit-requests-reset": "2026-11-18T11:07:40Z",
                "anthropic-ratelimit-output-tokens-remaining": "12",
                "anthropic-ratelimit-output-tokens-reset": "2026-11-18T12:06:40Z",
            },
            None,
            NOW + MINUTE,
        ),
        # Nothing says which: the latest, so that nobody comes too early.
        (
            {"x-ratelimit-reset-requests": "1s", "x-ratelimit-reset-tokens": "6m0s"},
            None,
            NOW + 6 * MINUTE,
        ),
        ({"x-ratelimit-reset-tokens-minute": "33.5"}, None, NOW + 33_500),
        ({"x-ratelimit-reset": "1795000060000", "x-ratelimit-remaining": "0"}, None, NOW + MINUTE),
        ({"anthropic-ratelimit-unified-reset": "1795000060"}, None, NOW + MINUTE),
        (
            {
                "anthropic-ratelimit-unified-5h-reset": "1795090000",
                "anthropic-ratelimit-unified-reset": "1795000060",
            },
            None,
            NOW + MINUTE,
        ),
        ({}, {"error": {"resets_at": 1_795_000_060}}, NOW + MINUTE),
        ({}, {"error": {"resets_in_seconds": 60}}, NOW + MINUTE),
        ({}, {"error": {"reset_seconds": 60}}, NOW + MINUTE),
        ({}, {"error": {"resets_in_seconds": True}}, None),
        ({}, {"error": {"resets_in_seconds": float("inf")}}, None),
        (
            {},
            {"error": {"metadata": {"headers": {"X-RateLimit-Reset": "1795000060000"}}}},
            NOW + MINUTE,
        ),
        ({}, {"error": {"metadata": {"resets_at": "2026-11-18T11:07:40Z"}}}, NOW + MINUTE),
        ({}, {"error": {"details": [{"@type": "…RetryInfo", "retryDelay": "37s"}]}}, NOW + 37_000),
        ({}, [{"error": {"details": [{"retryDelay": "37s"}]}}], NOW + 37_000),
        ({}, {"error": {"details": "37s", "metadata": [1], "resets_at": {}}}, None),
        ({}, {"error": "37s"}, None),
        ({}, ["37s"], None),
        ({}, [], None),
        ({}, None, None),
        ({"x-ratelimit-limit-requests": "60", "x-ratelimit-remaining-requests": "0"}, None, None),
    ],
)
def test_the_end_of_a_limit_is_found_wherever_it_is_told(
    headers: dict[str, str], document: object, at: int | None
) -> None:
    assert resets_at(headers, document, NOW) == at
