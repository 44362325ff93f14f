"""The publication ledger of lending policies, and the LPR tables that price beside them; never changed.

The LPR is quoted every month while a policy stands for years, so the rate is no part of an edition: it has a ledger of
its own, common to all banks of the node because it is the country's. The newest table that covers a day prices it, and
every offer keeps the hash of the table that priced it.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from loan_service.foundation.database import BANK, metadata, recorded_at
from loan_service.foundation.editions.tables import edition_tables

policy_tables = edition_tables(
    metadata,
    BANK,
    "policy",
    "the policy's content; comments and layout do not count",
    of_approval=[Column("accepted", JSONB, nullable=False, comment="why an undecided gate was accepted, by its name")],
    series="bank_code",
)
policy_editions = policy_tables.editions
policy_files = policy_tables.files
policy_assessments = policy_tables.assessments
policy_approvals = policy_tables.approvals
policy_back_outs = policy_tables.back_outs

lpr_tables = Table(
    "lpr_tables",
    metadata,
    Column("content_hash", Text, primary_key=True, comment="SHA-256 over the table's content"),
    Column("edition", Text, nullable=False),
    Column("from_on", Date, nullable=False, comment="first day it prices"),
    Column("until_on", Date, nullable=False, comment="first day it no longer prices"),
    Column("content", LargeBinary, nullable=False, comment="as delivered"),
    Column("entered_by", Text, nullable=False),
    Column("checked_by", Text, nullable=False, comment="a second person, who compared it with what was published"),
    Column("entered_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    CheckConstraint("from_on < until_on", name="covers_days"),
    CheckConstraint("entered_by <> '' AND checked_by <> ''", name="named"),
    CheckConstraint("lower(entered_by) <> lower(checked_by)", name="two_persons"),
    schema=BANK,
    comment="loan prime rates as entered; the newest that covers a day prices it",
)
