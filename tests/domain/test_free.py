"""Which free models are shown to who has none: by what they can do, each another way to begin."""

from typing import Any

import pytest

from domain.selection.catalogue import CatalogueRow
from domain.selection.free import best_free


def free(provider: str, model: str, context: int | None = 8000, **more: Any) -> CatalogueRow:
    given = {"outputs": ("text",), "tools": True, "cost_input": 0.0, "cost_output": 0.0, **more}
    return CatalogueRow(provider, model, context=context, **given)


def refs(rows: list[CatalogueRow]) -> list[str]:
    return [str(row.ref) for row in rows]


@pytest.mark.parametrize(
    "lack",
    [
        {"cost_output": 0.1},
        {"cost_input": None},
        {"tools": False},
        {"tools": None},
        {"outputs": ("image",)},
        {"outputs": ()},
        {"status": "deprecated"},
        {"retires": "2099-01-01"},
    ],
)
def test_a_model_that_costs_or_goes_or_has_no_tools_is_none(lack: dict[str, Any]) -> None:
    assert best_free([free("a", "x", **lack)]) == []


def test_the_longest_context_is_first_then_who_reasons_then_the_newest() -> None:
    rows = [
        free("a", "unknown", None),
        free("b", "undated", 9000, reasoning=True),
        free("c", "older", 9000, reasoning=True, released="2025-12-31"),
        free("d", "newer", 9000, reasoning=True, released="2026-01"),
        free("e", "plain", 9000, released="2026-09-01"),
        free("f", "long", 9001, status="beta", outputs=("image", "text")),
    ]
    best = ["f/long", "d/newer", "c/older", "b/undated", "e/plain", "a/unknown"]
    assert refs(best_free(rows, most=6)) == best
    assert refs(best_free(rows[::-1])) == best[:5]


def test_no_two_are_of_one_provider_or_one_family() -> None:
    rows = [
        free("hub", "maker/Qwen3-next:free", 5000),
        free("hub", "maker/other", 4000),
        free("maker", "qwen-2.5", 3000),
        free("maker", "30b", 2000),
        free("third", "30b", 1000),
    ]
    assert refs(best_free(rows)) == ["hub/maker/Qwen3-next:free", "maker/30b"]


def test_who_has_a_key_sees_its_provider_first() -> None:
    rows = [free("a", "large", 9000), free("b", "small", 100)]
    assert refs(best_free(rows, having={"b"})) == ["b/small", "a/large"]
