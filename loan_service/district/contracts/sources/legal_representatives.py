"""法定代表人登记: who represents which unit, from when until when."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import day, person, text
from loan_service.district.contracts.declared import Contract, FileFormat

CONTRACT = Contract(
    source_code="legal_representatives",
    chinese="法定代表人登记",
    english="register of legal representatives",
    role="register",
    file_format=FileFormat.CSV_GB18030,
    legal_basis=law.REGISTER,
    columns=(
        SourceColumn(field="uscc", header="统一社会信用代码", kind=Kind.IDENTITY, required=True),
        text("entity_name", "单位名称", required=True),
        *person(required=True),
        day("from_on", "任职日期", required=True),
        day("until_on", "离任日期"),
    ),
)
