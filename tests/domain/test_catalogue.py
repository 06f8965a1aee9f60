"""Rows of models: whose word counts, what a filter asks for, in which order they are shown."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.providers.refs import ModelRef
from domain.selection.catalogue import CatalogueRow, Wishes, merged, narrowed, ranked

BARE = CatalogueRow("openai", "gpt-5", source="own", as_of="2026-11-01")
FULL = CatalogueRow(
    "openai",
    "gpt-5",
    name="GPT-5",
    context=400_000,
    output=128_000,
    inputs=("text", "image"),
    outputs=("text",),
    tools=True,
    reasoning=True,
    structured=True,
    cost_input=1.25,
    cost_output=10.0,
    knowledge="2024-09-30",
    released="2025-08-07",
    retires="2026-12-11",
    replacement="openai/gpt-6",
    source="models.dev",
    as_of="2026-08-18",
)
FREE = CatalogueRow("openrouter", "z/glm:free", context=8000, cost_input=0.0, cost_output=0.0)


def test_a_row_has_a_ref() -> None:
    assert FREE.ref == ModelRef("openrouter", "z/glm:free")


@pytest.mark.parametrize(
    ("costs", "is_free"),
    [((0.0, 0.0), True), ((0, 0), True), ((0.0, None), False), ((None, None), False)],
)
def test_only_what_a_source_calls_free_is_free(costs: tuple[Any, Any], is_free: bool) -> None:
    assert BARE._replace(cost_input=costs[0], cost_output=costs[1]).is_free is is_free


def test_a_later_source_fills_in_what_an_earlier_one_does_not_know() -> None:
    assert merged([BARE], [FULL]) == [FULL._replace(source="own", as_of="2026-11-01")]


def test_what_an_earlier_source_knows_stands_also_where_it_says_no_or_nothing() -> None:
    own = BARE._replace(tools=False, cost_input=0.0, cost_output=0.0, outputs=("speech",))
    (row,) = merged([own], [FULL])
    assert (row.tools, row.is_free, row.outputs) == (False, True, ("speech",))
    assert (row.context, row.source) == (FULL.context, "own")


def test_three_sources_count_in_their_order() -> None:
    middle = BARE._replace(output=7, source="live")
    (row,) = merged([BARE._replace(context=5)], [middle], [FULL])
    assert (row.context, row.output, row.name, row.source) == (5, 7, "GPT-5", "own")


def test_models_differ_by_provider_and_by_case() -> None:
    others = [FULL._replace(provider="azure-openai"), FULL._replace(model="GPT-5")]
    assert merged([FULL], others) == [FULL, *others]


def test_words_and_fields_that_nobody_knows_survive() -> None:
    strange = BARE._replace(
        status="sunset?", inputs=("smell",), reasoning_off="hum", extra=(("weights", '"open"'),)
    )
    (row,) = merged([FULL._replace(inputs=())], [strange])
    assert (row.status, row.inputs, row.reasoning_off) == ("sunset?", ("smell",), "hum")
    assert row.extra == (("weights", '"open"'),)


class _Counted:
    """Rows that count how often they are taken out."""

    def __init__(self, rows: list[CatalogueRow]) -> None:
        self.rows, self.taken = rows, 0

    def __iter__(self) -> Iterator[CatalogueRow]:
        for row in self.rows:
            self.taken += 1
            yield row


def test_each_row_is_looked_at_once_however_many_there_are() -> None:
    compared = 0

    class Name(str):
        __slots__ = ()
        __hash__ = str.__hash__

        def __eq__(self, other: object) -> bool:
            nonlocal compared
            compared += 1
            return str.__eq__(self, other)

    def cost(count: int) -> int:
        nonlocal compared
        compared = 0
        sources = [
            _Counted([BARE._replace(model=Name(f"m{at}")) for at in range(count)]) for _ in range(3)
        ]
        assert len(merged(*sources)) == count
        assert [source.taken for source in sources] == [count] * 3
        return compared

    few, many = cost(100), cost(1000)
    assert many <= 11 * few


@given(st.lists(st.lists(st.sampled_from("abc"), max_size=4), max_size=4))
def test_every_model_of_every_source_is_there_once(sources: list[list[str]]) -> None:
    rows = merged(*([BARE._replace(model=model) for model in models] for models in sources))
    models = [row.model for row in rows]
    assert len(set(models)) == len(models)
    assert set(models) == {model for source in sources for model in source}


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, [BARE, FULL, FREE]),
        ({"search": "GLM openrouter"}, [FREE]),
        ({"search": "glm gpt"}, []),
        ({"search": "openai/GPT"}, [BARE, FULL]),
        ({"free": True}, [FREE]),
        ({"tools": True}, [FULL]),
        ({"vision": True}, [FULL]),
        ({"reasoning": True}, [FULL]),
        ({"min_context": 8000}, [FULL, FREE]),
        ({"min_context": 8001}, [FULL]),
        ({"free": True, "tools": True}, []),
    ],
    ids=str,
)
def test_a_row_is_shown_that_has_all_that_is_asked_for(
    asked: dict[str, Any], found: list[CatalogueRow]
) -> None:
    assert list(narrowed([BARE, FULL, FREE], Wishes(**asked))) == found


def test_a_listing_goes_by_provider_and_model() -> None:
    azure = FULL._replace(provider="azure-openai", model="z")
    assert ranked([FREE, FULL, azure, FULL._replace(model="gpt-4")]) == [
        azure,
        FULL._replace(model="gpt-4"),
        FULL,
        FREE,
    ]
