"""docs/testing.md: its example prints what it says, and its test passes over every store."""

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.architecture.modules import ROOT, python
from tests.docs.pages import page


def examples() -> list[str]:
    return re.findall(r"```python\n(.*?)```", page("docs/testing.md"), re.DOTALL)


def test_the_example_prints_what_the_page_shows() -> None:
    (printed,) = re.findall(r"```text\n(.*?)```", page("docs/testing.md"), re.DOTALL)
    done = python(examples()[0], cwd=ROOT)
    assert (done.stdout, done.stderr) == (printed, "")


def test_the_test_of_the_page_passes_over_every_store(tmp_path: Path, database: str) -> None:
    file = tmp_path / "test_of_mine.py"
    file.write_text(examples()[1])
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
