"""Records of use and of clearing, and the indexes that find what a standing follows from."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

_INDEXES = {
    "probe_records_by_failure": (
        ["credential_id", "model", "id"],
        "outcome NOT IN ('ok', 'cancelled', 'unreadable', 'cleared')",
    ),
    "probe_records_by_success": (["credential_id", "model", "id"], "outcome = 'ok'"),
    "probe_records_by_clearing": (["credential_id", "id"], "outcome = 'cleared'"),
    "probe_records_by_use": (["credential_id", "id"], "kind = 'use'"),
}


def upgrade() -> None:
    for name, (columns, condition) in _INDEXES.items():
        op.create_index(
            name,
            "probe_records",
            columns,
            sqlite_where=sa.text(condition),
            postgresql_where=sa.text(condition),
        )
