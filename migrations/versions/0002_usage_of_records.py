"""What an answer told of its provider's limits, kept with the record of the probe."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # A column at the end, and an index nothing is in yet: no row is rewritten.
    op.add_column("probe_records", sa.Column("usage", sa.Text))
    op.create_index(
        "probe_records_by_usage",
        "probe_records",
        ["credential_id", "id"],
        sqlite_where=sa.text("usage IS NOT NULL"),
        postgresql_where=sa.text("usage IS NOT NULL"),
    )
