"""Random forests over random features, whatever may meet in their paths, and the cards they become: always equal."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import pairwise

import lightgbm as lgb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.compiling import compile_scorecard
from models.errors import NotMonotoneError, PathTooWideError, ScorecardFormatError
from models.forest import parse_forest
from models.layout import BaseFeature, Layout
from models.monotone_proof import prove_monotone
from models.purifying import joint_weights
from models.scorecard import Scorecard
from models.straighten import straightened_leaves

ROWS = 700
FORESTS = st.integers(0, 11)
"""Few enough that every test meets the same ones again, each trained once."""


@dataclass(frozen=True, eq=False)
class Bag:
    """Forests, the file they were trained on, and what LightGBM says about any row."""

    layout: Layout
    values: np.ndarray
    boosters: tuple[tuple[lgb.Booster, ...], ...]

    @property
    def members(self) -> list[list[str]]:
        return [[booster.model_to_string() for booster in member] for member in self.boosters]

    def log_odds(self, values: np.ndarray) -> np.ndarray:
        matrix = self.layout.expand(values)
        sums = [sum(booster.predict(matrix, raw_score=True) for booster in member) for member in self.boosters]
        return np.asarray(np.mean(sums, axis=0))


@cache
def random_bag(seed: int) -> Bag:
    """One to three members of one or two stages; up to three features meet; directions, categories, holes, codes."""
    draw = np.random.default_rng(seed)
    features = tuple(_feature(draw, place) for place in range(draw.integers(3, 7)))
    values = np.column_stack([_column(draw, feature) for feature in features])
    labels = _labels(draw, values)
    features = _with_ratio(draw, features)
    layout = Layout.learned(features, values, labels)
    stages = int(draw.integers(1, 3))
    members = [_member(draw, layout, values, labels, stages) for _ in range(draw.integers(1, 4))]
    return Bag(layout, values, tuple(members))


def _feature(draw: np.random.Generator, place: int) -> BaseFeature:
    kind = draw.integers(0, 4)
    if kind == 0:
        return BaseFeature(f"x{place}", levels=("a", "b", "c", "d"))
    codes = (-9.0, -7.0) if kind == 1 else ()
    return BaseFeature(f"x{place}", direction=int(draw.integers(-1, 2)), special_codes=codes)


def _with_ratio(draw: np.random.Generator, features: tuple[BaseFeature, ...]) -> tuple[BaseFeature, ...]:
    """Sometimes a ratio of two numbers, in the direction of its numerator; a denominator has no direction."""
    numbers = [place for place, feature in enumerate(features) if not feature.levels]
    if len(numbers) < 2 or draw.random() < 0.5:
        return features
    above, below = draw.permutation(numbers)[:2].tolist()
    free = [replace(feature, direction=0) if place == below else feature for place, feature in enumerate(features)]
    return (*free, BaseFeature("ratio", direction=features[above].direction, ratio_of=(above, below)))


def _column(draw: np.random.Generator, feature: BaseFeature) -> np.ndarray:
    if feature.levels:
        column = draw.integers(0, len(feature.levels), ROWS).astype(float)
    else:
        column = draw.normal(size=ROWS).round(int(draw.integers(0, 4)))
    if feature.special_codes:
        column = np.where(draw.random(ROWS) < 0.2, draw.choice(feature.special_codes, ROWS), column)
    return np.where(draw.random(ROWS) < draw.choice([0.0, 0.2]), np.nan, column)


def _labels(draw: np.random.Generator, values: np.ndarray) -> np.ndarray:
    known = np.nan_to_num(values, nan=0.5).clip(-3, 3)
    effects = draw.normal(size=values.shape[1])
    log_odds = known @ effects / 2 + known[:, 0] * known[:, 1] * known[:, 2] * draw.normal()
    return (draw.random(ROWS) < 1 / (1 + np.exp(-log_odds))).astype(float)


def _member(
    draw: np.random.Generator, layout: Layout, values: np.ndarray, labels: np.ndarray, stages: int
) -> tuple[lgb.Booster, ...]:
    """Stages on top of each other: each is fitted to what the former left over."""
    matrix, former = layout.expand(values), np.zeros(ROWS)
    boosters = []
    for _ in range(stages):
        categories = [place for place, feature in enumerate(layout.features) if feature.levels]
        data = lgb.Dataset(matrix, labels, init_score=former, categorical_feature=categories)
        booster = lgb.train(_params(draw, layout), data, int(draw.integers(1, 15)))
        for tree, leaf, value in straightened_leaves(layout, parse_forest(booster.model_to_string())):
            booster.set_leaf_output(tree, leaf, value)
        former = former + booster.predict(matrix, raw_score=True)
        boosters.append(booster)
    return tuple(boosters)


def _params(draw: np.random.Generator, layout: Layout) -> dict[str, object]:
    count = len(layout.features)
    met = [[feature] for feature in range(count)]
    met += [draw.permutation(count)[: draw.integers(2, 4)].tolist() for _ in range(4)]
    return {
        "objective": "binary",
        "num_leaves": int(draw.integers(2, 12)),
        "learning_rate": 0.2,
        "min_data_in_leaf": 5,
        "max_bin": int(draw.choice([7, 15, 63])),
        "max_cat_to_onehot": int(draw.choice([1, 64])),
        "min_data_per_group": 5,
        "interaction_constraints": [[column for one in path for column in layout.columns_of(one)] for path in met],
        "monotone_constraints": [
            layout.features[column.feature].direction if column.code is None else 0 for column in layout.columns
        ],
        "monotone_constraints_method": "intermediate",
        "bagging_fraction": 0.8,
        "bagging_freq": 1,
        "seed": int(draw.integers(1 << 30)),
        "deterministic": True,
        "force_row_wise": True,
        "num_threads": 1,
        "verbosity": -1,
    }


@cache
def card_of_bag(seed: int) -> Scorecard:
    bag = random_bag(seed)
    return compile_scorecard(bag.members, bag.layout, bag.values)


def odd_rows(bag: Bag, card: Scorecard, seed: int) -> np.ndarray:
    """Training rows with holes and codes anywhere, values on thresholds and beside them, unknown levels, far values."""
    draw = np.random.default_rng(seed)
    columns = []
    for place, table in enumerate(card.features[: len(card.names)]):
        beside = [np.nextafter(table.thresholds, end) for end in (-np.inf, np.inf)]
        odd = [-1.0, 4.0, 99.0] if table.levels else [1e300, -1e300, *table.special_codes]
        edges = np.concatenate([table.thresholds, *beside, odd, [np.nan], bag.values[:, place]])
        columns.append(draw.choice(edges, 400))
    return np.column_stack(columns)


@given(seed=FORESTS, rows=st.integers(0, 2**32 - 1))
@settings(max_examples=60)
def test_card_and_forests_say_the_same_about_every_row(seed: int, rows: int) -> None:
    bag, card = random_bag(seed), card_of_bag(seed)
    for values in (bag.values, odd_rows(bag, card, rows)):
        np.testing.assert_allclose(card.log_odds(values), bag.log_odds(values), rtol=0.0, atol=1e-9)


@given(seed=FORESTS, rows=st.integers(0, 2**32 - 1))
def test_reasons_add_up_and_the_text_keeps_everything(seed: int, rows: int) -> None:
    bag, card = random_bag(seed), card_of_bag(seed)
    values = odd_rows(bag, card, rows)
    np.testing.assert_array_equal(card.contributions(values).sum(axis=1) + card.intercept, card.log_odds_units(values))
    again = Scorecard.from_json(card.to_json())
    assert again.to_json() == card.to_json()
    assert again.default_probability(values).tobytes() == card.default_probability(values).tobytes()


def test_the_random_forests_hold_what_they_are_meant_to_try() -> None:
    cards = [card_of_bag(seed) for seed in range(12)]
    widths = [len(table.features) for card in cards for table in card.interactions]
    assert min(widths.count(2), widths.count(3)) > 10
    assert sum(table.direction != 0 and len(table.thresholds) > 0 for card in cards for table in card.features) > 10
    assert any(table.levels for card in cards for table in card.features)
    assert any(table.special_codes for card in cards for table in card.features)
    assert any(table.ratio_of and len(table.thresholds) for card in cards for table in card.features)
    assert {len(random_bag(seed).boosters) for seed in range(12)} == {1, 2, 3}
    assert {len(random_bag(seed).boosters[0]) for seed in range(12)} == {1, 2}


@pytest.mark.parametrize("seed", range(12))
def test_tables_are_pure_and_centred_on_the_reference_population(seed: int) -> None:
    bag, card = random_bag(seed), card_of_bag(seed)
    cells = card.cells_of(bag.values)
    for table in card.interactions:
        weights = joint_weights(table.cells.shape, list(table.places(cells)))
        for axis in range(table.cells.ndim):
            means = (table.cells * weights).sum(axis=axis) / weights.sum(axis=axis)
            assert np.abs(means).max() < 1e-6 * 1e12 + 2
    for feature in card.features:
        assert abs(np.average(feature.cells, weights=feature.reference_rows)) <= 0.5


@pytest.mark.parametrize("seed", range(12))
def test_directions_hold_on_every_walk_along_a_feature(seed: int) -> None:
    bag, card = random_bag(seed), card_of_bag(seed)
    proofs = prove_monotone(card)
    assert [proof.feature for proof in proofs] == [table.name for table in card.features if table.direction]
    assert all(proof.least_step >= 0 for proof in proofs)
    rows = odd_rows(bag, card, seed)
    given = enumerate(card.features[: len(card.names)])
    for place, direction in ((place, table.direction) for place, table in given if table.direction):
        for lower, higher in pairwise(walk(card, rows, place)):
            assert ((higher - lower) * direction >= 0).all()


def walk(card: Scorecard, rows: np.ndarray, place: int) -> Iterator[np.ndarray]:
    ends = card.features[place].thresholds
    for value in (*ends, 1e300):
        changed = rows.copy()
        changed[:, place] = value
        yield card.log_odds_units(changed)


def test_tables_of_three_cover_only_cells_that_their_own_trees_tell_apart() -> None:
    for card in map(card_of_bag, range(12)):
        for table in card.interactions:
            assert all(
                size <= len(card.features[one].cells)
                for one, size in zip(table.features, table.cells.shape, strict=True)
            )
    sizes = [
        (size, len(card.features[feature].cells))
        for card in map(card_of_bag, range(12))
        for table in card.interactions
        if len(table.features) == 3
        for feature, size in zip(table.features, table.cells.shape, strict=True)
    ]
    assert sum(size < cells for size, cells in sizes) > len(sizes) / 2


def free_forest(met: list[list[int]], labels: Callable[[np.ndarray], np.ndarray]) -> tuple[str, np.ndarray, np.ndarray]:
    draw = np.random.default_rng(1)
    values = draw.normal(size=(3_000, 4))
    bad = (draw.random(3_000) < 1 / (1 + np.exp(-labels(values)))).astype(float)
    params = {
        "objective": "binary",
        "num_leaves": 24,
        "verbosity": -1,
        "num_threads": 1,
        "interaction_constraints": met,
    }
    booster = lgb.train(params, lgb.Dataset(values, bad), 20)
    return booster.model_to_string(), values, bad


def test_a_forest_that_turns_round_only_inside_a_triple_is_refused() -> None:
    """The feature rises for most partners; where both partners are high it falls."""
    text, values, bad = free_forest(
        [[0, 1, 2], [3]], lambda x: np.where((x[:, 1] > 0.5) & (x[:, 2] > 0.5), -2, 1) * x[:, 0]
    )
    free = Layout.learned(tuple(BaseFeature(f"x{place}") for place in range(4)), values, bad)
    assert max(len(table.features) for table in compile_scorecard([[text]], free, values).interactions) == 3
    rising = Layout.learned((BaseFeature("x0", direction=1), *free.features[1:]), values, bad)
    with pytest.raises(NotMonotoneError) as caught:
        compile_scorecard([[text]], rising, values)
    assert caught.value.feature == "x0"
    assert caught.value.log_odds < 0
    assert caught.value.exact


def test_four_features_in_a_path_are_refused() -> None:
    text, values, bad = free_forest([[0, 1, 2, 3]], lambda x: x.prod(axis=1) * 3)
    layout = Layout.learned(tuple(BaseFeature(f"x{place}") for place in range(4)), values, bad)
    with pytest.raises(PathTooWideError) as caught:
        compile_scorecard([[text]], layout, values)
    assert len(caught.value.features) == 4


@pytest.mark.parametrize(
    "params",
    [
        {"objective": "binary", "boosting": "rf", "bagging_fraction": 0.5, "bagging_freq": 1},
        {"objective": "multiclass", "num_class": 3},
    ],
)
def test_forests_whose_trees_do_not_add_up_to_log_odds_are_refused(params: dict[str, object]) -> None:
    draw = np.random.default_rng(2)
    values, labels = draw.normal(size=(300, 2)), draw.integers(0, 2, 300).astype(float)
    booster = lgb.train({**params, "verbosity": -1, "num_threads": 1, "num_leaves": 3}, lgb.Dataset(values, labels), 3)
    layout = Layout.learned((BaseFeature("x0"), BaseFeature("x1")), values, labels)
    with pytest.raises(ScorecardFormatError):
        compile_scorecard([[booster.model_to_string()]], layout, values)
