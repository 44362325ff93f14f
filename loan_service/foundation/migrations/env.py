"""Alembic's environment: runs on the connection it is handed, over both wings' schemas and the demo clock."""

from alembic import context

from loan_service.foundation.migrate import OWN_SCHEMAS

connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=context.config.attributes["metadata"],
    include_schemas=True,
    include_name=lambda name, kind, _parents: kind != "schema" or name in OWN_SCHEMAS,
    compare_server_default=False,
)
with context.begin_transaction():
    context.run_migrations()
