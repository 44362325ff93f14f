"""From a past-loan file to a tested model: labels, maturity, time split, keys."""

from datetime import date, timedelta

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from models.errors import MissingColumnError, TooFewDefaultsError, UnreadableColumnError
from models.training import OUTCOMES, TrainedModel, default_labels, train, training_key


def loans_with(**outcomes: list[int | None]) -> pa.Table:
    return pa.table({name: pa.array(outcomes.get(name, [0]), pa.int64()) for name in OUTCOMES})


@pytest.mark.parametrize(
    ("outcome", "value", "label"),
    [
        ("days_past_due_max_12m", 89, 0.0),
        ("days_past_due_max_12m", 90, 1.0),
        ("written_off_within_12m", 1, 1.0),
        ("distressed_restructuring_within_12m", 1, 1.0),
    ],
)
def test_ninety_days_a_write_off_or_a_distressed_restructuring_is_a_default(
    outcome: str, value: int, label: float
) -> None:
    assert default_labels(loans_with(**{outcome: [value]}))[0] == label


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_an_unknown_outcome_gives_no_label(outcome: str) -> None:
    assert np.isnan(default_labels(loans_with(**{outcome: [None]}))[0])


def test_loans_without_a_label_or_not_matured_are_left_out(past_loans: pa.Table) -> None:
    cut = date(2024, 12, 31)
    key = training_key(past_loans, kind="baseline", seed=1, as_of=cut)
    by_hand = past_loans.filter(
        pc.and_(
            pc.less_equal(past_loans["matured_on"], pa.scalar(cut)),
            pc.less_equal(past_loans["drawn_on"], pa.scalar(cut - timedelta(days=365))),
        )
    )
    assert key == training_key(by_hand, kind="baseline", seed=1)
    assert key != training_key(past_loans, kind="baseline", seed=1)


def test_a_short_loan_repaid_early_is_still_observed_for_twelve_months(past_loans: pa.Table) -> None:
    cut = date(2024, 12, 31)
    short = past_loans.set_column(3, "matured_on", past_loans["drawn_on"])
    observed = short.filter(pc.less_equal(short["drawn_on"], pa.scalar(cut - timedelta(days=365))))
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
    place = past_loans.column_names.index("written_off_within_12m")
    spoilt = past_loans.set_column(place, "written_off_within_12m", pc.if_else(late, 1, past_loans.column(place)))
    spoilt = pa.concat_tables([spoilt, past_loans.filter(late).slice(0, 1)])  # one loan that did not default
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
    assert baseline.metrics.auc > 0.72
    assert full.metrics.log_loss < baseline.metrics.log_loss
    grade = full.scorecard.features[-1]
    assert (grade.name, grade.direction) == ("grade", -1)
    assert "grade" not in baseline.names


def test_calibrated_probabilities_mean_what_they_say_on_unseen_years(baseline: TrainedModel) -> None:
    fit = baseline.metrics.fit
    assert fit.ece < 1.3 * fit.ece_floor
    assert fit.mean_low < fit.mean_observed < fit.mean_high
    assert "ece" not in fit.failed_gates()


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
