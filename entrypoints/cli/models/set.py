"""`models set`, `models set-image`."""

from collections.abc import Callable

from application.ports.catalogue import Catalogue
from application.ports.people import Clock, Prompter
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.errors import Malformed
from domain.routing.route import meant
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection
from entrypoints.cli.show import render
from entrypoints.cli.words.catalogued import vet, worded
from entrypoints.cli.words.changes import changed_by, why
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Search


def unset(
    *,
    json: AsJson = False,
    survey: Injected[Survey],
    selection: Later[SelectionStore],
    clock: Injected[Clock],
) -> int:
    """Have no default model any longer; the fallbacks stay."""
    return _without(survey, selection, clock, json, image=False)


def _without(
    survey: Survey, selection: Later[SelectionStore], clock: Clock, json: bool, *, image: bool
) -> int:
    def change(before: Selection) -> Selection:
        return before._replace(image=None) if image else before._replace(default=None)

    before, after = changed_by(survey().selection, selection, change, clock(), anew=True)
    if json:
        render.json({**_chosen(after, image), "changed": before != after})
    else:
        was = before.image if image else before.default
        what = "image" if image else "default"
        render.line(f"No {what} model any longer (it was {was})." if was else f"No {what} model.")
    return 0


def _setter(*, image: bool) -> Callable[..., int]:
    def set_model(
        model: str | None = None,
        /,
        *,
        search: Search = (),
        none: Flag = False,
        force: Flag = False,
        no_input: Flag = False,
        json: AsJson = False,
        survey: Injected[Survey],
        prompter: Later[Prompter],
        selection: Later[SelectionStore],
        catalogue: Injected[Catalogue],
        clock: Injected[Clock],
    ) -> int:
        """Choose the model that is tried first.

        Parameters
        ----------
        model
            provider/model, an alias, or a model of the default provider; asked for on a terminal.
        search
            Words of its reference or name instead, all of them: the shortest name that has them.
        none
            Have no such model any longer.
        force
            Take a model that its provider does not list, and warn of nothing.
        no_input
            Ask nothing, at a terminal either.
        """
        if none and (model is not None or search):
            raise Malformed("--none and a model exclude each other", hint="choose one")
        if none:
            return _without(survey, selection, clock, json, image=image)
        state = survey()
        word = worded(
            model,
            search,
            state,
            catalogue,
            clock(),
            prompter,
            instead=f"aura_intelligence models {'set-image' if image else 'set'} provider/model",
            no_input=no_input,
            vision=image,
        )

        def change(before: Selection) -> Selection:
            ref = meant(word, before, state)
            return before.with_image(ref) if image else before.with_default(ref)

        if not force:
            vet(meant(word, state.selection, state), state, catalogue, clock())
        before, after = changed_by(state.selection, selection, change, clock(), anew=True)
        if json:
            render.json({**_chosen(after, image), "changed": before != after})
        else:
            _say_chosen(model, before, after, image)
        return 0

    return set_model


set_default, set_image = _setter(image=False), _setter(image=True)


def _chosen(after: Selection, image: bool) -> dict[str, object]:
    if image:
        ref, chain = after.image, after.image_fallbacks
        return {"imageModel": str(ref) if ref else None, "imageFallbacks": _texts(chain)}
    ref = after.default
    return {"defaultModel": str(ref) if ref else None, "fallbacks": _texts(after.fallbacks)}


def _texts(chain: FallbackChain) -> list[str]:
    return [str(ref) for ref in chain]


def _say_chosen(text: str | None, before: Selection, after: Selection, image: bool) -> None:
    ref = after.image if image else after.default
    was = before.image_fallbacks if image else before.fallbacks
    assert ref is not None
    how = f" ({why(text, ref, before)})" if text else ""
    render.line(f"{'Image' if image else 'Default'} model: {ref}{how}")
    if ref in was:
        render.line("It was a fallback and is no longer one.")
