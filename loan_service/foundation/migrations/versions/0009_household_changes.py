"""Dated changes of households: registrations, splits, mergers, deaths, moves."""

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    pass
