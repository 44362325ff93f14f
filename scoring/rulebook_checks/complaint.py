"""What a check says, and what it may look at besides the value it checks."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from scoring.rulebook import Dimension, Edition, Indicator, Rule
from scoring.yaml_source import Location
from scoring.yardstick import Law, Yardstick


@dataclass(frozen=True, slots=True)
class Complaint:
    """Something wrong at a place inside one file; a check gives the place relative to what it was handed."""

    at: Location
    value: str
    problem: str
    remedy: str
    severity: Literal["error", "warning"] = "error"
    check: str = ""

    def placed(self, before: Location, check: str) -> Complaint:
        """The same complaint with its whole place and the name of its check."""
        return replace(self, at=(*before, *self.at), check=check)


def warning(at: Location, value: str, problem: str, remedy: str) -> Complaint:
    """Something its owners should think about, though the edition can be used."""
    return Complaint(at, value, problem, remedy, "warning")


@dataclass(frozen=True)
class Scene:
    """The whole edition, and what it is measured against."""

    edition: Edition
    dimensions: tuple[Dimension, ...]
    yardstick: Yardstick

    @property
    def law(self) -> Law:
        """Limits no edition may pass."""
        return self.yardstick.law


@dataclass(frozen=True)
class OfDimension:
    """What a check of one dimension is handed."""

    scene: Scene
    dimension: Dimension


@dataclass(frozen=True)
class OfIndicator:
    """What a check of one indicator is handed."""

    scene: Scene
    dimension: Dimension
    indicator: Indicator


@dataclass(frozen=True)
class OfRule:
    """What a check of one rule is handed."""

    scene: Scene
    indicator: Indicator
    rule: Rule


def points(milli: int) -> str:
    """Thousandths as plain points, `-7.5` or `40`."""
    return f"{milli / 1000:.3f}".rstrip("0").rstrip(".")


def claims(scene: Scene, rule: Rule) -> tuple[tuple[str, str], ...]:
    """Every (event type, level) the rule speaks for; a rule without levels speaks for all its event has."""
    kind = scene.yardstick.kinds.get(rule.event_type)
    known = kind.levels if kind else ()
    return tuple((rule.event_type, level) for level in rule.levels or known or ("",))


def deducts(indicator: Indicator) -> bool:
    """Whether the indicator takes points."""
    return indicator.direction == "deduction"
