"""Forest and tables say the same, path by path and leaf by leaf; directions are proven."""

from dataclasses import replace
from functools import cache
from itertools import pairwise

import lightgbm as lgb
import numpy as np
import pytest

from models.compiling import compile_scorecard
from models.default_risk import DefaultRiskModel
from models.errors import NotMonotoneError, PathTooWideError, ScorecardFormatError
from models.forest import parse_forest
from models.layout import BaseFeature, Layout
from models.monotone_proof import prove_monotone
from models.scorecard import Scorecard
from models.training import TrainedModel


def rough_file(seed: int, rows: int = 1_500) -> tuple[np.ndarray, np.ndarray]:
    """Any bank's file: two numbers, a category, a number with holes, one with special codes, and real interactions."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(rows, 5))
    values[:, 2] = draw.integers(0, 5, rows)
    values[draw.random(rows) < 0.2, 3] = np.nan
    coded = draw.random(rows) < 0.3
    values[coded, 4] = draw.choice([-9.0, -7.0], coded.sum())
    log_odds = values[:, 0] * (values[:, 2] - 2) + values[:, 1] + np.where(values[:, 4] == -9.0, 1.5, 0.0)
    return values, (draw.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)


ROUGH_FEATURES = (
    BaseFeature("moves both ways"),
    BaseFeature("rises", direction=1),
    BaseFeature("kind", levels=("a", "b", "c", "d", "e")),
    BaseFeature("has holes"),
    BaseFeature("has codes", special_codes=(-9.0, -7.0)),
)


@cache
def fitted_roughly(seed: int) -> tuple[DefaultRiskModel, np.ndarray]:
    values, labels = rough_file(seed)
    model = DefaultRiskModel(features=ROUGH_FEATURES, pair_count=4, max_rounds=60, folds=3, repeats=1, seed=seed)
    return model.fit(values, labels), values


def varied_rows(seed: int, values: np.ndarray) -> np.ndarray:
    """Training rows, rows with holes everywhere, far values, unknown levels and values exactly on thresholds."""
    draw = np.random.default_rng(seed)
    holes = np.where(draw.random(values.shape) < 0.3, np.nan, values)
    far = np.vstack([np.full((1, values.shape[1]), sign * 1e300) for sign in (-1.0, 1.0)])
    far[:, 2] = (77.0, -2.0)
    return np.vstack([values, holes, far])


@pytest.mark.parametrize("seed", range(6))
def test_tables_equal_the_forest_on_every_kind_of_row(seed: int) -> None:
    model, values = fitted_roughly(seed)
    card = compile_scorecard(model.members_, model.layout_, values)
    rows = varied_rows(seed, values)
    assert model.interactions_
    assert card.interactions
    np.testing.assert_allclose(card.log_odds(rows), model.decision_function(rows), rtol=0.0, atol=1e-9)


def test_tables_equal_the_forest_on_values_that_lie_exactly_on_a_threshold() -> None:
    model, values = fitted_roughly(1)
    card = compile_scorecard(model.members_, model.layout_, values)
    thresholds = card.features[0].thresholds
    rows = np.repeat(values[:1], 3 * len(thresholds), axis=0)
    rows[:, 0] = np.concatenate([thresholds, np.nextafter(thresholds, -np.inf), np.nextafter(thresholds, np.inf)])
    np.testing.assert_allclose(card.log_odds(rows), model.decision_function(rows), rtol=0.0, atol=1e-9)


def test_the_bank_s_models_compile_within_a_billionth(
    baseline: TrainedModel, full: TrainedModel, values: np.ndarray
) -> None:
    for trained, rows in ((baseline, values), (full, np.column_stack([values, np.arange(len(values)) % 4.0]))):
        difference = trained.scorecard.log_odds(rows) - trained.model.decision_function(rows)
        assert np.abs(difference).max() < 1e-9


def test_a_bag_compiles_into_the_mean_of_its_members() -> None:
    model, values = fitted_roughly(3)
    assert len(model.members_) == 3
    cards = [compile_scorecard([member], model.layout_, values) for member in model.members_]
    bag = compile_scorecard(model.members_, model.layout_, values)
    mean = np.mean([card.log_odds(values) for card in cards], axis=0)
    np.testing.assert_allclose(bag.log_odds(values), mean, rtol=0.0, atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_features_meet_in_a_path_only_where_the_learner_allowed_it(seed: int) -> None:
    model, _ = fitted_roughly(seed)
    assert max(map(len, paths_of(model))) in (2, 3)
    assert strays(model) == set()


def test_the_bank_s_forests_keep_to_their_interactions(baseline: TrainedModel, full: TrainedModel) -> None:
    assert strays(baseline.model) == strays(full.model) == set()


def strays(model: DefaultRiskModel) -> set[tuple[int, ...]]:
    """Paths in which features meet that must not."""
    allowed = [set(features) for features in model.interactions_]
    return {path for path in paths_of(model) if len(path) > 1 and not any(set(path) <= one for one in allowed)}


def paths_of(model: DefaultRiskModel) -> set[tuple[int, ...]]:
    """Base features that meet in each path."""
    columns = model.layout_.columns
    return {
        tuple(sorted({columns[tree.splits[node].column].feature for node, _ in path}))
        for member in model.members_
        for text in member
        for tree in parse_forest(text)
        for _, path in tree.leaves()
    }


def test_a_free_forest_is_refused_with_the_features_of_its_path() -> None:
    values, labels = rough_file(0)
    data = lgb.Dataset(values, labels)
    booster = lgb.train({"objective": "binary", "num_leaves": 31, "verbosity": -1, "num_threads": 1}, data, 5)
    layout = Layout.learned(tuple(BaseFeature(f"x{place}") for place in range(5)), values, labels)
    with pytest.raises(PathTooWideError) as caught:
        compile_scorecard([[booster.model_to_string()]], layout, values)
    assert len(caught.value.features) > 2


def test_linear_trees_are_refused() -> None:
    values, labels = rough_file(0)
    params = {"objective": "binary", "linear_tree": True, "verbosity": -1, "num_threads": 1}
    booster = lgb.train(params, lgb.Dataset(values, labels, params=params), 2)
    with pytest.raises(ScorecardFormatError):
        parse_forest(booster.model_to_string())


def test_a_model_that_learned_nothing_compiles_into_a_constant() -> None:
    values = np.random.default_rng(0).normal(size=(400, 3))
    labels = (np.arange(400) % 4 == 0).astype(float)
    model = DefaultRiskModel(leaf_hessian=1e6).fit(values, labels)
    card = compile_scorecard(model.members_, model.layout_, values)
    np.testing.assert_allclose(card.log_odds(values), np.log(1 / 3), atol=1e-9)
    assert not card.contributions(values).any()


def test_declared_directions_hold_for_every_value_of_everything_else(baseline: TrainedModel) -> None:
    prove_monotone(baseline.scorecard)
    directed = [place for place, table in enumerate(baseline.scorecard.features) if table.direction]
    paired = {place for table in baseline.scorecard.interactions for place in table.features}
    assert paired & set(directed), "the proof must meet pairs"


def test_the_proof_agrees_with_walking_along_every_interval(baseline: TrainedModel, values: np.ndarray) -> None:
    card = baseline.scorecard
    for place, table in enumerate(card.features):
        if table.direction and len(table.thresholds):
            walk = [with_value(values, place, value) for value in (*table.thresholds, table.thresholds[-1] + 1.0)]
            for lower, higher in pairwise(card.log_odds_units(rows) for rows in walk):
                assert ((higher - lower) * table.direction >= 0).all(), table.name


def with_value(values: np.ndarray, place: int, value: float) -> np.ndarray:
    changed = values.copy()
    changed[:, place] = value
    return changed


@pytest.mark.parametrize("direction", [1, -1])
def test_a_single_cell_out_of_order_is_found(baseline: TrainedModel, direction: int) -> None:
    card = baseline.scorecard
    place = next(place for place, one in enumerate(card.features) if one.direction == direction and len(one.thresholds))
    cells = card.features[place].cells.copy()
    cells[card.features[place].intervals - 1] = cells[0] - direction * 10**12
    with pytest.raises(NotMonotoneError) as caught:
        prove_monotone(with_cells(card, place, cells))
    assert caught.value.feature == card.features[place].name


def test_one_cell_of_a_pair_out_of_order_is_found(baseline: TrainedModel) -> None:
    card = baseline.scorecard
    number, pair = next(
        (number, pair)
        for number, pair in enumerate(card.interactions)
        if card.features[pair.features[1]].direction == 1
    )
    cells = pair.cells.copy()
    cells[0, pair.groups[1][0]] += 10 * 10**12
    tables = [*card.interactions]
    tables[number] = replace(pair, cells=cells)
    with pytest.raises(NotMonotoneError):
        prove_monotone(replace(card, interactions=tuple(tables)))


def with_cells(card: Scorecard, place: int, cells: np.ndarray) -> Scorecard:
    features = [*card.features]
    features[place] = replace(features[place], cells=cells)
    return replace(card, features=tuple(features))


def test_a_free_fit_that_breaks_a_declared_direction_cannot_become_a_scorecard() -> None:
    draw = np.random.default_rng(0)
    values = draw.normal(size=(2_000, 1))
    labels = (draw.random(2_000) < 1 / (1 + np.exp(values[:, 0]))).astype(float)
    model = DefaultRiskModel().fit(values, labels)
    rising = Layout.learned((BaseFeature("x0", direction=1),), values, labels)
    with pytest.raises(NotMonotoneError):
        compile_scorecard(model.members_, rising, values)


def test_reasons_are_told_against_the_average_of_the_reference_population() -> None:
    model, values = fitted_roughly(2)
    card = compile_scorecard(model.members_, model.layout_, values)
    means = [np.average(table.cells, weights=table.reference_rows) for table in card.features]
    assert np.abs(means).max() <= 0.5
    assert card.intercept == pytest.approx(card.log_odds_units(values).mean(), abs=1e-3 * 1e12)


def test_pairs_hold_nothing_that_belongs_to_one_feature_alone() -> None:
    model, values = fitted_roughly(2)
    card = compile_scorecard(model.members_, model.layout_, values)
    cells = card.cells_of(values)
    for pair in card.interactions:
        points = pair.points(cells).astype(float)
        groups = pair.groups[0][cells[pair.features[0]]]
        for group in np.unique(groups):
            assert abs(points[groups == group].mean()) < 2e-3 * 1e12
