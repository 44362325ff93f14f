"""Cards of every shape that the format allows, with awkward names, ends and codes, and rows that hit every edge."""

from collections.abc import Callable
from itertools import combinations

import numpy as np
import pytest

from models.card_tables import FeatureTable, InteractionTable
from models.probability_interval import Band
from models.scorecard import Calibration, Intervals, Scorecard

NAMES = ("年收入 income", 'it\'s "quoted"', "a\nline\\feed", "100% :bound %s", "x0", "trailing ; -- comment")
LEVELS = ("渔业", "O'Hara", 'say "x"', "b\\n", "%(x)s", "")
ENDS = (-1e300, -2.5, -0.1, 0.0, 1.0000000180025095e-35, 5e-324, 0.1 + 0.2, 1.0, 3.0, 12345678.9, 1e300)
CODES = (-9.0, -1.0, 0.5)


def random_card(seed: int) -> Scorecard:
    draw = np.random.default_rng(seed)
    names = draw.permutation(NAMES)[: draw.integers(1, len(NAMES))].tolist()
    given = tuple(_feature(draw, name) for name in names)
    features = (*given, *_ratios(draw, given))
    sets = [one for width in (2, 3) for one in combinations(range(len(features)), width) if draw.random() < 0.4]
    return Scorecard(
        kind="any",
        feature_spec_hash="",
        intercept=int(draw.integers(-(10**13), 10**13)),
        features=features,
        interactions=tuple(_interaction(draw, one, features) for one in sets),
        calibration=_calibration(draw),
        intervals=Intervals(_band(draw), _band(draw), int(draw.integers(1, 4))) if draw.random() < 0.5 else None,
        notes={"签署 signed by": "甲", "b": "2"} if draw.random() < 0.5 else {},
    )


def _feature(draw: np.random.Generator, name: str) -> FeatureTable:
    levels = tuple(draw.permutation(LEVELS)[: draw.integers(1, 5)].tolist()) if draw.random() < 0.25 else ()
    codes = tuple(sorted(draw.choice(CODES, draw.integers(0, 3), replace=False).tolist())) if not levels else ()
    ends = np.sort(draw.choice(ENDS, draw.integers(0, 7), replace=False)) if not levels else np.array([])
    count = (len(levels) or len(ends) + 1) + 1 + len(codes)
    return FeatureTable(name, 0, levels, codes, ends, _cells(draw, (count,)), draw.integers(0, 99, count))


def _ratios(draw: np.random.Generator, given: tuple[FeatureTable, ...]) -> list[FeatureTable]:
    numbers = [place for place, table in enumerate(given) if not table.levels]
    wanted = min(int(draw.integers(0, 3)), len(numbers) // 2)
    parts = [tuple(draw.permutation(numbers)[:2].tolist()) for _ in range(wanted)]
    ends = [np.sort(draw.choice(ENDS, draw.integers(1, 5), replace=False)) for _ in parts]
    return [
        FeatureTable(f"ratio {place}", 0, (), (), end, _cells(draw, (len(end) + 2,)), np.ones(len(end) + 2, int), one)
        for place, (one, end) in enumerate(zip(parts, ends, strict=True))
    ]


def _cells(draw: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    return draw.integers(-3 * 10**12, 3 * 10**12, shape)


def _interaction(
    draw: np.random.Generator, places: tuple[int, ...], features: tuple[FeatureTable, ...]
) -> InteractionTable:
    groups = [_groups(draw, len(features[place].cells)) for place in places]
    return InteractionTable(places, tuple(groups), _cells(draw, tuple(int(one.max()) + 1 for one in groups)))


def _groups(draw: np.random.Generator, cells: int) -> np.ndarray:
    drawn = draw.integers(0, draw.integers(1, cells + 1), cells)
    return np.unique(drawn, return_inverse=True)[1].astype(np.intp)


def _calibration(draw: np.random.Generator) -> Calibration:
    slope, other, offset = draw.uniform(0.2, 2.0, 3).tolist()
    return Calibration(slope, slope if draw.random() < 0.5 else other, offset - 1.0)


def _band(draw: np.random.Generator) -> Band:
    steps = int(draw.integers(1, 6))
    low, high = np.sort(draw.random((2, steps)), axis=0)
    return Band(np.sort(draw.normal(0, 3, steps - 1)), np.sort(low), np.sort(high))


def edge_rows(card: Scorecard, seed: int, rows: int = 60) -> np.ndarray:
    """Values on every end, right below and above it, codes, levels known and unknown, missing and infinite ones."""
    draw = np.random.default_rng(seed)
    return np.column_stack([draw.choice(_edges(table), rows) for table in card.features if table.ratio_of is None])


def _edges(table: FeatureTable) -> np.ndarray:
    if table.levels:
        return np.array([*range(len(table.levels)), -1.0, len(table.levels), np.nan])
    ends = table.thresholds
    beside = [np.nextafter(ends, -np.inf), ends, np.nextafter(ends, np.inf)]
    return np.concatenate([*beside, table.special_codes, [np.nan, np.inf, -np.inf, 0.0, -0.0, 7.0]])


@pytest.fixture(scope="session")
def card_of() -> Callable[[int], Scorecard]:
    return random_card


@pytest.fixture(scope="session")
def rows_of() -> Callable[..., np.ndarray]:
    return edge_rows
