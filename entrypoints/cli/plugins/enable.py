"""`plugins enable`, `plugins disable`: whose code may be used."""

from application.ports.people import Prompter
from application.ports.providers import PluginListing
from application.ports.reading import StateReader
from application.ports.registry import ProviderRegistry
from application.survey import Survey
from domain.errors import Refused
from domain.providers.admission import unknown_plugin
from domain.text import visible
from entrypoints.cli.plugins.list import documents
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later
from entrypoints.cli.words.sources import refuse_to_ask


def enable(
    id: str,
    /,
    *,
    yes: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    registry: Injected[ProviderRegistry],
    survey: Injected[Survey],
    prompter: Later[Prompter],
) -> int:
    """Let a third-party plug-in run: this version of it, until you disable it.

    Parameters
    ----------
    id
        Its name, as `plugins list` shows it.
    yes
        Do not ask.
    no_input
        Ask nothing, even at a terminal.
    """
    plugin = _third_party(id, registry)
    changed = plugin.status != "loaded"
    if changed:
        instead = f"aura_intelligence plugins enable {visible(plugin.id)} --yes"
        if not yes:
            refuse_to_ask(no_input, instead)
            _ask(plugin, prompter(), instead)
        plugin = registry.enable(plugin.id, survey().providers)
    if json:
        render.json({"plugins": documents(registry, survey.reader), "changed": changed})
    else:
        where = ", ".join(row.base_url for row in plugin.providers)
        word = "Enabled" if changed else "Already enabled:"
        pinned = f"{_of(plugin)}, {_files(plugin)} pinned"
        render.line(f"{word} {plugin.id} ({pinned}): {where or 'no address of its own'}")
    return 0


def disable(
    id: str,
    /,
    *,
    json: AsJson = False,
    registry: Injected[ProviderRegistry],
    reader: Injected[StateReader],
) -> int:
    """Stop a third-party plug-in from running. Its profiles stay.

    Parameters
    ----------
    id
        Its name, as `plugins list` shows it.
    """
    name = id.strip().lower()
    if name in registry.builtin() or name == "builtin":
        raise Refused(f"{name} is built in", hint="only third-party plug-ins can be disabled")
    changed = registry.disable(name)
    if json:
        render.json({"plugins": documents(registry, reader), "changed": changed})
    else:
        render.line(f"Disabled {name}." if changed else f"{name} was not enabled.")
    return 0


def _third_party(id: str, registry: ProviderRegistry) -> PluginListing:
    name = id.strip().lower()
    if name in registry.builtin() or name == "builtin":
        raise Refused(f"{name} is built in", hint="it needs no enabling")
    found = [plugin for plugin in registry.plugins() if not plugin.builtin]
    named = [plugin for plugin in found if plugin.id == name]
    if not named:
        raise unknown_plugin(id, (plugin.id for plugin in found))
    return named[0]


def _ask(plugin: PluginListing, prompter: Prompter, instead: str) -> None:
    for file in plugin.files:
        render.note(f"  {file}")
    question = (
        f"{visible(plugin.id)} is code of {_of(plugin)}, in {_files(plugin)}. It will "
        "run with all your rights and be given the credentials you store for it. Enable it?"
    )
    if not prompter.confirm(question, instead=instead):
        raise Refused("nothing was changed", hint="answer y to enable it")


def _files(plugin: PluginListing) -> str:
    count = len(plugin.files)
    return f"{count} file{'' if count == 1 else 's'}"


def _of(plugin: PluginListing) -> str:
    return f"{visible(plugin.distribution)} {visible(plugin.version)}"
