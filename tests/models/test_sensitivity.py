"""Changes act on raw columns, what derives from them moves along, and effects are told for those touched."""

import numpy as np
import pyarrow as pa
import pytest

from models.dossier.loader import changes
from models.feature_spec import FeatureSpec, declared_features
from models.features import make_features
from models.sensitivity import Change, Operation, effects_of, numbers
from models.training import TrainedModel

ONE_MORE = Change(
    code="one_more",
    kind="step",
    title_zh="多一家",
    title_en="one more",
    origin="[P]",
    operations=(Operation(column="other_lenders", plus=1.0),),
)


def test_what_is_unknown_stays_unknown_under_a_step_and_bounds_hold() -> None:
    step = Operation(column="x", times=2.0, plus=-5.0, at_least=0.0, at_most=4.0)
    assert step.applied(np.array([np.nan, 1.0, 4.0, 9.0])).tolist() == pytest.approx([np.nan, 0, 3, 4], nan_ok=True)
    assert np.isnan(Operation(column="x", absent=True).applied(np.array([1.0, 2.0]))).all()


def test_every_declared_change_reads_columns_of_the_bank_file(past_loans: pa.Table) -> None:
    for change in changes():
        assert change.columns <= set(past_loans.column_names), change.code
        assert change.applied(past_loans).column_names == past_loans.column_names
    assert {change.kind for change in changes()} == {"step", "error", "missing"}


def test_features_derived_from_a_changed_column_move_with_it(baseline: TrainedModel, households: pa.Table) -> None:
    down = next(change for change in changes() if change.code == "income_down")
    names = baseline.names
    before, after = (make_features(table, baseline_spec()).values for table in (households, down.applied(households)))
    ratio, income = names.index("debt_to_income"), names.index("annual_income_fen")
    known = before[:, ratio] > 0
    assert after[known, ratio] == pytest.approx(before[known, ratio] / 0.8)
    assert after[known, income] == pytest.approx(before[known, income] * 0.8)


def test_effects_count_the_touched_and_follow_the_direction(baseline: TrainedModel, households: pa.Table) -> None:
    labels = (np.arange(households.num_rows) % 20 == 0).astype(np.float64)
    worse = next(change for change in changes() if change.code == "late_once")
    (effect,) = effects_of(baseline.scorecard, households, labels, [worse], offered_below=0.06)
    assert effect.rows == households.num_rows - np.isnan(numbers(households, "max_days_past_due_24m")).sum()
    assert effect.lowered_share == 0.0  # a delay may only raise the probability: the direction is proven
    assert effect.mean_after is not None
    assert effect.mean_before is not None
    assert effect.mean_after > effect.mean_before
    assert effect.entering_offer_share == 0.0


def test_a_change_nobody_feels_is_told_with_no_rows(baseline: TrainedModel, households: pa.Table) -> None:
    nothing = ONE_MORE.model_copy(update={"operations": (Operation(column="other_lenders"),)})
    labels = (np.arange(households.num_rows) % 20 == 0).astype(np.float64)
    (effect,) = effects_of(baseline.scorecard, households, labels, [nothing], offered_below=0.06)
    assert (effect.rows, effect.mean_before, effect.large_move) == (0, None, None)


def baseline_spec() -> FeatureSpec:
    return declared_features("baseline")
