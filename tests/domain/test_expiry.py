"""When a credential is too old, and how long before that a person is warned."""

import pytest

from domain.credentials.expiry import (
    WARN,
    WARN_REFRESHABLE,
    Health,
    health_of,
    margin_of,
    worst_of,
)
from domain.credentials.profile import Kind
from domain.instants import DAY, HOUR, MINUTE
from tests.domain.values import NOW


def health(kind: Kind, expires_in: int | None, refreshable: bool = False) -> Health:
    expires_at = None if expires_in is None else NOW + expires_in
    return health_of(kind, expires_at, refreshable, NOW)


@pytest.mark.parametrize(
    ("kind", "expires_in", "refreshable", "expected"),
    [
        ("api_key", None, False, "static"),
        ("token", None, False, "static"),
        ("oauth", None, False, "missing"),
        ("oauth", None, True, "missing"),
        ("token", -DAY, False, "expired"),
        ("token", -1, False, "expired"),
        ("token", 0, False, "expired"),
        ("token", 1, False, "expiring"),
        ("token", DAY - 1, False, "expiring"),
        ("token", DAY, False, "expiring"),
        ("token", DAY + 1, False, "ok"),
        ("oauth", DAY, False, "expiring"),
        ("oauth", DAY + 1, False, "ok"),
        ("oauth", 0, True, "expired"),
        ("oauth", 5 * MINUTE, True, "expiring"),
        ("oauth", 5 * MINUTE + 1, True, "ok"),
        ("oauth", HOUR, True, "ok"),
    ],
)
def test_a_day_is_warned_of_and_five_minutes_where_it_refreshes_itself(
    kind: Kind, expires_in: int | None, refreshable: bool, expected: Health
) -> None:
    assert health(kind, expires_in, refreshable) == expected


def test_what_a_person_replaces_is_told_a_day_before_what_refreshes_itself_minutes() -> None:
    assert health_of("token", NOW + WARN + 1, False, NOW) == "ok"
    assert health_of("token", NOW + WARN, False, NOW) == "expiring"
    assert health_of("oauth", NOW + WARN, True, NOW) == "ok"
    assert health_of("oauth", NOW + WARN_REFRESHABLE, True, NOW) == "expiring"


@pytest.mark.parametrize(
    ("healths", "expected"),
    [
        ([], "missing"),
        (["static"], "static"),
        (["static", "ok"], "ok"),
        (["ok", "expiring", "static"], "expiring"),
        (["expiring", "expired"], "expired"),
        (["missing", "expired", "ok"], "missing"),
    ],
)
def test_a_group_is_as_well_as_its_worst(healths: list[Health], expected: Health) -> None:
    assert worst_of(healths) == expected


@pytest.mark.parametrize(
    ("wanted", "life", "margin"),
    [
        (5 * MINUTE, HOUR, 5 * MINUTE),
        (10 * MINUTE, HOUR, 10 * MINUTE),
        (10 * MINUTE, 10 * MINUTE, MINUTE),
        (5 * MINUTE, 20_000, 2_000),
        (5 * MINUTE, -1, 0),
        (0, HOUR, 0),
    ],
)
def test_a_grant_that_lives_short_is_not_refreshed_at_every_use(
    wanted: int, life: int, margin: int
) -> None:
    assert margin_of(wanted, NOW + life, NOW) == margin


def test_a_grant_without_an_end_has_no_margin() -> None:
    assert margin_of(5 * MINUTE, None, NOW) == 0
