"""Hazards ordered to be removed, their verified fixes and appeals, which two sources deliver in the same columns."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import SourceColumn
from loan_service.district.contracts.common import day, documents, related_record_no
from loan_service.district.contracts.declared import RecordClass, Subject
from loan_service.district.contracts.sources.objections import ENGLISH, appeals, revocation

_CLASSES = (
    RecordClass(
        name="hazard_ordered",
        chinese="责令限期整改安全隐患",
        english="order to remove a hazard; deducts when overdue",
        event_type="hazard_overdue",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        occurred="occurred_on",
        due="due_on",
        negative=True,
    ),
    RecordClass(
        name="hazard_fixed",
        chinese="隐患整改核验通过",
        english="verified fix of a hazard",
        event_type="hazard_fixed",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        occurred="verified_on",
        refers=True,
    ),
)
HAZARD_CLASSES = (*_CLASSES, revocation(_CLASSES, ENGLISH), *appeals(_CLASSES, ENGLISH))


def hazard_columns(ordered_on: str) -> tuple[SourceColumn, ...]:
    """The columns from the day of the order to the reference; `ordered_on` is the header of the first."""
    return (
        day("occurred_on", ordered_on),
        day("due_on", "deadline_on", past=False),
        day("verified_on", "verified_on"),
        *documents(("document_class", "document_no", "effective_from", "catalogue_item", "notice_served_on")),
        related_record_no("related_record_no"),
    )
