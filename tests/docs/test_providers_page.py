"""docs/providers.md says of every provider what its row says."""

import json
import re

import pytest

from adapters.providers.table import ROWS
from docs.generate_providers import PAGE, providers_page
from domain.providers.row import Provider
from tests.adapters.test_table import FIXED

TEXT = PAGE.read_text(encoding="utf-8")


def section(row: Provider) -> str:
    _, _, rest = TEXT.partition(f"\n## {row.id}: ")
    return " ".join(rest.partition("\n## ")[0].split())


def test_the_page_is_what_the_generator_writes() -> None:
    assert providers_page() == TEXT, "run: python docs/generate.py"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_a_provider_is_described_whole(row: Provider) -> None:
    text = section(row)
    assert row.label in text
    assert row.quirks in text
    assert f"<{row.docs_url}>" in text
    for name in (*row.all_env_names, *row.synonyms, *row.uncertain):
        assert f"`{name}`" in text


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.id)
def test_the_free_check_it_tells_of_is_the_one_that_is_made(row: Provider) -> None:
    fixture = FIXED[row.id]
    url = fixture["check"]["url"].replace("mine.openai.azure.com", "HOST")
    proves = any(
        answer["to"] == "check" and answer["credential"] == "proven"
        for answer in fixture["answers"]
    )
    assert f"`GET {url}`" in section(row)
    assert ("proves nothing" in section(row) or "nothing of a key" in section(row)) != proves


def test_every_link_of_the_overview_leads_to_a_section() -> None:
    titles = re.findall(r"^## (.+)$", TEXT, re.MULTILINE)
    anchors = {re.sub(r"[^a-z0-9 -]", "", t.lower()).replace(" ", "-") for t in titles}
    linked = re.findall(r"\]\(#([^)]+)\)", TEXT)
    assert len(linked) == len(ROWS)
    assert set(linked) <= anchors


def test_what_it_says_of_fixtures_is_how_they_are() -> None:
    # The page tells people what to write; a file that lacks it would be a bad example.
    for fixture in FIXED.values():
        assert {"source", "probe", "check", "answers"} <= set(json.loads(json.dumps(fixture)))
