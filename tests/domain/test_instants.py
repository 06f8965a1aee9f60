"""Moments and spans."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import Malformed
from domain.instants import DAY, HOUR, MINUTE, SECOND, brief, iso, moment, span


@pytest.mark.parametrize(
    ("text", "length"),
    [
        ("30d", 30 * DAY),
        ("30", 30 * DAY),
        (" 12h ", 12 * HOUR),
        ("90m", 90 * MINUTE),
        ("45 s", 45 * SECOND),
        ("500ms", 500),
        ("2w", 14 * DAY),
        ("1.5h", 90 * MINUTE),
        ("36500d", 36500 * DAY),
    ],
)
def test_a_span_has_a_unit_and_a_bare_number_is_days(text: str, length: int) -> None:
    assert span(text) == length


@pytest.mark.parametrize(
    "text",
    [
        *("", "0", "0d", "-1d", "+1d", "1y", "d", "1d2h", "1e3", "nan", "inf", "1_0", "36501d"),
        *("9" * 400, "\u0663d", "1 0d", "0.0001ms", ".5d", "1.d", "1D"),
    ],
)
def test_what_is_no_duration_is_malformed(text: str) -> None:
    with pytest.raises(Malformed) as refused:
        span(text)
    assert refused.value.hint


@given(
    st.datetimes(
        # A day within what is shown, wherever a zone moves it.
        datetime(1970, 1, 2),
        datetime(9999, 12, 30),
        timezones=st.sampled_from([UTC, timezone(timedelta(hours=-5)), timezone.max]),
    )
)
def test_iso_reads_back_to_the_millisecond(moment: datetime) -> None:
    at = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert datetime.fromisoformat(iso(at)) == moment - timedelta(
        microseconds=moment.microsecond % 1000
    )


def test_iso_is_utc_with_milliseconds() -> None:
    assert iso(1_795_412_881_007) == "2026-11-23T05:48:01.007Z"


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (0, "1m"),
        (59 * SECOND, "1m"),
        (45 * MINUTE, "45m"),
        (HOUR - 1, "59m"),
        (HOUR, "1h"),
        (2 * DAY - 1, "47h"),
        (2 * DAY, "2d"),
        (400 * DAY, "400d"),
    ],
)
def test_a_person_reads_one_rounded_unit(length: int, text: str) -> None:
    assert brief(length) == text


NOW = 1_790_000_000_000


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("now", "2026-09-21T14:13:20.000Z"),
        ("today", "2026-09-21T00:00:00.000Z"),
        ("yesterday", "2026-09-20T00:00:00.000Z"),
        ("7d", "2026-09-14T14:13:20.000Z"),
        ("1.5h", "2026-09-21T12:43:20.000Z"),
        ("2026-02-28", "2026-02-28T00:00:00.000Z"),
        ("2026-11-01T08:30", "2026-11-01T08:30:00.000Z"),
        ("2026-11-01 08:30:05.250Z", "2026-11-01T08:30:05.250Z"),
        ("2026-11-01T00:30+02:00", "2026-10-31T22:30:00.000Z"),
    ],
)
def test_a_moment_is_a_day_a_time_or_how_long_ago(text: str, at: str) -> None:
    assert iso(moment(text, NOW)) == at


@pytest.mark.parametrize("text", ["2026-02-30", "2026-13-01", "2026-11-01T25:00"])
def test_a_moment_that_is_in_no_calendar_is_said(text: str) -> None:
    with pytest.raises(Malformed, match=f"{text[:10]} is not a moment of the calendar"):
        moment(text, NOW)


@pytest.mark.parametrize("text", ["", "Yesterday", "2026-1-1", "01.11.2026", "tomorrow", "-1d"])
def test_what_is_no_moment_is_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="that is not a moment"):
        moment(text, NOW)
