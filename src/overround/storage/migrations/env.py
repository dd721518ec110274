"""Alembic's entry: runs the migrations on the connection that `upgrade` hands over."""

from alembic import context

from overround.storage.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,  # SQLite can't alter a column in place
    transaction_per_migration=False,  # the caller's transaction holds all of them
)
context.run_migrations()
