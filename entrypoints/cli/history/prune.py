"""`models history prune`."""

from application.ports.people import Clock
from application.ports.store import ProbeJournal
from domain.instants import span
from domain.journal.pruning import Pruned, Pruning
from entrypoints.cli.show import render
from entrypoints.cli.show.progress import followed
from entrypoints.cli.words.injection import AsJson, Flag, Injected, Later, Whole
from entrypoints.codes import INTERRUPTED


def prune(
    *,
    older_than: str | None = None,
    keep: Whole | None = None,
    dry_run: Flag = False,
    json: AsJson = False,
    journal: Later[ProbeJournal],
    clock: Injected[Clock],
) -> int:
    """Remove old records. What is shown of a credential now is the same before and after.

    Parameters
    ----------
    older_than
        Only what began longer ago than that: 90d, 12h, 30m (a bare number is days).
    keep
        Only what is not among the newest N.
    dry_run
        Only count what would be removed.
    """
    now = clock()
    before = now - span(older_than) if older_than is not None else None
    pruning = Pruning(before, keep, dry_run)
    steps = journal().prune(pruning, now)
    done, is_whole = followed(steps, "records", Pruned(), lambda done: done.seen)
    if json:
        render.json(
            {
                "removed": done.removed,
                "kept": done.kept,
                "dryRun": dry_run,
                "changed": done.removed > 0 and not dry_run,
                "cancelled": not is_whole,
            }
        )
    else:
        _show(done, dry_run, is_whole)
    return 0 if is_whole else INTERRUPTED


def _show(done: Pruned, dry_run: bool, is_whole: bool) -> None:
    verb = "Would remove" if dry_run else "Removed"
    cut = ", then it was interrupted" if not is_whole else ""
    render.line(f"{verb} {done.removed} of {done.seen} records{cut}.")
    if done.kept:
        old = "1 old record" if done.kept == 1 else f"{done.kept} old records"
        render.line(f"Kept {old}: needed for the last probes, cooldowns and usage shown now.")
