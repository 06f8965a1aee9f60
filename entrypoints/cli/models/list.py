"""`models list`."""

import asyncio
from typing import Annotated, Any

from cyclopts import Parameter

from application.listing import Lister, listable
from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.survey import Survey
from entrypoints.cli.reading.models import models
from entrypoints.cli.show import render
from entrypoints.cli.show.progress import bar
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Whole
from entrypoints.cli.words.named import named_provider


def list_models(
    *,
    all: Flag = False,
    provider: str | None = None,
    local: Flag = False,
    search: Annotated[tuple[str, ...], Parameter(negative=())] = (),
    free: Flag = False,
    tools: Flag = False,
    vision: Flag = False,
    reasoning: Flag = False,
    min_context: Whole = 0,
    refresh: Flag = False,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    catalogue: Injected[Catalogue],
    lister: Later[Lister],
    clock: Injected[Clock],
) -> int:
    """The configured models, in the order they would be tried; or models of the catalogue.

    With --all, or with any wish, the models that have all of it; those that are configured come
    first. What is not known of a model, it has not.

    Parameters
    ----------
    all
        Every model of the catalogue.
    provider
        Only models of this provider.
    local
        Only models served by this machine.
    search
        Words in the reference or the name; all of them.
    free
        Only models that cost nothing.
    tools
        Only models that call tools.
    vision
        Only models that read images.
    reasoning
        Only models that reason.
    min_context
        Only models with a context window of so many tokens.
    refresh
        Ask every provider with a credential, and servers of this machine, for its list first.
    plain
        One reference a line.
    """
    asked = _refreshed(survey, lister(), clock, provider, json=json) if refresh else None
    return models(
        survey,
        catalogue,
        clock,
        all=all,
        provider=provider,
        local=local,
        search=" ".join(search),
        free=free,
        tools=tools,
        vision=vision,
        reasoning=reasoning,
        min_context=min_context,
        json=json,
        plain=plain,
        refreshed=asked,
    )


def _refreshed(
    survey: Survey, lister: Lister, clock: Clock, provider: str | None, *, json: bool
) -> list[dict[str, Any]]:
    """What came of asking; each provider is a line of its own, whatever the others say."""
    state = survey()
    row = named_provider(provider, state.providers) if provider is not None else None
    attempts = listable(state, clock(), row.id if row else None)
    with bar(len({attempt.row.id for attempt in attempts})) as advance:
        found = asyncio.run(
            lister.run(attempts, on_result=lambda _: advance(), named=row is not None)
        )
    if not found:
        render.note("there is nobody to ask", "aura_intelligence models auth add")
    for one in () if json else found:
        count = f"{one.provider}: {len(one.rows)} models"
        if one.failure:
            render.note(f"{count}, {one.failure}", one.failure.hint)
        else:
            render.note(count)
    return [
        {
            "provider": one.provider,
            "count": len(one.rows),
            "error": render.error(one.failure) if one.failure else None,
        }
        for one in found
    ]
