"""From a past-loan file to a tested model: maturity, time split, keys, profiles, foreign files."""

from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from models.errors import MissingColumnError, TooFewDefaultsError, UnreadableColumnError
from models.feature_spec import declared_features
from models.samples import sample_of
from models.training import BANK_SEARCH, BankModels, TrainedModel, train, train_bank, train_foreign, training_key
from models.training_errors import CivilityInputOffError

SEED = 11


def test_loans_without_a_label_or_not_matured_are_left_out(past_loans: pa.Table) -> None:
    cut = date(2024, 12, 31)
    key = training_key(past_loans, kind="baseline", seed=1, as_of=cut)
    by_hand = past_loans.filter(
        pc.and_(
            pc.less_equal(past_loans["matured_on"], pa.scalar(cut)),
            pc.less_equal(past_loans["drawn_on"], pa.scalar(cut.replace(year=2023))),
        )
    )
    assert key == training_key(by_hand, kind="baseline", seed=1)
    assert key != training_key(past_loans, kind="baseline", seed=1)


def test_a_short_loan_repaid_early_is_still_observed_for_twelve_months(past_loans: pa.Table) -> None:
    cut = date(2024, 12, 31)
    short = past_loans.set_column(3, "matured_on", past_loans["drawn_on"])
    observed = short.filter(pc.less_equal(short["drawn_on"], pa.scalar(cut.replace(year=2023))))
    assert training_key(short, kind="baseline", seed=1, as_of=cut) == training_key(observed, kind="baseline", seed=1)


def test_the_order_of_the_file_does_not_matter_but_its_content_does(past_loans: pa.Table) -> None:
    shuffled = past_loans.take(np.random.default_rng(0).permutation(past_loans.num_rows))
    key = training_key(past_loans, kind="full", seed=1)
    assert training_key(shuffled, kind="full", seed=1) == key
    place = past_loans.column_names.index("other_lenders")
    changed = past_loans.set_column(place, "other_lenders", pc.add(past_loans.column(place), 1))
    assert training_key(changed, kind="full", seed=1).data_hash != key.data_hash


def test_the_last_year_is_tested_and_never_learned_from(past_loans: pa.Table, baseline: TrainedModel) -> None:
    drawn = past_loans.column("drawn_on").to_pylist()
    assert baseline.test_from == max(drawn).replace(year=max(drawn).year - 1)
    tested = sum(day >= baseline.test_from for day in drawn)
    assert (baseline.metrics.rows, baseline.rows) == (tested, len(drawn) - tested)


def test_outcomes_of_the_last_year_change_the_test_and_not_the_scorecard(
    past_loans: pa.Table, baseline: TrainedModel
) -> None:
    late = pc.greater_equal(past_loans["drawn_on"], pa.scalar(baseline.test_from))
    some = pc.and_(late, pc.equal(pc.utf8_slice_codeunits(past_loans["loan_ref"], -1), "3"))
    place = past_loans.column_names.index("written_off_within_12m")
    spoilt = past_loans.set_column(place, "written_off_within_12m", pc.if_else(some, 1, past_loans.column(place)))
    other = train(spoilt, kind="baseline", seed=baseline.key.seed)
    assert other.scorecard.to_json() == baseline.scorecard.to_json()
    assert other.metrics != baseline.metrics


def test_training_again_gives_the_same_card_and_another_seed_another_key(
    past_loans: pa.Table, baseline: TrainedModel
) -> None:
    shuffled = past_loans.take(np.random.default_rng(1).permutation(past_loans.num_rows))
    again = train(shuffled, kind="baseline", seed=baseline.key.seed)
    assert again.scorecard.to_json() == baseline.scorecard.to_json()
    assert again.key == baseline.key
    assert training_key(past_loans, kind="baseline", seed=99) != baseline.key


def test_both_models_are_sharp_and_the_grade_helps_where_the_truth_says_so(
    baseline: TrainedModel, full: TrainedModel
) -> None:
    assert baseline.metrics.auc.estimate > 0.72
    assert full.metrics.log_loss.estimate < baseline.metrics.log_loss.estimate
    grade = full.scorecard.features[-1]
    assert (grade.name, grade.direction) == ("grade", -1)
    assert "grade" not in baseline.names


def test_calibrated_probabilities_mean_what_they_say_on_unseen_years(baseline: TrainedModel) -> None:
    found = baseline.metrics
    assert found.ece.estimate < 1.3 * found.ece_floor
    assert found.mean_low < found.mean_observed.estimate < found.mean_high


def test_figures_and_parameters_are_flat_and_named(baseline: TrainedModel) -> None:
    numbers = baseline.metrics.as_numbers()
    assert {"auc", "log_loss", "ece", "ece_floor", "slope", "test_rows", "test_defaults"} <= set(numbers)
    assert all(isinstance(number, (int, float)) for number in numbers.values())
    assert baseline.parameters()["kind"] == "baseline"


def test_too_few_defaults_are_refused_with_their_number(past_loans: pa.Table) -> None:
    with pytest.raises(TooFewDefaultsError) as caught:
        train(past_loans.slice(0, 600), kind="baseline", seed=1)
    assert caught.value.defaults < caught.value.needed


def test_no_loans_at_all_are_too_few(past_loans: pa.Table) -> None:
    with pytest.raises(TooFewDefaultsError):
        train(past_loans.slice(0, 0), kind="baseline", seed=1)


@pytest.mark.parametrize("column", ["drawn_on", "matured_on", "loan_ref", "written_off_within_12m", "sector"])
def test_a_missing_column_is_named(past_loans: pa.Table, column: str) -> None:
    with pytest.raises(MissingColumnError) as caught:
        training_key(past_loans.drop_columns([column]), kind="baseline", seed=1)
    assert caught.value.column == column


def test_a_date_that_came_as_text_is_refused(past_loans: pa.Table) -> None:
    as_text = past_loans.set_column(2, "drawn_on", past_loans.column("drawn_on").cast(pa.string()))
    with pytest.raises(UnreadableColumnError):
        training_key(as_text, kind="baseline", seed=1)


def test_the_sample_is_made_again_from_the_loans_it_kept(baseline: TrainedModel) -> None:
    sample = baseline.sample
    again = sample_of(sample.loans, declared_features("baseline"))
    assert again.content_hash == sample.content_hash == baseline.key.data_hash
    assert (again.tested() == sample.tested()).all()
    assert len(sample.training) + len(sample.test) == sample.loans.num_rows


def test_both_models_learn_from_the_same_rows_with_the_same_search(baseline: TrainedModel, full: TrainedModel) -> None:
    for one, other in ((baseline.sample.training, full.sample.training), (baseline.sample.test, full.sample.test)):
        np.testing.assert_array_equal(one.labels, other.labels)
        np.testing.assert_array_equal(one.values, other.values[:, :-1])
    assert {key: baseline.parameters()[key] for key in ("seed", "rows", "test_from")} == {
        key: full.parameters()[key] for key in ("seed", "rows", "test_from")
    }


@pytest.fixture(scope="module")
def without_civility(past_loans: pa.Table) -> BankModels:
    return train_bank(past_loans.drop_columns(["grade_at_start"]), seed=11, civility_input=False)


def test_with_the_civility_input_off_only_the_baseline_is_trained_and_needs_no_grade(
    without_civility: BankModels, baseline: TrainedModel
) -> None:
    assert without_civility.full is None
    assert without_civility.civility_input == "off"
    assert without_civility.models == (without_civility.baseline,)
    assert without_civility.baseline.scorecard.to_json() == baseline.scorecard.to_json()
    assert "只训练 baseline" in without_civility.told[0]


def test_with_the_civility_input_off_a_full_model_is_refused(past_loans: pa.Table) -> None:
    with pytest.raises(CivilityInputOffError):
        train(past_loans, kind="full", seed=1, civility_input=False)


def test_the_origin_of_the_data_is_part_of_the_key(past_loans: pa.Table, baseline: TrainedModel) -> None:
    own = training_key(past_loans, kind="baseline", seed=SEED, training_data_origin="own")
    assert baseline.key.training_data_origin == baseline.parameters()["training_data_origin"] == "simulated"
    assert own != baseline.key
    assert own.data_hash == baseline.key.data_hash


def foreign_table(rows: int = 3000) -> pa.Table:
    draw = np.random.default_rng(5)
    purpose = draw.choice(["car", "school", "trade"], rows)
    amount = draw.normal(10.0, 2.0, rows)
    bad = draw.random(rows) < 1.0 / (1.0 + np.exp(3.0 - 0.8 * (amount - 10.0) - 1.0 * (purpose == "school")))
    return pa.table(
        {"bad": bad.astype(np.int8), "amount": amount, "purpose": purpose, "branch": draw.integers(0, 9, rows)}
    )


def test_a_foreign_file_trains_a_model_that_says_so() -> None:
    trained = train_foreign(foreign_table(), "bad", seed=3, group="branch", search=BANK_SEARCH)
    assert (trained.key.training_data_origin, trained.key.kind, trained.key.feature_spec_hash) == (
        "foreign",
        "foreign",
        "",
    )
    assert trained.names == ("amount", "purpose")
    assert trained.metrics.auc.estimate > 0.65
    assert abs(trained.sample.test.labels.mean() - trained.sample.training.labels.mean()) < 0.005
    assert trained.test_from is None


def test_a_foreign_target_other_than_zero_and_one_is_refused() -> None:
    table = foreign_table(200).rename_columns(["other", "bad", "purpose", "branch"])
    with pytest.raises(UnreadableColumnError) as caught:
        train_foreign(table, "bad", seed=3)
    assert caught.value.column == "bad"
