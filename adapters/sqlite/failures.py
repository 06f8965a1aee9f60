"""What SQLite's refusals mean here."""

import sqlite3
from pathlib import Path

from domain.errors import (
    NotAStore,
    StoreBusy,
    StoreDamaged,
    StoreFailed,
    StoreFull,
    StoreReadonly,
    Unavailable,
)

_RESTORE = "keep a copy of the file and restore a backup; nothing was changed"


def translated(failure: BaseException | None, path: Path) -> Unavailable:
    """The error of our tree for one of sqlite3's, by its result code. No text of it is kept."""
    if isinstance(failure, UnicodeDecodeError):
        # The driver could not even read SQLite's message, which quotes the damaged schema.
        return StoreDamaged(f"the store {path} is damaged", hint=_RESTORE)
    code = getattr(failure, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    match code & 0xFF:
        case sqlite3.SQLITE_NOTADB:
            return not_a_store(path)
        case sqlite3.SQLITE_CORRUPT:
            return StoreDamaged(f"the store {path} is damaged", hint=_RESTORE)
        case sqlite3.SQLITE_ERROR if isinstance(failure, sqlite3.OperationalError):
            # Our statements are fixed: a table or a column that should be there is not.
            return StoreDamaged(
                f"the store {path} does not have the tables of this program", hint=_RESTORE
            )
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return StoreReadonly(
                f"the store {path} cannot be written",
                hint="check the file, its folder and the disk",
            )
        case sqlite3.SQLITE_FULL:
            return StoreFull(
                f"no space left for the store {path}", hint="free some space; nothing was lost"
            )
        case sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return StoreBusy(
                f"another process holds the store {path}", hint="try again; nothing was changed"
            )
        case _:
            name = getattr(failure, "sqlite_errorname", type(failure).__name__)
            return StoreFailed(
                f"the store {path} cannot be used ({name})",
                hint="check the disk, its space and the folder; nothing was changed",
            )


def not_a_store(path: Path) -> NotAStore:
    return NotAStore(
        f"{path} is not a store of this program, or its beginning is lost",
        hint="move it away or restore a backup; it was not changed",
    )
