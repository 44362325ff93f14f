"""What the credit inputs for the bank's books rest on: dated configuration, opened from one YAML file."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, NamedTuple

from pydantic import Field, model_validator

from models.dated import Frozen
from models.dated_file import DatedFile, read_shaped

ECL_FILE: Final = Path(__file__).with_name("ecl.yaml")

Share = Annotated[int, Field(ge=0, le=1000)]
Whole = Annotated[int, Field(gt=0)]


class EclParameters(Frozen):
    """All parameters of a day; see `ecl.yaml`."""

    conversion_factor_milli: Share
    loss_given_default_milli: Share
    hazard_milli: Annotated[tuple[Whole, ...], Field(min_length=1)]
    increase_ratio_milli: Annotated[int, Field(gt=1000)]
    increase_at_least_ppm: Whole
    stage_2_days_past_due: Whole
    stage_3_days_past_due: Whole
    cure_days: Whole
    restructured_months: Whole
    snapshot_old_days: Whole

    @model_validator(mode="after")
    def _in_order(self) -> "EclParameters":
        if self.stage_3_days_past_due <= self.stage_2_days_past_due:
            raise ValueError("stage 3 begins after stage 2: stage_3_days_past_due / 第三阶段天数须大于第二阶段")
        return self


class EclEdition(NamedTuple):
    """The parameters of a day and the edition they stand in."""

    edition: str
    parameters: EclParameters


@lru_cache(maxsize=8)
def ecl_parameters_on(day: date, path: Path = ECL_FILE) -> EclEdition:
    """The parameters in force on a day.

    Raises:
        PolicyNotInForceError: the file has none for the day.
        ValidationError: the file is not of its declared shape.
    """
    file = read_shaped(path, DatedFile[EclParameters])
    return EclEdition(file.edition, file.on(day))
