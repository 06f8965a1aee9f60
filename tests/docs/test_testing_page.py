"""docs/testing.md: its example prints what it says."""

import re

from tests.architecture.modules import ROOT, python
from tests.docs.pages import page


def test_the_example_prints_what_the_page_shows() -> None:
    text = page("docs/testing.md")
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    done = python(code, cwd=ROOT)
    assert (done.stdout, done.stderr) == (printed, "")
