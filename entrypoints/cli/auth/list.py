"""`models auth list`."""

from application.ports.people import Clock
from application.survey import Survey
from entrypoints.cli.reading.credentials import credentials
from entrypoints.cli.words.injection import AsJson, Flag, Injected


def list_credentials(
    *,
    provider: str | None = None,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    clock: Injected[Clock],
) -> int:
    """Stored profiles and environment credentials; which one wins, and what it shadows.

    Parameters
    ----------
    provider
        Only this provider.
    plain
        One credential a line.
    """
    return credentials(survey, clock, provider=provider, json=json, plain=plain)
