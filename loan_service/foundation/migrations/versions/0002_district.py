"""The district wing's first tables."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "certificate_batches",
        sa.Column("batch_id", sa.Text(), nullable=False, comment="the Merkle root"),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("tree_size", sa.Integer(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="certificate | revocation"),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("batch_id", name=op.f("pk_certificate_batches")),
        schema="district",
    )
    op.create_table(
        "certificate_deliveries",
        sa.Column("certificate_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False, comment="certificate | revocation"),
        sa.Column("result", sa.Text(), nullable=False, comment="accepted | duplicate | rejected"),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("certificate_id", "kind", name=op.f("pk_certificate_deliveries")),
        schema="district",
    )
    op.create_table(
        "certificate_revocations",
        sa.Column("certificate_id", sa.Text(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("revoked_on", sa.Date(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("batch_position", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_certificate_revocations")),
        schema="district",
        comment="reasonless on purpose: withdrawing and falling below A look alike",
    )
    op.create_table(
        "civility_indices",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False, comment="first day on which this ledger was computed"),
        sa.Column("known_position", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("index_milli", sa.Integer(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("next_change_on", sa.Date(), nullable=True),
        sa.Column("ledger_hash", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "as_of", "known_position", "edition", name=op.f("pk_civility_indices")),
        schema="district",
    )
    op.create_table(
        "consent_acts",
        sa.Column("act_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("act", sa.Text(), nullable=False, comment="given | withdrawn"),
        sa.Column("purpose", sa.Text(), nullable=False, comment="enrolment | source | provide_certificate"),
        sa.Column("source_code", sa.Text(), nullable=True),
        sa.Column("recipient", sa.Text(), nullable=True),
        sa.Column("text_version", sa.Text(), nullable=False),
        sa.Column("acted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("acted_on", sa.Date(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column(
            "pseudonym",
            sa.Text(),
            nullable=True,
            comment="derived from the one-time token; the token itself is not kept",
        ),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column(
            "content_id",
            sa.BigInteger(),
            nullable=True,
            comment="keyed hash of the delivered act; none for acts made here",
        ),
        sa.PrimaryKeyConstraint("act_id", name=op.f("pk_consent_acts")),
        schema="district",
    )
    op.create_index("ix_consent_acts_person_id", "consent_acts", ["person_id"], unique=False, schema="district")
    op.create_table(
        "events",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("event_type", sa.Text(), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("household_id", sa.BigInteger(), nullable=True),
        sa.Column("level", sa.Text(), nullable=True),
        sa.Column("quantity_milli", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("occurred_on", sa.Date(), nullable=False),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("counts_from", sa.Date(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("document_class", sa.Text(), nullable=True),
        sa.Column("document_no", sa.Text(), nullable=True),
        sa.Column("catalogue_item", sa.Text(), nullable=True),
        sa.Column("about_event_id", sa.BigInteger(), nullable=True),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_events")),
        schema="district",
    )
    op.create_index(
        "ix_events_entity_id",
        "events",
        ["entity_id"],
        unique=False,
        schema="district",
        postgresql_where="entity_id IS NOT NULL",
    )
    op.create_index("ix_events_person_id", "events", ["person_id"], unique=False, schema="district")
    op.create_table(
        "idempotency_keys",
        sa.Column("caller", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("body_hash", sa.Text(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=True),
        sa.Column("answer", postgresql.JSONB(), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("caller", "key", name=op.f("pk_idempotency_keys")),
        schema="district",
    )
    op.create_table(
        "index_certificates",
        sa.Column("certificate_id", sa.Text(), nullable=False, comment="SHA-256 of the canonical certificate"),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("pseudonym", sa.Text(), nullable=False),
        sa.Column("consent_act_id", sa.BigInteger(), nullable=False),
        sa.Column("grade", sa.Text(), nullable=False),
        sa.Column("body", postgresql.JSONB(), nullable=False),
        sa.Column("batch_id", sa.Text(), nullable=False),
        sa.Column("batch_position", sa.Integer(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("certificate_id", name=op.f("pk_index_certificates")),
        sa.UniqueConstraint(
            "person_id", "bank_code", "as_of", name=op.f("uq_index_certificates_person_id_bank_code_as_of")
        ),
        schema="district",
    )
    op.create_table(
        "index_endings",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_position", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", "as_of", "known_position", name=op.f("pk_index_endings")),
        schema="district",
        comment="from this day the person has no index: withdrawn, moved away or died; no reason is kept here",
    )
    op.create_table(
        "index_runs",
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("known_position", sa.BigInteger(), nullable=False),
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("persons", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("as_of", "known_position", "edition", name=op.f("pk_index_runs")),
        schema="district",
        comment="run markers: safe to delete, a run without them finds the same rows",
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
        schema="district",
    )
    op.create_table(
        "memberships",
        sa.Column("household_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column(
            "file_id", sa.BigInteger(), nullable=False, comment="a later file's row about the same period replaces it"
        ),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("relation", sa.Text(), nullable=False),
        sa.Column("left_reason", sa.Text(), nullable=True),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("has_guardian", sa.Boolean(), nullable=False),
        sa.Column("content_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("household_id", "person_id", "from_on", "file_id", name=op.f("pk_memberships")),
        schema="district",
        comment="entries of the resident register, one version per file that changed them",
    )
    op.create_index("ix_memberships_person_id", "memberships", ["person_id"], unique=False, schema="district")
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
        schema="district",
    )
    op.create_index(
        "ix_outbox_waiting",
        "outbox",
        ["destination", "order_number"],
        unique=False,
        schema="district",
        postgresql_where=sa.text("answered_at IS NULL"),
    )
    op.create_table(
        "persons",
        sa.Column(
            "person_id",
            sa.BigInteger(),
            autoincrement=False,
            nullable=False,
            comment="keyed blind hash of the id number",
        ),
        sa.Column(
            "name_blind",
            sa.BigInteger(),
            nullable=False,
            comment="keyed blind hash of the name: does a row's name agree?",
        ),
        sa.Column("name_masked", sa.Text(), nullable=False),
        sa.Column("birth_on", sa.Date(), nullable=False),
        sa.Column("sex", sa.Text(), nullable=False),
        sa.Column("village_code", sa.Text(), nullable=False),
        sa.Column("registered_from", sa.Date(), nullable=False),
        sa.Column("died_on", sa.Date(), nullable=True),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_persons")),
        schema="district",
        comment="as first delivered; later moves and deaths are versions in memberships",
    )
    op.create_table(
        "point_entries",
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("ledger_hash", sa.BigInteger(), nullable=False),
        sa.Column("sequence", sa.SmallInteger(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("dimension", sa.Text(), nullable=True),
        sa.Column("indicator", sa.Text(), nullable=True),
        sa.Column("rule", sa.Text(), nullable=True),
        sa.Column("points_milli", sa.Integer(), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=True),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("through_entity_id", sa.BigInteger(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("person_id", "ledger_hash", "sequence", name=op.f("pk_point_entries")),
        schema="district",
    )
    op.create_table(
        "quarantine",
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("error_code", sa.Text(), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("remedy", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_id", "row_number", "error_code", name=op.f("pk_quarantine")),
        schema="district",
    )
    op.create_table(
        "refused_rows",
        sa.Column("file_sha256", sa.Text(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("rule", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("file_sha256", "row_number", name=op.f("pk_refused_rows")),
        schema="district",
        comment="banned subjects: nothing of the row is kept but where it stood",
    )
    op.create_table(
        "representatives",
        sa.Column("entity_id", sa.BigInteger(), nullable=False),
        sa.Column("person_id", sa.BigInteger(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column(
            "file_id", sa.BigInteger(), nullable=False, comment="a later file's row about the same term replaces it"
        ),
        sa.Column("until_on", sa.Date(), nullable=True),
        sa.Column("entity_name", sa.Text(), nullable=False),
        sa.Column("content_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("entity_id", "person_id", "from_on", "file_id", name=op.f("pk_representatives")),
        schema="district",
        comment="terms of legal representatives, one version per file that changed them",
    )
    op.create_table(
        "sealed_leaves",
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("leaf_hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_sealed_leaves")),
        sa.UniqueConstraint("leaf_id", name=op.f("uq_sealed_leaves_leaf_id")),
        schema="district",
    )
    op.create_table(
        "source_files",
        sa.Column("file_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("byte_count", sa.BigInteger(), nullable=False),
        sa.Column("delivered_on", sa.Date(), nullable=True),
        sa.Column("rows_read", sa.Integer(), nullable=False),
        sa.Column("rows_landed", sa.Integer(), nullable=False),
        sa.Column("rows_repeated", sa.Integer(), nullable=False),
        sa.Column("rows_quarantined", sa.Integer(), nullable=False),
        sa.Column("rows_refused", sa.Integer(), nullable=False),
        sa.Column("rows_without_consent", sa.Integer(), nullable=False),
        sa.Column(
            "withheld_digest",
            sa.Text(),
            nullable=True,
            comment="keyed digest over the rows left out for want of consent, in file order",
        ),
        sa.Column("file_error", sa.Text(), nullable=True, comment="codes of what is wrong with the file as a whole"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_source_files")),
        sa.UniqueConstraint("source_code", "sha256", name=op.f("uq_source_files_source_code_sha256")),
        schema="district",
    )
    op.create_table(
        "source_records",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("file_id", sa.BigInteger(), nullable=False),
        sa.Column("row_number", sa.Integer(), nullable=False),
        sa.Column("source_code", sa.Text(), nullable=False),
        sa.Column("record_class", sa.Text(), nullable=False),
        sa.Column("record_no", sa.Text(), nullable=False, comment="the agency's own number"),
        sa.Column("person_id", sa.BigInteger(), nullable=True),
        sa.Column("entity_id", sa.BigInteger(), nullable=True),
        sa.Column("household_id", sa.BigInteger(), nullable=True),
        sa.Column(
            "payload",
            postgresql.JSONB(),
            nullable=False,
            comment="the row as delivered, without identity number and name",
        ),
        sa.Column(
            "content_id", sa.BigInteger(), nullable=False, comment="keyed hash of the whole row: repeated or changed?"
        ),
        sa.Column("quality_notes", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_source_records")),
        schema="district",
    )
    op.create_table(
        "tree_heads",
        sa.Column("tree_size", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("root", sa.Text(), nullable=False),
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("signature", sa.Text(), nullable=False),
        sa.Column("sealed_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("tree_size", name=op.f("pk_tree_heads")),
        schema="district",
    )
