"""The learner as scikit-learn knows it: parameters only in the constructor, deterministic, honest out of fold."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

from models.calibration import area_under_curve, log_loss
from models.compiling import compile_scorecard
from models.default_risk import DefaultRiskModel, Setting
from models.layout import BaseFeature


@pytest.fixture(scope="module")
def file() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(3)
    values = draw.normal(size=(3_000, 6))
    log_odds = values[:, 0] + 1.2 * values[:, 1] * values[:, 2] - 1.0
    return values, (draw.random(3_000) < 1 / (1 + np.exp(-log_odds))).astype(float)


def test_cloning_and_cross_validation_of_the_library_work(file: tuple[np.ndarray, np.ndarray]) -> None:
    model = DefaultRiskModel(max_rounds=30, pair_count=3)
    assert clone(model).get_params() == model.get_params()
    areas = cross_val_score(model, *file, cv=3, scoring="roc_auc")
    assert areas.min() > 0.7


def test_an_unfitted_model_says_so(file: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(NotFittedError):
        DefaultRiskModel().predict_proba(file[0])


def test_the_same_seed_gives_the_same_forest(file: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = (DefaultRiskModel(seed=1, max_rounds=40).fit(*file) for _ in range(2))
    assert first.model_text() == second.model_text()
    assert first.oof_log_odds_.tobytes() == second.oof_log_odds_.tobytes()


def test_the_features_that_need_each_other_are_found_beside_stronger_ones_that_do_not() -> None:
    draw = np.random.default_rng(8)
    values = draw.normal(size=(3_000, 6))
    log_odds = 3.0 * values[:, 0] + 0.7 * values[:, 1] * values[:, 2] + 3.0 * values[:, 3]
    labels = (draw.random(3_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    assert DefaultRiskModel(pair_count=3).fit(values, labels).pairs_[0] == (1, 2)


def test_held_out_log_odds_are_those_of_the_chosen_number_of_rounds(file: tuple[np.ndarray, np.ndarray]) -> None:
    model = DefaultRiskModel().fit(*file)
    assert log_loss(file[1], model.oof_log_odds_) == pytest.approx(model.trial_.loss, abs=1e-12)
    assert model.booster_.num_trees() == model.trial_.rounds


def test_pairs_matter_where_the_truth_has_them(file: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = file
    train, held_out = slice(0, 2_000), slice(2_000, None)
    areas = [
        area_under_curve(
            labels[held_out],
            DefaultRiskModel(pair_count=count).fit(values[train], labels[train]).decision_function(values[held_out]),
        )
        for count in (0, 3)
    ]
    assert areas[1] > areas[0] + 0.05


def test_the_search_stops_at_the_first_setting_that_does_not_help(file: tuple[np.ndarray, np.ndarray]) -> None:
    settings = (Setting(leaves=8), Setting(leaves=2), Setting(leaves=16))
    model = DefaultRiskModel(settings=settings).fit(*file)
    assert [trial.setting.leaves for trial in model.trials_] == [8, 2]
    assert model.trial_.setting.leaves == 8


def test_rounds_stop_before_the_limit_and_held_out_log_odds_know_nothing_of_their_row(
    file: tuple[np.ndarray, np.ndarray],
) -> None:
    values, labels = file
    noise = np.random.default_rng(9).permutation(labels)
    model = DefaultRiskModel().fit(values, noise)
    assert model.trial_.rounds < 30
    assert abs(area_under_curve(noise, model.oof_log_odds_) - 0.5) < 0.04


def test_probabilities_of_both_classes_add_up_and_agree_with_the_decision(file: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = file
    model = DefaultRiskModel(max_rounds=20).fit(values, labels)
    both = model.predict_proba(values)
    np.testing.assert_allclose(both.sum(axis=1), 1.0)
    np.testing.assert_array_equal(model.predict(values), both[:, 1] > 0.5)
    assert list(model.classes_) == [0, 1]


def test_a_special_code_is_no_magnitude() -> None:
    draw = np.random.default_rng(4)
    values = draw.uniform(1.0, 10.0, size=(4_000, 1))
    coded = draw.random(4_000) < 0.3
    values[coded] = -9.0
    labels = (draw.random(4_000) < np.where(coded, 0.6, 0.05 + 0.03 * values[:, 0])).astype(float)
    feature = BaseFeature("months since", direction=1, special_codes=(-9.0,))
    model = DefaultRiskModel(features=(feature,)).fit(values, labels)
    probability = model.predict_proba(np.array([[-9.0], [1.5], [9.5]]))[:, 1]
    assert probability[0] > probability[2] > probability[1] + 0.1


def test_unknown_never_beats_known_where_training_never_saw_it_missing() -> None:
    draw = np.random.default_rng(5)
    values = draw.uniform(0.0, 5.0, size=(4_000, 3))
    log_odds = values[:, 0] - values[:, 1] - 1.0
    labels = (draw.random(4_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    features = (BaseFeature("debt", direction=1), BaseFeature("income", direction=-1), BaseFeature("free"))
    model = DefaultRiskModel(features=features).fit(values, labels)
    known, unknown = values.copy(), values.copy()
    for place, worst in ((0, 5.0), (1, 0.0)):
        known[:, place], unknown[:, place] = worst, np.nan
    np.testing.assert_array_equal(model.decision_function(unknown), model.decision_function(known))
    card = compile_scorecard([[model.model_text()]], model.layout_, values)
    np.testing.assert_allclose(card.log_odds(unknown), model.decision_function(unknown), rtol=0.0, atol=1e-9)


def test_unknown_counts_as_the_median_where_no_direction_is_declared() -> None:
    draw = np.random.default_rng(6)
    values = draw.uniform(0.0, 5.0, size=(3_001, 1))
    labels = (draw.random(3_001) < 1 / (1 + np.exp(1.0 - values[:, 0]))).astype(float)
    model = DefaultRiskModel().fit(values, labels)
    missing, median = np.array([[np.nan]]), np.median(values, axis=0, keepdims=True)
    assert model.decision_function(missing) == model.decision_function(median)
    assert model.decision_function(missing) != model.decision_function(np.zeros((1, 1)))


@pytest.mark.parametrize(("missing_chance", "known_chance"), [(0.05, 0.4), (0.4, 0.05)])
def test_unknown_has_an_effect_of_its_own_where_training_saw_it_on_either_side_of_a_direction(
    missing_chance: float, known_chance: float
) -> None:
    draw = np.random.default_rng(7)
    values = draw.uniform(0.0, 5.0, size=(4_000, 1))
    values[:1_500] = np.nan
    labels = (draw.random(4_000) < np.where(np.isnan(values[:, 0]), missing_chance, known_chance)).astype(float)
    model = DefaultRiskModel(features=(BaseFeature("debt", direction=1),)).fit(values, labels)
    fitted = model.predict_proba(np.array([[np.nan], [0.1], [3.0]]))[:, 1]
    np.testing.assert_allclose(fitted, [missing_chance, known_chance, known_chance], rtol=0.25)
