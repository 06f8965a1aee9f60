"""docs/cli.md says of every command what the program itself says."""

import pytest

from docs.cli_words import PROMISES
from docs.generate import PAGE, WIDTH, commands, help_of, page
from entrypoints.cli.app import build
from entrypoints.main import run

_EVERY = [path for path, _ in commands(build())]


def test_the_page_is_what_the_generator_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python docs/generate.py"


@pytest.mark.parametrize("path", [(), *_EVERY], ids=" ".join)
def test_the_page_has_the_help_a_person_sees(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(WIDTH))
    assert run([*path, "--help"]) == 0
    shown = capsys.readouterr().out.strip().splitlines()
    assert [line.rstrip() for line in shown] == help_of(path).splitlines()


def test_every_promise_is_of_a_command_that_exists() -> None:
    assert set(PROMISES) == {path for path, is_group in commands(build()) if not is_group}
