"""`models list`, `models set`, `models set-image`."""

from collections.abc import Callable

from application.ports import Clock, SelectionStore
from application.survey import Survey
from domain.errors import Malformed
from domain.expiry import ExpiryPolicy
from domain.instants import millis
from domain.providers import known_provider
from domain.refs import ModelRef, provider_id
from domain.routing import meant
from domain.selection import FallbackChain, Selection
from domain.status import status
from entrypoints.cli import render
from entrypoints.cli.changes import changed_by, why
from entrypoints.cli.injection import AsJson, Deferred, Flag, Injected


def list_models(
    *,
    provider: str | None = None,
    local: Flag = False,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    clock: Injected[Clock],
) -> int:
    """The configured models, in the order they would be tried.

    Parameters
    ----------
    provider
        Only models of this provider.
    local
        Only models served by this machine.
    plain
        One reference a line.
    """
    render.one_format(json, plain)
    state = survey()
    if provider is not None:
        provider = known_provider(provider_id(provider), state.providers, Malformed).id
    now = status(state, ExpiryPolicy(), millis(clock()))
    tags: dict[ModelRef, list[str]] = {}
    for ref, tag in state.selection.configured():
        tags.setdefault(ref, []).append(tag)
    models = []
    for ref, why_listed in tags.items():
        found = now.provider(ref.provider)
        is_local = bool(found and found.row and found.row.is_loopback)
        if provider in (None, ref.provider) and (is_local or not local):
            usable = bool(found and found.usable)
            models.append((ref, is_local, usable, why_listed))
    if json:
        render.json({"count": len(models), "models": [_document(*model) for model in models]})
    elif plain:
        render.plain((ref,) for ref, *_ in models)
    elif models:
        render.table(
            ("Model", "Local", "Credential", "Tags"),
            ((r, _yes(here), _yes(can), " ".join(t)) for r, here, can, t in models),
        )
    else:
        render.note(
            "no models are configured",
            "aura_intelligence models set openai/gpt-5-mini, for example",
        )
    return 0


def _yes(value: bool) -> str:
    return "yes" if value else "no"


def _document(ref: ModelRef, local: bool, available: bool, tags: list[str]) -> dict[str, object]:
    return {
        "key": str(ref),
        "name": ref.model,
        "provider": ref.provider,
        "local": local,
        "available": available,
        "tags": tags,
    }


def _setter(*, image: bool) -> Callable[..., int]:
    def set_model(
        model: str,
        /,
        *,
        force: Flag = False,  # noqa: ARG001 - there is no catalogue to warn from yet
        json: AsJson = False,
        survey: Injected[Survey],
        selection: Deferred[SelectionStore],
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

        before, after = changed_by(state.selection, selection, change, millis(clock()))
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
        render.line("It was a fallback and is not any longer.")
