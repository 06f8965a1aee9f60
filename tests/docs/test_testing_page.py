"""Pages with one program each: it prints what they say."""

import re

import pytest

from tests.architecture.modules import ROOT, python
from tests.docs.pages import page


@pytest.mark.parametrize("name", ["docs/testing.md", "docs/history.md"])
def test_the_example_prints_what_the_page_shows(name: str) -> None:
    text = page(name)
    (code,) = re.findall(r"```python\n(.*?)```", text, re.DOTALL)
    (printed,) = re.findall(r"```text\n(.*?)```", text, re.DOTALL)
    done = python(code, cwd=ROOT)
    assert (done.stdout, done.stderr) == (printed, "")
