"""`models fallbacks …` and `models image-fallbacks …`: the same four commands over two chains."""

from collections.abc import Callable
from dataclasses import dataclass

from application.ports.catalogue import Catalogue
from application.ports.people import Clock, Prompter
from application.ports.reading import StateReader
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.providers.refs import ModelRef
from domain.routing.route import meant
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection
from entrypoints.cli.reading.chain import chain as read_chain
from entrypoints.cli.show import render
from entrypoints.cli.words.catalogued import vet, worded
from entrypoints.cli.words.changes import changed_by
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Search, Whole

Change = Callable[[Selection], Selection]


@dataclass(frozen=True, slots=True)
class _Chain:
    """One of the two: how it is called, read, and changed."""

    key: str
    group: str
    label: str
    of: Callable[[Selection], FallbackChain]
    having: Callable[[Selection, FallbackChain], Selection]
    adding: Callable[[Selection, ModelRef, int | None], Selection]


_TEXT = _Chain(
    key="fallbacks",
    group="fallbacks",
    label="Fallbacks",
    of=lambda s: s.fallbacks,
    having=lambda s, chain: s._replace(fallbacks=chain),
    adding=lambda s, ref, position: s.with_fallback(ref, position),
)
_IMAGE = _Chain(
    key="imageFallbacks",
    group="image-fallbacks",
    label="Image fallbacks",
    of=lambda s: s.image_fallbacks,
    having=lambda s, chain: s._replace(image_fallbacks=chain),
    adding=lambda s, ref, position: s.with_image_fallback(ref, position),
)


def _list_of(chain: _Chain) -> Callable[..., int]:
    def list_chain(
        *, json: AsJson = False, plain: Flag = False, reader: Injected[StateReader]
    ) -> int:
        """The models of the chain, in the order they are tried.

        Parameters
        ----------
        plain
            One reference a line.
        """
        return read_chain(reader, image=chain is _IMAGE, json=json, plain=plain)

    return list_chain


def _add_to(chain: _Chain) -> Callable[..., int]:
    def add(
        model: str | None = None,
        /,
        *,
        search: Search = (),
        position: Whole | None = None,
        force: Flag = False,
        no_input: Flag = False,
        json: AsJson = False,
        survey: Injected[Survey],
        selection: Later[SelectionStore],
        catalogue: Injected[Catalogue],
        prompter: Later[Prompter],
        clock: Injected[Clock],
    ) -> int:
        """Add a model to the chain.

        Parameters
        ----------
        model
            provider/model, an alias, or a model of the default provider; asked for on a terminal.
        search
            Words of its reference or name instead, all of them: the shortest name that has them.
        position
            Where in the chain, counted from 1; the end by default.
        force
            Take a model that its provider does not list, and warn of nothing.
        no_input
            Ask nothing, at a terminal either.
        """
        state = survey()
        word = worded(
            model,
            search,
            state,
            catalogue,
            clock(),
            prompter,
            instead=f"aura_intelligence models {chain.group} add provider/model",
            no_input=no_input,
            vision=chain is _IMAGE,
        )

        def change(before: Selection) -> Selection:
            return chain.adding(before, meant(word, before, state), position)

        change(state.selection)
        if not force:
            vet(meant(word, state.selection, state), state, catalogue, clock())
        return _changed(chain, json, state.selection, selection, clock, change)

    return add


def _remove_from(chain: _Chain) -> Callable[..., int]:
    def remove(
        model: str,
        /,
        *,
        json: AsJson = False,
        survey: Injected[Survey],
        selection: Later[SelectionStore],
        clock: Injected[Clock],
    ) -> int:
        """Remove a model from the chain.

        Parameters
        ----------
        model
            provider/model or an alias.
        """
        state = survey()
        only = state.only_provider

        def change(before: Selection) -> Selection:
            # Not `meant`: what refers to a provider that is gone must still be removable.
            return chain.having(before, chain.of(before).remove(before.resolve(model, only)))

        return _changed(chain, json, state.selection, selection, clock, change)

    return remove


def _clear(chain: _Chain) -> Callable[..., int]:
    def clear(
        *,
        json: AsJson = False,
        reader: Injected[StateReader],
        selection: Later[SelectionStore],
        clock: Injected[Clock],
    ) -> int:
        """Empty the chain."""

        def change(before: Selection) -> Selection:
            return chain.having(before, FallbackChain())

        return _changed(chain, json, reader.read().selection, selection, clock, change)

    return clear


def _changed(
    chain: _Chain,
    json: bool,
    read: Selection,
    store: Later[SelectionStore],
    clock: Clock,
    change: Change,
) -> int:
    before, after = changed_by(read, store, change, clock())
    refs = [str(ref) for ref in chain.of(after)]
    if json:
        render.json({chain.key: refs, "changed": before != after})
    else:
        render.line(f"{chain.label}: {', '.join(refs) or 'none'}")
    return 0


list_fallbacks, list_image_fallbacks = _list_of(_TEXT), _list_of(_IMAGE)
add, add_image = _add_to(_TEXT), _add_to(_IMAGE)
remove, remove_image = _remove_from(_TEXT), _remove_from(_IMAGE)
clear, clear_image = _clear(_TEXT), _clear(_IMAGE)
