"""The learner as scikit-learn knows it: parameters only in the constructor, deterministic, honest out of fold."""

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import cross_val_score

from models.compiling import compile_scorecard
from models.default_risk import DefaultRiskModel, Setting
from models.layout import BaseFeature
from models.learning.ratio_search import possible_ratios
from models.measures import area_under_curve, log_loss

QUICK = {"settings": (Setting(leaves=4),), "folds": 3, "repeats": 1}
EXACT = {"settings": (Setting(leaves=8, random_thresholds=False),), "folds": 3, "repeats": 1}


@pytest.fixture(scope="module")
def file() -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(3)
    values = draw.normal(size=(3_000, 6))
    log_odds = values[:, 0] + 1.2 * values[:, 1] * values[:, 2] - 1.0
    return values, (draw.random(3_000) < 1 / (1 + np.exp(-log_odds))).astype(float)


def test_cloning_and_cross_validation_of_the_library_work(file: tuple[np.ndarray, np.ndarray]) -> None:
    model = DefaultRiskModel(max_rounds=30, pair_count=3, **EXACT)
    assert clone(model).get_params() == model.get_params()
    areas = cross_val_score(model, *file, cv=3, scoring="roc_auc")
    assert areas.min() > 0.7


def test_an_unfitted_model_says_so(file: tuple[np.ndarray, np.ndarray]) -> None:
    with pytest.raises(NotFittedError):
        DefaultRiskModel().predict_proba(file[0])


def test_the_same_seed_gives_the_same_forest(file: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = (DefaultRiskModel(seed=1, max_rounds=20).fit(*file) for _ in range(2))
    assert first.members_ == second.members_
    assert first.oof_log_odds_.tobytes() == second.oof_log_odds_.tobytes()


def test_the_features_that_need_each_other_are_found_beside_stronger_ones_that_do_not() -> None:
    draw = np.random.default_rng(8)
    values = draw.normal(size=(3_000, 6))
    log_odds = 3.0 * values[:, 0] + 0.7 * values[:, 1] * values[:, 2] + 3.0 * values[:, 3]
    labels = (draw.random(3_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    assert DefaultRiskModel(pair_count=3, **QUICK).fit(values, labels).interactions_[0] == (1, 2)


def test_held_out_log_odds_are_those_of_the_chosen_number_of_rounds(file: tuple[np.ndarray, np.ndarray]) -> None:
    model = DefaultRiskModel(**QUICK).fit(*file)
    assert log_loss(file[1], model.oof_log_odds_) == pytest.approx(model.trial_.loss, abs=1e-12)
    assert [booster.num_trees() for booster in model.boosters()] == [model.trial_.rounds] * 3


def test_every_repeat_adds_members_and_each_row_is_told_by_members_that_never_saw_it(
    file: tuple[np.ndarray, np.ndarray],
) -> None:
    settings = (Setting(leaves=4),)
    once, twice = (DefaultRiskModel(settings=settings, folds=3, repeats=count).fit(*file) for count in (1, 2))
    assert twice.members_[:3] == once.members_
    assert len(twice.members_) == 6
    assert (twice.oof_log_odds_ != once.oof_log_odds_).all()


def test_pairs_matter_where_the_truth_has_them(file: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = file
    train, held_out = slice(0, 2_000), slice(2_000, None)
    areas = [
        area_under_curve(
            labels[held_out],
            DefaultRiskModel(pair_count=count, **EXACT)
            .fit(values[train], labels[train])
            .decision_function(values[held_out]),
        )
        for count in (0, 3)
    ]
    assert areas[1] > areas[0] + 0.05


def three_needed(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Three features that matter only together."""
    draw = np.random.default_rng(seed)
    values = draw.normal(size=(rows, 5))
    together = (values[:, 0] > 0) & (values[:, 1] > 0) & (values[:, 2] > 0)
    return values, (draw.random(rows) < np.where(together, 0.8, 0.15)).astype(float)


def test_a_third_feature_joins_a_path_only_where_its_gain_is_proven() -> None:
    settings = (Setting(leaves=8, random_thresholds=False), Setting(leaves=8, random_thresholds=False, width=3))
    needed = DefaultRiskModel(settings=settings, folds=3, repeats=1, ratio_count=0).fit(*three_needed(4_000, seed=1))
    assert needed.trial_.setting.width == 3
    assert (0, 1, 2) in needed.interactions_
    draw = np.random.default_rng(4)
    values = draw.normal(size=(4_000, 5))
    labels = (draw.random(4_000) < 1 / (1 + np.exp(-values[:, :3].sum(axis=1)))).astype(float)
    idle = DefaultRiskModel(settings=settings, folds=3, repeats=1, ratio_count=0).fit(values, labels)
    assert [trial.accepted for trial in idle.trials_] == [True, False]
    assert max(map(len, idle.interactions_)) == 2


def test_a_bag_with_triples_compiles_to_the_same_log_odds() -> None:
    values, labels = three_needed(2_000, seed=2)
    settings = (Setting(leaves=8, random_thresholds=False, width=3),)
    model = DefaultRiskModel(settings=settings, folds=3, repeats=2).fit(values, labels)
    card = compile_scorecard(model.members_, model.layout_, values)
    np.testing.assert_allclose(card.log_odds(values), model.decision_function(values), rtol=0.0, atol=1e-9)


def amounts_and_prices(rows: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    draw = np.random.default_rng(seed)
    values = np.exp(draw.normal(size=(rows, 4)))
    log_odds = 3.0 * (values[:, 0] / values[:, 1] > 1.0) - 2.0
    return values, (draw.random(rows) < 1 / (1 + np.exp(-log_odds))).astype(float)


def test_a_ratio_that_carries_the_risk_becomes_a_feature_and_compiles() -> None:
    values, labels = amounts_and_prices(3_000, seed=5)
    values[::7, 1] = np.nan
    settings = (Setting(leaves=4), Setting(leaves=4, ratios=True))
    model = DefaultRiskModel(settings=settings, folds=3, repeats=1, ratio_count=1).fit(values, labels)
    assert [one.name for one in model.layout_.features if one.ratio_of] == ["x0 / x1"]
    assert model.trials_[1].loss < model.trials_[0].loss
    card = compile_scorecard(model.members_, model.layout_, values)
    np.testing.assert_allclose(card.log_odds(values), model.decision_function(values), rtol=0.0, atol=1e-9)


def test_no_ratio_is_made_of_a_number_with_a_declared_direction_a_category_or_a_count() -> None:
    values, _ = amounts_and_prices(500, seed=6)
    values[:, 3] = np.floor(values[:, 3])
    features = (BaseFeature("debt", direction=1), BaseFeature("a"), BaseFeature("b"), BaseFeature("count"))
    assert [one.name for one in possible_ratios(features, values)] == ["a / b"]
    settings = (Setting(leaves=4, ratios=True),)
    model = DefaultRiskModel(settings=settings, ratio_count=0, folds=3, repeats=1).fit(*amounts_and_prices(500, seed=7))
    assert not model.trial_.setting.ratios


def test_a_direction_is_kept_only_where_its_sign_holds_in_every_fold_and_has_a_price() -> None:
    draw = np.random.default_rng(11)
    values = draw.normal(size=(3_000, 3))
    log_odds = values[:, 0] + 1.5 * np.sin(2.0 * values[:, 1])
    labels = (draw.random(3_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    features = (BaseFeature("risk", direction=1), BaseFeature("wave", direction=1), BaseFeature("wrong", direction=-1))
    wrong = values[:, [0, 1, 0]]
    model = DefaultRiskModel(features=features, **QUICK).fit(wrong + 0.3 * draw.normal(size=wrong.shape), labels)
    told = {price.feature: price for price in model.prices_}
    assert (told["risk"].kept, told["wrong"].kept) == (True, False)
    assert told["wrong"].folds_held < told["wrong"].folds == 3
    assert told["wave"].price > 0.02 > abs(told["risk"].price)
    assert model.directions_[0] == 1
    assert model.directions_[2] == 0


def test_rounds_stop_before_the_limit_and_held_out_log_odds_know_nothing_of_their_row(
    file: tuple[np.ndarray, np.ndarray],
) -> None:
    values, labels = file
    noise = np.random.default_rng(9).permutation(labels)
    model = DefaultRiskModel(**{**EXACT, "repeats": 2}).fit(values, noise)
    assert model.trial_.rounds < 30
    assert abs(area_under_curve(noise, model.oof_log_odds_) - 0.5) < 0.04


def test_probabilities_of_both_classes_add_up_and_agree_with_the_decision(file: tuple[np.ndarray, np.ndarray]) -> None:
    values, labels = file
    model = DefaultRiskModel(max_rounds=20, **EXACT).fit(values, labels)
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
    model = DefaultRiskModel(features=(feature,), **EXACT).fit(values, labels)
    probability = model.predict_proba(np.array([[-9.0], [1.5], [9.5]]))[:, 1]
    assert probability[0] > probability[2] > probability[1] + 0.1


def test_unknown_never_beats_known_where_training_never_saw_it_missing() -> None:
    draw = np.random.default_rng(5)
    values = draw.uniform(0.0, 5.0, size=(4_000, 3))
    log_odds = values[:, 0] - values[:, 1] - 1.0
    labels = (draw.random(4_000) < 1 / (1 + np.exp(-log_odds))).astype(float)
    features = (BaseFeature("debt", direction=1), BaseFeature("income", direction=-1), BaseFeature("free"))
    model = DefaultRiskModel(features=features, **EXACT).fit(values, labels)
    known, unknown = values.copy(), values.copy()
    for place, worst in ((0, 5.0), (1, 0.0)):
        known[:, place], unknown[:, place] = worst, np.nan
    np.testing.assert_array_equal(model.decision_function(unknown), model.decision_function(known))
    card = compile_scorecard(model.members_, model.layout_, values)
    np.testing.assert_allclose(card.log_odds(unknown), model.decision_function(unknown), rtol=0.0, atol=1e-9)


def test_unknown_counts_as_the_median_where_no_direction_is_declared() -> None:
    draw = np.random.default_rng(6)
    values = draw.uniform(0.0, 5.0, size=(3_001, 1))
    labels = (draw.random(3_001) < 1 / (1 + np.exp(1.0 - values[:, 0]))).astype(float)
    model = DefaultRiskModel(**QUICK).fit(values, labels)
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
    model = DefaultRiskModel(features=(BaseFeature("debt", direction=1),), **EXACT).fit(values, labels)
    fitted = model.predict_proba(np.array([[np.nan], [0.1], [3.0]]))[:, 1]
    np.testing.assert_allclose(fitted, [missing_chance, known_chance, known_chance], rtol=0.25)
