"""The schema's history. Importing this loads no Alembic: most writes find the newest schema."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import sqlalchemy as sa

HEAD = "0002"
"""The newest revision; a test compares it with `versions/`."""


def ensure_head(connection: "sa.Connection", scripts: Path = Path(__file__).parent) -> None:
    """Brings `connection`, in a transaction of the caller's, to the newest revision.

    Foreign keys must be off on it: a table that is rebuilt would take its children along.
    Raises StoreNewer for a revision this program does not know.
    """
    from alembic import command
    from alembic.config import Config
    from alembic.util.exc import CommandError

    from domain.errors import StoreNewer

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError:
        raise StoreNewer(
            "the store's schema is of another version than this program",
            hint="update this program; nothing was changed",
        ) from None
