"""志愿浙江: logged sessions of volunteers, from check-in to check-out."""

from loan_service.district.contracts import law
from loan_service.district.contracts.columns import Kind, SourceColumn
from loan_service.district.contracts.common import person, record_no
from loan_service.district.contracts.declared import Consent, Contract, FileFormat, Quantity, RecordClass

CONTRACT = Contract(
    source_code="volunteering",
    chinese="志愿浙江",
    english="Zhejiang volunteers",
    role="feed",
    file_format=FileFormat.CSV_UTF8,
    columns=(
        record_no(),
        *person(required=True),
        SourceColumn(field="activity", header="活动名称", screened=True, required=True),
        SourceColumn(field="checked_in_at", header="签到时间", kind=Kind.MINUTE, past=True),
        SourceColumn(field="checked_out_at", header="签退时间", kind=Kind.MINUTE, past=True),
    ),
    record_classes=(
        RecordClass(
            chinese="志愿服务",
            english="volunteering, hours from check-in to check-out",
            event_type="volunteering",
            admissibility="C",
            legal_basis=law.CONSENTED,
            consent=Consent.SOURCE,
            occurred="checked_in_at",
            quantity=Quantity(hours_between=("checked_in_at", "checked_out_at")),
        ),
    ),
)
