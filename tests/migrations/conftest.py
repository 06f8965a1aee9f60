"""A schema with one revision more than the newest: what a later version will bring."""

import shutil
from functools import partial
from pathlib import Path

import pytest

import migrations
from tests.adapters.homes import Home

LATER = "9999"
_REVISION = '''"""A later revision."""

import os
import signal

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = {head!r}
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("profiles", sa.Column("colour", sa.Text, nullable=False, server_default="red"))
    with op.batch_alter_table("probe_runs") as runs:
        runs.alter_column("host", new_column_name="machine")
    {then}
'''


def later(folder: Path, then: str = "pass") -> Path:
    """Scripts with a revision on top that rebuilds a parent table, then does `then`."""
    here = Path(migrations.__file__).parent
    shutil.copytree(here, folder, ignore=shutil.ignore_patterns("__pycache__"))
    script = _REVISION.format(head=migrations.HEAD, then=then)
    (folder / "versions" / "9999_later.py").write_text(script)
    return folder


def upgraded(home: Home, scripts: Path) -> Home:
    """The same home, seen by the later version."""
    migrate = partial(migrations.ensure_head, scripts=scripts)
    return Home(home.root, head=LATER, migrate=migrate)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "home")
