"""Which model of a list was meant."""

import pytest

from domain.selection.catalogue import CatalogueRow
from domain.selection.lookup import listed_as, meant_by, named_in

KNOWN = {
    row.model: row
    for row in (
        CatalogueRow("p", "claude-5-20260101", source="live"),
        CatalogueRow("p", "gpt-5-mini-2026-01-01", source="live"),
        CatalogueRow("p", "llama3:latest", source="live"),
        CatalogueRow("p", "large-26", source="live", extra=(("aliases", '["large-now", 7]'),)),
        CatalogueRow("openrouter", "maker/one", source="live"),
        CatalogueRow("p", "odd", source="live", extra=(("aliases", "null"),)),
        CatalogueRow("p", "of-the-snapshot", source="models.dev"),
    )
}


@pytest.mark.parametrize(
    ("model", "row"),
    [
        ("claude-5-20260101", "claude-5-20260101"),
        ("claude-5", "claude-5-20260101"),
        ("claude-5-latest", "claude-5-20260101"),
        ("gpt-5-mini", "gpt-5-mini-2026-01-01"),
        ("gpt-5", None),
        ("llama3", "llama3:latest"),
        ("llama3:8b", None),
        ("large-now", "large-26"),
        ("maker/one:nitro", "maker/one"),
        ("maker/one:free", None),
        ("large-26:nitro", None),
        ("maker/on", None),
        ("", None),
    ],
)
def test_a_provider_answers_to_more_names_than_it_lists(model: str, row: str | None) -> None:
    found = listed_as(model, KNOWN)
    assert (found.model if found else None) == row


def test_what_others_say_of_a_provider_does_not_count_where_it_said_all() -> None:
    assert named_in("of-the-snapshot", KNOWN, is_whole=False)
    assert not named_in("of-the-snapshot", KNOWN, is_whole=True)
    assert named_in("claude-5", KNOWN, is_whole=True)


def best(words: str, *sources: list[CatalogueRow], vision: bool = False) -> list[str]:
    return [row.model for row in meant_by(words, *sources, today="2026-06-01", vision=vision)]


ROWS = [
    CatalogueRow("p", "gpt-mini-high"),
    CatalogueRow("p", "gpt-mini", retires="2026-12-01"),
    CatalogueRow("p", "gpt-old-mini", retires="2026-05-01"),
    CatalogueRow("p", "gpt-4-mini", inputs=("text", "image")),
    CatalogueRow("p", "gpt-mini-tts", outputs=("audio",)),
    CatalogueRow("q", "other"),
]


def test_the_shortest_name_that_stays_and_writes_text_is_meant() -> None:
    assert best("gpt MINI", ROWS) == ["gpt-4-mini", "gpt-mini-high", "gpt-mini"]
    assert best("gpt", ROWS, vision=True) == ["gpt-4-mini"]


def test_a_nearer_source_comes_first() -> None:
    assert best("gpt", [ROWS[-1]], [ROWS[1]], ROWS) == ["gpt-mini"]
    assert best("nothing", ROWS) == []
