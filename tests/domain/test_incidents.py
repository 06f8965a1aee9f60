"""Incidents: whose fault, from when to when; and that being offline is nobody's but ours."""

from domain.answers.outcome import Outcome
from domain.instants import DAY, HOUR, MINUTE
from domain.journal.days import Day, DayKey, told_of
from domain.journal.incidents import incidents, mean_time_to_recovery
from domain.journal.queries import failures_of, tally_of
from domain.journal.records import HistoryQuery, ProbeRecord
from domain.journal.summary import Question, figures
from tests.adapters.values import ended, intent

OK, MIDNIGHT = Outcome.OK, 20_000 * DAY


def tried(*steps: tuple[str, Outcome], run: str = "run") -> list[ProbeRecord]:
    """One record a minute, of `provider:a` each, in a run of its own."""
    records = []
    for at, (provider, outcome) in enumerate(steps, 1):
        begun = intent(f"{provider}:a", run=f"{run} {at}", provider=provider)
        records.append(ended(begun._replace(id=at, started_at=MIDNIGHT + at * MINUTE), outcome))
    return records


def found(records: list[ProbeRecord], confirm: int = 1) -> list[tuple[object, ...]]:
    """Blame, whose, minutes from and to, and how many records."""

    def minute(at: int | None) -> int | None:
        return None if at is None else (at - MIDNIGHT) // MINUTE

    return [
        (one.blame, one.credential_id, minute(one.began_at), minute(one.ended_at), one.records)
        for one in incidents(failures_of(records, HistoryQuery()), confirm)
    ]


def test_an_incident_runs_from_the_first_failure_to_the_first_good_one() -> None:
    steps = [OK, Outcome.TIMEOUT, Outcome.OVERLOADED, OK, OK, Outcome.AUTH]
    records = tried(*(("p", outcome) for outcome in steps))
    assert found(records) == [("provider", "p:a", 2, 4, 2), ("mine", "p:a", 6, None, 1)]


def test_failures_of_two_blames_are_two_incidents_and_end_together() -> None:
    records = tried(("p", Outcome.TIMEOUT), ("p", Outcome.RATE_LIMIT), ("p", OK))
    assert found(records) == [("provider", "p:a", 1, 3, 1), ("throttled", "p:a", 2, 3, 1)]


def test_what_says_nothing_neither_begins_nor_ends_one() -> None:
    nothing = [("p", o) for o in (Outcome.CANCELLED, Outcome.UNREADABLE, Outcome.CLEARED)]
    assert found(tried(*nothing)) == []
    assert found(tried(("p", Outcome.QUOTA), *nothing)) == [("mine", "p:a", 1, None, 1)]


def test_of_a_flapper_only_what_was_confirmed_counts() -> None:
    steps = [Outcome.TIMEOUT, OK, Outcome.TIMEOUT, Outcome.TIMEOUT, OK]
    records = tried(*(("p", outcome) for outcome in steps))
    assert found(records, confirm=2) == [("provider", "p:a", 3, 5, 2)]


def test_several_providers_out_of_reach_in_one_run_are_us_once() -> None:
    down = tried(("p", Outcome.NETWORK), ("q", Outcome.NETWORK), ("p", Outcome.NETWORK))
    offline = [record._replace(run_id="first") for record in down[:2]]
    again = tried(*[("p", OK)] * 3, ("q", Outcome.NETWORK), ("p", Outcome.NETWORK), ("q", OK))[3:]
    offline += [record._replace(run_id="second") for record in again[:2]]
    assert found([*offline, again[2]]) == [("here", None, 1, 6, 4)]


def test_one_provider_out_of_reach_is_not_nor_are_two_where_a_third_answered() -> None:
    alone = tried(("p", Outcome.NETWORK), ("p", Outcome.NETWORK))
    assert found([r._replace(run_id="one") for r in alone]) == [("here", "p:a", 1, None, 2)]
    third = tried(("p", Outcome.NETWORK), ("q", Outcome.NETWORK), ("s", Outcome.TIMEOUT))
    assert [of for _, of, *_ in found([r._replace(run_id="one") for r in third])] == [
        *("p:a", "q:a", "s:a"),
    ]


def test_the_mean_time_to_recovery_is_of_those_that_are_over() -> None:
    steps = [Outcome.TIMEOUT, OK, Outcome.AUTH, Outcome.AUTH, Outcome.AUTH, OK, Outcome.QUOTA]
    known = incidents(failures_of(tried(*(("p", o) for o in steps)), HistoryQuery()))
    assert mean_time_to_recovery(known) == 2 * MINUTE
    assert mean_time_to_recovery(known[-1:]) is None
    later = known[-1].began_at + 1
    assert mean_time_to_recovery(known, known[1].began_at) == 3 * MINUTE
    assert [one.is_approx(later) for one in known] == [True, True, False]
    assert known[-1].lasted(MIDNIGHT + 10 * MINUTE) == 3 * MINUTE


def test_our_link_cut_an_hour_a_day_lowers_coverage_and_no_providers_availability() -> None:
    records, at = [], 0
    for hour in range(30 * 24):
        for provider in ("p", "q", "s"):
            at += 1
            began = MIDNIGHT + hour * HOUR
            begun = intent(f"{provider}:a", run=f"{hour}", provider=provider)
            outcome = Outcome.NETWORK if hour % 24 == 3 else OK
            records.append(ended(begun._replace(id=at, started_at=began), outcome))
    days: dict[DayKey, Day] = {}
    for record in records:
        days.setdefault(told_of(record).key, Day()).add(told_of(record))
    until = MIDNIGHT + 30 * DAY
    question = Question("provider", MIDNIGHT, until, until)
    for tally in tally_of(question, days, records, 0).groups.values():
        told = figures(tally, question.slots)
        assert told.availability == told.usable == 1
        assert (told.known, told.slots, f"{told.coverage:.1%}") == (690, 720, "95.8%")
    cuts = incidents(failures_of(records, HistoryQuery()))
    assert [(one.credential_id, one.lasted(0)) for one in cuts] == [(None, HOUR)] * 30
