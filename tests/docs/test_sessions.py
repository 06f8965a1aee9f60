"""Every command a page tells a reader to type does what the page says."""

from pathlib import Path

import pytest

from tests.docs.pages import blocks, page, steps
from tests.docs.sessions import PAGES, PORT, comparable, shell, stand_in


@pytest.mark.parametrize("name", PAGES)
def test_a_session_prints_what_the_page_shows(name: str, tmp_path: Path) -> None:
    session = steps(page(name))
    with stand_in() as port:
        printed = shell([step.command.replace(PORT, str(port)) for step in session], tmp_path)
    assert len(printed) == len(session)
    for step, lines in zip(session, printed, strict=True):
        seen = [comparable(line.replace(str(port), PORT)) for line in lines]
        shown = [comparable(line) for line in step.shown]
        assert [*filter(None, seen)] == [*filter(None, shown)], step.command


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_a_session(name: str) -> None:
    assert sum(step.command.startswith("aura_intelligence ") for step in steps(page(name))) >= 3


def test_the_provider_of_the_pages_is_started_as_they_say() -> None:
    for name in PAGES:
        (started,) = blocks(page(name), "sh second-terminal")
        assert started.text == "python3 docs/examples/stand_in.py\n"


def test_a_line_that_is_missing_or_another_is_noticed() -> None:
    assert comparable("fingerprint f16c154b,  20 ms") == comparable("fingerprint 00000000, 7 ms")
    assert comparable("outcome ok") != comparable("outcome auth")


def test_getting_started_installs_as_the_readme_does() -> None:
    first, _ = blocks(page("README.md"), "sh")[:2]
    (install,) = blocks(page("docs/getting-started.md"), "sh install")
    assert install.text.splitlines()[0] == first.text.strip()
