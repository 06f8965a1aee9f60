"""Pages with one program each: it prints what they say. The test of one passes over every store."""

import os
import re
import subprocess
import sys
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


def test_the_test_of_the_page_passes_over_every_store(tmp_path: Path, database: str) -> None:
    file = tmp_path / "test_of_mine.py"
    file.write_text(examples("docs/testing.md")[1])
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-v", "-p", "no:cacheprovider", "-c", os.devnull, file],
        cwd=tmp_path,
        env={**os.environ, "TEST_DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
    )
    assert "3 passed" in done.stdout, done.stdout
    assert "[postgres] PASSED" in done.stdout
