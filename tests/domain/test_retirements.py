"""When a model is retired, and what `--check` answers once that is over."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.instants import DAY, day_start, iso
from domain.journal.records import ProbeRecord
from domain.providers.refs import ModelRef
from domain.routing.retirements import Retirement, Source, retirement
from domain.routing.status import status
from domain.selection.catalogue import LIVE, CatalogueRow
from tests.domain.values import NOW, profile, record, state, token, using

REF = ModelRef("openai", "m")
TODAY = iso(NOW)[:10]
PAST, FUTURE = iso(NOW - 9 * DAY)[:10], iso(NOW + 9 * DAY)[:10]
SNAPSHOT = Source("snapshot", "2026-08-18")


def bundled(retires: str = "", model: str = "m", **more: Any) -> CatalogueRow:
    usual = {"provider": "openai", "source": "models.dev", "as_of": SNAPSHOT.day}
    return CatalogueRow(model=model, retires=retires, **{**usual, **more})


def live(retires: str = "", model: str = "m", **more: Any) -> CatalogueRow:
    return bundled(retires, model, **{"source": LIVE, "as_of": TODAY, **more})


def end(
    *sources: Sequence[CatalogueRow],
    ref: ModelRef = REF,
    records: tuple[ProbeRecord, ...] = (),
) -> Retirement | None:
    return retirement(ref, state(profile(), records=records), sources, NOW)


def test_the_best_source_that_has_a_date_says_it_and_any_what_is_advised() -> None:
    old = bundled(FUTURE, replacement="openai/new")
    at = day_start(FUTURE)
    assert at is not None
    assert end([old]) == Retirement(REF, at, "openai/new", SNAPSHOT)
    assert end([live()], [old]) == Retirement(REF, at, "openai/new", SNAPSHOT)
    moved = iso(NOW + 20 * DAY)[:10]
    found = end([live(moved)], [old])
    assert found is not None
    assert (found.day, found.replacement, found.source) == (
        moved,
        "openai/new",
        Source("list", TODAY),
    )


def test_no_date_is_no_end() -> None:
    assert end([bundled()]) is None
    assert end([bundled("soon")]) is None
    assert end([bundled(FUTURE, "other")]) is None
    assert end() is None


def test_a_month_begins_on_its_first_day() -> None:
    found = end([bundled("2999-02")])
    assert found is not None
    assert found.day == "2999-02-01"


def test_a_model_is_looked_up_as_its_provider_calls_it() -> None:
    row = CatalogueRow("openrouter", "openrouter/auto", retires=FUTURE)
    assert end([row], ref=ModelRef("openrouter", "auto")) is not None


def test_others_say_nothing_of_a_model_of_an_own_provider() -> None:
    ref = ModelRef("gate", "m")
    assert end([], [bundled(PAST, provider="gate")], ref=ref) is None
    assert end([live(PAST, provider="gate")], ref=ref) is not None


def answered(outcome: str, days: int, **more: Any) -> ProbeRecord:
    """An answer so many days after the end."""
    at = (day_start(PAST) or 0) + days * DAY
    return record(id=2, outcome=outcome, started_at=at, finished_at=at, **more)


CONFIRMED: list[tuple[Any, ...]] = [
    # Which sources, and what was answered; whose word it is that the model is gone.
    ([[bundled(PAST)]], (), None),
    ([[live(PAST)]], (), Source("list", TODAY)),
    ([[live()], [bundled(PAST)]], (), None),
    ([[live(model="x")], [bundled(PAST)]], (), Source("list", TODAY)),
    ([[live(model="x", extra=(("aliases", '["m"]'),))], [bundled(PAST)]], (), None),
    ([[live(model="x", as_of="2020-01-01")], [bundled(PAST)]], (), None),
    ([[bundled(PAST)]], (answered("no_model", 2),), Source("answer", iso(NOW - 7 * DAY)[:10])),
    ([[bundled(PAST)]], (answered("no_model", -3),), None),
    ([[bundled(PAST)]], (answered("no_model", 2, model="x"),), None),
    ([[bundled(PAST)]], (answered("ok", 0),), None),
    ([[bundled(PAST)]], (answered("timeout", 2, credential="unknown"),), None),
]


@pytest.mark.parametrize(("sources", "records", "word"), CONFIRMED)
def test_a_date_that_is_over_is_believed_by_the_word_of_the_provider_alone(
    sources: list[list[CatalogueRow]], records: tuple[ProbeRecord, ...], word: Source | None
) -> None:
    found = end(*sources, records=records)
    assert found is not None
    assert found.confirmed == word
    both = using("openai/m", "groq/m")
    here = state(profile(), profile("groq:k"), selection=both, records=records)
    assert status(here, NOW, found).exit_code == (1 if word else 2)


def test_a_model_that_answered_after_its_date_was_not_taken_away() -> None:
    assert end([bundled(PAST)], records=(answered("ok", 1),)) is None
    assert end([bundled(PAST)], records=(answered("ok", 1, mode="free"),)) is not None


def test_an_end_that_is_to_come_costs_check_nothing_and_the_worst_wins() -> None:
    ahead, over = end([bundled(FUTURE)]), end([live(PAST)])
    selection = using("openai/m")
    assert status(state(profile(), selection=selection), NOW, ahead).exit_code == 0
    expiring = state(token("openai:soon", 1), selection=selection)
    assert status(expiring, NOW, ahead).exit_code == 2
    assert status(expiring, NOW, over).exit_code == 1
    assert status(state(selection=selection), NOW, end([bundled(PAST)])).exit_code == 1
