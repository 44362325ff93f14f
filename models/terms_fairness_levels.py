"""How far the terms of groups may lie apart: dated configuration, opened from one YAML file."""

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from models.dated import Frozen
from models.dated_file import DatedFile, value_on

TERMS_FAIRNESS_FILE: Final = Path(__file__).with_name("terms_fairness.yaml")

Limit = Annotated[float, Field(gt=0)]
Count = Annotated[int, Field(ge=1)]


class TermsFairnessLevels(Frozen):
    """All levels of a day; see `terms_fairness.yaml`."""

    discount_gap_bp: Limit
    bonus_gap_points: Limit
    share_at_least: Annotated[float, Field(gt=0, le=1)]
    decision_gap_points: Limit
    spread_rise_bp: Annotated[float, Field(ge=0)]
    enrolled_months: Count
    newcomer_months: Count
    fewest_households: Annotated[int, Field(ge=10)]
    """Ten is the programme's own floor; a file may only ask for more."""
    risk_bins: Count
    proxy_auc: Annotated[float, Field(gt=0.5, le=1)]


@lru_cache(maxsize=8)
def terms_fairness_levels_on(day: date, path: Path = TERMS_FAIRNESS_FILE) -> TermsFairnessLevels:
    """The levels in force on a day.

    Raises:
        PolicyNotInForceError: the file has none for the day.
        ValidationError: the file is not of its declared shape.
    """
    return value_on(path, DatedFile[TermsFairnessLevels], day)
