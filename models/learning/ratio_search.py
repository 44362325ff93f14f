"""Which ratios of two numbers are worth a shape of their own: amount to price, bill to limit, instalment to income."""

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import numpy as np

from models.arrays import Floats
from models.layout import BaseFeature, base_values, known_numbers
from models.learning.gains import Gains, strongest

if TYPE_CHECKING:
    from models.learning.ground import Fold, Ground

_LEAST_MAGNITUDES: Final = 20
"""A number with fewer distinct values is a count or a code; its ratios say little that its pairs do not."""

_POSITIVE_SHARE: Final = 0.9
"""A denominator is positive in at least so many of its known rows and negative in none."""

_SHAPE_ROUNDS: Final = 100
_STUMP_ROUNDS: Final = 30
_STUMP_RATE: Final = 0.15


def possible_ratios(features: tuple[BaseFeature, ...], values: Floats) -> tuple[BaseFeature, ...]:
    """Every ratio that could be made of two free numbers, each pair of positive ones one way round only.

    A declared direction forbids a ratio: what rises with a debt may not fall because the ratio's other part moved.
    """
    columns = {place: known_numbers(one, values[:, place]) for place, one in enumerate(features) if _is_free(one)}
    numbers = [place for place, column in columns.items() if _is_magnitude(column)]
    positive = [place for place in numbers if _is_positive(columns[place])]
    return tuple(
        _ratio(features, top, bottom)
        for bottom in positive
        for top in numbers
        if top != bottom and not (top in positive and top > bottom)
    )


def best_ratios(ground: "Ground", features: tuple[BaseFeature, ...], values: Floats) -> tuple[BaseFeature, ...]:
    """The possible ratios that gain most, over all folds, beyond free trees of pairs."""
    possible = possible_ratios(features, values)
    if not possible or not ground.knobs.ratio_count:
        return ()
    made = base_values((*features, *possible), values)[:, len(features) :]
    best = strongest(_gains(ground, made), ground.knobs.ratio_count)
    return tuple(possible[place] for (place,) in best)


def _gains(ground: "Ground", made: Floats) -> Iterator[Gains]:
    for fold in ground.first_folds:
        yield _stump_gains(ground, fold, made)


def _stump_gains(ground: "Ground", fold: "Fold", made: Floats) -> Gains:
    """Gain of each ratio on what free trees of pairs leave over."""
    import lightgbm as lgb

    knobs = ground.knobs
    shapes = lgb.Booster(knobs.common() | {"num_leaves": 4, "max_depth": 2}, fold.train)
    for _ in range(_SHAPE_ROUNDS):
        shapes.update()
    start = ground.log_odds(shapes, ground.matrix[fold.kept])
    params = knobs.common() | {"num_leaves": 3, "learning_rate": _STUMP_RATE}
    data = lgb.Dataset(made[fold.kept], ground.labels[fold.kept], init_score=start, params=params)
    stumps = lgb.Booster(params, data)
    for _ in range(_STUMP_ROUNDS):
        stumps.update()
    gains = stumps.feature_importance("gain")
    return {(place,): float(gain) for place, gain in enumerate(gains) if gain > 0.0}


def _is_free(feature: BaseFeature) -> bool:
    return not feature.direction and not feature.levels


def _is_magnitude(column: Floats) -> bool:
    return len(np.unique(column[~np.isnan(column)])) >= _LEAST_MAGNITUDES


def _is_positive(column: Floats) -> bool:
    known = column[~np.isnan(column)]
    return bool(known.min() >= 0.0 and (known > 0.0).mean() >= _POSITIVE_SHARE)


def _ratio(features: tuple[BaseFeature, ...], top: int, bottom: int) -> BaseFeature:
    return replace(BaseFeature(f"{features[top].name} / {features[bottom].name}"), ratio_of=(top, bottom))
