"""电动自行车智治: violations of e-bike riders, the safety course that ends them, revocations and appeals."""

from loan_service.district.contracts import law
from loan_service.district.contracts.common import day, documents, person, record_class, record_no, related_record_no
from loan_service.district.contracts.declared import Contract, FileFormat, RecordClass
from loan_service.district.contracts.sources.objections import appeals, revocation

_CLASSES = (
    RecordClass(
        name="违法",
        chinese="电动自行车违法",
        english="e-bike violation",
        event_type="ebike_violation",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        negative=True,
    ),
    RecordClass(
        name="安全课程",
        chinese="完成安全课程",
        english="safety course completed: ends the person's violations",
        event_type="safety_course_completed",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
    ),
)

CONTRACT = Contract(
    source_code="ebike_control",
    chinese="电动自行车智治",
    english="e-bike control",
    role="feed",
    file_format=FileFormat.CSV_UTF8_BOM,
    columns=(
        record_no(),
        record_class(),
        *person(required=True),
        day("occurred_on", "发生日期"),
        *documents(),
        related_record_no(optional=True),
    ),
    class_column="record_class",
    record_classes=(*_CLASSES, revocation(_CLASSES), *appeals(_CLASSES)),
)
