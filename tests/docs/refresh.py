"""Writes what commands print now into the pages that show it: `python -m tests.docs.refresh`.

Read the difference before you commit it: the tests only say that page and program agree.
"""

import tempfile
from pathlib import Path

from tests.docs.pages import ROOT, blocks, page, steps_of
from tests.docs.sessions import PAGES, agree, session


def refreshed(text: str, printed: list[list[str]]) -> str:
    """`text` with what each command printed where the page shows something else."""
    outputs = iter(printed)
    for block in blocks(text, "console"):
        lines: list[str] = []
        for step, output in zip(steps_of(block), outputs, strict=False):
            kept = step.shown if agree(step.shown, output) else output
            lines += [f"$ {step.command}", *kept]
        text = text.replace(block.text, "\n".join(lines).rstrip() + "\n", 1)
    return text


def refresh(name: str) -> None:
    text = page(name)
    with tempfile.TemporaryDirectory() as home:
        printed = session(name, Path(home))
    (ROOT / name).write_text(refreshed(text, printed), encoding="utf-8")


if __name__ == "__main__":
    for document in PAGES:
        refresh(document)
