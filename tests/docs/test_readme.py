"""The README's first screen: two commands, one line each, nothing else to type."""

from pathlib import Path

from tests.docs.pages import ROOT, blocks, page
from tests.docs.sessions import shell

_FIRST_SCREEN = 30
"""Lines."""


def test_the_first_screen_has_exactly_two_commands_of_one_line() -> None:
    first_screen = "\n".join(page("README.md").splitlines()[:_FIRST_SCREEN])
    commands = blocks(first_screen, "sh")
    assert [command.text.count("\n") for command in commands] == [1, 1]
    assert "```console" not in first_screen


def test_the_first_command_ends_in_the_main_job_and_the_second_in_the_tests() -> None:
    first, second = blocks(page("README.md"), "sh")[:2]
    assert first.text.endswith("&& .venv/bin/aura_intelligence models\n")
    assert second.text.endswith("&& .venv/bin/python -m pytest\n")


def test_the_main_job_says_how_to_begin_and_creates_nothing(tmp_path: Path) -> None:
    key = "OPENAI_API_KEY=sk-proj-abcdefghijklmnop"
    bare, found = shell(["aura_intelligence models", f"{key} aura_intelligence models"], tmp_path)
    assert "  aura_intelligence models auth add --provider openai" in bare
    assert "Found in the environment: OPENAI_API_KEY. Choose a default model:" in found
    assert "abcdefghijklmnop" not in "\n".join(found)
    assert list(tmp_path.iterdir()) == []


def test_both_make_an_environment_without_ensurepip_and_touch_no_global_packages() -> None:
    for command in blocks(page("README.md"), "sh")[:2]:
        assert command.text.startswith("python3 -m venv --without-pip .venv && ")
        assert "pip --python .venv/bin/python install" in command.text


def test_continuous_integration_takes_the_test_command_from_the_readme() -> None:
    script = (ROOT / ".ci/run").read_text(encoding="utf-8")
    assert "README.md" in script
    runs = [line for line in script.replace("-m pytest$", "").splitlines() if "-m pytest" in line]
    assert len(runs) == 1
    assert runs[0].endswith(" tests/clients")
