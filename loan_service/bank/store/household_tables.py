"""The table of what changed in households, as the banks told it; blinded keys and the bank's own references only."""

from sqlalchemy import BigInteger, Column, Date, Index, Table, Text

from loan_service.foundation.database import BANK, metadata, recorded_at

household_changes = Table(
    "household_changes",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("change_no", Text, primary_key=True, comment="the bank's own number of the row"),
    Column(
        "kind",
        Text,
        nullable=False,
        comment="one of models.household_changes.KINDS",
    ),
    Column("occurred_on", Date, nullable=False, comment="the day it took effect, however late it was told"),
    Column("household_key", Text, nullable=False, comment="blinded, as in households"),
    Column("other_household_key", Text, comment="where a part or a member came from; for a merger, who goes on"),
    Column("member_ref", Text, comment="the bank's own reference; no name, no identity number"),
    Column("member_birth_on", Date),
    Column("corrects_change_no", Text, comment="the earlier row this one takes the place of"),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    Index("ix_household_changes_household_key", "household_key"),
    Index("ix_household_changes_other_household_key", "other_household_key"),
    Index("ix_household_changes_member_ref", "bank_code", "member_ref"),
    Index("ix_household_changes_corrects_change_no", "bank_code", "corrects_change_no"),
    schema=BANK,
    comment="append-only: a wrong row is corrected by a later one that names it",
)
