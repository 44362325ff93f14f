"""The tables of the bank wing; business tables are append-only but for `contract_balances`."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from loan_service.foundation.database import BANK, metadata
from loan_service.foundation.idempotency import idempotency_table
from loan_service.foundation.outbox import outbox_table
from loan_service.foundation.transparency import log_tables


def _recorded() -> Column[object]:
    return Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now())


log = log_tables(metadata, BANK)
outbox = outbox_table(metadata, BANK)
idempotency_keys = idempotency_table(metadata, BANK)

# --- what the bank knows ----------------------------------------------------------------------------------------------
bank_files = Table(
    "bank_files",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("kind", Text, nullable=False, comment="households | past_loans"),
    Column("file_name", Text, nullable=False),
    Column("rows_read", Integer, nullable=False),
    Column("rows_landed", Integer, nullable=False),
    Column("rows_quarantined", Integer, nullable=False),
    Column("file_error", Text, comment="why the file as a whole could not be read; empty = it could"),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    schema=BANK,
)
bank_quarantine = Table(
    "bank_quarantine",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("sha256", Text, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("error_code", Text, primary_key=True),
    Column("field", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    schema=BANK,
)
households = Table(
    "households",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("household_ref", Text, primary_key=True),
    Column("snapshot_on", Date, primary_key=True),
    Column("household_key", Text, nullable=False, comment="blinded, equal at every bank; for the yes/no query only"),
    Column("village_code", Text, nullable=False),
    Column("sector", Text, nullable=False),
    Column("borrower_ref", Text, nullable=False),
    Column("borrower_birth_on", Date, nullable=False),
    Column("borrower_sex", Text, comment="for fairness monitoring; no stage prices with it"),
    Column("borrower_pseudonym", Text),
    Column("spouse_pseudonym", Text),
    Column("data", JSONB, nullable=False, comment="the file's figures a price may depend on, as delivered"),
    Column("leaf_id", BigInteger, nullable=False),
    schema=BANK,
)
received_certificates = Table(
    "received_certificates",
    metadata,
    Column("certificate_id", Text, primary_key=True),
    Column("bank_code", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    Index("ix_received_certificates_bank_code_pseudonym", "bank_code", "pseudonym"),
    schema=BANK,
)
received_revocations = Table(
    "received_revocations",
    metadata,
    Column("certificate_id", Text, primary_key=True),
    Column("bank_code", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("revoked_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    schema=BANK,
)

# --- models and offers ------------------------------------------------------------------------------------------------
promotions = Table(
    "promotions",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("kind", Text, primary_key=True, comment="baseline | full"),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("alias", Text, nullable=False),
    Column("scorecard_sha256", Text, nullable=False),
    Column("scorecard", Text, nullable=False, comment="the compiled tables that decide; MLflow keeps the same bytes"),
    Column("data_sha256", Text, nullable=False, comment="the past-loans file it was trained on"),
    Column("metrics", JSONB, nullable=False),
    Column("promoted_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column("leaf_id", BigInteger, primary_key=True, autoincrement=False, comment="a version may come back"),
    _recorded(),
    schema=BANK,
    comment="what serves: written with the move that makes a version live",
)
offers = Table(
    "offers",
    metadata,
    Column("offer_id", Text, primary_key=True, comment="hash of bank, household, input hash and the offer it replaces"),
    Column("bank_code", Text, nullable=False),
    Column("household_ref", Text, nullable=False),
    Column("village_code", Text, nullable=False),
    Column("replaces_offer_id", Text, comment="the household's offer before this one at this bank"),
    Column("decision", Text, nullable=False, comment="offer | decline | refer"),
    Column("grade", Text, nullable=False, comment="none | A | AA | AAA"),
    Column("certificate_id", Text),
    Column("default_probability", Double, nullable=False),
    Column("full_default_probability", Double, comment="risk reporting only; no rule reads it"),
    Column("baseline_limit_fen", BigInteger, nullable=False),
    Column(
        "limit_bonus_fen", BigInteger, CheckConstraint("limit_bonus_fen >= 0", name="limit_only_adds"), nullable=False
    ),
    Column("limit_fen", BigInteger, nullable=False),
    Column("base_rate_bp", Integer, nullable=False),
    Column(
        "rate_discount_bp", Integer, CheckConstraint("rate_discount_bp >= 0", name="rate_only_adds"), nullable=False
    ),
    Column("rate_bp", Integer, nullable=False),
    Column("all_in_annual_cost_bp", Integer, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("term_months", Integer, nullable=False, comment="0 where there is no offer"),
    Column("repayment_plan", Text, nullable=False),
    Column("risk_band", Text, nullable=False),
    Column("terms_ledger", JSONB, nullable=False, comment="limit and rate rows; each list sums to its total"),
    Column(
        "affordability",
        JSONB,
        nullable=False,
        comment="largest affordable line, worst month, what is left, assumptions",
    ),
    Column("reasons", JSONB, nullable=False),
    Column("input_hash", Text, nullable=False, comment="household data, grade, model, policy and LPR of the day"),
    Column("model_version", Text, nullable=False, comment="of the baseline, which alone decides"),
    Column("full_model_version", Text),
    Column("policy_edition", Text, nullable=False),
    Column("index_edition", Text),
    Column("known_position", BigInteger, nullable=False),
    Column("priced_on", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    Index("ix_offers_bank_code_household_ref", "bank_code", "household_ref", "priced_on"),
    Index("ix_offers_replaces_offer_id", "replaces_offer_id"),
    schema=BANK,
)

# --- application to contract ------------------------------------------------------------------------------------------
applications = Table(
    "applications",
    metadata,
    Column("application_id", Text, primary_key=True),
    Column("bank_code", Text, nullable=False),
    Column("channel_reference", Text, nullable=False),
    Column("offer_id", Text, nullable=False),
    Column("household_ref", Text, nullable=False),
    Column("household_key", Text, comment="empty when the bank's file does not know the household"),
    Column("requested_limit_fen", BigInteger, nullable=False),
    Column("purpose", Text, nullable=False),
    Column("term_months", Integer, nullable=False, comment="the purpose's term on that day; 0 = no such purpose"),
    Column("applied_on", Date, nullable=False),
    Column("refusal_code", Text, comment="why it could not go to the bank; empty = it went"),
    Column("leaf_id", BigInteger, nullable=False),
    UniqueConstraint("bank_code", "channel_reference"),
    Index("ix_applications_bank_code_household_ref", "bank_code", "household_ref"),
    schema=BANK,
)
authorisations = Table(
    "authorisations",
    metadata,
    Column("application_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("text_version", Text, nullable=False),
    Column("signed_at", DateTime(timezone=True), nullable=False),
    schema=BANK,
)
bank_decisions = Table(
    "bank_decisions",
    metadata,
    Column("application_id", Text, primary_key=True),
    Column("message_key", Text, primary_key=True, comment="bank_code/message_id of the bank's event"),
    Column("sequence", BigInteger, nullable=False, comment="place in the bank's feed"),
    Column(
        "decision",
        Text,
        nullable=False,
        comment="approve | counter | decline | refer; the first that is not refer is final",
    ),
    Column("limit_fen", BigInteger, nullable=False),
    Column("reason_codes", JSONB, nullable=False),
    Column("business_date", Date, nullable=False),
    schema=BANK,
)
signings = Table(
    "signings",
    metadata,
    Column("signing_id", Text, primary_key=True),
    Column("bank_code", Text, nullable=False),
    Column("application_id", Text, nullable=False, unique=True),
    Column("household_ref", Text, nullable=False),
    Column("household_key", Text, nullable=False),
    Column("claim_number", Integer, comment="1 + the household's claims that ended before; empty = refused"),
    Column("limit_fen", BigInteger, nullable=False),
    Column("rate_bp", Integer, nullable=False),
    Column("term_months", Integer, nullable=False),
    Column("template_id", Text, nullable=False),
    Column("terms_hash", Text, nullable=False),
    Column("requested_on", Date, nullable=False),
    Column("holds_until", Date, nullable=False, comment="until then unsigned terms claim the household's one contract"),
    Column("refusal_code", Text, comment="why the terms were not put before the household; empty = they were"),
    Column("leaf_id", BigInteger, nullable=False),
    # An earlier claim that still holds has this very number, so a household can never have two, whoever is careless.
    UniqueConstraint("household_key", "claim_number"),
    schema=BANK,
)
contracts = Table(
    "contracts",
    metadata,
    Column("contract_id", Text, primary_key=True, comment="bank_code/contract_no"),
    Column("bank_code", Text, nullable=False),
    Column("contract_no", Text, nullable=False),
    Column("signing_id", Text, nullable=False, unique=True),
    Column("application_id", Text, nullable=False, unique=True),
    Column("offer_id", Text, nullable=False),
    Column("household_ref", Text, nullable=False),
    Column("household_key", Text, nullable=False, index=True),
    Column("village_code", Text, nullable=False),
    Column("grade", Text, nullable=False),
    Column("limit_fen", BigInteger, nullable=False),
    Column("rate_bp", Integer, nullable=False),
    Column("document_hash", Text, nullable=False),
    Column("signed_on", Date, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("matures_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    UniqueConstraint("bank_code", "contract_no"),
    schema=BANK,
)
contract_balances = Table(
    "contract_balances",
    metadata,
    Column("contract_id", Text, primary_key=True),
    Column("limit_fen", BigInteger, nullable=False),
    Column("reserved_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("outstanding_fen", BigInteger, nullable=False, server_default=text("0")),
    CheckConstraint("reserved_fen >= 0 AND outstanding_fen >= 0", name="never_negative"),
    CheckConstraint(
        "reserved_fen = 0 OR reserved_fen + outstanding_fen <= limit_fen", name="reservations_within_limit"
    ),
    schema=BANK,
    comment="the one mutable business table; rebuilt from movements and compared",
)

# --- usage ------------------------------------------------------------------------------------------------------------
drawdowns = Table(
    "drawdowns",
    metadata,
    Column("drawdown_id", Text, primary_key=True),
    Column("contract_id", Text, nullable=False),
    Column("bank_code", Text, nullable=False),
    Column("channel_reference", Text, nullable=False),
    Column("amount_fen", BigInteger, CheckConstraint("amount_fen > 0", name="positive"), nullable=False),
    Column("requested_on", Date, nullable=False),
    Column("refusal_code", Text, comment="why it was not reserved; empty = reserved and sent"),
    Column("leaf_id", BigInteger, nullable=False),
    UniqueConstraint("bank_code", "channel_reference"),
    Index("ix_drawdowns_contract_id", "contract_id"),
    schema=BANK,
)
movements = Table(
    "movements",
    metadata,
    Column("movement_id", Text, primary_key=True, comment="bank_code/message_id of the bank's event"),
    Column("contract_id", Text, nullable=False),
    Column("bank_code", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="drawdown | drawdown_refused | repayment"),
    Column("drawdown_id", Text),
    Column("loan_note_no", Text),
    Column("principal_fen", BigInteger, nullable=False),
    Column("interest_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("penalty_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("fee_fen", BigInteger, nullable=False, server_default=text("0")),
    Column("business_date", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    Index("ix_movements_contract_id", "contract_id"),
    schema=BANK,
)
arrears_reports = Table(
    "arrears_reports",
    metadata,
    Column("message_key", Text, primary_key=True),
    Column("contract_id", Text, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("days_past_due", Integer, nullable=False),
    schema=BANK,
)
closures = Table(
    "closures",
    metadata,
    Column("contract_id", Text, primary_key=True),
    Column("message_key", Text, nullable=False),
    Column("reason_code", Text, nullable=False),
    Column("business_date", Date, nullable=False),
    schema=BANK,
)
breaks = Table(
    "breaks",
    metadata,
    Column("break_id", Text, primary_key=True),
    Column("bank_code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("contract_id", Text),
    Column("amount_fen", BigInteger, nullable=False),
    Column("found_on", Date, nullable=False),
    Column("detail", Text, nullable=False),
    schema=BANK,
    comment="where our mirror and the bank's core disagree; never a rejection",
)
bank_events = Table(
    "bank_events",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("sequence", BigInteger, primary_key=True, autoincrement=False),
    Column("message_id", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("business_date", Date, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("repeated", Boolean, nullable=False, comment="an earlier entry tells the same happening; never applied"),
    Column("processed", Boolean, nullable=False),
    _recorded(),
    Index("ix_bank_events_happening", "bank_code", "message_id", unique=True, postgresql_where=text("NOT repeated")),
    Index("ix_bank_events_waiting", "bank_code", "kind", "sequence", postgresql_where=text("NOT processed")),
    schema=BANK,
    comment="the inbox, a queue like the outbox: rows stay as received but for `processed`, true once applied",
)
rejections = Table(
    "rejections",
    metadata,
    Column("message_id", Text, primary_key=True, comment="our request's key"),
    Column("bank_code", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="kind of the request"),
    Column("subject_id", Text, nullable=False, comment="the offer, application, signing or drawdown it was about"),
    Column("code", Text, nullable=False),
    Column("message_zh", Text, nullable=False),
    Column("message_en", Text, nullable=False),
    _recorded(),
    Index("ix_rejections_subject_id", "subject_id"),
    schema=BANK,
    comment="requests the bank refused for good",
)
household_queries = Table(
    "household_queries",
    metadata,
    Column("asked_by", Text, primary_key=True),
    Column("application_id", Text, primary_key=True),
    Column("asked_for", Text, primary_key=True, comment="application | signing"),
    Column("household_key", Text, nullable=False),
    Column("answer", Boolean, nullable=False, comment="does this household already hold a programme contract?"),
    Column("asked_on", Date, nullable=False),
    schema=BANK,
    comment="the one logged yes/no question between bank nodes",
)
