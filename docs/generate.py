"""Writes docs/cli.md: the real help of every command, beside what the command promises.

And docs/aura_intelligence.1, the manual, of the same; docs/providers.md, from the table; and
docs/json.md, from runs of every command. Run
`python docs/generate.py` after a change of the command line or of a provider; tests compare.
"""

import io
import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from cyclopts import App
from rich.console import Console

from docs.cli_words import INTRODUCTION, PROMISES
from docs.generate_json import PAGE as JSON_PAGE
from docs.generate_json import json_page
from docs.generate_providers import PAGE as PROVIDERS_PAGE
from docs.generate_providers import providers_page
from entrypoints.cli.app import ALSO, HIDDEN, build
from entrypoints.settings import VERSION

WIDTH = 96
PAGE = Path(__file__).with_name("cli.md")
MANUAL = Path(__file__).with_name("aura_intelligence.1")
Command = tuple[str, ...]


def commands(app: App, path: Command = ()) -> Iterator[tuple[Command, bool]]:
    """Every command and group below `app`, with whether it is a group; a group's own come first."""
    groups = []
    for name in app:
        if name in ("--help", "-h", *ALSO.values(), *HIDDEN):
            continue
        if any(not word.startswith("-") for word in app[name]):
            groups.append(name)
        else:
            yield (*path, name), False
    for name in groups:
        yield (*path, name), True
        yield from commands(app[name], (*path, name))


def help_of(path: Command) -> str:
    """What `--help` prints of `path` where nobody draws boxes, WIDTH columns wide."""
    written = io.StringIO()
    console = Console(file=written, width=WIDTH, color_system=None)
    build(helpful=True).help_print(list(path), console=console)
    return "\n".join(line.rstrip() for line in written.getvalue().strip().splitlines())


def page() -> str:
    """The whole of docs/cli.md."""
    parts = [INTRODUCTION, _shown((), None)]
    for path, is_group in commands(build()):
        parts.append(_shown(path, None if is_group else PROMISES[path]))
    return "\n".join(parts)


def _shown(path: Command, promise: str | None) -> str:
    title = " ".join(("aura_intelligence", *path))
    level = "##" if promise is None else "###"
    text = f"{textwrap.fill(promise, WIDTH)}\n\n" if promise else ""
    return f"{level} `{title}`\n\n{text}```text\n{help_of(path)}\n```\n"


def manual() -> str:
    """The page that `man aura_intelligence` shows: the same help, promises and exit codes."""
    summary = str(build().help)
    lines = [
        '.\\" Written by docs/generate.py.',
        f'.TH AURA_INTELLIGENCE 1 "" "aura_intelligence {VERSION}"',
        ".SH NAME",
        f"aura_intelligence \\- {_roff(summary[0].lower() + summary[1:].rstrip('.'))}",
        ".SH SYNOPSIS",
        ".B aura_intelligence",
        ".I COMMAND",
        ".SH DESCRIPTION",
        *_paragraphs(INTRODUCTION.partition("-->")[2]),
        ".SH COMMANDS",
    ]
    for path, is_group in commands(build()):
        lines += [f'.SS "{_roff(" ".join(path))}"']
        if not is_group:
            lines += [_roff(PROMISES[path]), ".PP"]
        lines += [".nf", *map(_roff, help_of(path).splitlines()), ".fi"]
    return "\n".join(lines) + "\n"


def _paragraphs(text: str) -> Iterator[str]:
    for paragraph in re.split(r"\n\n+|\n(?=- )", text.strip()):
        words = " ".join(paragraph.split())
        if words == "Exit codes:":
            yield '.SH "EXIT STATUS"'
        elif words.startswith("- "):
            yield from (".IP \\(bu 2", _roff(words[2:]))
        else:
            yield from (".PP", _roff(words))


def _roff(line: str) -> str:
    # A full stop or an apostrophe in front would be a request.
    text = line.replace("\\", "\\e").replace("-", "\\-").replace("`", "")
    text = "".join(c if c.isascii() else f"\\[u{ord(c):04X}]" for c in text)
    return f"\\&{text}" if text[:1] in (".", "'") else text


if __name__ == "__main__":
    MANUAL.write_text(manual(), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")
    PROVIDERS_PAGE.write_text(providers_page(), encoding="utf-8")
    from tests.docs.json_runs import every_run, json_commands

    runs = every_run()
    JSON_PAGE.write_text(json_page(runs.documents, runs.records, json_commands()), encoding="utf-8")
