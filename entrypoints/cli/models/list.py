"""`models list`."""

from application.ports.people import Clock
from application.survey import Survey
from entrypoints.cli.reading.models import models
from entrypoints.cli.words.injection import AsJson, Flag, Injected


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
    return models(survey, clock, provider=provider, local=local, json=json, plain=plain)
