"""The bank wing's first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "applications",
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("channel_reference", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("household_ref", sa.Text(), nullable=False),
        sa.Column(
            "household_key", sa.Text(), nullable=True, comment="empty when the bank's file does not know the household"
        ),
        sa.Column("requested_limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column(
            "term_months", sa.Integer(), nullable=False, comment="the purpose's term on that day; 0 = no such purpose"
        ),
        sa.Column("applied_on", sa.Date(), nullable=False),
        sa.Column("refusal_code", sa.Text(), nullable=True, comment="why it could not go to the bank; empty = it went"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("application_id", name=op.f("pk_applications")),
        sa.UniqueConstraint("bank_code", "channel_reference", name=op.f("uq_applications_bank_code_channel_reference")),
        schema="bank",
    )
    op.create_index(
        "ix_applications_bank_code_household_ref",
        "applications",
        ["bank_code", "household_ref"],
        unique=False,
        schema="bank",
    )
    op.create_table(
        "arrears_reports",
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("days_past_due", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("message_key", name=op.f("pk_arrears_reports")),
        schema="bank",
    )
    op.create_table(
        "authorisations",
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "kind", name=op.f("pk_authorisations")),
        schema="bank",
    )
    op.create_table(
        "bank_decisions",
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False, comment="bank_code/message_id of the bank's event"),
        sa.Column("sequence", sa.BigInteger(), nullable=False, comment="place in the bank's feed"),
        sa.Column(
            "decision",
            sa.Text(),
            nullable=False,
            comment="approve | counter | decline | refer; the first that is not refer is final",
        ),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("reason_codes", postgresql.JSONB(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("application_id", "message_key", name=op.f("pk_bank_decisions")),
        schema="bank",
    )
    op.create_table(
        "bank_events",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("sequence", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column(
            "repeated", sa.Boolean(), nullable=False, comment="an earlier entry tells the same happening; never applied"
        ),
        sa.Column("processed", sa.Boolean(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "sequence", name=op.f("pk_bank_events")),
        schema="bank",
        comment="the inbox, a queue like the outbox: rows stay as received but for `processed`, true once applied",
    )
    op.create_index(
        "ix_bank_events_happening",
        "bank_events",
        ["bank_code", "message_id"],
        unique=True,
        schema="bank",
        postgresql_where=sa.text("NOT repeated"),
    )
    op.create_index(
        "ix_bank_events_waiting",
        "bank_events",
        ["bank_code", "kind", "sequence"],
        unique=False,
        schema="bank",
        postgresql_where=sa.text("NOT processed"),
    )
    op.create_table(
        "bank_files",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="households | past_loans"),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_landed", sa.Integer(), nullable=False),
        sa.Column("rows_quarantined", sa.Integer(), nullable=False),
        sa.Column(
            "file_error",
            sa.Text(),
            nullable=True,
            comment="why the file as a whole could not be read; empty = it could",
        ),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "sha256", name=op.f("pk_bank_files")),
        schema="bank",
    )
    op.create_table(
        "bank_quarantine",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "sha256", "row_number", "error_code", name=op.f("pk_bank_quarantine")),
        schema="bank",
    )
    op.create_table(
        "breaks",
        sa.Column("break_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=True),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("break_id", name=op.f("pk_breaks")),
        schema="bank",
        comment="where our mirror and the bank's core disagree; never a rejection",
    )
    op.create_table(
        "closures",
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("message_key", sa.Text(), nullable=False),
        sa.Column("reason_code", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_closures")),
        schema="bank",
    )
    op.create_table(
        "contract_balances",
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("reserved_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("outstanding_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.CheckConstraint(
            "reserved_fen = 0 OR reserved_fen + outstanding_fen <= limit_fen",
            name=op.f("ck_contract_balances_reservations_within_limit"),
        ),
        sa.CheckConstraint(
            "reserved_fen >= 0 AND outstanding_fen >= 0", name=op.f("ck_contract_balances_never_negative")
        ),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_contract_balances")),
        schema="bank",
        comment="the one mutable business table; rebuilt from movements and compared",
    )
    op.create_table(
        "contracts",
        sa.Column("contract_id", sa.Text(), nullable=False, comment="bank_code/contract_no"),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("contract_no", sa.Text(), nullable=False),
        sa.Column("signing_id", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("offer_id", sa.Text(), nullable=False),
        sa.Column("household_ref", sa.Text(), nullable=False),
        sa.Column("household_key", sa.Text(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("document_hash", sa.Text(), nullable=False),
        sa.Column("signed_on", sa.Date(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("matures_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("contract_id", name=op.f("pk_contracts")),
        sa.UniqueConstraint("application_id", name=op.f("uq_contracts_application_id")),
        sa.UniqueConstraint("bank_code", "contract_no", name=op.f("uq_contracts_bank_code_contract_no")),
        sa.UniqueConstraint("signing_id", name=op.f("uq_contracts_signing_id")),
        schema="bank",
    )
    op.create_index(op.f("ix_contracts_household_key"), "contracts", ["household_key"], unique=False, schema="bank")
    op.create_table(
        "drawdowns",
        sa.Column("drawdown_id", sa.Text(), nullable=False),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("channel_reference", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column(
            "refusal_code", sa.Text(), nullable=True, comment="why it was not reserved; empty = reserved and sent"
        ),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("drawdown_id", name=op.f("pk_drawdowns")),
        sa.UniqueConstraint("bank_code", "channel_reference", name=op.f("uq_drawdowns_bank_code_channel_reference")),
        schema="bank",
    )
    op.create_index("ix_drawdowns_contract_id", "drawdowns", ["contract_id"], unique=False, schema="bank")
    op.create_table(
        "household_queries",
        sa.Column("asked_by", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("asked_for", sa.Text(), nullable=False, comment="application | signing"),
        sa.Column("household_key", sa.Text(), nullable=False),
        sa.Column(
            "answer", sa.Boolean(), nullable=False, comment="does this household already hold a programme contract?"
        ),
        sa.Column("asked_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("asked_by", "application_id", "asked_for", name=op.f("pk_household_queries")),
        schema="bank",
        comment="the one logged yes/no question between bank nodes",
    )
    op.create_table(
        "households",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("household_ref", sa.Text(), nullable=False),
        sa.Column("snapshot_on", sa.Date(), nullable=False),
        sa.Column(
            "household_key",
            sa.Text(),
            nullable=False,
            comment="blinded, equal at every bank; for the yes/no query only",
        ),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("sector", sa.Text(), nullable=False),
        sa.Column("borrower_ref", sa.Text(), nullable=False),
        sa.Column("borrower_birth_on", sa.Date(), nullable=False),
        sa.Column("borrower_sex", sa.Text(), nullable=True, comment="for fairness monitoring; no stage prices with it"),
        sa.Column("borrower_pseudonym", sa.Text(), nullable=True),
        sa.Column("spouse_pseudonym", sa.Text(), nullable=True),
        sa.Column(
            "data", postgresql.JSONB(), nullable=False, comment="the file's figures a price may depend on, as delivered"
        ),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "household_ref", "snapshot_on", name=op.f("pk_households")),
        schema="bank",
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_keys")),
        schema="bank",
    )
    op.create_table(
        "log_leaves",
        sa.Column("leaf_id", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject_key", sa.Text(), nullable=False),
        sa.Column("salt", sa.Text(), nullable=False),
        sa.Column("commitment", sa.Text(), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("leaf_id", name=op.f("pk_log_leaves")),
        sa.UniqueConstraint("kind", "subject_key", name=op.f("uq_log_leaves_kind_subject_key")),
        schema="bank",
    )
    op.create_table(
        "movements",
        sa.Column("movement_id", sa.Text(), nullable=False, comment="bank_code/message_id of the bank's event"),
        sa.Column("contract_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="drawdown | drawdown_refused | repayment"),
        sa.Column("drawdown_id", sa.Text(), nullable=True),
        sa.Column("loan_note_no", sa.Text(), nullable=True),
        sa.Column("principal_fen", sa.BigInteger(), nullable=False),
        sa.Column("interest_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("penalty_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("fee_fen", sa.BigInteger(), server_default=sa.text("0"), nullable=False),
        sa.Column("business_date", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("movement_id", name=op.f("pk_movements")),
        schema="bank",
    )
    op.create_index("ix_movements_contract_id", "movements", ["contract_id"], unique=False, schema="bank")
    op.create_table(
        "offers",
        sa.Column(
            "offer_id",
            sa.Text(),
            nullable=False,
            comment="hash of bank, household, input hash and the offer it replaces",
        ),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("household_ref", sa.Text(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column(
            "replaces_offer_id", sa.Text(), nullable=True, comment="the household's offer before this one at this bank"
        ),
        sa.Column("decision", sa.Text(), nullable=False, comment="offer | decline | refer"),
        sa.Column("grade", sa.Text(), nullable=False, comment="none | A | AA | AAA"),
        sa.Column("certificate_id", sa.Text(), nullable=True),
        sa.Column("default_probability", sa.Double(), nullable=False),
        sa.Column(
            "full_default_probability", sa.Double(), nullable=True, comment="risk reporting only; no rule reads it"
        ),
        sa.Column("baseline_limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("limit_bonus_fen", sa.BigInteger(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("base_rate_bp", sa.Integer(), nullable=False),
        sa.Column("rate_discount_bp", sa.Integer(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("all_in_annual_cost_bp", sa.Integer(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False, comment="0 where there is no offer"),
        sa.Column("repayment_plan", sa.Text(), nullable=False),
        sa.Column("risk_band", sa.Text(), nullable=False),
        sa.Column(
            "terms_ledger",
            postgresql.JSONB(),
            nullable=False,
            comment="limit and rate rows; each list sums to its total",
        ),
        sa.Column(
            "affordability",
            postgresql.JSONB(),
            nullable=False,
            comment="largest affordable line, worst month, what is left, assumptions",
        ),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column(
            "input_hash", sa.Text(), nullable=False, comment="household data, grade, model, policy and LPR of the day"
        ),
        sa.Column("model_version", sa.Text(), nullable=False, comment="of the baseline, which alone decides"),
        sa.Column("full_model_version", sa.Text(), nullable=True),
        sa.Column("policy_edition", sa.Text(), nullable=False),
        sa.Column("index_edition", sa.Text(), nullable=True),
        sa.Column("known_position", sa.BigInteger(), nullable=False),
        sa.Column("priced_on", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("offer_id", name=op.f("pk_offers")),
        schema="bank",
    )
    op.create_index(
        "ix_offers_bank_code_household_ref",
        "offers",
        ["bank_code", "household_ref", "priced_on"],
        unique=False,
        schema="bank",
    )
    op.create_index("ix_offers_replaces_offer_id", "offers", ["replaces_offer_id"], unique=False, schema="bank")
    op.create_table(
        "outbox",
        sa.Column("message_id", sa.Text(), nullable=False),
        sa.Column("order_number", sa.BigInteger(), sa.Identity(always=True), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_outbox")),
        schema="bank",
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["destination", "order_number"],
        unique=False,
        schema="bank",
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "promotions",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="baseline | full"),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("alias", sa.Text(), nullable=False),
        sa.Column("scorecard_sha256", sa.Text(), nullable=False),
        sa.Column(
            "scorecard",
            sa.Text(),
            nullable=False,
            comment="the compiled tables that decide; MLflow keeps the same bytes",
        ),
        sa.Column("data_sha256", sa.Text(), nullable=False, comment="the past-loans file it was trained on"),
        sa.Column("metrics", postgresql.JSONB(), nullable=False),
        sa.Column("promoted_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "kind", "model_name", "model_version", name=op.f("pk_promotions")),
        schema="bank",
    )
    op.create_table(
        "received_certificates",
        sa.Column("certificate_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_received_certificates")),
        schema="bank",
    )
    op.create_index(
        "ix_received_certificates_bank_code_pseudonym",
        "received_certificates",
        ["bank_code", "pseudonym"],
        unique=False,
        schema="bank",
    )
    op.create_table(
        "received_revocations",
        sa.Column("certificate_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_received_revocations")),
        schema="bank",
    )
    op.create_table(
        "rejections",
        sa.Column("message_id", sa.Text(), nullable=False, comment="our request's key"),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="kind of the request"),
        sa.Column(
            "subject_id", sa.Text(), nullable=False, comment="the offer, application, signing or drawdown it was about"
        ),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("message_zh", sa.Text(), nullable=False),
        sa.Column("message_en", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_rejections")),
        schema="bank",
        comment="requests the bank refused for good",
    )
    op.create_index("ix_rejections_subject_id", "rejections", ["subject_id"], unique=False, schema="bank")
    op.create_table(
        "sealed_leaves",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("leaf_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_sealed_leaves")),
        sa.UniqueConstraint("leaf_id", name=op.f("uq_sealed_leaves_leaf_id")),
        schema="bank",
    )
    op.create_table(
        "signings",
        sa.Column("signing_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("application_id", sa.Text(), nullable=False),
        sa.Column("household_ref", sa.Text(), nullable=False),
        sa.Column("household_key", sa.Text(), nullable=False),
        sa.Column(
            "claim_number",
            sa.Integer(),
            nullable=True,
            comment="1 + the household's claims that ended before; empty = refused",
        ),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("rate_bp", sa.Integer(), nullable=False),
        sa.Column("term_months", sa.Integer(), nullable=False),
        sa.Column("template_id", sa.Text(), nullable=False),
        sa.Column("terms_hash", sa.Text(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=False),
        sa.Column(
            "holds_until",
            sa.Date(),
            nullable=False,
            comment="until then unsigned terms claim the household's one contract",
        ),
        sa.Column(
            "refusal_code",
            sa.Text(),
            nullable=True,
            comment="why the terms were not put before the household; empty = they were",
        ),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("signing_id", name=op.f("pk_signings")),
        sa.UniqueConstraint("application_id", name=op.f("uq_signings_application_id")),
        sa.UniqueConstraint("household_key", "claim_number", name=op.f("uq_signings_household_key_claim_number")),
        schema="bank",
    )
    op.create_table(
        "tree_heads",
        sa.Column("tree_size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tree_size", name=op.f("pk_tree_heads")),
        schema="bank",
    )
