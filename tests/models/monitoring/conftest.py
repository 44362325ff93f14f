"""Cards made of quantiles, without any training: monitoring asks only in which cells a population stands."""

from collections.abc import Callable

import numpy as np
import pytest

from models.arrays import Floats
from models.card_tables import FeatureTable
from models.feature_spec import FeatureSpec
from models.scorecard import UNITS_PER_LOG_ODDS, Calibration, Scorecard

CardOf = Callable[[FeatureSpec, Floats], Scorecard]


def card_of(spec: FeatureSpec, values: Floats) -> Scorecard:
    """A card with cells at the deciles of a sample; higher cells speak more for a default."""
    features = tuple(
        _table(one.name, one.levels, tuple(sorted(one.special_codes)), values[:, place])
        for place, one in enumerate(spec.declarations)
    )
    return Scorecard(
        kind=spec.kind,
        feature_spec_hash=spec.content_hash(),
        intercept=round(-4.2 * UNITS_PER_LOG_ODDS),
        features=features,
        interactions=(),
        calibration=Calibration(),
    )


def _table(name: str, levels: tuple[str, ...], codes: tuple[float, ...], values: Floats) -> FeatureTable:
    plain = values[~np.isnan(values) & ~np.isin(values, codes)]
    edges = np.unique(np.quantile(plain, np.arange(1, 10) / 10)) if not levels else np.empty(0)
    intervals = len(levels) or len(edges) + 1
    points = np.r_[np.linspace(-0.3, 0.3, intervals), np.zeros(1 + len(codes))]
    table = FeatureTable(
        name=name,
        direction=0,
        levels=levels,
        special_codes=codes,
        thresholds=edges,
        cells=np.round(points * UNITS_PER_LOG_ODDS).astype(np.int64),
        reference_rows=np.zeros(len(points), dtype=np.int64),
    )
    rows = np.bincount(table.cell_of(values), minlength=len(points))
    return FeatureTable(**{**vars(table), "reference_rows": rows.astype(np.int64)})


@pytest.fixture(name="card_of")
def card_of_fixture() -> CardOf:
    return card_of
