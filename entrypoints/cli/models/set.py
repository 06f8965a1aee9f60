"""`models set`, `models set-image`."""

from collections.abc import Callable

from application.ports.people import Clock
from application.ports.store import SelectionStore
from application.survey import Survey
from domain.routing.route import meant
from domain.selection.chains import FallbackChain
from domain.selection.selection import Selection
from entrypoints.cli.show import render
from entrypoints.cli.words.changes import changed_by, why
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later


def _setter(*, image: bool) -> Callable[..., int]:
    def set_model(
        model: str,
        /,
        *,
        force: Flag = False,  # noqa: ARG001 - there is no catalogue to warn from yet
        json: AsJson = False,
        survey: Injected[Survey],
        selection: Later[SelectionStore],
        clock: Injected[Clock],
    ) -> int:
        """Choose the model that is tried first.

        Parameters
        ----------
        model
            provider/model, an alias, or a model of the default provider.
        force
            Do not warn of a model no catalogue knows (there is no catalogue yet).
        """
        state = survey()

        def change(before: Selection) -> Selection:
            ref = meant(model, before, state)
            return before.with_image(ref) if image else before.with_default(ref)

        before, after = changed_by(state.selection, selection, change, clock())
        if json:
            render.json({**_chosen(after, image), "changed": before != after})
        else:
            _say_chosen(model, before, after, image)
        return 0

    return set_model


set_default, set_image = _setter(image=False), _setter(image=True)


def _chosen(after: Selection, image: bool) -> dict[str, object]:
    if image:
        return {"imageModel": str(after.image), "imageFallbacks": _texts(after.image_fallbacks)}
    return {"defaultModel": str(after.default), "fallbacks": _texts(after.fallbacks)}


def _texts(chain: FallbackChain) -> list[str]:
    return [str(ref) for ref in chain]


def _say_chosen(text: str, before: Selection, after: Selection, image: bool) -> None:
    ref = after.image if image else after.default
    was = before.image_fallbacks if image else before.fallbacks
    assert ref is not None
    render.line(f"{'Image' if image else 'Default'} model: {ref} ({why(text, ref, before)})")
    if ref in was.refs:
        render.line("It was a fallback and is no longer one.")
