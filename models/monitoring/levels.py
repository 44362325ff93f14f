"""The levels at which monitoring speaks up: dated configuration, opened from one YAML file."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import Field

from models.dated import Frozen
from models.dated_file import DatedFile, value_on

LEVELS_FILE: Final = Path(__file__).with_name("levels.yaml")

Severity = Literal["", "medium", "high"]
"""Empty: nothing to tell."""

Share = Annotated[float, Field(gt=0, le=1)]
Above = Annotated[float, Field(gt=0)]


class Level(Frozen):
    """Where watching begins, and where somebody has to act."""

    watch: Above
    act: Above

    def severity(self, measured: float, noise: float = 0.0) -> Severity:
        """What a figure says, given what chance alone may give (`noise`)."""
        if measured <= max(self.watch, noise):
            return ""
        return "high" if measured > max(self.act, noise) else "medium"

    def threshold(self, noise: float = 0.0) -> float:
        """The level above which an alert opens."""
        return max(self.watch, noise)


class StabilityLevels(Frozen):
    """Levels of what a bank's file looks like; see `levels.yaml`."""

    groups: Annotated[int, Field(ge=2)]
    least_rows: Annotated[int, Field(ge=1)]
    index: Level
    missing_change: Level
    unseen_share: Level
    quarantined_share: Level
    unit_factors: tuple[Annotated[float, Field(gt=1)], ...]
    unit_tolerance: Share


class Band(Frozen):
    """A figure's place: from `least` to `most`."""

    least: float
    most: float


class OutcomeLevels(Frozen):
    """Levels of what became of loans; see `levels.yaml`."""

    confidence: Share
    common_factor: Annotated[float, Field(ge=0, lt=1)]
    slope: Band
    least_defaults: Annotated[int, Field(ge=1)]
    shown_by_month: Annotated[tuple[Annotated[float, Field(ge=0, le=1)], ...], Field(min_length=12, max_length=12)]


class OverrideLevels(Frozen):
    """Levels of decisions that differ from our offers; see `levels.yaml`."""

    share: Level
    one_direction: Level
    procedural_reasons: tuple[str, ...]
    near_cut_off: Share


class Levels(Frozen):
    """All levels of a day."""

    no_change_quantile: Share
    stability: StabilityLevels
    outcomes: OutcomeLevels
    overrides: OverrideLevels


@lru_cache(maxsize=8)
def levels_on(day: date, path: Path = LEVELS_FILE) -> Levels:
    """The levels in force on a day.

    Raises:
        PolicyNotInForceError: the file has none for the day.
        ValidationError: the file is not of its declared shape.
    """
    return value_on(path, DatedFile[Levels], day)
