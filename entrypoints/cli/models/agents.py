"""The files of coding agents: as text, and put where they read them."""

from collections.abc import Callable, Iterable, Mapping
from json import dumps
from pathlib import Path
from typing import Any

from application.ports.files import Installer, Planned
from application.ports.people import Prompter
from domain.errors import NotFound
from domain.handover.agents.aider import aider_config
from domain.handover.agents.claude import claude_settings
from domain.handover.agents.codex import codex_config
from domain.handover.agents.files import AgentFile
from domain.handover.agents.opencode import opencode_config
from domain.handover.exporting import Reach
from domain.routing.state import State
from domain.text import visible
from entrypoints.cli.show import render
from entrypoints.cli.words.asking import agreed

_LONGEST = 4096
_ME = "aura_intelligence models export"
AGENTS: dict[str, Callable[[State, Iterable[Reach]], AgentFile]] = {
    "opencode": opencode_config,
    "codex": lambda state, reaches: codex_config(state.selection, reaches),
    "claude": lambda state, reaches: claude_settings(state.selection, reaches),
    "aider": aider_config,
}


def as_yaml(document: Mapping[str, Any]) -> str:
    """JSON is YAML; `render.text` escapes what some of its readers take for a control character."""
    return dumps(document, indent=2, ensure_ascii=False) + "\n"


def comments(lines: Iterable[str]) -> str:
    return "".join(f"# {visible(line, _LONGEST)}\n" for line in lines)


def text_of(format: str, file: AgentFile) -> str:
    """All of the file, as the program reads it."""
    head = comments([f"Written by: {_ME} {format}; no key is in it.", *file.notes])
    match format:
        case "codex":
            import tomli_w

            return head + tomli_w.dumps(file.document)
        case "aider":
            # Not one JSON object: a person adds lines.
            lines = (f"{name}:{_value(value)}" for name, value in file.document.items())
            return head + "".join(f"{line}\n" for line in lines)
        case _:
            return dumps(file.document, indent=2) + "\n"


def _value(value: Any) -> str:
    if isinstance(value, list):
        return "".join(f"\n  -{_value(item)}" for item in value)
    # YAML takes some of these characters for the end of a line.
    text = dumps(value, ensure_ascii=False)
    return " " + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in text)


def planned(installer: Installer, format: str, file: AgentFile, text: str) -> Planned:
    """What would be written. Raises NotFound where there is nothing to write."""
    if not file.document:
        raise NotFound(
            f"nothing that you chose can be used by {format}", hint=f"see: {_ME} {format}"
        )
    return installer.planned(format, file.document, text)


def agree_on(
    plan: Planned, prompter: Callable[[], Prompter], *, yes: bool, no_input: bool, format: str
) -> None:
    """Shows the difference, and asks. Raises Refused, and Malformed where nobody can be asked."""
    if plan.changes:
        agreed(
            prompter,
            "Install it?",
            details=_difference(plan),
            yes=yes,
            no_input=no_input,
            instead=f"{_ME} {format} --install --yes",
        )


def _difference(plan: Planned) -> tuple[str, ...]:
    before = plan.path if plan.before is not None else "nothing"
    return (f"--- {before}", f"+++ {plan.path}", *plan.lines)


def show_installed(
    plan: Planned, kept: Path | None, *, dry_run: bool, json: dict[str, Any] | None
) -> None:
    """What was written, or would be."""
    if dry_run:
        for text in _difference(plan) if plan.changes else ():
            render.note(text)
    if json is not None:
        told = {"path": str(plan.path), "kept": str(kept) if kept else None}
        render.json({**json, **told, "changed": plan.changes, "dryRun": dry_run})
    elif not plan.changes:
        render.line(f"Nothing to change in {plan.path}")
    elif dry_run:
        render.line("Nothing was written.")
    else:
        render.line(f"Installed in {plan.path}")
        if kept:
            render.line(f"The old file is {kept}")
