"""The manual, and what every help page ends with."""

import re
import shlex
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from docs.cli_words import PROMISES
from docs.generate import MANUAL, commands, manual
from entrypoints.cli.app import build
from entrypoints.cli.help.examples import codes, examples
from entrypoints.codes import EXIT_CODES
from entrypoints.main import _understood
from tests.docs.pages import ROOT

_COMMANDS = [path for path, is_group in commands(build()) if not is_group]


def test_the_manual_is_what_the_generator_writes() -> None:
    assert MANUAL.read_text(encoding="utf-8") == manual(), "run: python docs/generate.py"


@pytest.mark.parametrize("path", _COMMANDS, ids=" ".join)
def test_a_help_page_ends_with_two_examples_that_are_understood(
    path: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    first, second = examples(path)
    for example in (first, second):
        words = re.split(r"[<>]|\)\"", example.partition("aura_intelligence ")[2])[0]
        command, _, _ = _understood(shlex.split(words))
        assert command.__module__.startswith("entrypoints.cli."), example
    run, _, _ = _understood([*path, "--help"])
    run([*path])
    shown = capsys.readouterr().out
    assert f"Examples:\n  {first}\n  {second}\n\nExit codes:\n  0 " in shown


@pytest.mark.parametrize("path", _COMMANDS, ids=" ".join)
def test_the_exit_codes_of_help_are_those_that_are_promised(path: tuple[str, ...]) -> None:
    told = PROMISES[path].partition("Exit codes: ")[2]
    if path == ("models", "auth", "logout"):
        told = PROMISES[("models", "auth", "remove")]
    if path == ("models", "exec"):
        told += " 0"
    assert set(codes(path)) == {int(code) for code in re.findall(r"\b\d{1,3}\b", told)}
    assert set(codes(path)) <= {0, 1, 2, *EXIT_CODES.values()}


def test_what_help_ends_with_is_not_loaded_otherwise() -> None:
    probe = "import sys; from entrypoints.main import run; run(sys.argv[1:]); print(sys.modules)"
    for words, loaded in ((["paths"], False), (["paths", "--help"], True)):
        done = subprocess.run(
            [sys.executable, "-c", probe, *words], cwd=ROOT, capture_output=True, text=True
        )
        assert ("entrypoints.cli.help.examples" in done.stdout) is loaded, done


def test_the_manual_is_one_that_can_be_set() -> None:
    if shutil.which("groff") is None:
        pytest.skip("groff is not installed")
    done = subprocess.run(
        ["groff", "-man", "-ww", "-Tutf8", str(MANUAL)], capture_output=True, text=True
    )
    assert (done.returncode, done.stderr) == (0, "")
    for path in _COMMANDS:
        assert " ".join(path) in done.stdout


def test_the_wheel_brings_the_manual_where_man_looks(tmp_path: Path) -> None:
    build_it = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build_it, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    (name,) = (n for n in zipfile.ZipFile(wheel).namelist() if n.endswith(".1"))
    assert name.endswith(".data/data/share/man/man1/aura_intelligence.1")
