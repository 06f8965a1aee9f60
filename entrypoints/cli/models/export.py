"""`models export`: the configuration of other programs, with references instead of keys."""

import shlex
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from application.opening import vouch
from application.ports.files import Installer
from application.ports.people import Clock, Prompter
from application.ports.registry import ProviderRegistry
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.credentials.environment import EnvironmentCredential
from domain.credentials.profile import ProfileSummary
from domain.errors import Malformed
from domain.handover.agents.files import AgentFile
from domain.handover.exporting import LeftOut, Variable, openai_compatible, reached, variables
from domain.handover.variables import NO_KEY
from domain.routing.state import State
from entrypoints.cli.models.agents import (
    AGENTS,
    agree_on,
    as_yaml,
    comments,
    planned,
    show_installed,
    text_of,
)
from entrypoints.cli.show import render
from entrypoints.cli.show.variables import dotenv
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later

Format = Literal[
    "litellm", "openai-compatible", "dotenv", "toml", "opencode", "codex", "claude", "aider"
]
_ME = "aura_intelligence models"


@dataclass(frozen=True, slots=True)
class _Export:
    """What is written: a text, or the `document` that stands for it; and what it cannot have.

    `agent` is what it adds to the file of a coding agent.
    """

    text: str
    left_out: tuple[LeftOut, ...] = ()
    document: dict[str, Any] | None = None
    agent: AgentFile | None = None


def export(
    format: Format,
    /,
    *,
    install: Flag = False,
    dry_run: Flag = False,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    registry: Later[ProviderRegistry],
    selection: Later[SelectionStore],
    installer: Later[Installer],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Write the models you chose for another program; keys are named, never written.

    Parameters
    ----------
    format
        litellm (a config.yaml of its proxy), openai-compatible (one JSON object), dotenv (names of
        variables), toml (read back by `models import`), opencode, codex, claude, aider (their own
        files).
    install
        Put it into that program's own file: what differs is shown, and you are asked; the old file
        is kept beside it.
    dry_run
        With --install: only show what would differ.
    yes
        With --install: do not ask.
    no_input
        Ask nothing, at a terminal either.
    """
    _refuse_mixed(format, install, dry_run or yes)
    state = survey()
    # Another program would send prompts where this says. What was chosen outlives a lost key.
    if state.key_problem is None:
        selection().verify()
    if state.key_problem is None or format != "toml":
        for row in state.selection.providers:
            vouch(selection(), row)
    made = _FORMATS[format](state, clock(), registry)
    if made.agent is not None and install:
        plan = planned(installer(), format, made.agent, made.text)
        if not dry_run:
            agree_on(plan, prompter, yes=yes, no_input=no_input, format=format)
        kept = installer().install(plan) if plan.changes and not dry_run else None
        show_installed(plan, kept, dry_run=dry_run, json=_json_of(made, format) if json else None)
    else:
        _show(made, format, json)
    if not json:
        _explain(made)
    if not json and format != "toml" and not state.selection.configured():
        render.note("no models are configured", f"{_ME} set openai/gpt-5.4-mini, for example")
    return 0


def _refuse_mixed(format: Format, install: bool, how: bool) -> None:
    if how and not install:
        raise Malformed("--yes and --dry-run go with --install", hint="give it as well")
    if install and format not in AGENTS:
        raise Malformed(f"{format} has no file of its own", hint=f"one of: {', '.join(AGENTS)}")


def _json_of(made: _Export, format: Format) -> dict[str, Any]:
    left_out = [{"ref": str(left.ref), "reason": left.reason} for left in made.left_out]
    return {**(made.document or {"format": format, "content": made.text}), "leftOut": left_out}


def _show(made: _Export, format: Format, json: bool) -> None:
    if json:
        render.json(_json_of(made, format))
    elif made.document is not None:
        render.json(made.document)
    else:
        render.text(made.text)


def _explain(made: _Export) -> None:
    for left in made.left_out:
        render.note(f"left out {left.ref}: {left.reason}")
    for text in made.agent.notes if made.agent else ():
        render.note(text)


def _agent(format: str) -> Callable[[State, int, Later[ProviderRegistry]], _Export]:
    def made(state: State, now: int, registry: Later[ProviderRegistry]) -> _Export:
        reaches, unreached = reached(state, now, _own_ways(state, registry))
        found = AGENTS[format](state, reaches)
        told = found._replace(left_out=(*unreached, *found.left_out))
        return _Export(text_of(format, told), told.left_out, agent=told)

    return made


def _litellm(state: State, now: int, registry: Later[ProviderRegistry]) -> _Export:
    from domain.handover.litellm import litellm_config

    reaches, unreached = reached(state, now, _own_ways(state, registry))
    document, kept, left = litellm_config(state, reaches)
    used = variables(kept, state.providers.values())
    text = comments(_litellm_header(used)) + as_yaml(document)
    return _Export(text, (*unreached, *left))


def _litellm_header(used: tuple[Variable, ...]) -> Iterable[str]:
    yield f"A configuration of the LiteLLM proxy, written by: {_ME} export litellm"
    yield "It holds no key: each is looked up in the variable that is named. Where that is not set,"
    yield f"{NO_KEY} is sent: LiteLLM would take what it finds under OPENAI_API_KEY or the like."
    yield "The proxy wants a key of your own making in LITELLM_MASTER_KEY; its callers send that."
    handed = [told for told in used if told.is_stored and not _clashes(told, used)]
    for told in used:
        if told.name and told not in handed:
            yield f"{told.name} {_whence(told)}"
            if told.is_stored:
                yield f"  {_reveal(told)}"
    yield "To start it with the keys that are stored here:" if handed else "To start it:"
    # One's own come first: they are handed over under the names of the libraries as well, which
    # the built-in ones after them set right.
    for told in sorted(handed, key=lambda told: told.provider.builtin):
        yield f"  {_ME} exec --model {shlex.quote(str(told.ref))} -- \\"
    yield "  litellm --config FILE"


def _clashes(told: Variable, used: tuple[Variable, ...]) -> bool:
    """Whether `exec` for it would take away the key of another that is in the environment."""
    others = (other for other in used if other is not told and not other.is_stored)
    return any(other.name in told.touched for other in others)


def _reveal(told: Variable) -> str:
    return f"{_ME} env --model {shlex.quote(str(told.ref))} --format dotenv --reveal"


def _openai_compatible(state: State, now: int, registry: Later[ProviderRegistry]) -> _Export:
    reaches, unreached = reached(state, now, _own_ways(state, registry))
    document, left = openai_compatible(state.selection, reaches)
    return _Export("", (*unreached, *left), document)


def _own_ways(state: State, registry: Later[ProviderRegistry]) -> frozenset[str]:
    """The plug-ins in use that speak no dialect of ours."""
    used = {ref.provider for ref, _ in state.selection.configured()}
    if all(row.source != "plugin" for id, row in state.providers.items() if id in used):
        return frozenset()
    return frozenset(plugin.id for plugin in registry().plugins() if plugin.own_dialect)


def _dotenv(state: State, now: int, _: Later[ProviderRegistry]) -> _Export:
    reaches, unreached = reached(state, now)
    lines = [
        f"# Variables of the configured models, written by: {_ME} export dotenv",
        "# No values.",
    ]
    for told in variables(reaches, state.providers.values()):
        lines += ["", *_dotenv_of(told)]
    return _Export("\n".join(lines) + "\n", unreached)


def _dotenv_of(told: Variable) -> Iterable[str]:
    yield f"# {told.provider.id}: {told.name or 'needs no key'} {_whence(told)}".rstrip()
    if told.is_stored:
        yield f"#   {_reveal(told)}"
    if told.name:
        yield f"# {told.name}="
    if told.url:
        yield from dotenv({told.url_name: told.url}, ())


def _whence(told: Variable) -> str:
    match told.credential:
        case ProfileSummary(id=id):
            return f"is the stored profile {id}"
        case EnvironmentCredential():
            return "is a variable of the environment already"
        case None if told.name:
            return f"has no credential yet: {_ME} auth add --provider {told.provider.id}"
        case None:
            return ""


def _toml(state: State, *_: object) -> _Export:
    import tomli_w

    from domain.handover.portable import selection_document

    document = selection_document(state.selection)
    own = []
    for row in document.pop("providers", []):
        # One by one: the writer would put short tables on a line.
        sign_in = row.pop("sign_in", None)
        own.append(f"\n[[providers]]\n{tomli_w.dumps(row)}")
        own += [f"\n[providers.sign_in]\n{tomli_w.dumps(sign_in)}"] if sign_in else []
    head = f"The selection of aura_intelligence; read back by: {_ME} import FILE"
    return _Export(comments([head]) + tomli_w.dumps(document) + "".join(own))


_FORMATS: dict[str, Callable[[State, int, Later[ProviderRegistry]], _Export]] = {
    "litellm": _litellm,
    "openai-compatible": _openai_compatible,
    "dotenv": _dotenv,
    "toml": _toml,
    **{format: _agent(format) for format in AGENTS},
}
