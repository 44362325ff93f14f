"""诚信自律: statements that a contract was kept or broken in a quarter; breaches never deduct."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import person, record_no
from loan_service.district.contracts.declared import Consent, Contract, FileFormat, Level, RecordClass

_CONTRACTS = Level(column="contract_kind", names={"村集体合同": "village", "水费": "water", "电费": "electricity"})

CONTRACT = Contract(
    source_code="self_discipline",
    chinese="诚信自律",
    english="kept agreements",
    role="feed",
    file_format=FileFormat.CSV_GB18030,
    columns=(
        record_no(),
        *person(required=True),
        SourceColumn(field="contract_kind", header="合同类别", screened=True, required=True),
        SourceColumn(field="quarter", header="季度", kind=Kind.QUARTER, past=True, required=True),
        SourceColumn(field="result", header="结果", screened=True, required=True),
        SourceColumn(field="document_no", header="违约文书号"),
    ),
    class_column="result",
    record_classes=(
        RecordClass(
            name="守约",
            chinese="守约季度",
            english="quarter in which a contract was kept",
            event_type="clean_quarter",
            admissibility="C",
            legal_basis=law.CONSENTED,
            consent=Consent.SOURCE,
            occurred="quarter",
            level=_CONTRACTS,
        ),
        RecordClass(
            name="违约",
            chinese="违约季度",
            english="documented breach: restarts the run, deducts nothing",
            event_type="breached_quarter",
            admissibility="C",
            legal_basis=law.CONSENTED,
            consent=Consent.SOURCE,
            occurred="quarter",
            level=_CONTRACTS,
            needs=("document_no",),
        ),
    ),
)
