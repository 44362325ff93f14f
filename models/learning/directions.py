"""Declared directions on trial: kept where the sign holds in every fold, each with its price."""

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import isotonic_regression
from scipy.stats import rankdata

from models.arrays import Floats
from models.card_tables import FeatureTable
from models.compiling import compile_scorecard
from models.layout import BaseFeature, Layout, known_numbers
from models.measures import log_loss
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard

if TYPE_CHECKING:
    from models.learning.ground import Ground


@dataclass(frozen=True)
class DirectionPrice:
    """What a declared direction costs.

    Attributes:
        feature: Name of the feature.
        direction: The declared direction, +1 or -1.
        folds_held: Folds in which defaults lie the declared way along the feature.
        folds: Folds asked.
        kept: Whether it held in all of them.
        price: Out-of-fold log-loss per row with the free shape straightened, minus as found; negative where the
            direction helps.
    """

    feature: str
    direction: int
    folds_held: int
    folds: int
    kept: bool
    price: float


def tried_directions(ground: "Ground", values: Floats) -> tuple[DirectionPrice, ...]:
    """Put every declared direction on trial, fold by fold; its price is told on free shapes of single features.

    Args:
        ground: Rows and folds; its layout holds the declared directions.
        values: float64, shape (rows, features).
    """
    directed = [place for place, feature in enumerate(ground.layout.features) if feature.direction]
    if not directed:
        return ()
    free = _without_directions(ground.layout)
    cards = [
        compile_scorecard([[alone.model_to_string()]], free, values[fold.kept])
        for fold, alone in zip(ground.first_folds, ground.alone, strict=True)
    ]
    pairs = list(zip(cards, ground.first_folds, strict=True))
    found = np.concatenate([card.log_odds(values[fold.held_out]) for card, fold in pairs])
    labels = np.concatenate([ground.labels[fold.held_out] for fold in ground.first_folds])
    loss = log_loss(labels, found)
    return tuple(_price(ground, cards, place, values, found, labels, loss) for place in directed)


def with_kept(features: tuple[BaseFeature, ...], prices: tuple[DirectionPrice, ...]) -> tuple[BaseFeature, ...]:
    """The features with only those directions that were kept."""
    kept = {price.feature for price in prices if price.kept}
    return tuple(replace(one, direction=one.direction if one.name in kept else 0) for one in features)


def _price(
    ground: "Ground",
    cards: list[Scorecard],
    place: int,
    values: Floats,
    found: Floats,
    labels: Floats,
    loss: float,
) -> DirectionPrice:
    feature = ground.layout.features[place]
    held, moved = 0, []
    for card, fold in zip(cards, ground.first_folds, strict=True):
        table = card.features[place]
        held += _leans(feature, values[fold.kept, place], ground.labels[fold.kept])
        moved.append(_moved(table, feature.direction)[table.cell_of(values[fold.held_out, place])])
    price = log_loss(labels, found + np.concatenate(moved)) - loss
    folds = len(cards)
    return DirectionPrice(feature.name, feature.direction, held, folds, held == folds, float(price))


def _leans(feature: BaseFeature, values: Floats, labels: Floats) -> bool:
    """Whether defaults lie the declared way along a feature's known values: the sign of their covariance with its rank.

    Asked of the feature by itself: beside a companion that says almost the same, a shape may lean either way by chance.
    """
    numbers = known_numbers(feature, values)
    known = ~np.isnan(numbers)
    rank = rankdata(numbers[known])
    covariance = float((rank * (labels[known] - labels[known].mean())).sum()) if known.any() else 0.0
    return covariance * feature.direction > 0.0


def _moved(table: FeatureTable, direction: int) -> Floats:
    """How far each cell moves when the shape is straightened to its direction (isotonic regression by rows)."""
    cells = table.cells / UNITS_PER_LOG_ODDS
    shape = cells[: table.intervals]
    weights = np.maximum(table.reference_rows[: table.intervals], 1e-9)
    straight = isotonic_regression(shape * direction, weights=weights).x * direction
    moved = np.zeros(len(cells))
    moved[: table.intervals] = straight - shape
    return moved


def _without_directions(layout: Layout) -> Layout:
    return replace(layout, features=tuple(replace(one, direction=0) for one in layout.features))
