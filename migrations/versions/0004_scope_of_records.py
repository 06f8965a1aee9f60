"""What an answer held of (docs/adr/0017), and who signed the selection."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Columns at the end: no row is rewritten.
    op.add_column("probe_records", sa.Column("scope", sa.Text))
    op.add_column("selection", sa.Column("mac", sa.LargeBinary))
