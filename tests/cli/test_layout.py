"""Columns in a width: whatever the cells and the width, no word is lost or cut."""

from hypothesis import given
from hypothesis import strategies as st

from entrypoints.cli.show.layout import breadth, laid_out

CELL = st.text(alphabet="ab-:/ 漢é", max_size=40).map(str.strip)
TABLES = st.integers(1, 5).flatmap(
    lambda n: st.lists(st.lists(CELL, min_size=n, max_size=n), max_size=4)
)


@given(TABLES, st.integers(20, 120))
def test_every_word_is_there_in_its_order_and_lines_fit_unless_a_word_does_not(
    rows: list[list[str]], width: int
) -> None:
    headers = ["H"] * (len(rows[0]) if rows else 3)
    _, *records = laid_out(headers, rows, width)
    for row, lines in zip(rows, records, strict=True):
        words = [word for cell in row for word in cell.split()]
        shown = [word for line in lines for word in line.split() if word != "H"]
        assert sorted(shown) == sorted(words)
        longest = max(map(breadth, words), default=0)
        assert all(breadth(line.rstrip()) <= max(width, longest + 4) for line in lines)


def test_a_wide_character_takes_two_columns_and_a_mark_none() -> None:
    assert [breadth(text) for text in ("ab", "漢字", "e\u0301", "é")] == [2, 4, 1, 1]


def test_the_last_column_is_folded_in_its_place() -> None:
    rows = [["openai:work", "not used: the provider refused it"], ["openai:home", "used"]]
    assert [*laid_out(["Credential", "Use"], rows, 40)] == [
        ["Credential   Use"],
        ["openai:work  not used: the provider", "             refused it"],
        ["openai:home  used"],
    ]


def test_what_does_not_fit_stands_beneath_with_its_header() -> None:
    rows = [["openai:work", "api_key", "https://gateway.example.com/v1", "own"]]
    assert [*laid_out(["Id", "Type", "URL", "Source"], rows, 40)] == [
        ["Id           Type"],
        ["openai:work  api_key", "    URL https://gateway.example.com/v1", "    Source own"],
    ]
