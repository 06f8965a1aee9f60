"""`models history retention`."""

from application.ports.reading import JournalReader
from application.ports.store import ProbeJournal
from domain.errors import Malformed
from domain.journal.records import Retention
from entrypoints.cli.show import render
from entrypoints.cli.words.injection import AsJson, Injected, Later

_LARGEST = 10**9


def retention(
    *limits: str,
    json: AsJson = False,
    journal_reader: Injected[JournalReader],
    journal: Later[ProbeJournal],
) -> int:
    """How long records are kept; what is older goes after runs, bit by bit.

    Parameters
    ----------
    limits
        DAYS and ROWS: how old a record may be, and how many there may be; or `off`.
    """
    before = journal_reader.retention()
    wanted = _wanted(limits) if limits else before
    if wanted != before:
        journal().set_retention(wanted)
    if json:
        retained = {"days": wanted.days, "rows": wanted.rows}
        render.json({"retention": retained, "changed": wanted != before})
    elif wanted.days is None:
        render.line("Records are kept for ever.")
    else:
        render.line(f"Records are kept for {wanted.days} days, and at most {wanted.rows} of them.")
    return 0


def _wanted(limits: tuple[str, ...]) -> Retention:
    if limits == ("off",):
        return Retention(None, None)
    are_numbers = all(word.isascii() and word.isdecimal() for word in limits)
    if len(limits) != 2 or not are_numbers or not all(0 < int(w) <= _LARGEST for w in limits):
        raise Malformed(
            "retention takes DAYS and ROWS, or off",
            hint="aura_intelligence models history retention 180 500000",
        )
    return Retention(int(limits[0]), int(limits[1]))
