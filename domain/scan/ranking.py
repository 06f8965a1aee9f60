"""Which candidate comes first, before anything is spent: steady rather than lucky."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from domain.answers.outcome import Outcome
from domain.instants import DAY
from domain.journal.records import ProbeRecord
from domain.scan.candidates import Candidate, Days

NO_CALL = "no_tool_call"
"""The code of an answer that is fine, but calls no tool."""
_FAILURES = (
    Outcome.OVERLOADED,
    Outcome.PROVIDER_ERROR,
    Outcome.TIMEOUT,
    Outcome.NO_MODEL,
    Outcome.RATE_LIMIT,
)


def days_of(records: Iterable[ProbeRecord]) -> dict[str, Days]:
    """The days of each model's name. A day is good with one answer that was what was asked for."""
    good: dict[str, set[int]] = defaultdict(set)
    bad: dict[str, set[int]] = defaultdict(set)
    for record in records:
        if record.model is None:
            continue
        is_good = record.outcome is Outcome.OK and record.code != NO_CALL
        if is_good or record.outcome in (Outcome.OK, *_FAILURES):
            (good if is_good else bad)[record.model].add(record.started_at // DAY)
    models = good.keys() | bad.keys()
    return {name: Days(len(good[name]), len(bad[name] - good[name])) for name in models}


def ranked(candidates: Iterable[Candidate], days: Mapping[str, Days]) -> list[Candidate]:
    """Best first, each with its days."""
    known = (c._replace(days=days.get(c.row.model, c.days)) for c in candidates)
    return sorted(known, key=_merit)


def _merit(candidate: Candidate) -> tuple[object, ...]:
    row, serving, days = candidate.row, candidate.serving, candidate.days
    latency = serving.latency if serving and serving.latency is not None else float("inf")
    cost = (row.cost_input or 0) + (row.cost_output or 0)
    return (
        not candidate.was_picked,
        # An endpoint knows better than the list.
        (row.tools if serving is None or serving.tools is None else serving.tools) is not True,
        days.share_bad,
        serving.uptime_class if serving else 2,
        -days.good,
        0 if candidate.free else cost,
        bool(row.retires),
        row.structured is not True,
        latency,
        -(row.context or 0),
        -(candidate.params or 0),
        -(candidate.created or 0),
        row.model,
    )
