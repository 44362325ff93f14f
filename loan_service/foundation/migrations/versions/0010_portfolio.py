"""Bonuses chosen by households, and what signing reserves of caps and budgets."""

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    pass
