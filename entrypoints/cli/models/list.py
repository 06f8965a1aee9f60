"""`models list`."""

from typing import Annotated

from cyclopts import Parameter

from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.survey import Survey
from entrypoints.cli.reading.models import models
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Whole


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
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    catalogue: Injected[Catalogue],
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
    plain
        One reference a line.
    """
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
    )
