"""What a span of the journal comes to: whole days from their counters, the rest from records."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any

from adapters.sql import rows
from adapters.sql.asked.view import View, journal_state
from domain.instants import DAY
from domain.journal.blame import FAILURES, NO_REQUESTS
from domain.journal.days import COUNTERS, Newest
from domain.journal.latencies import unpacked
from domain.journal.records import KINDS
from domain.journal.summary import HOURS, Group, Question, Tallied, Tally

_STEP = 5000
"""How many records are read at once: a writer waits for no more."""
_DAY_OF = f"started_at / {DAY}"
_ALL = 2**63 - 1
_MODEL = "CASE coalesce(model, '') WHEN '' THEN '' ELSE provider || '/' || model END"
_GROUPS = {"profile": "credential_id", "provider": "provider", "model": _MODEL, "outcome": "''"}
_OTHERS = [name for name in COUNTERS if name != "ok"]
_ASKED = f"kind NOT IN {NO_REQUESTS}"
_DAYS = f"""
SELECT {{group}}, day - ?, hours, latencies, first_id, last_id, ok,
    good_id, good_at, failed_id, failed_at
FROM journal_days WHERE day >= ? AND day < ? AND {_ASKED}{{only}}
"""
_REST = f"""
SELECT {{group}}, {", ".join(f"CAST(sum({name}) AS bigint)" for name in _OTHERS)}
FROM journal_days WHERE day >= ? AND day < ? AND records <> ok AND {_ASKED}{{only}} GROUP BY 1
"""
_STRANGE = f"""SELECT CAST(coalesce(sum(records), 0) AS bigint) FROM journal_days
WHERE day >= ? AND day < ? AND kind NOT IN {KINDS}"""
_LATER = "SELECT CAST(coalesce(sum(records), 0) AS bigint) FROM journal_days WHERE day > ?"
_LATER_YET = "SELECT count(*) FROM probe_records WHERE id < ? AND started_at >= ?"
_RECORDS = f"""
SELECT {{group}}, kind, id, started_at, outcome, latency_ms FROM probe_records
WHERE id > ? AND id <= ? AND started_at >= ? AND started_at < ? AND {_ASKED}{{only}}
ORDER BY id LIMIT ?
"""
_BOUNDS = "SELECT min(nullif(first_id, 0)) - 1, max(last_id) FROM journal_days WHERE day = ?"
_STREAK = f"""
WITH streak (name, low, high) AS (VALUES {{values}})
SELECT name, (SELECT count(*) FROM probe_records
    WHERE {{group}} = name AND id > low AND id <= high AND outcome || '' IN {{outcomes}}
        AND started_at >= ? AND started_at < ? AND {_ASKED})
FROM streak
"""


def tallied(view: View, question: Question, place: object) -> Tallied:
    """Raises StoreDamaged for counters this program did not write."""
    state = journal_state(view)
    filled_from, pruned_until = state or (_ALL, 0)
    groups: dict[Group, Tally] = {}
    later = strange = 0
    if state is not None:
        try:
            _add_days(view, question, groups)
        except ValueError:
            raise rows.uncountable(place) from None
        whole = question.whole_days
        ((strange,),) = view.all_of(
            _STRANGE + _only(question), (whole.start, whole.stop, *question.only)
        )
        ((later,),) = view.all_of(_LATER, (question.last_day,))
    if filled_from > 1:
        begin = (question.last_day + 1) * DAY
        later += view.all_of(_LATER_YET, (filled_from, begin))[0][0]
    first = question.since // DAY
    for span in _spans(view, question, filled_from):
        for name, kind, *told in _records(view, question, *span):
            if name not in groups:
                groups[name] = Tally()
            groups[name].add_record(first, *told)
            strange += kind not in KINDS
    streaks = _streaks(view, question, groups)
    return Tallied(groups, streaks, later, strange, pruned_until)


def _group(question: Question, day: str = "day") -> str:
    group = _GROUPS.get(question.by, day)
    return f"({day}) || ' ' || {group}" if question.daily else group


def _only(question: Question) -> str:
    marks = ", ".join("?" * len(question.only))
    return f" AND credential_id IN ({marks})" if marks else ""


def _add_days(view: View, question: Question, groups: dict[Group, Tally]) -> None:
    whole, group = question.whole_days, _group(question)
    only, span = _only(question), (whole.start, whole.stop, *question.only)
    values = (question.since // DAY, *span)
    rows_of: dict[Group, list[Any]] = {}
    for row in view.all_of(_DAYS.format(group=group, only=only), values):
        rows_of.setdefault(row[0], []).append(row)
    for name, found in rows_of.items():
        groups[name] = _tally_of(found)
    for name, *counts in view.all_of(_REST.format(group=group, only=only), span):
        for counter, count in zip(_OTHERS, counts, strict=True):
            groups[name].count(counter, count)


def _tally_of(found: Sequence[Any]) -> Tally:
    # Column by column: there may be thousands of rows, and a person waits.
    _, offsets, hours, packed, low, high, ok, *newest = zip(*found, strict=True)
    good, good_at, failed, failed_at = newest
    tally = Tally()
    tally.counts = {"ok": sum(ok)}
    tally.latencies = sum(map(unpacked, packed))
    tally.spans = list(zip(low, high, ok, strict=True))
    tally.good = Newest(*max(zip(good, good_at, strict=True)))
    tally.failed = Newest(*max(zip(failed, failed_at, strict=True)))
    for offset, mask in zip(offsets, hours, strict=True):
        tally.hours |= mask << offset * HOURS
    return tally


def _spans(view: View, question: Question, filled_from: int) -> Iterator[tuple[int, int, int, int]]:
    """Which records are read: ids above the first and up to the second, begun in a span."""
    if filled_from > 1:
        yield 0, filled_from - 1, question.since, question.until
    if filled_from == _ALL:
        return
    whole = question.whole_days
    cut = [(question.since, whole.start * DAY), (whole.stop * DAY, question.until)]
    for since, until in cut if whole else [(question.since, question.until)]:
        for day in range(since // DAY, -(-until // DAY)):
            ((low, high),) = view.all_of(_BOUNDS, (day,))
            if low is not None:
                began, ended = max(since, day * DAY), min(until, (day + 1) * DAY)
                yield max(low, filled_from - 1), high, began, ended


def _records(
    view: View, question: Question, low: int, high: int, since: int, until: int
) -> Iterator[Any]:
    query = _RECORDS.format(group=_group(question, _DAY_OF), only=_only(question))
    found: list[Any] = [()] * _STEP
    while len(found) == _STEP:
        found = view.all_of(query, (low, high, since, until, *question.only, _STEP))
        view.rest()
        yield from found
        low = found[-1][2] if found else high


def _streaks(view: View, question: Question, groups: dict[Group, Tally]) -> dict[Group, int]:
    if question.daily or question.by not in ("profile", "provider", "model"):
        return {}
    streaks: dict[Group, int] = {}
    for is_failing, outcomes in ((False, "('ok')"), (True, f"{tuple(sorted(FAILURES))}")):
        unsure: list[tuple[Group, int, int]] = []
        for group, tally in groups.items():
            if tally.is_failing == is_failing:
                streaks[group], low, high = tally.streak()
                if high > low:
                    unsure.append((group, low, high))
        _count(view, question, unsure, outcomes, streaks)
    return streaks


def _count(
    view: View,
    question: Question,
    unsure: Sequence[tuple[Group, int, int]],
    outcomes: str,
    streaks: dict[Group, int],
) -> None:
    each = iter(unsure)
    while some := list(islice(each, 200)):
        values = ", ".join(["(?, ?, ?)"] * len(some))
        query = _STREAK.format(values=values, group=_group(question), outcomes=outcomes)
        asked = [value for one in some for value in one]
        for group, count in view.all_of(query, [*asked, question.since, question.until]):
            streaks[group] += count
