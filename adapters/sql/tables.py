"""The tables, for what is written. Times are epoch ms; migrations say how they came to be."""

import sqlalchemy as sa

from adapters.sql.rows import FAILED
from domain.journal.days import COUNTERS

metadata = sa.MetaData()
LARGEST_ID = 2**63 - 1
"""What SQLite counts to; it takes more runs than there are seconds."""

# SQLite's STRICT tables know no BIGINT; its INTEGER holds 64 bits.
Big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _table(name: str, *parts: sa.schema.SchemaItem) -> sa.Table:
    made: sa.Table = sa.Table(name, metadata, *parts, sqlite_strict=True)
    return made


def _partial(name: str, condition: str, *columns: str) -> sa.Index:
    where = sa.text(condition)
    return sa.Index(name, *columns, sqlite_where=where, postgresql_where=where)


vault = _table(
    "vault",
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
    sa.Column("vault_id", sa.Text, nullable=False),
    sa.Column("data_key_version", sa.Integer, nullable=False),
    sa.Column("wrapped_data_key", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Big, nullable=False),
    sa.Column("revision", Big, nullable=False),
)

key_slots = _table(
    "key_slots",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("parameters", sa.Text, nullable=False),
    sa.Column("key_check", sa.LargeBinary, nullable=False),
    sa.Column("wrapped_root", sa.LargeBinary, nullable=False),
    sa.Column("created_at", Big, nullable=False),
    sa.Column("revision", Big, nullable=False),
)

profiles = _table(
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
    sa.Column("expires_at", Big),
    sa.Column("refreshable", sa.Integer, nullable=False),
    sa.Column("created_at", Big, nullable=False),
    sa.Column("updated_at", Big, nullable=False),
    sa.Column("revision", Big, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("metadata", sa.Text, nullable=False),
    sa.Column("sealed", sa.LargeBinary, nullable=False),
    sa.Column("origin", sa.Text),
)

selection = _table(
    "selection",
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
    sa.Column("document", sa.Text, nullable=False),
    sa.Column("updated_at", Big, nullable=False),
    sa.Column("revision", Big, nullable=False),
    sa.Column("mac", sa.LargeBinary),
)

user_providers = _table(
    "user_providers",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("label", sa.Text, nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("dialect", sa.Text, nullable=False),
    sa.Column("env_names", sa.Text, nullable=False),
    sa.Column("scheme", sa.Text, nullable=False),
    sa.Column("allow_http", sa.Integer, nullable=False),
    sa.Column("created_at", Big, nullable=False),
    sa.Column("revision", Big, nullable=False),
    sa.Column("mac", sa.LargeBinary, nullable=False),
    sa.Column("client", sa.Text),
)

probe_runs = _table(
    "probe_runs",
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("targets", sa.Integer, nullable=False),
    sa.Column("started_at", Big, nullable=False),
    sa.Column("finished_at", Big),
)

# No foreign key to profiles: history outlives them.
probe_records = sa.Table(
    "probe_records",
    metadata,
    sa.Column("id", Big, primary_key=True, autoincrement=True),
    sa.Column("run_id", sa.Text, sa.ForeignKey("probe_runs.id"), nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("started_at", Big, nullable=False),
    sa.Column("finished_at", Big),
    sa.Column("provider", sa.Text, nullable=False),
    sa.Column("model", sa.Text),
    sa.Column("credential_id", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("base_url", sa.Text, nullable=False),
    sa.Column("revision", Big),
    sa.Column("fingerprint", sa.Text),
    sa.Column("outcome", sa.Text),
    sa.Column("credential", sa.Text, nullable=False),
    sa.Column("latency_ms", Big),
    sa.Column("http_status", sa.Integer),
    sa.Column("code", sa.Text),
    sa.Column("error_type", sa.Text),
    sa.Column("request_id", sa.Text),
    sa.Column("resets_at", Big),
    sa.Column("classifier_version", sa.Integer, nullable=False),
    sa.Column("host", sa.Text, nullable=False),
    sa.Column("usage", sa.Text),
    sa.Column("scope", sa.Text),
    sa.Index("probe_records_by_credential", "credential_id", "id"),
    sa.Index("probe_records_by_fact", "credential_id", "credential", "id"),
    sa.Index("probe_records_by_provider", "provider", "id"),
    sa.Index("probe_records_by_run", "run_id"),
    # Only the few records each is about: what most are not is not paid for.
    _partial("probe_records_by_usage", "usage IS NOT NULL", "credential_id", "id"),
    _partial(
        "probe_records_by_failure",
        FAILED,
        "credential_id",
        "model",
        "id",
    ),
    _partial("probe_records_by_success", "outcome = 'ok'", "credential_id", "model", "id"),
    _partial("probe_records_by_clearing", "outcome = 'cleared'", "credential_id", "id"),
    _partial("probe_records_by_use", "kind = 'use'", "credential_id", "id"),
    sqlite_strict=True,
    # An id is never used again: a cursor of the history stays where it was.
    sqlite_autoincrement=True,
)

# What is left of the history where its records are gone; by day, so that a span is read in one go.
journal_days = sa.Table(
    "journal_days",
    metadata,
    sa.Column("day", sa.Integer, primary_key=True),
    sa.Column("credential_id", sa.Text, primary_key=True),
    sa.Column("model", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, primary_key=True),
    sa.Column("provider", sa.Text, primary_key=True),
    sa.Column("records", Big, nullable=False),
    *(sa.Column(name, Big, nullable=False) for name in COUNTERS),
    sa.Column("hours", sa.Integer, nullable=False),
    sa.Column("latencies", sa.LargeBinary, nullable=False),
    sa.Column("first_id", Big, nullable=False),
    sa.Column("last_id", Big, nullable=False),
    sa.Column("good_id", Big, nullable=False),
    sa.Column("good_at", Big, nullable=False),
    sa.Column("failed_id", Big, nullable=False),
    sa.Column("failed_at", Big, nullable=False),
    sqlite_strict=True,
    sqlite_with_rowid=False,
)

# Records from `filled_from` (an id) on are in journal_days; those that began before `pruned_until`
# may be gone. Retention: NULL is the usual one, 0 is none; it has looked at the ids up to
# `retained_to`, and was through with all at `retained_at`.
journal_state = _table(
    "journal_state",
    sa.Column("id", sa.Integer, sa.CheckConstraint("id = 1"), primary_key=True),
    sa.Column("filled_from", Big, nullable=False),
    sa.Column("pruned_until", Big, nullable=False),
    sa.Column("retention_days", Big),
    sa.Column("retention_rows", Big),
    sa.Column("retained_to", Big, nullable=False),
    sa.Column("retained_at", Big, nullable=False),
)
