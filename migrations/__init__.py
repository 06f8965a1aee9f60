"""The schema's history. Importing this loads no Alembic: most writes find the newest schema."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

HEAD = "0008"
"""The newest revision; a test compares it with `versions/`."""


def ensure_head(connection: "sa.Connection", scripts: Path = Path(__file__).parent) -> None:
    """Brings `connection`, in a transaction of the caller's, to the newest revision.

    Foreign keys must be off on it: a table that is rebuilt would take its children along.
    Raises StoreNewer for a revision this program does not know, and StoreDamaged for one that none
    ever knew.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    from domain.errors import StoreDamaged, StoreNewer

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        found = connection.exec_driver_sql("SELECT version_num FROM alembic_version").scalar()
        # Revisions are numbers that grow; of those up to HEAD none is unknown.
        if isinstance(found, str) and found.isdecimal() and int(found) <= int(HEAD):
            raise StoreDamaged(
                "the store's schema is of no version of this program",
                hint="keep a copy of the file and restore a backup; nothing was changed",
            ) from None
        raise StoreNewer(
            "the store's schema is of another version than this program",
            hint="update this program; nothing was changed",
        ) from None
