"""邻里积分: points of persons per quarter, and each village's conversion table of that quarter."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import person, record_class, record_no
from loan_service.district.contracts.declared import (
    Consent,
    Contract,
    FileFormat,
    Level,
    Quantity,
    RecordClass,
    Subject,
)

CONTRACT = Contract(
    source_code="neighborhood_points",
    chinese="邻里积分",
    english="neighbour points",
    role="feed",
    file_format=FileFormat.CSV_GB18030,
    columns=(
        record_no(),
        record_class(),
        *person(),
        SourceColumn(field="village_code", header="村社代码", kind=Kind.VILLAGE, required=True),
        SourceColumn(field="quarter", header="季度", kind=Kind.QUARTER, past=True),
        SourceColumn(field="points", header="积分", kind=Kind.POINTS),
        SourceColumn(field="points_needed", header="每分所需积分", kind=Kind.POINTS),
    ),
    class_column="record_class",
    record_classes=(
        RecordClass(
            name="个人积分",
            chinese="个人邻里积分",
            english="a person's neighbour points of a quarter",
            event_type="neighborhood_points",
            admissibility="C",
            legal_basis=law.CONSENTED,
            consent=Consent.SOURCE,
            occurred="quarter",
            quantity=Quantity(column="points"),
        ),
        RecordClass(
            name="换算表",
            chinese="村社积分换算表",
            english="a village's conversion table of a quarter",
            event_type="neighborhood_conversion",
            admissibility="C",
            legal_basis=law.NO_PERSON,
            subject=Subject.VILLAGE,
            occurred="quarter",
            level=Level(column="village_code"),
            quantity=Quantity(column="points_needed"),
        ),
    ),
)
