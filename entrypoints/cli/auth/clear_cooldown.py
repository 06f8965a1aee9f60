"""`models auth clear-cooldown`."""

from application.clearing import Clearer, Closed
from application.ports.people import Clock
from domain.errors import Malformed
from domain.routing.status import Cooling
from entrypoints.cli.show import render
from entrypoints.cli.show.reasons import cooling
from entrypoints.cli.words.injection import AsJson, Flag, Injected, listed


def clear_cooldown(
    *ids: str,
    all: Flag = False,
    dry_run: Flag = False,
    json: AsJson = False,
    clearer: Injected[Clearer],
    clock: Injected[Clock],
) -> int:
    """Let a credential be used again at once, whatever happened when it was last tried.

    Parameters
    ----------
    ids
        Credentials, as `auth list` shows them, or providers: all of theirs.
    all
        Every credential.
    dry_run
        Only say what would be cleared.
    """
    if bool(ids) == all:
        raise Malformed(
            "which credential?" if not ids else "--all and a credential exclude each other",
            hint="aura_intelligence models auth clear-cooldown ID, or --all",
        )
    found = clearer.find(None if all else listed(ids))
    if not dry_run:
        clearer.clear(found)
    if json:
        render.json(
            {
                "cleared": [attempt.credential_id for attempt, _ in found],
                "changed": bool(found) and not dry_run,
                "dryRun": dry_run,
            }
        )
    elif not found:
        render.line("There is no cooldown to clear.")
    else:
        _show(found, dry_run, clock())
    return 0


def _show(found: tuple[Closed, ...], dry_run: bool, now: int) -> None:
    verb = "Would clear" if dry_run else "Cleared"
    for attempt, windows in found:
        for window in windows:
            told = cooling(Cooling(attempt.row.id, attempt.credential_id, window), now)
            render.line(f"{verb} {told}")
