"""区级网格: hazards ordered to be removed, and verified as removed."""

from loan_service.district.contracts.common import person, record_class, record_no, unit
from loan_service.district.contracts.declared import Contract, FileFormat
from loan_service.district.contracts.sources.hazards import HAZARD_CLASSES, hazard_columns

CONTRACT = Contract(
    source_code="district_grid",
    chinese="区级网格",
    english="district grid",
    role="feed",
    file_format=FileFormat.JSON_LINES,
    columns=(
        record_no("record_no"),
        record_class("kind"),
        *unit("uscc", "entity_name"),
        *person("id_number", "name"),
        *hazard_columns("ordered_on"),
    ),
    class_column="record_class",
    record_classes=HAZARD_CLASSES,
)
