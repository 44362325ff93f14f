"""基层治理四平台: deliberations, patrols and help to the grid, and hazards like the grid's own."""

from loan_service.district.contracts import law
from loan_service.district.contracts.common import person, record_class, record_no, unit
from loan_service.district.contracts.declared import Consent, Contract, FileFormat, Quantity, RecordClass
from loan_service.district.contracts.sources.hazards import HAZARD_CLASSES, hazard_columns

_SIGN_INS = (
    ("deliberation", "议事签到", "sign-in at a village deliberation"),
    ("patrol", "巡防签到", "sign-in at a patrol"),
    ("grid_help", "网格协助签到", "sign-in helping the grid"),
)

CONTRACT = Contract(
    source_code="grassroots_platforms",
    chinese="基层治理四平台",
    english="grassroots governance platforms",
    role="feed",
    file_format=FileFormat.JSON_LINES,
    columns=(
        record_no("record_no"),
        record_class("kind"),
        *person("id_number", "name"),
        *unit("uscc", "entity_name"),
        *hazard_columns("occurred_on"),
    ),
    class_column="record_class",
    record_classes=(
        *(
            RecordClass(
                name=name,
                chinese=chinese,
                english=english,
                event_type=name,
                admissibility="C",
                legal_basis=law.ENROLLED,
                consent=Consent.ENROLMENT,
                quantity=Quantity(fixed_milli=1000),
            )
            for name, chinese, english in _SIGN_INS
        ),
        *HAZARD_CLASSES,
    ),
)
