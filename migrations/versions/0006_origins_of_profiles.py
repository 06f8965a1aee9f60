"""Who keeps or prints the secret of a profile (domain/credentials/origins.py)."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column at the end: no row is rewritten.
    op.add_column("profiles", sa.Column("origin", sa.Text))
