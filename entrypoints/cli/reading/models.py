"""`models list`."""

from application.ports.people import Clock
from application.survey import Survey
from domain.providers.refs import ModelRef
from domain.routing.status import status
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.named import named_provider


def models(
    survey: Survey,
    clock: Clock,
    *,
    provider: str | None = None,
    local: bool = False,
    json: bool = False,
    plain: bool = False,
) -> int:
    """The models in use. Raises Malformed for a `provider` that nobody knows."""
    state = survey()
    if provider is not None:
        provider = named_provider(provider, state.providers).id
    now = status(state, clock())
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
    listing = Listing(
        {"count": len(models), "models": [_document(*model) for model in models]},
        [(ref,) for ref, *_ in models],
        ("Model", "Local", "Credential", "Tags"),
        rows=[(r, _yes(here), _yes(can), " ".join(t)) for r, here, can, t in models],
        marks=["good" if can else "bad" for _, _, can, _ in models],
        empty=(
            "no models are configured",
            "aura_intelligence models set openai/gpt-5-mini, for example",
        ),
    )
    show_listing(listing, json=json, plain=plain)
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
