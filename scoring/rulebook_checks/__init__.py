"""Checks that compare an edition's values with each other and with the law; each is a small named function.

A check yields complaints and decides nothing. What it is called on is in its table: the edition, one dimension, one
indicator, one rule, or the whole catalogue. Errors keep an edition from being loaded, warnings do not.
"""

from __future__ import annotations

from collections.abc import Iterator

from scoring.rulebook import Dimension, Indicator
from scoring.rulebook_checks.catalogue import CATALOGUE_CHECKS, EDITION
from scoring.rulebook_checks.complaint import Complaint, OfDimension, OfIndicator, OfRule, Scene
from scoring.rulebook_checks.deductions import DEDUCTION_CHECKS
from scoring.rulebook_checks.editions import EDITION_CHECKS
from scoring.rulebook_checks.indicators import DIMENSION_CHECKS, INDICATOR_CHECKS
from scoring.rulebook_checks.reach import REACH_OF_DIMENSION, REACH_OF_INDICATOR, REACH_OF_RULE
from scoring.rulebook_checks.rules import RULE_CHECKS
from scoring.yaml_source import Location

FOR_DIMENSIONS = (*DIMENSION_CHECKS, *REACH_OF_DIMENSION)
FOR_INDICATORS = (*INDICATOR_CHECKS, *REACH_OF_INDICATOR)
FOR_RULES = (*RULE_CHECKS, *DEDUCTION_CHECKS, *REACH_OF_RULE)

STATIC_CHECKS = tuple(
    check.__name__
    for table in (EDITION_CHECKS, FOR_DIMENSIONS, FOR_INDICATORS, FOR_RULES, CATALOGUE_CHECKS)
    for check in table
)
"""Names of all checks that need no evaluation."""

__all__ = ["EDITION", "STATIC_CHECKS", "Complaint", "Scene", "complaints"]


def complaints(scene: Scene) -> Iterator[tuple[int, Complaint]]:
    """Everything wrong with an edition's values, each with the number of its dimension, or `EDITION`."""
    for of_edition in EDITION_CHECKS:
        for complaint in of_edition(scene):
            yield EDITION, complaint.placed((), of_edition.__name__)
    for number, dimension in enumerate(scene.dimensions):
        for complaint in _of_dimension(scene, dimension):
            yield number, complaint
    for of_catalogue in CATALOGUE_CHECKS:
        for file_number, complaint in of_catalogue(scene):
            yield file_number, complaint.placed((), of_catalogue.__name__)


def _of_dimension(scene: Scene, dimension: Dimension) -> Iterator[Complaint]:
    for check in FOR_DIMENSIONS:
        yield from (complaint.placed((), check.__name__) for complaint in check(OfDimension(scene, dimension)))
    for number, indicator in enumerate(dimension.indicators):
        yield from _of_indicator(scene, dimension, indicator, ("indicators", number))


def _of_indicator(scene: Scene, dimension: Dimension, indicator: Indicator, at: Location) -> Iterator[Complaint]:
    for check in FOR_INDICATORS:
        yield from (
            complaint.placed(at, check.__name__) for complaint in check(OfIndicator(scene, dimension, indicator))
        )
    for number, rule in enumerate(indicator.rules):
        for of_rule in FOR_RULES:
            place = (*at, "rules", number)
            yield from (
                complaint.placed(place, of_rule.__name__) for complaint in of_rule(OfRule(scene, indicator, rule))
            )
