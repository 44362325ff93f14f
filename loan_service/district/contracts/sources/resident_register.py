"""户籍登记: who is registered in which household of which village, from when until when and why no longer."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import day, person, text
from loan_service.district.contracts.declared import Contract, FileFormat

CONTRACT = Contract(
    source_code="resident_register",
    chinese="户籍登记",
    english="register of residents",
    role="register",
    file_format=FileFormat.CSV_UTF8,
    legal_basis=law.REGISTER,
    columns=(
        *person(required=True),
        text("sex", "性别", required=True, choices=("男", "女")),
        text("household_no", "户号", required=True),
        text("relation", "与户主关系", required=True, choices=("户主", "配偶", "子女", "父母", "其他")),
        SourceColumn(field="village_code", header="村社代码", kind=Kind.VILLAGE, required=True),
        day("from_on", "入户日期", required=True),
        day("until_on", "离户日期"),
        text("left_reason", "离户原因", choices=("分户", "迁出", "死亡", "婚嫁")),
        text("has_guardian", "有监护", choices=("是", "否")),
    ),
)
