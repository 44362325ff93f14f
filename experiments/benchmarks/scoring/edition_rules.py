"""A shipped rulebook edition in the benchmark's words."""

from experiments.benchmarks.scoring.rules import IndicatorRules, Rules
from scoring import Indicator, Rulebook
from scoring.rulebook import Concave


def edition_rules(rulebook: Rulebook) -> Rules:
    """The numbers of the edition that turn live spells into an index."""
    edition = rulebook.edition
    places = {each.dimension: number for number, each in enumerate(rulebook.dimensions)}
    return Rules(
        base_milli=edition.base_milli,
        lowest_milli=edition.lowest_milli,
        highest_milli=edition.highest_milli,
        rounding_milli=edition.rounding_milli,
        dimension_bounds_milli=[(each.lowest_milli, each.highest_milli) for each in rulebook.dimensions],
        indicators=[_indicator(each, places[dimension.dimension]) for dimension, each in rulebook.indicators],
    )


def _indicator(indicator: Indicator, dimension: int) -> IndicatorRules:
    combine = indicator.combine
    bands = combine.bands if isinstance(combine, Concave) else ()
    return IndicatorRules(
        reducer=combine.kind,
        dimension=dimension,
        sign=-1 if indicator.direction == "deduction" else 1,
        cap_milli=indicator.cap_milli,
        edges_milli=[0, *(band.upto_milli or 0 for band in bands[:-1])] if bands else [],
        prices_milli=[band.points_per_unit_milli for band in bands],
    )
