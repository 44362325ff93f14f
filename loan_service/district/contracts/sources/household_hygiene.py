"""美丽庭院检查: quarterly stars of a household, given by two inspectors."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import day, record_no
from loan_service.district.contracts.declared import Consent, Contract, FileFormat, Quantity, RecordClass, Subject

CONTRACT = Contract(
    source_code="household_hygiene",
    chinese="美丽庭院检查",
    english="household hygiene inspections",
    role="feed",
    file_format=FileFormat.XLSX,
    columns=(
        record_no(),
        SourceColumn(field="household_no", header="户号", required=True),
        SourceColumn(field="village_code", header="村社代码", kind=Kind.VILLAGE, required=True),
        day("inspected_on", "检查日期", required=True),
        SourceColumn(field="stars", header="星级", kind=Kind.COUNT, at_most=2, required=True),
        SourceColumn(field="inspector_one", header="检查员甲", personal=True, required=True),
        SourceColumn(field="inspector_two", header="检查员乙", personal=True, required=True),
    ),
    record_classes=(
        RecordClass(
            chinese="环境卫生检查",
            english="hygiene inspection",
            event_type="hygiene_inspection",
            admissibility="C",
            legal_basis=law.SELF_GOVERNMENT,
            subject=Subject.HOUSEHOLD,
            consent=Consent.SOURCE,
            occurred="inspected_on",
            quantity=Quantity(column="stars"),
            differ=("inspector_one", "inspector_two"),
        ),
    ),
)
