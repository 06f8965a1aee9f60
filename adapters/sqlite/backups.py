"""Copies of the store, made before its schema changes."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from adapters.machine.files import create_private, private_folder, refused, sync_folder
from adapters.sqlite.failures import translated
from adapters.sqlite.reader import BUSY_TIMEOUT, store_uri

BACKUPS_KEPT = 3


def back_up(store: Path, revision: str) -> Path:
    """A whole copy of `store` in `backups/` beside it, on disk. Raises Unavailable."""
    folder = store.parent / "backups"
    private_folder(folder)
    copy = folder / f"{store.stem}-{revision}-{os.urandom(4).hex()}.db"
    # Only a finished copy gets the name of a backup: half a one must not push a whole one out.
    new = copy.with_suffix(".new")
    try:
        create_private(new)
        _copy(store, new)
        new.rename(copy)
        sync_folder(folder)
    except sqlite3.Error as failure:
        raise translated(failure, copy) from None
    except OSError as failure:
        raise refused(failure, copy) from None
    finally:
        new.unlink(missing_ok=True)
    return copy


def _copy(store: Path, new: Path) -> None:
    with (
        closing(sqlite3.connect(store_uri(store, "ro"), uri=True, timeout=BUSY_TIMEOUT)) as source,
        closing(sqlite3.connect(store_uri(new, "rw"), uri=True)) as target,
    ):
        source.backup(target)


def drop_old(copy: Path) -> None:
    """Keeps `copy` and the newest others, BACKUPS_KEPT in all."""
    others = [file for file in copy.parent.glob("*.db") if file != copy]
    others.sort(key=lambda file: file.stat().st_mtime_ns)
    for old in others[: -(BACKUPS_KEPT - 1)]:
        old.unlink(missing_ok=True)
