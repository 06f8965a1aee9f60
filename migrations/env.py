"""Alembic's entry: runs the revisions on the caller's connection, in the caller's transaction."""

from alembic import context

from adapters.sql.tables import metadata

# Without transactional_ddl Alembic would commit behind the caller's back on SQLite.
context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    transaction_per_migration=False,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
