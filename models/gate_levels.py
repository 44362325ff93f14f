"""What a model must show before it may serve: dated configuration, opened from one YAML file."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final

from pydantic import Field

from models.dated import Frozen
from models.dated_file import DatedFile, value_on

LEVELS_FILE: Final = Path(__file__).with_name("gate_levels.yaml")

Share = Annotated[float, Field(gt=0, lt=1)]
Count = Annotated[int, Field(ge=1)]


class Bounds(Frozen):
    """A figure up to `passes` is in order, above `fails` it is not; between nobody can tell yet."""

    passes: Annotated[float, Field(gt=0)]
    fails: Annotated[float, Field(gt=0)]


class GateLevels(Frozen):
    """All levels of a day; see `gate_levels.yaml`."""

    auc: Annotated[float, Field(ge=0.5, lt=1)]
    stability: Bounds
    stability_groups: Annotated[int, Field(ge=2)]
    no_change_quantile: Share
    latency_us: Annotated[float, Field(gt=0)]
    shadow_days: Count
    paper_months: Count


@lru_cache(maxsize=8)
def gate_levels_on(day: date, path: Path = LEVELS_FILE) -> GateLevels:
    """The levels in force on a day.

    Raises:
        PolicyNotInForceError: the file has none for the day.
        ValidationError: the file is not of its declared shape.
    """
    return value_on(path, DatedFile[GateLevels], day)
