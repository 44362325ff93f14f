"""本人同意记录: one act of giving or withdrawing per row, from 浙里办 and the banks' channels."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import person, text
from loan_service.district.contracts.declared import Contract, FileFormat

CONSENT_SOURCES = (
    "volunteering",
    "household_hygiene",
    "village_compact",
    "self_discipline",
    "neighborhood_points",
)

CONTRACT = Contract(
    source_code="consents",
    chinese="本人同意记录",
    english="ledger of consents",
    role="consents",
    file_format=FileFormat.JSON_LINES,
    legal_basis=law.LEDGER,
    columns=(
        text("act_no", "act_no", required=True),
        *person("id_number", "name", required=True),
        text("act", "act", required=True, choices=("given", "withdrawn")),
        text("purpose", "purpose", required=True, choices=("enrolment", "source", "provide_certificate")),
        text("source_code", "source_code", choices=CONSENT_SOURCES),
        text("recipient", "recipient"),
        text("text_version", "text_version", required=True),
        SourceColumn(field="acted_at", header="acted_at", kind=Kind.MOMENT, past=True, required=True),
        text("channel", "channel", required=True),
        SourceColumn(field="binding_token", header="binding_token", personal=True),
    ),
)
