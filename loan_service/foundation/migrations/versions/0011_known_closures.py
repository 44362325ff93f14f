"""Since when a closure is known: an offer is made again without what the bank said after it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    op.add_column(
        "closures",
        sa.Column("leaf_id", sa.BigInteger(), nullable=True, comment="empty: known from the start"),
        schema="bank",
    )
