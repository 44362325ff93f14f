"""Bonuses chosen by households, and what signing reserves of caps and budgets."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    op.add_column(
        "applications",
        sa.Column(
            "takes_bonus",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="the household chose to go beyond the baseline limit",
        ),
        schema="bank",
    )
