"""Which records may go: each reason to stay is a test."""

from typing import Any

import pytest

from domain.errors import Malformed
from domain.instants import DAY, HOUR
from domain.journal.pruning import Pruner, Pruning, Trace
from domain.journal.records import LONGEST_TRAIL
from tests.domain.values import NOW


def trace(outcome: str | None = "ok", **given: Any) -> Trace:
    usual = Trace(1, "run", "probe", NOW - 9 * DAY, "a", "m", outcome, "unknown", False)
    return usual._replace(**given)


def left(*oldest_first: Trace, pruning: Pruning | None = None) -> list[Trace]:
    """What stays of them."""
    pruner = Pruner(pruning or Pruning(keep=0), NOW)
    return [t for t in reversed(oldest_first) if not pruner.takes(t)][::-1]


def test_the_newest_of_each_outcome_stays() -> None:
    old = [trace(outcome, id=1) for outcome in ("ok", "auth", "cancelled", "cleared")]
    new = [trace(outcome, id=2) for outcome in ("ok", "cancelled", "cleared")]
    assert left(*old, *new) == [old[1], *new]


@pytest.mark.parametrize("other", [{"model": "n"}, {"model": None}, {"credential_id": "b"}])
def test_each_credential_and_model_is_one_of_its_own(other: dict[str, Any]) -> None:
    mine, others, newest = trace(id=1), trace(id=2, **other), trace(id=3)
    assert left(mine, others, newest) == [others, newest]


def test_failures_stay_until_the_success_after_them() -> None:
    before = [trace("network", id=n) for n in range(3)]
    after = [trace("network", id=n) for n in range(5, 8)]
    assert left(*before, trace("ok", id=4), *after) == [trace("ok", id=4), *after]
    assert left(*before, trace("ok", id=4)) == [before[-1], trace("ok", id=4)]


def test_a_success_of_another_model_lets_no_failure_go() -> None:
    failures = [trace("network", id=n) for n in range(3)]
    assert left(*failures, trace("ok", model="n", id=4)) == [
        *failures,
        trace("ok", model="n", id=4),
    ]


def test_no_more_failures_stay_than_are_ever_looked_at() -> None:
    many = [trace("network", id=n) for n in range(LONGEST_TRAIL + 5)]
    assert left(*many) == many[5:]


@pytest.mark.parametrize(
    "known", [{"credential": "proven"}, {"credential": "refused"}, {"usage": True}]
)
def test_the_newest_that_told_something_of_the_credential_stays(known: dict[str, Any]) -> None:
    told = [trace("ok", id=n, **known) for n in range(2)]
    since = trace("ok", id=5)
    assert left(*told, since) == [told[1], since]


def test_the_newest_use_stays_even_without_a_result() -> None:
    uses = [trace(None, kind="use", id=n) for n in range(3)]
    assert left(*uses, trace("ok", id=4)) == [uses[-1], trace("ok", id=4)]


def test_an_intent_goes_once_no_answer_can_come() -> None:
    fresh, stale = trace(None, started_at=NOW - HOUR), trace(None, started_at=NOW - DAY)
    assert left(stale, fresh) == [fresh]


def test_what_is_young_or_among_the_newest_stays() -> None:
    ages = [trace("ok", id=n, started_at=NOW - (9 - n) * DAY) for n in range(9)]
    by_age, by_number = Pruning(before=NOW - 5 * DAY), Pruning(keep=3)
    assert left(*ages, pruning=by_age) == ages[4:]
    assert left(*ages, pruning=by_number) == ages[6:]
    assert left(*ages, pruning=Pruning(NOW - 5 * DAY, 7)) == ages[2:]
    assert left(*ages, pruning=Pruning(NOW - 5 * DAY, 2)) == ages[4:]


def test_it_counts_what_it_saw_and_what_stays_in_spite_of_its_age() -> None:
    pruner = Pruner(Pruning(before=NOW - 5 * DAY), NOW)
    told = [trace("ok", started_at=NOW), trace("auth"), trace("ok"), trace("ok")]
    assert [pruner.takes(t) for t in told] == [False, False, True, True]
    assert (pruner.seen, pruner.kept) == (4, 1)


@pytest.mark.parametrize(("before", "keep"), [(None, None), (None, -1), (NOW, -1)])
def test_what_may_go_has_to_be_said(before: int | None, keep: int | None) -> None:
    with pytest.raises(Malformed):
        Pruning(before, keep)
