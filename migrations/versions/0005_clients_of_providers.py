"""The application that signs in at an own provider (domain/providers/client.py), as JSON."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column at the end: no row is rewritten.
    op.add_column("user_providers", sa.Column("client", sa.Text))
