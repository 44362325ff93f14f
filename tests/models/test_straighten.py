"""Directions beside missing partners: where LightGBM's guarantee ends, leaves move as little as needed."""

import numpy as np

from models.compiling import compile_scorecard
from models.default_risk import DefaultRiskModel, Setting
from models.forest import Split, Tree
from models.layout import BaseFeature, Layout
from models.straighten import _closed, straightened_leaves

FREE = BaseFeature("free", special_codes=(-9.0,))


def layout_with(first: BaseFeature) -> Layout:
    """Two features whose values are sometimes missing."""
    return Layout((first, FREE), stand_ins=(np.nan, np.nan), flagged=frozenset())


RISES_AND_FREE = layout_with(BaseFeature("rises", direction=1))


def split(column: int, threshold: float, *, missing_left: bool) -> Split:
    return Split(column, threshold, categories=None, default_left=missing_left, missing_seen=True)


def crossed(values: tuple[float, float, float, float]) -> Tree:
    """Low rows send a missing partner to leaf 0, high rows send it to leaf 3: along magnitudes the two never touch."""
    splits = (split(0, 5.0, missing_left=True), split(1, 1.0, missing_left=True), split(1, 3.0, missing_left=False))
    return Tree(splits, ((1, 2), (~0, ~1), (~2, ~3)), values)


def test_leaves_that_follow_each_other_only_for_a_missing_partner_are_brought_into_order() -> None:
    moves = {leaf: value for _, leaf, value in straightened_leaves(RISES_AND_FREE, (crossed((1, 0, 1, 0.5)),))}
    assert moves == {0: 0.75, 3: 0.75}


def test_a_tree_in_order_is_left_alone_to_the_byte() -> None:
    assert not list(straightened_leaves(RISES_AND_FREE, (crossed((0.1, 0.0, 0.3, 0.2)),)))


def test_leaves_that_no_row_can_pass_between_are_not_compared() -> None:
    same_way = (split(0, 5.0, missing_left=True), *(split(1, 2.0, missing_left=True) for _ in range(2)))
    tree = Tree(same_way, ((1, 2), (~0, ~1), (~2, ~3)), (1.0, 0.2, 1.1, 0.5))
    assert not list(straightened_leaves(RISES_AND_FREE, (tree,)))


def test_an_order_holds_along_chains_of_any_length() -> None:
    step = np.eye(9, dtype=bool) | np.eye(9, k=1, dtype=bool)
    np.testing.assert_array_equal(_closed(step), np.triu(np.ones((9, 9), dtype=bool)))


def test_a_falling_feature_is_judged_the_other_way_round() -> None:
    falls = layout_with(BaseFeature("falls", direction=-1))
    assert not list(straightened_leaves(falls, (crossed((1, 0.9, 0.4, 0.5)),)))
    assert {leaf for _, leaf, _ in straightened_leaves(falls, (crossed((0.1, 0.9, 0.4, 0.5)),))} == {0, 3, 2}


def test_a_free_feature_may_do_as_it_likes() -> None:
    free = layout_with(BaseFeature("free too"))
    assert not list(straightened_leaves(free, (crossed((1, 0, 1, 0.5)),)))


def holey_file(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Four directed numbers that work in pairs; most have holes, two have a special code."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(2_500, 4))
    log_odds = values[:, 0] * (1 + 0.8 * values[:, 1].clip(-1)) - values[:, 2] * (1 + 0.8 * values[:, 3].clip(-1)) - 1
    labels = (draw.random(2_500) < 1 / (1 + np.exp(-log_odds))).astype(float)
    values[draw.random(values.shape) < 0.25] = np.nan
    values[:, 2:][draw.random((2_500, 2)) < 0.15] = -9.0
    return values, labels


HOLEY = tuple(
    BaseFeature(f"x{place}", direction=direction, special_codes=(-9.0,) if place > 1 else ())
    for place, direction in enumerate((1, 1, -1, -1))
)


def test_every_direction_is_proven_on_files_full_of_holes_and_the_forest_moves_along() -> None:
    moved = 0
    for seed in range(8):
        values, labels = holey_file(seed)
        settings = (Setting(leaves=12, random_thresholds=False),)
        model = DefaultRiskModel(features=HOLEY, settings=settings, folds=3, repeats=1, l2=0.0, seed=seed)
        card = compile_scorecard(model.fit(values, labels).members_, model.layout_, values)
        np.testing.assert_allclose(card.log_odds(values), model.decision_function(values), rtol=0.0, atol=1e-9)
        moved += model.straightened_
    assert moved > 5
