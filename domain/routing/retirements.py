"""When a model is retired, as far as anybody said."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from domain.answers.outcome import Outcome
from domain.instants import DAY, day_start, iso
from domain.journal.records import ProbeRecord
from domain.providers.refs import ModelRef
from domain.routing.state import State
from domain.selection.catalogue import LIVE, CatalogueRow
from domain.selection.lookup import listed_as

_ANSWERS = (Outcome.OK, Outcome.NO_MODEL)


class Source(NamedTuple):
    """Who says so, and on which day (ISO): the bundled catalogue, the provider's own list, an
    answer in the journal, or the profile, which says it always.
    """

    kind: Literal["snapshot", "list", "answer", "profile"]
    day: str = ""


class Retirement(NamedTuple):
    """The end of a model that answers until `at` (epoch ms) at least: dates are moved, and wrong.

    `replacement` is the ref its provider advises, or empty. `confirmed`: once `at` is over, where
    its provider itself said that the model is gone.
    """

    ref: ModelRef
    at: int
    replacement: str
    source: Source
    confirmed: Source | None = None

    @property
    def day(self) -> str:
        return iso(self.at)[:10]


def retirement(
    ref: ModelRef, state: State, sources: Iterable[Iterable[CatalogueRow]], now: int
) -> Retirement | None:
    """The end of `ref` by the best of `sources`, rows of its provider, that has a date of it.

    None where none has, and where the model answered after its date. `now` is epoch ms.
    """
    called, provider = state.called(ref), state.providers.get(ref.provider)
    # An own provider's models are its own, whatever others of its name have.
    only_live = provider is not None and provider.source == "user"
    told: list[CatalogueRow] = []
    lacking = ""
    for rows in map(list, sources):
        is_live = bool(rows) and rows[0].source == LIVE
        found = [row for row in rows if row[:2] == called and (is_live or not only_live)]
        told += found
        if is_live and not found and not listed_as(called.model, {row.model: row for row in rows}):
            # What is left of an older list is as old as that.
            lacking = min(row.as_of for row in rows)
    dated = next((row for row in told if row.retires), None)
    at = day_start(dated.retires) if dated else None
    if dated is None or at is None:
        return None
    advised = next((row.replacement for row in told if row.replacement), "")
    source = Source("list" if dated.source == LIVE else "snapshot", dated.as_of)
    end = Retirement(ref, at, advised, source)
    return end if now < at else _over(end, lacking, _newest_answer(ref, state))


def _over(end: Retirement, lacking: str, answer: ProbeRecord | None) -> Retirement | None:
    """`end`, which is over, beside what its provider said since: a date proves nothing."""
    if answer and answer.outcome is Outcome.OK and answer.ended_at >= end.at + DAY:
        return None
    if answer and answer.outcome is Outcome.NO_MODEL and answer.ended_at >= end.at - DAY:
        return end._replace(confirmed=Source("answer", iso(answer.ended_at)[:10]))
    if end.source.kind == "list":
        return end._replace(confirmed=end.source)
    if lacking >= end.day:
        return end._replace(confirmed=Source("list", lacking))
    return end


def _newest_answer(ref: ModelRef, state: State) -> ProbeRecord | None:
    """The newest record in which the model answered, or its provider said it has none."""
    told = (
        record
        for records in state.trail.values()
        for record in records
        if (record.provider, record.model) == ref
        and record.outcome in _ANSWERS
        and record.mode != "free"
    )
    return max(told, key=lambda record: record.id, default=None)
