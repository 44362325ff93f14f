"""The house: both wings' tables and the demo clock."""

from alembic import op

from loan_service.foundation.migrate import all_metadata

revision = "0001"
down_revision = None


def upgrade() -> None:
    all_metadata().create_all(op.get_bind())
