"""Pages of the documentation as tests read them: their fenced blocks, sessions and names."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
_FENCE = re.compile(r"^```([^\n]*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block. `kind` is all that follows the opening fence."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One command of a session and what the page shows of its output."""

    command: str
    shown: tuple[str, ...]


def page(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def blocks(text: str, kind: str) -> list[Block]:
    found = (Block(match[1].strip(), match[2]) for match in _FENCE.finditer(text))
    return [block for block in found if block.kind == kind]


def steps(text: str) -> list[Step]:
    """Every command of the page's console blocks, in order."""
    return [step for block in blocks(text, "console") for step in steps_of(block)]


def steps_of(block: Block) -> list[Step]:
    found: list[Step] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append(Step(line[2:], ()))
        else:
            found[-1] = Step(found[-1].command, (*found[-1].shown, line))
    return found


def documents() -> list[str]:
    """Every page a reader may open, by its name from the root."""
    found = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]
    return sorted(str(path.relative_to(ROOT)) for path in found)
