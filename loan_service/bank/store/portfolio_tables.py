"""What signing takes of portfolio caps and budgets, as a ledger with a running total per pot; and who waits.

An entry carries the number and the total it comes to. Two transactions that both counted from the same entry would
write the same number, and the key refuses the second: a cap holds even where somebody forgets the lock.
"""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, Index, Integer, Table, Text, UniqueConstraint

from loan_service.foundation.database import BANK, metadata, recorded_at

portfolio_entries = Table(
    "portfolio_entries",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("scope", Text, primary_key=True, comment="programme | village | sector | bonus | incentive"),
    Column("code", Text, primary_key=True, comment="village, sector or budget; empty for the programme"),
    Column("year", Integer, primary_key=True, autoincrement=False, comment="of a bonus budget, else 0"),
    Column("entry_number", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 ... within the pot"),
    Column("signing_id", Text, comment="whose terms; empty for a correction"),
    Column("kind", Text, nullable=False, comment="reserved | lapsed | rejected | ended | signed_anyway | corrected"),
    Column("amount_fen", BigInteger, nullable=False, comment="added to the pot, or given back"),
    Column("total_fen", BigInteger, nullable=False, comment="what the pot holds after this entry"),
    Column("cap_fen", BigInteger, comment="the cap that was looked at; empty: there was none"),
    Column("entered_on", Date, nullable=False, comment="business date"),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    UniqueConstraint("signing_id", "scope", "kind"),
    CheckConstraint("kind <> 'reserved' OR cap_fen IS NULL OR total_fen <= cap_fen", name="within_cap"),
    CheckConstraint("(kind = 'corrected') = (signing_id IS NULL)", name="about_somebody"),
    CheckConstraint("(kind IN ('reserved', 'signed_anyway')) <= (amount_fen > 0)", name="taken"),
    CheckConstraint("(kind IN ('lapsed', 'rejected', 'ended')) <= (amount_fen < 0)", name="given_back"),
    schema=BANK,
)
portfolio_waits = Table(
    "portfolio_waits",
    metadata,
    Column("application_id", Text, primary_key=True),
    Column("code", Text, primary_key=True, comment="the cap without room: programme_, village_ or sector_cap_reached"),
    Column("bank_code", Text, nullable=False),
    Column("policy_edition", Text, nullable=False, comment="whose cap it is"),
    Column("since_on", Date, primary_key=True, comment="business date on which it was first told"),
    Column("leaf_id", BigInteger, nullable=False),
    recorded_at(),
    Index("ix_portfolio_waits_bank_code", "bank_code"),
    schema=BANK,
    comment="approved, not refused: terms follow when there is room and the offer still holds",
)
