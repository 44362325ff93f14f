"""Publication of lending policies: proposed, assessed, approved, backed out."""

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    pass
