"""`models aliases …`."""

from dataclasses import replace

from application.ports.people import Clock
from application.ports.store import SelectionStore, StateReader
from application.survey import Survey
from domain.routing.route import meant
from domain.selection.aliases import AliasTable
from domain.selection.selection import Selection
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.changes import changed_by
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later


def list_aliases(
    *, json: AsJson = False, plain: Flag = False, reader: Injected[StateReader]
) -> int:
    """Short names and the models they stand for.

    Parameters
    ----------
    plain
        An alias and its model a line.
    """
    aliases = reader.read().selection.aliases
    listing = Listing(
        {"aliases": _document(aliases)},
        sorted(aliases.targets.items()),
        ("Alias", "Model"),
        empty=("no aliases", "aura_intelligence models aliases add fast openai/gpt-5-nano"),
    )
    show_listing(listing, json=json, plain=plain)
    return 0


def _document(aliases: AliasTable) -> dict[str, str]:
    return {name: str(ref) for name, ref in sorted(aliases.targets.items())}


def add(
    alias: str,
    model: str,
    /,
    *,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    clock: Injected[Clock],
) -> int:
    """Give a model a short name; a model may have several.

    Parameters
    ----------
    alias
        Letters, digits and _ . : - ; upper and lower case are the same alias.
    model
        provider/model, another alias (its model is taken), or a model of the default provider.
    """
    state = survey()

    def change(before: Selection) -> Selection:
        target = meant(model, before, state)
        return replace(before, aliases=before.aliases.add(alias, target))

    before, after = changed_by(state.selection, selection, change, clock())
    if json:
        render.json({"aliases": _document(after.aliases), "changed": before != after})
    else:
        render.line(f"Alias {alias} -> {after.aliases.targets[alias]}")
    return 0


def remove(
    alias: str,
    /,
    *,
    json: AsJson = False,
    reader: Injected[StateReader],
    selection: Later[SelectionStore],
    clock: Injected[Clock],
) -> int:
    """Remove a short name; its model stays.

    Parameters
    ----------
    alias
        The short name, in any case.
    """

    def change(before: Selection) -> Selection:
        return replace(before, aliases=before.aliases.remove(alias))

    _, after = changed_by(reader.read().selection, selection, change, clock())
    if json:
        render.json({"aliases": _document(after.aliases), "changed": True})
    else:
        render.line("Alias removed.")
    return 0
