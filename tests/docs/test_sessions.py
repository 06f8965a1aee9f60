"""Every command a page tells a reader to type does what the page says."""

from pathlib import Path

import pytest

from tests.docs.pages import blocks, page, steps
from tests.docs.refresh import refreshed
from tests.docs.sessions import PAGES, PORT, agree, session, shell, stand_in, steadied

_SHORTEST = "README.md"
_SESSIONS = [
    pytest.param(name, marks=() if name == _SHORTEST else pytest.mark.soak) for name in PAGES
]


@pytest.mark.parametrize("name", _SESSIONS)
def test_a_session_prints_what_the_page_shows(name: str, tmp_path: Path) -> None:
    shown, printed = steps(page(name)), session(name, tmp_path)
    assert len(printed) == len(shown)
    for step, lines in zip(shown, printed, strict=True):
        assert agree(step.shown, lines), f"{step.command} prints {lines}"


@pytest.mark.soak
def test_the_program_of_the_page_about_chains_does_what_it_says(tmp_path: Path) -> None:
    text = page("docs/chains.md")
    (program,) = blocks(text, "python")
    (tmp_path / "program.py").write_text(program.text)
    before = [step.command for step in steps(text)[:4]]
    with stand_in() as port:
        told = [command.replace(PORT, str(port)) for command in before]
        *_, printed = shell([*told, f"python {tmp_path}/program.py"], tmp_path)
    assert printed == ["OK."]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_shows_a_session(name: str) -> None:
    assert sum(step.command.startswith("aura_intelligence ") for step in steps(page(name))) >= 3


def test_the_provider_of_the_pages_is_started_as_they_say() -> None:
    for name in PAGES:
        (started,) = blocks(page(name), "sh second-terminal")
        assert started.text == "python3 docs/examples/stand_in.py\n"


def test_one_credential_has_one_fingerprint_and_time_goes_forward() -> None:
    printed = [["fingerprint 0a0a0a0a at 2031-01-01T23:59:59.000Z"], ["key, 0a0a0a0a"]]
    later = [["fingerprint 1b1b1b1b at 2031-01-02T07:00:00.000Z"]]
    assert steadied([*printed, *later]) == [
        ["fingerprint 77c2cc59 at 2026-11-24T09:30:00.000Z"],
        ["key, 77c2cc59"],
        ["fingerprint e06b1d84 at 2026-11-24T09:30:01.204Z"],
    ]


def test_only_what_may_vary_is_overlooked() -> None:
    assert agree(["saved,  20 ms", ""], ["saved, 7 ms"])
    assert not agree(["fingerprint f16c154b"], ["fingerprint 00000000"])
    assert not agree(["outcome ok"], ["outcome auth"])
    assert not agree(["one line"], ["one line", "and another"])


def test_a_page_that_agrees_is_left_as_it_is() -> None:
    text = page("README.md")
    assert refreshed(text, [list(step.shown) for step in steps(text)]) == text


def test_a_page_that_differs_gets_what_was_printed() -> None:
    before = "```console\n$ one\nold\n$ two\n20 ms\n```\n"
    after = "```console\n$ one\nnew\n$ two\n20 ms\n```\n"
    assert refreshed(before, [["new"], ["9 ms"]]) == after


def test_getting_started_installs_as_the_readme_does() -> None:
    first, _ = blocks(page("README.md"), "sh")[:2]
    (install,) = blocks(page("docs/getting-started.md"), "sh install")
    assert install.text.splitlines()[0] == first.text.strip()
