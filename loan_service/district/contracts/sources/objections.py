"""What can follow a deduction: an appeal, its answer, a revocation, a restoration."""

from typing import NamedTuple

from loan_service.district.contracts import law
from loan_service.district.contracts.declared import Level, RecordClass, Subject


class Names(NamedTuple):
    """How a source calls these classes."""

    opened: str
    closed: str
    revoked: str


CHINESE = Names("申诉受理", "申诉办结", "撤销")
ENGLISH = Names("appeal_opened", "appeal_closed", "revoked")
GROUNDS = {"申诉受理通知书（一般）": "", "申诉受理通知书（非本人或已离任）": "not_representative"}
"""The notice of acceptance tells the ground; nothing else of what the person said is ever delivered."""

RESTORATION = RecordClass(
    name="信用修复",
    chinese="信用修复",
    english="restoration: use ends the day it takes effect",
    event_type="restoration",
    admissibility="A",
    legal_basis=law.RESTORATION,
    subject=Subject.PERSON_OR_UNIT,
    refers=True,
    needs=("effective_from",),
)
"""What ends the use of a record before its time."""


def appeals(classes: tuple[RecordClass, ...], names: Names = CHINESE) -> tuple[RecordClass, RecordClass]:
    """An appeal against one of the deductions among `classes`, and its answer; both without a word of reasons.

    Whoever appeals is the person named; against a unit's record that is its representative.
    """
    opened = RecordClass(
        name=names.opened,
        chinese="申诉受理：被申诉的扣分暂停计入",
        english="appeal opened: the deduction is suspended until it is answered",
        event_type="appeal_opened",
        admissibility="A",
        legal_basis=law.APPEAL,
        subject=_subject(classes),
        occurred="effective_from",
        refers=True,
        about=tuple(dict.fromkeys(each.event_type for each in classes if each.negative)),
        level=Level(column="document_class", names=GROUNDS),
        bare=True,
    )
    return opened, opened.model_copy(
        update={
            "name": names.closed,
            "chinese": "申诉办结",
            "english": "appeal closed; if upheld, a revocation, correction or restoration comes besides",
            "event_type": "appeal_closed",
            "about": ("appeal_opened",),
            "level": Level(),
        }
    )


def revocation(classes: tuple[RecordClass, ...], names: Names = CHINESE) -> RecordClass:
    """What says that an earlier record should never have been made."""
    return RecordClass(
        name=names.revoked,
        chinese="撤销",
        english="revocation of an earlier record",
        event_type="revocation",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        subject=_subject(classes),
        occurred="effective_from",
        refers=True,
    )


def _subject(classes: tuple[RecordClass, ...]) -> Subject:
    """Persons, and units where some of the classes speak of them."""
    units = any(each.subject is Subject.PERSON_OR_UNIT for each in classes)
    return Subject.PERSON_OR_UNIT if units else Subject.PERSON
