"""The demo's own business date."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "demo_clock",
        sa.Column("only_row", sa.SmallInteger(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("only_row", name=op.f("pk_demo_clock")),
        schema="demo",
    )
