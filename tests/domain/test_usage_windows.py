"""A usage window: what is left of it, what it is called, and when it is over."""

import pytest

from domain.answers.usage import UsageWindow, current, length_name, phrase, until, window
from domain.instants import DAY, HOUR, MINUTE, SECOND

NOW = 1_795_000_000_000


def test_the_counts_say_what_is_used_where_nobody_else_does() -> None:
    assert window("requests", limit=200, remaining=50) == UsageWindow("requests", 0.75, 200, 50)
    assert window("requests", limit=200, remaining=300) == UsageWindow("requests", 0.0, 200, 300)
    assert window("requests", limit=0, remaining=0) == UsageWindow("requests", None, 0, 0)
    assert window("5h", used=0.2, limit=10, remaining=1) == UsageWindow("5h", 0.2, 10, 1)


def test_a_negative_count_is_unknown_and_nothing_known_is_no_window() -> None:
    assert window("requests", limit=200, remaining=-1) is None
    assert window("requests", limit=-1, remaining=7) == UsageWindow("requests", remaining=7)
    assert window("requests", limit=200, resets_at=NOW) is None


@pytest.mark.parametrize(
    ("used", "left"), [(0.2, 0.8), (1.04, 0.0), (0.0, 1.0), (100.0, 0.0), (None, None)]
)
def test_what_is_left_is_never_below_nothing(used: float | None, left: float | None) -> None:
    assert UsageWindow("5h", used).left == left


@pytest.mark.parametrize(
    ("told", "age", "holds"),
    [
        (UsageWindow("5h", 0.5, resets_at=NOW + 1, length=5 * HOUR), 2 * DAY, True),
        (UsageWindow("5h", 0.5, resets_at=NOW, length=5 * HOUR), 0, False),
        (UsageWindow("5h", 0.5, length=5 * HOUR), 5 * HOUR - 1, True),
        (UsageWindow("5h", 0.5, length=5 * HOUR), 5 * HOUR, False),
        (UsageWindow("requests", 0.5), HOUR - 1, True),
        (UsageWindow("requests", 0.5), HOUR, False),
    ],
)
def test_a_window_is_over_at_its_reset_or_after_its_length_or_after_an_hour(
    told: UsageWindow, age: int, holds: bool
) -> None:
    assert current([told], NOW - age, NOW) == ((told,) if holds else ())


@pytest.mark.parametrize(
    ("length", "name"),
    [
        (5 * HOUR, "5h"),
        (7 * DAY, "week"),
        (DAY, "day"),
        (HOUR, "hour"),
        (MINUTE, "minute"),
        (30 * DAY, "30d"),
        (3 * DAY, "3d"),
        (90 * MINUTE, "90m"),
        (10 * SECOND, "1m"),
    ],
)
def test_a_window_is_named_by_its_real_length(length: int, name: str) -> None:
    assert length_name(length) == name


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (2 * HOUR + 10 * MINUTE, "2h 10m"),
        (2 * HOUR, "2h"),
        (45 * MINUTE, "45m"),
        (12 * SECOND, "1m"),
        (3 * DAY + 4 * HOUR + 59 * MINUTE, "3d 4h"),
        (DAY, "1d"),
        (DAY - 1, "23h 59m"),
    ],
)
def test_a_reset_is_told_in_two_units_at_most(length: int, text: str) -> None:
    assert until(length) == text


def test_windows_are_one_line_for_a_person() -> None:
    windows = [
        UsageWindow("5h", 0.2, resets_at=NOW + 130 * MINUTE, length=5 * HOUR),
        UsageWindow("week", 0.36, length=7 * DAY),
        UsageWindow("balance CNY", remaining=1234.5),
    ]
    assert phrase(windows, NOW) == (
        "5h 80 % left, resets in 2h 10m · week 64 % left · balance CNY 1,234.5 left"
    )
    assert phrase([], NOW) == ""


@pytest.mark.parametrize(
    ("used", "percent"),
    [(0.0, 100), (0.001, 99), (0.995, 1), (0.9999, 1), (1.0, 0), (1.5, 0), (0.5, 50)],
)
def test_all_and_nothing_are_said_only_where_they_are_true(used: float, percent: int) -> None:
    assert phrase([UsageWindow("5h", used)], NOW) == f"5h {percent} % left"
