"""The publication ledger of rulebook editions: what was proposed, assessed, approved, backed out; never changed."""

from sqlalchemy import Boolean, Column

from loan_service.foundation.database import DISTRICT, metadata
from loan_service.foundation.editions.tables import edition_tables

rulebook_tables = edition_tables(
    metadata,
    DISTRICT,
    "rulebook",
    "the edition's file names and bytes",
    own=[Column("placeholder_catalogue", Boolean, nullable=False, comment="publishable in demo mode only")],
)
rulebook_editions = rulebook_tables.editions
rulebook_files = rulebook_tables.files
rulebook_assessments = rulebook_tables.assessments
rulebook_approvals = rulebook_tables.approvals
rulebook_back_outs = rulebook_tables.back_outs
