"""The questions the journal is asked, answered from all its records.

A store that holds many answers in another way; what it answers is the same.
"""

from collections.abc import Collection, Iterable, Mapping
from itertools import chain
from typing import NamedTuple

from domain.answers.outcome import Outcome
from domain.instants import DAY
from domain.journal.blame import FAILURES, NO_REQUESTS
from domain.journal.days import Day, DayKey, Told, told_of
from domain.journal.records import KINDS, SAYS_NOTHING, HistoryQuery, ProbeRecord
from domain.journal.summary import Group, Question, Tallied, Tally


class Change(NamedTuple):
    """A record whose outcome is not the one its credential had `before`."""

    record: ProbeRecord
    before: Outcome


class Failure(NamedTuple):
    """A record that failed, and the first good one of its credential after it, if there is one.

    `is_alone`: whatever was tried in its run got no answer from the network. Moments are epoch ms.
    """

    id: int
    run_id: str
    at: int
    provider: str
    credential_id: str
    outcome: str
    good_id: int | None
    good_at: int | None
    is_alone: bool


def matches(record: ProbeRecord, query: HistoryQuery) -> bool:
    return (
        query.provider in (None, record.provider)
        and query.profile in (None, record.credential_id)
        and query.model in (None, record.model, f"{record.provider}/{record.model}")
        and (not query.outcomes or record.shown_outcome in query.outcomes)
        and (not query.kinds or record.kind in query.kinds)
        and (query.since is None or record.started_at >= query.since)
        and (query.until is None or record.started_at < query.until)
        and query.run in (None, record.run_id)
        and (query.before is None or record.id < query.before)
    )


def changes_of(records: Collection[ProbeRecord], query: HistoryQuery) -> list[Change]:
    """Newest first, whatever the limit. A record that says nothing changes nothing; where a model
    is asked for, others are none of its past.
    """
    found: list[Change] = []
    last: dict[tuple[str, str | None], Outcome] = {}
    for record in sorted(records):
        outcome = record.outcome
        if outcome in SAYS_NOTHING:
            continue
        assert outcome is not None
        place = record.credential_id, query.model and record.model
        before = last.get(place, outcome)
        if before != outcome and matches(record, query):
            found.append(Change(record, before))
        last[place] = outcome
    return found[::-1]


def failures_of(records: Collection[ProbeRecord], query: HistoryQuery) -> list[Failure]:
    """Oldest first, whatever the limit."""
    good: dict[tuple[str, str | None], ProbeRecord] = {}
    found: list[Failure] = []
    reached = {r.run_id for r in records if r.outcome not in (*SAYS_NOTHING, Outcome.NETWORK)}
    for record in sorted(records, reverse=True):
        place = record.credential_id, query.model and record.model
        if record.outcome is Outcome.OK:
            good[place] = record
        elif record.outcome not in SAYS_NOTHING and matches(record, query):
            found.append(_failure(record, good.get(place), reached))
    return found[::-1]


def _failure(record: ProbeRecord, good: ProbeRecord | None, reached: Collection[str]) -> Failure:
    assert record.outcome is not None
    return Failure(
        record.id,
        record.run_id,
        record.started_at,
        record.provider,
        record.credential_id,
        record.outcome.value,
        good.id if good else None,
        good.started_at if good else None,
        record.run_id not in reached,
    )


def tally_of(
    question: Question,
    days: Mapping[DayKey, Day],
    records: Iterable[ProbeRecord],
    pruned_until: int,
) -> Tallied:
    """Whole days from `days`, which count all of `records` and those that were pruned."""
    groups: dict[Group, Tally] = {}
    told = [t for t in map(told_of, records) if question.since <= t.started_at < question.until]
    told = [t for t in told if question.asks_for(t.credential_id)]
    first, strange = question.since // DAY, 0
    for key, day in days.items():
        if not question.asks_for(key.credential_id):
            continue
        if key.day in question.whole_days and key.kind not in NO_REQUESTS:
            groups.setdefault(question.group(key), Tally()).add_day(key.day - first, day)
            strange += sum(day.counts.values()) if key.kind not in KINDS else 0
    for one in told:
        if one.key.day not in question.whole_days and one.kind not in NO_REQUESTS:
            tally = groups.setdefault(question.group(one.key), Tally())
            tally.add_record(first, one.id, one.started_at, one.outcome, one.latency_ms)
            strange += one.kind not in KINDS
    later = (d for key, d in days.items() if key.day > question.last_day)
    return Tallied(
        groups,
        {group: _streak(question, group, tally, told) for group, tally in groups.items()},
        sum(chain.from_iterable(day.counts.values() for day in later)),
        strange,
        pruned_until,
    )


def _streak(question: Question, group: Group, tally: Tally, told: Iterable[Told]) -> int:
    streak, low, high = tally.streak()
    outcomes = FAILURES if tally.is_failing else (Outcome.OK.value,)
    return streak + sum(
        one.outcome in outcomes
        for one in told
        if low < one.id <= high and one.kind not in NO_REQUESTS and question.group(one.key) == group
    )
