"""Alembic's entry: runs on the connection that `campaign.store.migrate` hands over, in its transaction."""

from alembic import context

from campaign.store.schema import Tables

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=Tables.metadata, transactional_ddl=True)
context.run_migrations()
