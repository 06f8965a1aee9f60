"""Help pages: two columns of text, the same on a terminal, in a pipe and in the documents."""

import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from cyclopts.help import HelpEntry, HelpPanel
    from rich.console import Console, ConsoleOptions

_WIDTH = 80
_WIDEST_NAME = 26


class PlainPages:
    """Cyclopts' HelpFormatter: no box, no colour, no wrapping at whatever width is there now."""

    def __call__(self, console: "Console", options: "ConsoleOptions", panel: "HelpPanel") -> None:
        if not panel.entries:
            return
        _print(console, f"{panel.title}:")
        rows = [(_name(entry), _description(entry)) for entry in panel.entries]
        width = min(max(len(name) for name, _ in rows), _WIDEST_NAME)
        for name, text in rows:
            _print(console, _row(name, text, width))
        _print(console, "")

    def render_usage(self, console: "Console", options: "ConsoleOptions", usage: Any) -> None:
        if text := _text(usage):
            _print(console, text if text.startswith("Usage:") else f"Usage: {text}")
            _print(console, "")

    def render_description(
        self, console: "Console", options: "ConsoleOptions", description: Any
    ) -> None:
        if text := _text(description):
            _print(console, textwrap.fill(text, _WIDTH) + "\n")


def _print(console: "Console", text: str) -> None:
    from entrypoints.cli.show.render import written

    written(lambda: console.print(text, highlight=False, markup=False, soft_wrap=True))


def _text(description: Any) -> str:
    """What Cyclopts wrapped in Rich's texts."""
    inner = getattr(description, "primary_renderable", description)
    return " ".join(str(inner or "").split())


def _name(entry: "HelpEntry") -> str:
    return ", ".join(entry.display_labels_with_metavar)


def _description(entry: "HelpEntry") -> str:
    parts = [_text(entry.description)]
    if entry.choices:
        parts.append(f"[choices: {', '.join(entry.choices)}]")
    if entry.default not in (None, "()", '""'):
        parts.append(f"[default: {entry.default}]")
    if entry.required:
        parts.append("[required]")
    return " ".join(part for part in parts if part)


def _row(name: str, text: str, width: int) -> str:
    margin = " " * (width + 4)
    lines = textwrap.wrap(text, _WIDTH - len(margin)) or [""]
    head = f"  {name:<{width}}  "
    if len(name) > width:
        return "\n".join((f"  {name}", *(margin + line for line in lines)))
    return "\n".join((head + lines[0], *(margin + line for line in lines[1:]))).rstrip()
