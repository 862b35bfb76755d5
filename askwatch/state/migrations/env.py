"""Runs migrations on the connection that askwatch.state.migrate hands over."""

from alembic import context

from askwatch.state.types import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    render_as_batch=connection.dialect.name == "sqlite",
    # The caller's transaction is the only one: all of an upgrade happens, or nothing.
    transactional_ddl=True,
    transaction_per_migration=False,
)
context.run_migrations()
