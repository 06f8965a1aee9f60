"""Each rule of a standing is a row; each complaint about the anchor that it answers is a test."""

from itertools import count
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.answers.outcome import Outcome
from domain.instants import DAY, HOUR, MINUTE, SECOND
from domain.journal.records import ProbeRecord
from domain.journal.standing import FORGOTTEN_AFTER, RULES, Window, standing
from tests.domain.values import NOW, record

FACTS = {Outcome.OK: "proven", Outcome.AUTH: "refused", Outcome.EXPIRED: "refused"}


def said(outcome: Outcome | str, at: int = NOW, **given: Any) -> ProbeRecord:
    """A record that ended at `at` and cost the credential what that outcome usually does."""
    known = FACTS.get(Outcome(outcome), "unknown")
    usual: dict[str, Any] = {"started_at": at - 5, "finished_at": at, "credential": known}
    return record(outcome=outcome, **{**usual, **given})


def cleared(at: int) -> ProbeRecord:
    return said("cleared", at, kind="cleared", model=None, id=50)


def lengths(outcome: str, failures: int, **given: Any) -> list[int | None]:
    """How long each window is where the credential fails again as soon as one ends."""
    records: list[ProbeRecord] = []
    found, at = [], NOW
    for _ in range(failures):
        records.append(said(outcome, at, id=len(records) + 1, **given))
        (window,) = standing(records, at)
        found.append(None if window.until is None else window.until - at)
        at = window.until or at
    return found


@pytest.mark.parametrize(
    ("outcome", "expected"),
    [
        ("rate_limit", [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]),
        ("overloaded", [30, 60, 300, 300]),
        ("timeout", [30, 60, 300, 300]),
        ("network", [30, 60, 300, 300]),
        ("provider_error", [30, 60, 300, 300]),
        ("billing", [600, 1200, 2400, 4800, 9600, 19200, 38400, 76800, 86400, 86400]),
        ("quota", [600, 1200, 2400]),
        ("format", [30, 60, 300, 300]),
        ("no_model", [3600, 3600]),
    ],
)
def test_how_long_each_outcome_keeps_it_shut(outcome: str, expected: list[int]) -> None:
    assert lengths(outcome, len(expected)) == [s * SECOND for s in expected]


@pytest.mark.parametrize("outcome", ["auth", "expired", "permission"])
def test_what_a_person_has_to_mend_is_out_until_the_credential_changes(outcome: str) -> None:
    (window,) = standing([said(outcome)], NOW + 300 * DAY)
    assert (window.until, window.model, window.kind) == (None, None, "disabled")


@pytest.mark.parametrize("outcome", ["rate_limit", "no_model", "format"])
def test_a_models_own_trouble_is_of_that_model_alone(outcome: str) -> None:
    """Complaints 31 and 33: one model's limit blocked the provider, a missing one never fell back.

    openclaw/openclaw#5744, #10670, #3231, #56112; #6203, #6939, #21107, #97564.
    """
    (window,) = standing([said(outcome, model="big")], NOW)
    assert window.model == "big"


@pytest.mark.parametrize("outcome", ["overloaded", "timeout", "network", "billing", "auth"])
def test_a_credentials_trouble_is_of_every_model(outcome: str) -> None:
    (window,) = standing([said(outcome, model="big")], NOW)
    assert window.model is None


@pytest.mark.parametrize("outcome", ["rate_limit", "quota"])
def test_a_limit_lasts_until_the_reset_that_was_told(outcome: str) -> None:
    (window,) = standing([said(outcome, resets_at=NOW + 9 * HOUR)], NOW)
    assert window.until == NOW + 9 * HOUR


@pytest.mark.parametrize("outcome", ["overloaded", "billing", "timeout"])
def test_no_other_trouble_goes_by_a_reset(outcome: str) -> None:
    (window,) = standing([said(outcome, resets_at=NOW + 9 * DAY)], NOW)
    assert window.until is not None
    assert window.until <= NOW + 10 * MINUTE


def test_a_reset_that_is_over_already_leaves_the_usual_window() -> None:
    (window,) = standing([said("rate_limit", resets_at=NOW - SECOND)], NOW)
    assert window.until == NOW + 30 * SECOND


def test_a_window_ends_at_its_end() -> None:
    records = [said("network")]
    assert standing(records, NOW + 30 * SECOND - 1)
    assert not standing(records, NOW + 30 * SECOND)


def test_a_later_failure_inside_a_window_does_not_lengthen_it() -> None:
    inside = [said("network", NOW + n * SECOND, id=n) for n in range(1, 30)]
    (window,) = standing([said("network", id=0), *inside], NOW + 29 * SECOND)
    assert window == Window(Outcome.NETWORK, None, NOW, NOW + 30 * SECOND, 1)


def test_another_kind_of_trouble_inside_a_window_has_one_of_its_own() -> None:
    found = standing([said("network", id=1), said("billing", NOW + SECOND, id=2)], NOW + SECOND)
    assert [w.outcome for w in found] == [Outcome.BILLING, Outcome.NETWORK]


def test_troubles_of_one_row_are_one_ladder() -> None:
    records = [said("timeout", id=1), said("overloaded", NOW + MINUTE, id=2)]
    (window,) = standing(records, NOW + MINUTE)
    assert (window.outcome, window.failures) == (Outcome.OVERLOADED, 2)


def test_one_success_clears() -> None:
    """Complaint 29: a billing disable outlived the top-up.

    openclaw/openclaw#21574, #92444, #130322, #115642, #70903.
    """
    failures = [said("billing", id=1), said("auth", id=2), said("rate_limit", model="m", id=3)]
    assert len(standing(failures, NOW + 1)) == 3
    assert standing([*failures, said("ok", NOW + 1, model="m", id=4)], NOW + 2) == ()


def test_a_success_of_one_model_says_nothing_of_anothers_limit() -> None:
    records = [said("rate_limit", model="big", id=1), said("ok", NOW + 1, model="small", id=2)]
    (window,) = standing(records, NOW + 2)
    assert window.model == "big"


def test_after_a_success_it_counts_from_one_again() -> None:
    records = [
        said("network", id=1),
        said("network", NOW + MINUTE, id=2),
        said("ok", NOW + 2 * MINUTE, id=3),
        said("network", NOW + 3 * MINUTE, id=4),
    ]
    (window,) = standing(records, NOW + 3 * MINUTE)
    assert window.failures == 1


@pytest.mark.parametrize(("gap", "failures"), [(FORGOTTEN_AFTER, 2), (FORGOTTEN_AFTER + 1, 1)])
def test_failures_are_forgotten_a_day_after_their_window(gap: int, failures: int) -> None:
    again = NOW + 30 * SECOND + gap
    (window,) = standing([said("network", id=1), said("network", again, id=2)], again)
    assert window.failures == failures


def test_a_person_can_take_it_all_back() -> None:
    """Complaint 29 again: and there was no command to end it."""
    records = [said(o, id=n) for n, o in enumerate(["billing", "auth", "permission", "rate_limit"])]
    assert standing([*records, cleared(NOW + 1)], NOW + 2) == ()
    after = said("network", NOW + 2, id=51)
    assert [w.outcome for w in standing([*records, cleared(NOW + 1), after], NOW + 2)] == [
        Outcome.NETWORK
    ]


def test_an_expired_token_is_no_empty_purse() -> None:
    """Complaint 30, openclaw/openclaw#18624: an expiry taken for billing locked out for hours."""
    (window,) = standing([said("expired")], NOW)
    assert (window.outcome, window.until) == (Outcome.EXPIRED, None)


def test_what_proves_a_key_takes_its_refusal_back_and_nothing_else() -> None:
    records = [
        said("auth", id=1),
        said("billing", id=2, credential="unknown"),
        said("rate_limit", NOW + 1, model="m", credential="proven", id=3),
    ]
    assert [w.outcome for w in standing(records, NOW + 1)] == [Outcome.BILLING, Outcome.RATE_LIMIT]


def test_a_gateways_own_key_refused_further_up_passes_like_any_trouble_of_a_server() -> None:
    (window,) = standing([said("auth", credential="unknown")], NOW)
    assert (window.until, window.kind) == (NOW + 30 * SECOND, "cooldown")


@pytest.mark.parametrize(
    ("outcome", "shut"),
    [
        ("auth", True),
        ("billing", True),
        ("permission", False),
        ("network", False),
        ("rate_limit", False),
        ("format", False),
    ],
)
def test_a_free_check_judges_the_key_and_no_model(outcome: str, shut: bool) -> None:
    assert bool(standing([said(outcome, mode="free", model=None)], NOW)) is shut


def test_a_free_check_that_succeeds_takes_only_a_refusal_back() -> None:
    records = [
        said("auth", id=1),
        said("network", id=2),
        said("ok", NOW + 1, mode="free", model=None, id=3),
    ]
    assert [w.outcome for w in standing(records, NOW + 2)] == [Outcome.NETWORK]


def test_a_model_that_is_forbidden_leaves_the_others_and_passes() -> None:
    (window,) = standing([said("permission", scope="model", model="big")], NOW)
    assert (window.model, window.until) == ("big", NOW + 10 * MINUTE)


def test_a_credential_that_is_forbidden_is_out() -> None:
    (window,) = standing([said("permission", scope="credential", model="big")], NOW)
    assert (window.model, window.until) == (None, None)


def test_a_quota_of_one_model_leaves_the_others() -> None:
    (window,) = standing([said("quota", scope="model", model="big", resets_at=NOW + DAY)], NOW)
    assert (window.model, window.until) == ("big", NOW + DAY)


@pytest.mark.parametrize("outcome", ["permission", "format"])
def test_a_prompt_that_was_refused_shuts_nothing(outcome: str) -> None:
    assert standing([said(outcome, scope="prompt", model="big")], NOW) == ()


@pytest.mark.parametrize(
    "given",
    [
        {"outcome": "rate_limit", "resets_at": NOW + DAY},
        {"outcome": "billing"},
        {"outcome": "quota", "resets_at": NOW + DAY},
        {"outcome": "no_model"},
        {"outcome": "network"},
        {"outcome": "permission", "scope": "model"},
        {"outcome": "auth", "source": "none"},
    ],
)
def test_a_server_of_this_machine_is_asked_again_after_half_a_minute(given: dict[str, Any]) -> None:
    (window,) = standing([said(**given)], NOW, loopback=True)
    assert window.until == NOW + 30 * SECOND


def test_a_key_that_such_a_server_refused_stays_out_all_the_same() -> None:
    (window,) = standing([said("auth")], NOW, loopback=True)
    assert window.until is None


def test_a_clock_that_is_a_little_ahead_shuts_it_for_no_longer_than_ours_says() -> None:
    (window,) = standing([said("network", NOW + MINUTE)], NOW)
    assert window.until == NOW + 30 * SECOND


def test_a_clock_that_was_far_ahead_shuts_nothing_that_would_have_to_open() -> None:
    assert standing([said("network", NOW + 9 * DAY)], NOW) == ()
    assert standing([said("rate_limit", NOW + DAY, resets_at=NOW + 2 * DAY)], NOW) == ()
    (window,) = standing([said("auth", NOW + 9 * DAY)], NOW)
    assert window.until is None


@pytest.mark.parametrize("ahead", [-DAY, DAY])
def test_what_came_later_counts_whatever_the_clocks_say(ahead: int) -> None:
    refused = said("auth", NOW + ahead, id=1)
    assert standing([refused, said("ok", NOW, id=2)], NOW) == ()
    assert standing([refused, cleared(NOW - 2 * DAY)], NOW) == ()
    assert len(standing([cleared(NOW), said("auth", NOW - DAY, id=60)], NOW)) == 1


@pytest.mark.parametrize("outcome", ["cancelled", "unreadable"])
def test_what_was_never_answered_says_nothing(outcome: str) -> None:
    assert standing([said(outcome)], NOW) == ()
    assert standing([said("ok")._replace(outcome=None)], NOW) == ()


def test_every_failure_has_exactly_one_row() -> None:
    told = [outcome for rule in RULES for outcome in rule.outcomes]
    silent = {"ok", "cancelled", "interrupted", "unreadable", "cleared"}
    assert sorted(told) == sorted(set(Outcome) - {Outcome(word) for word in silent})


_PASTS = st.lists(
    st.builds(
        said,
        st.sampled_from(sorted(set(Outcome) - {Outcome.INTERRUPTED, Outcome.CLEARED})),
        st.integers(NOW - 3 * DAY, NOW),
        model=st.sampled_from(["a", "b"]),
        resets_at=st.none() | st.integers(NOW - DAY, NOW + DAY),
        id=st.shared(st.just(count()), key="ids").map(next),
    ),
    max_size=30,
)


@given(_PASTS)
def test_the_order_it_is_told_in_does_not_matter(past: list[ProbeRecord]) -> None:
    assert standing(past, NOW) == standing(reversed(past), NOW)


@given(_PASTS)
def test_every_window_is_open_and_of_an_outcome_that_happened(past: list[ProbeRecord]) -> None:
    for window in standing(past, NOW):
        assert window.until is None or window.since <= NOW < window.until
        assert any(r.outcome is window.outcome and r.ended_at == window.since for r in past)


@given(_PASTS, st.integers(0, 3 * DAY))
def test_time_alone_only_opens(past: list[ProbeRecord], later: int) -> None:
    assert set(standing(past, NOW + later)) <= set(standing(past, NOW))


@given(_PASTS)
def test_a_success_of_a_model_leaves_only_other_models_shut(past: list[ProbeRecord]) -> None:
    after = [*past, said("ok", NOW, model="a", id=10**9)]
    assert {window.model for window in standing(after, NOW)} <= {"b"}
