"""`models outlook`."""

from application.ports.catalogue import Catalogue
from application.ports.people import Clock
from application.ports.reading import JournalReader
from application.survey import Survey
from entrypoints.cli.reading.outlook import USUAL, outlook
from entrypoints.cli.words.injection import AsJson, Flag, Injected


def show_outlook(
    *,
    within: str = USUAL,
    json: AsJson = False,
    plain: Flag = False,
    survey: Injected[Survey],
    catalogue: Injected[Catalogue],
    journal_reader: Injected[JournalReader],
    clock: Injected[Clock],
) -> int:
    """What will break, and when: models that are retired, credentials that end, limits, credit.

    Parameters
    ----------
    within
        How far ahead: 30d, 12h; a bare number is days.
    plain
        One record a line.
    """
    return outlook(survey, catalogue, journal_reader, clock, within=within, json=json, plain=plain)
