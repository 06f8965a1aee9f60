"""A stranger's `domain/` or `migrations/` is never run in place of ours."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.program import Program

TRAP = "raise SystemExit('a stranger was imported')\n"


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A folder with packages of the same names as ours, which must not be imported."""
    folder = tmp_path / "project"
    for name in ("domain", "migrations", "application", "adapters", "entrypoints"):
        (folder / name).mkdir(parents=True)
        (folder / name / "__init__.py").write_text(TRAP)
    (folder / "json.py").write_text(TRAP)
    return folder


def test_the_module_runs_in_a_folder_with_packages_of_our_names(
    cli: Program, project: Path
) -> None:
    ran = cli.process("models status --json", cwd=project)
    assert ran.code == 0, ran
    assert ran.document["defaultModel"] is None
    assert cli.process("models set groq/x", cwd=project).code == 0


def test_the_console_script_runs_there_too(cli: Program, project: Path) -> None:
    script = Path(sys.executable).with_name("aura_intelligence")
    if not script.exists():
        pytest.skip("the command is not installed beside this interpreter")
    done = subprocess.run(
        [script, "models", "set", "groq/x", "--force"],
        cwd=project,
        env=cli.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("domain", "models status"),
        ("application", "--help"),
        ("adapters", "models status"),
        ("migrations", "models set groq/x"),
    ],
)
def test_a_foreign_package_on_the_path_is_refused(
    cli: Program, tmp_path: Path, name: str, words: str
) -> None:
    folder = tmp_path / "foreign"
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text(TRAP)
    cli.environ["PYTHONPATH"] = str(folder)
    ran = cli.process(words, cwd=tmp_path)
    assert (ran.code, ran.out) == (69, "")
    assert ran.err == (
        f"aura_intelligence: another package named {name} is found before this program's own\n"
        "hint: run the command aura_intelligence from an environment of its own\n"
    )
    assert not cli.home.exists()


def test_the_refusal_is_json_where_json_is_asked_for(cli: Program, tmp_path: Path) -> None:
    (tmp_path / "foreign" / "domain").mkdir(parents=True)
    (tmp_path / "foreign" / "domain" / "__init__.py").write_text(TRAP)
    cli.environ["PYTHONPATH"] = str(tmp_path / "foreign")
    ran = cli.process("models status --json", cwd=tmp_path)
    assert ran.code == 69
    assert ran.error["type"] == "unavailable"
