"""`store copy`."""

from application.ports.store import StoreCopier
from entrypoints.cli.show import render
from entrypoints.cli.show.listing import Listing, show_listing
from entrypoints.cli.words.injection import AsJson, Flag, Injected


def copy(
    source: str,
    target: str,
    /,
    *,
    dry_run: Flag = False,
    json: AsJson = False,
    copier: Injected[StoreCopier],
) -> int:
    """Copy a whole store into an empty one, between files and PostgreSQL, and compare every row.

    Secrets are copied as they are: the same key opens them. Which store is used stays as it is.

    Parameters
    ----------
    source
        `current`, the path of a file, or postgresql://USER@HOST/DATABASE without a password.
    target
        The same; there is no store yet, or an empty one.
    dry_run
        Only count, and look whether the target is empty.
    """
    done = copier.copy(source, target, dry_run=dry_run)
    document = {
        "from": done.source,
        "to": done.target,
        "tables": [{"name": name, "rows": rows} for name, rows in done.rows.items()],
        "dryRun": dry_run,
        "changed": not dry_run,
    }
    show_listing(Listing(document, done.rows.items(), ("Table", "Rows")), json=json, plain=False)
    if dry_run:
        render.note(f"nothing was written to {done.target}")
    else:
        render.note(
            f"{done.target} has all of {done.source}, compared row by row",
            "to use it: AURA_INTELLIGENCE_DATABASE_URL, or …_FILE",
        )
    return 0
