"""What an answer held of: this prompt, this model or this credential (docs/adr/0017)."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column at the end: no row is rewritten.
    op.add_column("probe_records", sa.Column("scope", sa.Text))
