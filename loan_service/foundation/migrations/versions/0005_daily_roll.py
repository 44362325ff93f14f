"""What a roll of the index looks up instead of reading everything: days that come, files that came, their reach."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

INDEXES = (
    ("persons", "birth_on", None),
    ("persons", "file_id", None),
    ("memberships", "file_id", None),
    ("representatives", "person_id", None),
    ("representatives", "file_id", None),
    ("consent_acts", "file_id", None),
    ("consent_acts", "acted_on", "purpose = 'enrolment'"),
    ("events", "household_id", "household_id IS NOT NULL"),
    ("events", "about_event_id", "about_event_id IS NOT NULL"),
    ("events", "level", "event_type = 'neighborhood_conversion'"),
    ("events", "leaf_id", None),
    ("civility_indices", "next_change_on", None),
)


def upgrade() -> None:
    op.add_column(
        "index_runs",
        sa.Column(
            "computed_by",
            sa.Text(),
            nullable=True,
            comment="digest of the edition and of the code that read and interpreted it",
        ),
        schema="district",
    )
    for table, column, where in INDEXES:
        op.create_index(
            f"ix_{table}_{column}",
            table,
            [column],
            unique=False,
            schema="district",
            postgresql_where=sa.text(where) if where else None,
        )
