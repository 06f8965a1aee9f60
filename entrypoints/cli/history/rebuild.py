"""`models history rebuild`."""

from application.ports.store import ProbeJournal
from domain.journal.days import Rebuilt
from entrypoints.cli.show import render
from entrypoints.cli.show.progress import followed
from entrypoints.cli.words.injection import AsJson, Flag, Later
from entrypoints.codes import INTERRUPTED


def rebuild(*, dry_run: Flag = False, json: AsJson = False, journal: Later[ProbeJournal]) -> int:
    """Count the days of the history anew, where they differ from its records.

    Parameters
    ----------
    dry_run
        Only say how many differ.
    """
    steps = journal().rebuild(dry_run=dry_run)
    done, is_whole = followed(steps, "records", Rebuilt(), lambda done: done.records)
    if json:
        render.json(
            {
                "records": done.records,
                "days": done.days,
                "different": done.different,
                "dryRun": dry_run,
                "changed": done.different > 0 and not dry_run,
                "cancelled": not is_whole,
            }
        )
    else:
        verb = "differ" if dry_run else "were counted anew"
        cut = ", then it was interrupted" if not is_whole else ""
        render.line(
            f"{done.records} records, {done.days} rows of days: {done.different} {verb}{cut}."
        )
    return 0 if is_whole else INTERRUPTED
