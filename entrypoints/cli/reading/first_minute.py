"""How to begin, where nothing is stored yet."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from domain.routing.state import State
from domain.selection.catalogue import CatalogueRow
from entrypoints.cli.show import render

if TYPE_CHECKING:
    from application.catalogue.first_look import Surroundings

_TOOLS = {"codex": "Codex", "claude": "Claude Code", "opencode": "OpenCode", "openclaw": "OpenClaw"}
_HEADERS = ("Model", "Context", "Needs")


def begin(state: State, seen: "Surroundings | None", *, is_stored: bool) -> None:
    """What was found, and what to type next. `seen` is what a first look showed, if it was one;
    `is_stored`: a store exists.
    """
    render.line()
    names = ", ".join(variable.name for variable in state.environment)
    created = "" if is_stored else ", and nothing was created"
    found = f"Found in the environment: {names}." if names else f"No credential was found{created}."
    wish = "Choose a default model:" if names else "To begin:"
    if seen is None:
        render.line(f"{found} {wish}")
    else:
        render.flow("", found.split(" "))
        _on_this_machine(seen)
        _free(state, seen)
        render.line()
        render.line(wish)
    for command in _commands(state, seen.models if seen else ()):
        render.flow("  ", [f"aura_intelligence models {command}"])


def _on_this_machine(seen: "Surroundings") -> None:
    lines = [
        (f"{_TOOLS.get(tool, tool)} has a file of credentials:", f"auth import {tool}")
        for tool in seen.tools
    ]
    for row in seen.servers:
        place = row.base_url.partition("://")[2].partition("/")[0]
        known = f"something listens on {place}, the usual place of {row.label}:"
        lines.append((known, f"list --refresh --provider {row.id}"))
    if lines:
        render.line()
        render.line("Found on this machine")
    for known, command in lines:
        render.flow("  ", [known, f"aura_intelligence models {command}"], hang=2)


def _free(state: State, seen: "Surroundings") -> None:
    if not seen.models:
        return
    best = seen.models[0]
    title = f"Free models that use tools, one of each provider ({best.source}, {best.as_of})"
    render.line()
    render.flow("", title.split(" "), hang=2)
    cells = ((m.ref, render.tokens(m.context), _needs(m.provider, state)) for m in seen.models)
    render.table(_HEADERS, cells, indent="  ")


def _needs(provider: str, state: State) -> str:
    """The variable that holds its key, or the command that stores it; nothing if it is here."""
    if provider in state.having:
        return "no more"
    return next(iter(state.providers[provider].env_names), f"auth add --provider {provider}")


def _commands(state: State, free: tuple[CatalogueRow, ...]) -> Iterator[str]:
    provider, model = "openai", "openai/gpt-5.4-mini"
    if state.environment:
        provider = state.environment[0].provider
        model = f"{provider}/MODEL"
    if free and (not state.environment or free[0].provider in state.having):
        provider, model = free[0].provider, str(free[0].ref)
    if not state.environment:
        yield f"auth add --provider {provider}"
    yield f"set {model}"
    yield "status --probe"
