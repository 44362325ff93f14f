"""信易批: government-service commitments that were broken, false from the start or fulfilled late, and appeals."""

from loan_service.district.contracts import law
from loan_service.district.contracts.common import (
    day,
    documents,
    person,
    record_class,
    record_no,
    related_record_no,
    unit,
)
from loan_service.district.contracts.declared import Contract, FileFormat, Level, RecordClass, Subject
from loan_service.district.contracts.sources.objections import appeals, revocation

_CLASSES = (
    RecordClass(
        name="未兑现承诺",
        chinese="未兑现政务承诺",
        english="commitment not kept",
        event_type="commitment_broken",
        admissibility="B",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        negative=True,
        level=Level(fixed="unfulfilled"),
    ),
    RecordClass(
        name="虚假承诺",
        chinese="虚假承诺",
        english="commitment false from the start",
        event_type="commitment_broken",
        admissibility="B",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        negative=True,
        level=Level(fixed="false"),
    ),
    RecordClass(
        name="已履行",
        chinese="承诺已履行",
        english="commitment fulfilled late",
        event_type="commitment_fulfilled",
        admissibility="B",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        refers=True,
    ),
)

CONTRACT = Contract(
    source_code="permit_commitments",
    chinese="信易批",
    english="fast-track permits on commitment",
    role="feed",
    file_format=FileFormat.XLSX,
    columns=(
        record_no(),
        record_class(),
        *person(),
        *unit(),
        day("occurred_on", "发生日期"),
        *documents(),
        related_record_no(),
    ),
    class_column="record_class",
    record_classes=(*_CLASSES, revocation(_CLASSES), *appeals(_CLASSES)),
)
