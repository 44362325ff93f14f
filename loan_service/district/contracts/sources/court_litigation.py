"""法院诉讼分系统: malicious rings, listed judgment debtors, false litigation, what ends or undoes them, appeals."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import SourceColumn
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
from loan_service.district.contracts.sources.objections import RESTORATION, appeals

_CLASSES = (
    RecordClass(
        name="恶意呈会",
        chinese="恶意呈会",
        english="malicious rotating-credit ring; ordinary members are victims",
        event_type="malicious_ring",
        admissibility="A",
        legal_basis=law.COURT,
        negative=True,
        level=Level(column="part", names={"会首": "organiser", "恶意会员": "defaulter", "普通会员": "member"}),
    ),
    RecordClass(
        name="失信被执行人",
        chinese="失信被执行人",
        english="listed judgment debtor",
        event_type="debtor_listed",
        admissibility="A",
        legal_basis=law.COURT,
        subject=Subject.PERSON_OR_UNIT,
        negative=True,
    ),
    RecordClass(
        name="失信屏蔽",
        chinese="失信信息屏蔽",
        english="judgment debtor taken off the list",
        event_type="debtor_delisted",
        admissibility="A",
        legal_basis=law.COURT,
        subject=Subject.PERSON_OR_UNIT,
        refers=True,
    ),
    RecordClass(
        name="虚假诉讼",
        chinese="虚假诉讼、恶意诉讼",
        english="false litigation",
        event_type="false_litigation",
        admissibility="A",
        legal_basis=law.COURT,
        subject=Subject.PERSON_OR_UNIT,
        negative=True,
    ),
    RESTORATION,
    RecordClass(
        name="撤销",
        chinese="撤销",
        english="revocation of an earlier record",
        event_type="revocation",
        admissibility="A",
        legal_basis=law.COURT,
        subject=Subject.PERSON_OR_UNIT,
        refers=True,
    ),
)

CONTRACT = Contract(
    source_code="court_litigation",
    chinese="法院诉讼分系统",
    english="court litigation system",
    role="feed",
    file_format=FileFormat.XLSX,
    columns=(
        record_no(),
        record_class(),
        *person(),
        *unit(),
        SourceColumn(field="part", header="角色", screened=True),
        day("occurred_on", "发生日期"),
        *documents(),
        related_record_no(),
    ),
    class_column="record_class",
    record_classes=(*_CLASSES, *appeals(_CLASSES)),
)
