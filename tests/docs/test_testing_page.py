"""Pages with one program each: it prints what they say. The test of one passes over every store."""

import os
import re
from pathlib import Path

import pytest

from tests.architecture.modules import ROOT, python
from tests.docs.pages import page


def examples(name: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page(name), re.DOTALL)


@pytest.mark.parametrize("name", ["docs/testing.md", "docs/history.md"])
def test_the_example_prints_what_the_page_shows(name: str) -> None:
    (printed,) = re.findall(r"```text\n(.*?)```", page(name), re.DOTALL)
    done = python(examples(name)[0], cwd=ROOT)
    assert (done.stdout, done.stderr) == (printed, "")


class Outcomes:
    """What pytest says of each test, by the name of its case."""

    def __init__(self) -> None:
        self.found: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or not report.passed:
            self.found[report.nodeid.partition("[")[2].rstrip("]")] = report.outcome


def test_the_test_of_the_page_passes_over_every_store(
    tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In this process: another one would load everything once more."""
    file = tmp_path / "test_of_mine.py"
    file.write_text(examples("docs/testing.md")[1])
    monkeypatch.setenv("TEST_DATABASE_URL", database)
    outcomes = Outcomes()
    others = [f"-p no:{name}" for name in ("cacheprovider", "faulthandler", "xdist", "terminal")]
    # In the usual folder it would remove what earlier runs left there.
    own = f"--basetemp={tmp_path / 'own'}"
    pytest.main(["-s", "-c", os.devnull, own, *others, str(file)], plugins=[outcomes])
    assert outcomes.found == dict.fromkeys(("memory", "sqlite", "postgres"), "passed")
