"""What a span of the history comes to, row by row."""

from collections.abc import Callable, Iterable
from typing import Literal, NamedTuple, get_args

from application.ports.reading import JournalReader
from domain.errors import Malformed
from domain.instants import DAY, iso
from domain.journal.blame import BLAME_OF
from domain.journal.incidents import incidents, mean_time_to_recovery
from domain.journal.records import SAYS_NOTHING, HistoryQuery
from domain.journal.summary import (
    HOURS,
    By,
    Figures,
    Group,
    Question,
    Tallied,
    Tally,
    figures,
    of_day,
    unknown,
)
from domain.text import did_you_mean, shown

USUAL_DAYS, MOST_FAILURES = 30, 2000
"""How many days a summary is of, today among them; and of how many failures the mean time to
recovery is worked out.
"""
StreakOf = Literal["good", "failed"]


class Row(NamedTuple):
    """One group; None where no model was asked. Moments are epoch ms, `mttr` (mean time to
    recovery) is ms. `unknown`: how many have an outcome nobody knows.
    """

    group: str | None
    figures: Figures
    unknown: int
    last_ok_at: int | None
    last_failure_at: int | None
    streak: int | None
    streak_of: StreakOf | None
    mttr: int | None


class Summary(NamedTuple):
    """`rows` in their order, by `question`; `told` is what they are made of."""

    question: Question
    rows: tuple[Row, ...]
    told: Tallied


def question_of(by: str, since: int | None, until: int | None, now: int) -> Question:
    """Moments are epoch ms. Raises Malformed for an unknown `by`, and for a span of nothing."""
    named: dict[str, By] = {each: each for each in get_args(By)}
    if by not in named:
        raise Malformed(
            f"unknown --by{shown(by)}", hint=did_you_mean(by, named, f"one of: {', '.join(named)}")
        )
    # Today is whole: nothing of it is still to come but the hours, which do not count.
    end = (now // DAY + 1) * DAY if until is None else until
    begin = (-(-end // DAY) - USUAL_DAYS) * DAY if since is None else since
    if begin >= end:
        raise Malformed("a summary begins before it ends", hint="moments are epoch ms")
    return Question(named[by], begin, end, now)


def summary_of(reader: JournalReader, question: Question) -> Summary:
    """Raises Unavailable. By `outcome` it is one row: its figures have them all."""
    told = reader.tally(question)
    recovery = _recovery(reader, question, told)
    groups = sorted(told.groups, key=lambda group: group, reverse=question.by == "day")
    return Summary(question, tuple(_row(question, told, g, recovery) for g in groups), told)


def days_of(
    reader: JournalReader, question: Question, groups: Iterable[Group], most: int = USUAL_DAYS
) -> list[list[Figures | None]]:
    """Of each group the figures of the last days of the span, at most so many, oldest first; None
    for a day without a record. Raises Unavailable.
    """
    last = -(-question.until // DAY)
    days = range(max(question.since // DAY, last - most), last)
    daily = question._replace(since=max(question.since, days.start * DAY), daily=True)
    tallies = reader.tally(daily).groups
    found = ([tallies.get(of_day(group, day)) for day in days] for group in groups)
    return [[figures(tally, HOURS) if tally else None for tally in row] for row in found]


def _recovery(
    reader: JournalReader, question: Question, told: Tallied
) -> Callable[[Group], int | None]:
    """The mean time to recovery of each group; it is read from the failures, if they are few."""
    failed = sum(
        count
        for tally in told.groups.values()
        for name, count in tally.counts.items()
        if BLAME_OF.get(name, "good") != "good" and name not in SAYS_NOTHING
    )
    if question.by not in ("profile", "provider") or not 0 < failed <= MOST_FAILURES:
        return lambda _: None
    known = incidents(reader.failures(HistoryQuery(since=question.since, until=question.until)))
    of = "credential_id" if question.by == "profile" else "provider"
    return lambda group: mean_time_to_recovery(
        (one for one in known if getattr(one, of) == group), told.pruned_until
    )


def _row(
    question: Question, told: Tallied, group: Group, recovery: Callable[[Group], int | None]
) -> Row:
    tally = told.groups[group]
    by_day = question.by == "day"
    return Row(
        iso(int(group) * DAY)[:10] if by_day else str(group) or None,
        figures(tally, _slots(question, group) if by_day else question.slots, question.mask),
        unknown(tally),
        tally.good.at or None,
        tally.failed.at or None,
        told.streaks.get(group),
        _streak_of(tally) if group in told.streaks else None,
        recovery(group),
    )


def _streak_of(tally: Tally) -> StreakOf | None:
    if not (tally.good.id or tally.failed.id):
        return None
    return "failed" if tally.is_failing else "good"


def _slots(question: Question, day: Group) -> int:
    """How many hours of that day are in the span."""
    begin = max(question.since, int(day) * DAY)
    return question._replace(since=begin, until=min(question.until, (int(day) + 1) * DAY)).slots
