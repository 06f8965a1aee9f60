"""`models list`."""

import asyncio
from typing import Any

from application.catalogue.fetching import Fetcher
from application.catalogue.listing import Lister, listable
from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.survey import Survey
from domain.errors import AuraError, Malformed
from domain.selection.catalogue import Wishes
from entrypoints.cli.reading.models import models
from entrypoints.cli.show import render
from entrypoints.cli.show.progress import bar
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Search, Whole
from entrypoints.cli.words.named import named_provider


def list_models(
    *,
    all: Flag = False,
    provider: str | None = None,
    local: Flag = False,
    search: Search = (),
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
    fetcher: Later[Fetcher],
    clock: Injected[Clock],
) -> int:
    """The configured models, in the order they would be tried; or models of the catalogue.

    With filters, the models that match all of them; those that are configured come first. A model
    of which a fact is not known does not match.

    Parameters
    ----------
    all
        Every model of the catalogue, of providers that are unknown here, too.
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
        Ask every provider with a credential, and servers of this machine, for its list first; once
        a day the catalogue of models.dev, too, unless a provider is named.
    plain
        One reference a line.
    """
    if min_context < 0:
        raise Malformed("--min-context is a number of tokens", hint="0 or more")
    render.one_format(json, plain)
    asked: dict[str, Any] = {}
    if refresh:
        asked["refreshed"] = _refreshed(survey, lister(), clock, provider, json=json)
        if provider is None:
            asked["fetched"] = _fetched(fetcher(), json=json)
    return models(
        survey,
        catalogue,
        clock,
        all=all,
        provider=provider,
        local=local,
        wishes=Wishes(" ".join(search), free, tools, vision, reasoning, min_context),
        json=json,
        plain=plain,
        asked=asked,
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
        of = f" of {row.id}" if row else ""
        add = f" --provider {row.id}" if row else ""
        told = f"there is no credential{of} to ask with"
        render.note(told, f"aura_intelligence models auth add{add}")
    for one in () if json else found:
        count = f"{one.provider}: {len(one.rows)} model{'s' if len(one.rows) != 1 else ''}"
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


def _fetched(fetcher: Fetcher, *, json: bool) -> dict[str, Any] | None:
    """What came of fetching the catalogue; None where today's is here."""
    found = asyncio.run(fetcher.run())
    if found is None:
        return None
    count, failure = (0, found) if isinstance(found, AuraError) else (found, None)
    if not json:
        told = f"the catalogue has {count} models" if count else f"the catalogue: {failure}"
        render.note(told, failure.hint if failure else None)
    return {"count": count, "error": render.error(failure) if failure else None}
