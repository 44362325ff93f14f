"""市级信用信息服务平台: penalties, honours and bravery, what revokes or restores a penalty, and appeals."""

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
from loan_service.district.contracts.declared import Consent, Contract, FileFormat, Level, RecordClass, Subject
from loan_service.district.contracts.sources.objections import RESTORATION, appeals

_SEVERITY = Level(column="level", names={"一般": "general", "严重": "serious"})
_HONOURS = {"区": "district", "市": "city", "省": "province", "国": "nation"}

_CLASSES = (
    RecordClass(
        name="行政处罚",
        chinese="一般程序行政处罚",
        english="ordinary-procedure administrative penalty",
        event_type="administrative_penalty",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        negative=True,
        level=_SEVERITY,
    ),
    RecordClass(
        name="涉渔涉海违法",
        chinese="涉渔涉海违法",
        english="fishing-ban or maritime violation",
        event_type="maritime_violation",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        negative=True,
        level=_SEVERITY,
    ),
    RecordClass(
        name="不文明行为",
        chinese="不文明行为",
        english="uncivil conduct",
        event_type="uncivil_conduct",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        negative=True,
    ),
    RecordClass(
        name="文明荣誉",
        chinese="文明荣誉",
        english="civil honour",
        event_type="civil_honour",
        admissibility="C",
        legal_basis=law.ENROLLED,
        subject=Subject.PERSON_OR_UNIT,
        consent=Consent.ENROLMENT,
        level=Level(column="level", names=_HONOURS, prefix_if=("document_class", "文明家庭", "family_")),
    ),
    RecordClass(
        name="见义勇为",
        chinese="见义勇为、海上救助",
        english="bravery, sea rescue",
        event_type="bravery",
        admissibility="C",
        legal_basis=law.ENROLLED,
        consent=Consent.ENROLMENT,
        level=Level(column="level", names={name: level for name, level in _HONOURS.items() if name != "国"}),
    ),
    RecordClass(
        name="撤销",
        chinese="撤销",
        english="revocation of an earlier record",
        event_type="revocation",
        admissibility="A",
        legal_basis=law.DOCUMENTED,
        subject=Subject.PERSON_OR_UNIT,
        refers=True,
    ),
    RESTORATION,
)

CONTRACT = Contract(
    source_code="municipal_credit",
    chinese="市级信用信息服务平台",
    english="municipal credit platform",
    role="feed",
    file_format=FileFormat.CSV_GB18030,
    columns=(
        record_no(),
        record_class(),
        *person(),
        *unit(),
        day("occurred_on", "发生日期"),
        SourceColumn(field="level", header="等级", screened=True),
        *documents(),
        related_record_no(),
    ),
    class_column="record_class",
    record_classes=(*_CLASSES, *appeals(_CLASSES)),
)
