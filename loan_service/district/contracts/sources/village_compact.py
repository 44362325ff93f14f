"""村规民约: quarterly panels about a household, and confirmed months in which a person helped others."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import person, record_class, record_no
from loan_service.district.contracts.declared import Consent, Contract, FileFormat, Quantity, RecordClass, Subject

CONTRACT = Contract(
    source_code="village_compact",
    chinese="村规民约",
    english="village compact",
    role="feed",
    file_format=FileFormat.JSON_LINES,
    columns=(
        record_no("record_no"),
        record_class("kind"),
        SourceColumn(field="household_no", header="household_no"),
        *person("id_number", "name"),
        SourceColumn(field="village_code", header="village_code", kind=Kind.VILLAGE, required=True),
        SourceColumn(field="quarter", header="quarter", kind=Kind.QUARTER, past=True),
        SourceColumn(field="month", header="month", kind=Kind.MONTH, past=True),
        SourceColumn(field="panel_points", header="panel_points", kind=Kind.POINTS, at_most=2),
        SourceColumn(field="panellists", header="panellists", kind=Kind.COUNT),
        SourceColumn(field="confirmed_by", header="confirmed_by", personal=True),
    ),
    class_column="record_class",
    record_classes=(
        RecordClass(
            name="compact_review",
            chinese="村规民约评议",
            english="quarterly panel about a household",
            event_type="compact_review",
            admissibility="C",
            legal_basis=law.SELF_GOVERNMENT,
            subject=Subject.HOUSEHOLD,
            consent=Consent.SOURCE,
            occurred="quarter",
            quantity=Quantity(column="panel_points"),
            needs=("panellists",),
        ),
        RecordClass(
            name="mutual_aid",
            chinese="互助帮扶",
            english="confirmed month of mutual aid",
            event_type="mutual_aid",
            admissibility="C",
            legal_basis=law.CONSENTED,
            consent=Consent.SOURCE,
            occurred="month",
            quantity=Quantity(fixed_milli=1000),
            needs=("confirmed_by",),
        ),
    ),
)
