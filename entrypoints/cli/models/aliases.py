"""`models aliases …`."""

import shlex

from application.ports.catalogue import Catalogue
from application.ports.people import Clock, Prompter
from application.ports.reading import StateReader
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.routing.route import meant
from domain.selection.selection import Selection
from entrypoints.cli.reading.aliases import aliases as read_aliases
from entrypoints.cli.reading.aliases import aliases_document
from entrypoints.cli.show import render
from entrypoints.cli.words.catalogued import vet, worded
from entrypoints.cli.words.changes import changed_by
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Search


def list_aliases(
    *, json: AsJson = False, plain: Flag = False, reader: Injected[StateReader]
) -> int:
    """Short names and the models they stand for.

    Parameters
    ----------
    plain
        An alias and its model a line.
    """
    return read_aliases(reader, json=json, plain=plain)


def add(
    alias: str,
    model: str | None = None,
    /,
    *,
    search: Search = (),
    force: Flag = False,
    no_input: Flag = False,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    catalogue: Injected[Catalogue],
    prompter: Later[Prompter],
    clock: Injected[Clock],
) -> int:
    """Give a model a short name; a model may have several.

    Parameters
    ----------
    alias
        Letters, digits and _ . : - ; upper and lower case are the same alias.
    model
        provider/model, another alias (its model is taken), or a model of the default provider;
        asked for on a terminal.
    search
        Words of its reference or name instead, all of them: the shortest name that has them.
    force
        Take a model that its provider does not list, and warn of nothing.
    no_input
        Ask nothing, at a terminal either.
    """
    state = survey()
    instead = f"aura_intelligence models aliases add {shlex.quote(alias)} provider/model"
    word = worded(
        model, search, state, catalogue, clock(), prompter, instead=instead, no_input=no_input
    )

    def change(before: Selection) -> Selection:
        target = meant(word, before, state)
        return before._replace(aliases=before.aliases.add(alias, target))

    change(state.selection)
    if not force:
        vet(meant(word, state.selection, state), state, catalogue, clock())
    before, after = changed_by(state.selection, selection, change, clock())
    if json:
        render.json({"aliases": aliases_document(after.aliases), "changed": before != after})
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
        return before._replace(aliases=before.aliases.remove(alias))

    _, after = changed_by(reader.read().selection, selection, change, clock())
    if json:
        render.json({"aliases": aliases_document(after.aliases), "changed": True})
    else:
        render.line("Alias removed.")
    return 0
