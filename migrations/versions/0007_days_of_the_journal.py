"""The journal, day by day (domain/journal/days.py), and how far that goes."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

_Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
_COUNTERS = (
    *("ok", "auth", "expired", "permission", "billing", "quota", "rate_limit", "overloaded"),
    *("no_model", "format", "provider_error", "timeout", "network", "cancelled", "interrupted"),
    *("unreadable", "cleared", "other"),
)


def upgrade() -> None:
    # Only the tables: however many records there are, they are counted in batches, later.
    op.create_table(
        "journal_days",
        sa.Column("day", sa.Integer, primary_key=True),
        sa.Column("credential_id", sa.Text, primary_key=True),
        sa.Column("model", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, primary_key=True),
        sa.Column("records", _Big, nullable=False),
        *(sa.Column(name, _Big, nullable=False) for name in _COUNTERS),
        sa.Column("hours", sa.Integer, nullable=False),
        sa.Column("latencies", sa.LargeBinary, nullable=False),
        sa.Column("first_id", _Big, nullable=False),
        sa.Column("last_id", _Big, nullable=False),
        sa.Column("good_id", _Big, nullable=False),
        sa.Column("good_at", _Big, nullable=False),
        sa.Column("failed_id", _Big, nullable=False),
        sa.Column("failed_at", _Big, nullable=False),
        sqlite_strict=True,
        sqlite_with_rowid=False,
    )
    op.create_table(
        "journal_state",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
        sa.Column("filled_from", _Big, nullable=False),
        sa.Column("pruned_until", _Big, nullable=False),
        sa.Column("retention_days", _Big),
        sa.Column("retention_rows", _Big),
        sa.Column("retained_to", _Big, nullable=False),
        sa.Column("retained_at", _Big, nullable=False),
        sqlite_strict=True,
    )
