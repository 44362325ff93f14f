"""The tables of the district wing; business tables are append-only."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from loan_service.foundation.database import DISTRICT, metadata
from loan_service.foundation.idempotency import idempotency_table
from loan_service.foundation.outbox import outbox_table
from loan_service.foundation.transparency import log_tables


def _recorded() -> Column[object]:
    return Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now())


log = log_tables(metadata, DISTRICT)
outbox = outbox_table(metadata, DISTRICT)
idempotency_keys = idempotency_table(metadata, DISTRICT)

# --- intake -----------------------------------------------------------------------------------------------------------
source_files = Table(
    "source_files",
    metadata,
    Column("file_id", BigInteger, primary_key=True, autoincrement=False),
    Column("source_code", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("byte_count", BigInteger, nullable=False),
    Column("delivered_on", Date),
    Column("rows_read", Integer, nullable=False),
    Column("rows_landed", Integer, nullable=False),
    Column("rows_repeated", Integer, nullable=False),
    Column("rows_quarantined", Integer, nullable=False),
    Column("rows_refused", Integer, nullable=False),
    Column("rows_without_consent", Integer, nullable=False),
    Column("withheld_digest", Text, comment="keyed digest over the rows left out for want of consent, in file order"),
    Column("file_error", Text, comment="codes of what is wrong with the file as a whole"),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    UniqueConstraint("source_code", "sha256"),
    schema=DISTRICT,
)
source_records = Table(
    "source_records",
    metadata,
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("file_id", BigInteger, nullable=False),
    Column("row_number", Integer, nullable=False),
    Column("source_code", Text, nullable=False),
    Column("record_class", Text, nullable=False),
    Column("record_no", Text, nullable=False, comment="the agency's own number"),
    Column("person_id", BigInteger),
    Column("entity_id", BigInteger),
    Column("household_id", BigInteger),
    Column("payload", JSONB, nullable=False, comment="the row as delivered, without identity number and name"),
    Column("content_id", BigInteger, nullable=False, comment="keyed hash of the whole row: repeated or changed?"),
    Column("quality_notes", Text),
    schema=DISTRICT,
)
quarantine = Table(
    "quarantine",
    metadata,
    Column("file_id", BigInteger, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("error_code", Text, primary_key=True),
    Column("source_code", Text, nullable=False),
    Column("field", Text, nullable=False),
    Column("reason_en", Text, nullable=False),
    Column("reason_zh", Text, nullable=False),
    Column("remedy", Text, nullable=False),
    schema=DISTRICT,
)
refused_rows = Table(
    "refused_rows",
    metadata,
    Column("file_sha256", Text, primary_key=True),
    Column("row_number", Integer, primary_key=True),
    Column("rule", Text, nullable=False),
    schema=DISTRICT,
    comment="banned subjects: nothing of the row is kept but where it stood",
)

# --- registers and consents -------------------------------------------------------------------------------------------
persons = Table(
    "persons",
    metadata,
    Column("person_id", BigInteger, primary_key=True, autoincrement=False, comment="keyed blind hash of the id number"),
    Column("name_blind", BigInteger, nullable=False, comment="keyed blind hash of the name: does a row's name agree?"),
    Column("name_masked", Text, nullable=False),
    Column("birth_on", Date, nullable=False),
    Column("sex", Text, nullable=False),
    Column("village_code", Text, nullable=False),
    Column("registered_from", Date, nullable=False),
    Column("died_on", Date),
    Column("file_id", BigInteger, nullable=False),
    Index("ix_persons_birth_on", "birth_on"),
    Index("ix_persons_file_id", "file_id"),
    schema=DISTRICT,
    comment="as first delivered; later moves and deaths are versions in memberships",
)
memberships = Table(
    "memberships",
    metadata,
    Column("household_id", BigInteger, primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("file_id", BigInteger, primary_key=True, comment="a later file's row about the same period replaces it"),
    Column("until_on", Date),
    Column("relation", Text, nullable=False),
    Column("left_reason", Text),
    Column("village_code", Text, nullable=False),
    Column("has_guardian", Boolean, nullable=False),
    Column("content_id", BigInteger, nullable=False),
    Index("ix_memberships_person_id", "person_id"),
    Index("ix_memberships_file_id", "file_id"),
    schema=DISTRICT,
    comment="entries of the resident register, one version per file that changed them",
)
representatives = Table(
    "representatives",
    metadata,
    Column("entity_id", BigInteger, primary_key=True),
    Column("person_id", BigInteger, primary_key=True),
    Column("from_on", Date, primary_key=True),
    Column("file_id", BigInteger, primary_key=True, comment="a later file's row about the same term replaces it"),
    Column("until_on", Date),
    Column("entity_name", Text, nullable=False),
    Column("content_id", BigInteger, nullable=False),
    Index("ix_representatives_person_id", "person_id"),
    Index("ix_representatives_file_id", "file_id"),
    schema=DISTRICT,
    comment="terms of legal representatives, one version per file that changed them",
)
consent_acts = Table(
    "consent_acts",
    metadata,
    Column("act_id", BigInteger, primary_key=True, autoincrement=False),
    Column("person_id", BigInteger, nullable=False),
    Column("act", Text, nullable=False, comment="given | withdrawn"),
    Column("purpose", Text, nullable=False, comment="enrolment | source | provide_certificate"),
    Column("source_code", Text),
    Column("recipient", Text),
    Column("text_version", Text, nullable=False),
    Column("acted_at", DateTime(timezone=True), nullable=False),
    Column("acted_on", Date, nullable=False),
    Column("channel", Text, nullable=False),
    Column("pseudonym", Text, comment="derived from the one-time token; the token itself is not kept"),
    Column("file_id", BigInteger, nullable=False),
    Column("content_id", BigInteger, comment="keyed hash of the delivered act; none for acts made here"),
    Index("ix_consent_acts_person_id", "person_id"),
    Index("ix_consent_acts_file_id", "file_id"),
    Index("ix_consent_acts_acted_on", "acted_on", postgresql_where="purpose = 'enrolment'"),
    schema=DISTRICT,
)

# --- events and the civility index ------------------------------------------------------------------------------------
events = Table(
    "events",
    metadata,
    Column("event_id", BigInteger, primary_key=True, autoincrement=False),
    Column("event_type", Text, nullable=False),
    Column("source_code", Text, nullable=False),
    Column("record_id", BigInteger, nullable=False),
    Column("person_id", BigInteger),
    Column("entity_id", BigInteger),
    Column("household_id", BigInteger),
    Column("level", Text),
    Column("quantity_milli", BigInteger, nullable=False, server_default="0"),
    Column("occurred_on", Date, nullable=False),
    Column("effective_from", Date),
    Column("counts_from", Date, nullable=False),
    Column("due_on", Date),
    Column("document_class", Text),
    Column("document_no", Text),
    Column("catalogue_item", Text),
    Column("about_event_id", BigInteger),
    Column("leaf_id", BigInteger, nullable=False),
    Index("ix_events_person_id", "person_id"),
    Index("ix_events_entity_id", "entity_id", postgresql_where="entity_id IS NOT NULL"),
    Index("ix_events_household_id", "household_id", postgresql_where="household_id IS NOT NULL"),
    Index("ix_events_about_event_id", "about_event_id", postgresql_where="about_event_id IS NOT NULL"),
    Index("ix_events_level", "level", postgresql_where="event_type = 'neighborhood_conversion'"),
    Index("ix_events_leaf_id", "leaf_id"),
    schema=DISTRICT,
)
civility_indices = Table(
    "civility_indices",
    metadata,
    Column("person_id", BigInteger, primary_key=True),
    Column("as_of", Date, primary_key=True, comment="first day on which this ledger was computed"),
    Column("known_position", BigInteger, primary_key=True),
    Column("edition", Text, primary_key=True),
    Column("index_milli", Integer, nullable=False),
    Column("grade", Text, nullable=False),
    Column("next_change_on", Date),
    Column("ledger_hash", BigInteger, nullable=False),
    Index("ix_civility_indices_next_change_on", "next_change_on"),
    schema=DISTRICT,
)
point_entries = Table(
    "point_entries",
    metadata,
    Column("person_id", BigInteger, primary_key=True),
    Column("ledger_hash", BigInteger, primary_key=True),
    Column("sequence", SmallInteger, primary_key=True),
    Column("kind", Text, nullable=False),
    Column("dimension", Text),
    Column("indicator", Text),
    Column("rule", Text),
    Column("points_milli", Integer, nullable=False),
    Column("event_id", BigInteger),
    Column("record_id", BigInteger),
    Column("through_entity_id", BigInteger),
    Column("from_on", Date),
    Column("until_on", Date),
    schema=DISTRICT,
)
index_endings = Table(
    "index_endings",
    metadata,
    Column("person_id", BigInteger, primary_key=True),
    Column("as_of", Date, primary_key=True),
    Column("known_position", BigInteger, primary_key=True),
    schema=DISTRICT,
    comment="from this day the person has no index: withdrawn, moved away or died; no reason is kept here",
)
index_runs = Table(
    "index_runs",
    metadata,
    Column("as_of", Date, primary_key=True),
    Column("known_position", BigInteger, primary_key=True),
    Column("edition", Text, primary_key=True),
    Column("persons", Integer, nullable=False),
    Column("changed", Integer, nullable=False),
    Column("computed_by", Text, comment="digest of the edition and of the code that read and interpreted it"),
    _recorded(),
    schema=DISTRICT,
    comment="run markers: safe to delete, a run without them finds the same rows",
)

# --- certificates -----------------------------------------------------------------------------------------------------
certificate_batches = Table(
    "certificate_batches",
    metadata,
    Column("batch_id", Text, primary_key=True, comment="the Merkle root"),
    Column("key_id", Text, nullable=False),
    Column("signature", Text, nullable=False),
    Column("tree_size", Integer, nullable=False),
    Column("bank_code", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="certificate | revocation"),
    Column("as_of", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    schema=DISTRICT,
)
index_certificates = Table(
    "index_certificates",
    metadata,
    Column("certificate_id", Text, primary_key=True, comment="SHA-256 of the canonical certificate"),
    Column("person_id", BigInteger, nullable=False),
    Column("bank_code", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("consent_act_id", BigInteger, nullable=False),
    Column("grade", Text, nullable=False),
    Column("body", JSONB, nullable=False),
    Column("batch_id", Text, nullable=False),
    Column("batch_position", Integer, nullable=False),
    Column("as_of", Date, nullable=False),
    Column("expires_on", Date, nullable=False),
    UniqueConstraint("person_id", "bank_code", "as_of"),
    schema=DISTRICT,
)
certificate_revocations = Table(
    "certificate_revocations",
    metadata,
    Column("certificate_id", Text, primary_key=True),
    Column("bank_code", Text, nullable=False),
    Column("pseudonym", Text, nullable=False),
    Column("revoked_on", Date, nullable=False),
    Column("batch_id", Text, nullable=False),
    Column("batch_position", Integer, nullable=False),
    schema=DISTRICT,
    comment="reasonless on purpose: withdrawing and falling below A look alike",
)
certificate_deliveries = Table(
    "certificate_deliveries",
    metadata,
    Column("certificate_id", Text, primary_key=True),
    Column("kind", Text, primary_key=True, comment="certificate | revocation"),
    Column("result", Text, nullable=False, comment="accepted | duplicate | rejected"),
    _recorded(),
    schema=DISTRICT,
)
