"""The first store: keys, profiles, selection, user providers, the journal of probes."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "vault",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
        sa.Column("vault_id", sa.Text, nullable=False),
        sa.Column("data_key_version", sa.Integer, nullable=False),
        sa.Column("wrapped_data_key", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _Big, nullable=False),
        sa.Column("revision", _Big, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "key_slots",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("key_check", sa.LargeBinary, nullable=False),
        sa.Column("wrapped_root", sa.LargeBinary, nullable=False),
        sa.Column("created_at", _Big, nullable=False),
        sa.Column("revision", _Big, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "profiles",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column(
            "kind",
            sa.Text,
            sa.CheckConstraint("kind IN ('api_key', 'token', 'oauth')"),
            nullable=False,
        ),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("custom_base_url", sa.Integer, nullable=False),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("expires_at", _Big),
        sa.Column("refreshable", sa.Integer, nullable=False),
        sa.Column("created_at", _Big, nullable=False),
        sa.Column("updated_at", _Big, nullable=False),
        sa.Column("revision", _Big, nullable=False),
        sa.Column("fingerprint", sa.Text, nullable=False),
        sa.Column("metadata", sa.Text, nullable=False),
        sa.Column("sealed", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "selection",
        sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
        sa.Column("document", sa.Text, nullable=False),
        sa.Column("updated_at", _Big, nullable=False),
        sa.Column("revision", _Big, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "user_providers",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("label", sa.Text, nullable=False),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("dialect", sa.Text, nullable=False),
        sa.Column("env_names", sa.Text, nullable=False),
        sa.Column("scheme", sa.Text, nullable=False),
        sa.Column("allow_http", sa.Integer, nullable=False),
        sa.Column("created_at", _Big, nullable=False),
        sa.Column("revision", _Big, nullable=False),
        sa.Column("mac", sa.LargeBinary, nullable=False),
        sqlite_strict=True,
    )
    op.create_table(
        "probe_runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sa.Column("targets", sa.Integer, nullable=False),
        sa.Column("started_at", _Big, nullable=False),
        sa.Column("finished_at", _Big),
        sqlite_strict=True,
    )
    op.create_table(
        "probe_records",
        sa.Column("id", _Big, primary_key=True, autoincrement=True),
        sa.Column("run_id", sa.Text, sa.ForeignKey("probe_runs.id"), nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("started_at", _Big, nullable=False),
        sa.Column("finished_at", _Big),
        sa.Column("provider", sa.Text, nullable=False),
        sa.Column("model", sa.Text),
        sa.Column("credential_id", sa.Text, nullable=False),
        sa.Column("source", sa.Text, nullable=False),
        sa.Column("mode", sa.Text, nullable=False),
        sa.Column("base_url", sa.Text, nullable=False),
        sa.Column("revision", _Big),
        sa.Column("fingerprint", sa.Text),
        sa.Column("outcome", sa.Text),
        sa.Column("credential", sa.Text, nullable=False),
        sa.Column("latency_ms", _Big),
        sa.Column("http_status", sa.Integer),
        sa.Column("code", sa.Text),
        sa.Column("error_type", sa.Text),
        sa.Column("request_id", sa.Text),
        sa.Column("resets_at", _Big),
        sa.Column("classifier_version", sa.Integer, nullable=False),
        sa.Column("host", sa.Text, nullable=False),
        sqlite_autoincrement=True,
        sqlite_strict=True,
    )
    op.create_index("probe_records_by_credential", "probe_records", ["credential_id", "id"])
    op.create_index("probe_records_by_fact", "probe_records", ["credential_id", "credential", "id"])
    op.create_index("probe_records_by_provider", "probe_records", ["provider", "id"])
    op.create_index("probe_records_by_run", "probe_records", ["run_id"])
    if op.get_bind().dialect.name == "postgresql":
        # What files beside the store are to SQLite: locks between hosts (docs/adr/0024).
        op.create_table(
            "leases",
            sa.Column("name", sa.Text, primary_key=True),
            sa.Column("holder", sa.Text, nullable=False),
            sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        )
