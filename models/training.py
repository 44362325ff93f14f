"""Past loans become trained models: label, time split, search, calibration, compilation, and an honest test.

A bank trains two models from the same rows: `baseline` on its own data, `full` with the grade added. The model that is
tested is the model that is shipped: it never sees the last year.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from models.calibration import CalibrationFit, PlattCalibrator, area_under_curve, log_loss, measure_fit
from models.compiling import compile_scorecard
from models.default_risk import SETTINGS, DefaultRiskModel, Setting
from models.errors import MissingColumnError, TooFewDefaultsError, UnreadableColumnError
from models.feature_spec import FeatureSpec, Kind, declared_features
from models.features import Floats, make_features
from models.layout import base_features
from models.scorecard import Scorecard

DEFAULT_FROM_DAYS_PAST_DUE: Final = 90
"""Default is 90 days past due, a write-off or a distressed restructuring within 12 months of drawing."""

LEAST_DEFAULTS: Final = 50
"""Below this many defaults in the training or the testing rows no figure would mean anything."""

OUTCOMES: Final = ("days_past_due_max_12m", "written_off_within_12m", "distressed_restructuring_within_12m")
_DATES: Final = ("drawn_on", "matured_on")


@dataclass(frozen=True)
class TrainingKey:
    """What a trained model depends on: equal keys give equal models."""

    data_hash: str
    feature_spec_hash: str
    kind: Kind
    seed: int


@dataclass(frozen=True)
class Metrics:
    """Measured on the last year, which the model never saw.

    Attributes:
        auc: Area under the receiver operating curve.
        log_loss: Mean negative log-likelihood of the calibrated probabilities.
        fit: Calibration.
        rows: Tested loans.
        defaults: Defaults among them.
    """

    auc: float
    log_loss: float
    fit: CalibrationFit
    rows: int
    defaults: int

    def as_numbers(self) -> dict[str, float]:
        """Flat names and numbers, for the registry and the dossier."""
        own = {"auc": self.auc, "log_loss": self.log_loss, "test_rows": self.rows, "test_defaults": self.defaults}
        return {**own, **asdict(self.fit)}


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A fitted model with everything needed to register, serve and check it.

    Attributes:
        key: What it was trained from.
        model: The fitted learner.
        scorecard: Its tables, calibration included.
        calibrator: The calibration alone.
        metrics: Its test.
        rows: Loans it learned from.
        defaults: Defaults among them.
        test_from: First drawing day of the test.
    """

    key: TrainingKey
    model: DefaultRiskModel
    scorecard: Scorecard
    calibrator: PlattCalibrator
    metrics: Metrics
    rows: int
    defaults: int
    test_from: date

    def parameters(self) -> dict[str, Any]:
        """Everything that was chosen or given, flat, for the registry."""
        learner = self.model
        return {
            "kind": self.key.kind,
            "seed": self.key.seed,
            "leaves": learner.trial_.setting.leaves,
            "rounds": learner.trial_.rounds,
            "learning_rate": learner.learning_rate,
            "leaf_hessian": learner.leaf_hessian,
            "l2": learner.l2,
            "max_bin": learner.max_bin,
            "folds": learner.folds,
            "pairs": ", ".join(f"{self.names[first]} x {self.names[second]}" for first, second in learner.pairs_),
            "rows": self.rows,
            "defaults": self.defaults,
            "test_from": self.test_from.isoformat(),
        }

    @property
    def names(self) -> tuple[str, ...]:
        """Feature names."""
        return self.scorecard.names


@dataclass(frozen=True, eq=False)
class _Sample:
    """Matured loans in a fixed order: features, labels and drawing days."""

    values: Floats
    labels: Floats
    drawn_on: npt.NDArray[np.int32]
    content_hash: str

    @property
    def test_from(self) -> date:
        """A year before the last drawing; loans drawn from this day on are the test."""
        last = date(1970, 1, 1) + timedelta(days=int(self.drawn_on.max()))
        clamped = last.replace(day=28) if (last.month, last.day) == (2, 29) else last
        return clamped.replace(year=last.year - 1)

    def tested(self) -> npt.NDArray[np.bool_]:
        return self.drawn_on >= (self.test_from - date(1970, 1, 1)).days


def training_key(past_loans: pa.Table, *, kind: Kind, seed: int, as_of: date | None = None) -> TrainingKey:
    """The key that `train` would give, without training: ask the registry first."""
    spec = declared_features(kind)
    return TrainingKey(_sample(past_loans, spec, as_of).content_hash, spec.content_hash(), kind, seed)


def train(
    past_loans: pa.Table,
    *,
    kind: Kind,
    seed: int,
    as_of: date | None = None,
    settings: Sequence[Setting] = SETTINGS[:2],
) -> TrainedModel:
    """Train, calibrate, compile and test one model.

    Args:
        past_loans: Rows of a bank's past-loan file.
        kind: `baseline` or `full`.
        seed: Every random choice follows from it.
        as_of: Only loans matured, and observed for 12 months, by this day; None trusts the file to hold only such.
        settings: Tree shapes to try; rare defaults do not carry the deepest one.

    Returns:
        The trained model; the same rows in any order, kind and seed give the same model.

    Raises:
        MissingColumnError: The table lacks a column.
        UnreadableColumnError: A column is not of its declared type.
        UnknownLevelError: A category is outside its declared levels.
        TooFewDefaultsError: Too few defaults to learn from or to test on.
    """
    spec = declared_features(kind)
    sample = _sample(past_loans, spec, as_of)
    _check_defaults("到期贷款 / matured loans", sample.labels)
    tested = sample.tested()
    values, labels = sample.values[~tested], sample.labels[~tested]
    _check_defaults("训练样本 / training rows", labels)
    _check_defaults("检验样本 / testing rows", sample.labels[tested])
    model = DefaultRiskModel(features=base_features(spec), settings=settings, seed=seed).fit(values, labels)
    calibrator = PlattCalibrator().fit(model.oof_log_odds_, labels)
    scorecard = compile_scorecard(
        [[model.model_text()]],
        model.layout_,
        values,
        kind=kind,
        feature_spec_hash=spec.content_hash(),
        calibration=calibrator.calibration(),
    )
    return TrainedModel(
        key=TrainingKey(sample.content_hash, spec.content_hash(), kind, seed),
        model=model,
        scorecard=scorecard,
        calibrator=calibrator,
        metrics=measure_scorecard(scorecard, sample.values[tested], sample.labels[tested]),
        rows=len(labels),
        defaults=int(labels.sum()),
        test_from=sample.test_from,
    )


def train_both(past_loans: pa.Table, *, seed: int, as_of: date | None = None) -> tuple[TrainedModel, TrainedModel]:
    """Train `baseline` and `full` on the same rows; the second takes the tree shape that the first one found."""
    baseline = train(past_loans, kind="baseline", seed=seed, as_of=as_of)
    found = (baseline.model.trial_.setting,)
    return baseline, train(past_loans, kind="full", seed=seed, as_of=as_of, settings=found)


def measure_scorecard(scorecard: Scorecard, values: Floats, labels: Floats) -> Metrics:
    """Measure a scorecard on labelled rows: values of shape (rows, features), labels 1 = default."""
    log_odds = scorecard.calibrated_log_odds(values)
    return Metrics(
        auc=area_under_curve(labels, log_odds),
        log_loss=log_loss(labels, log_odds),
        fit=measure_fit(scorecard.default_probability(values), labels),
        rows=len(labels),
        defaults=int(labels.sum()),
    )


def default_labels(past_loans: pa.Table) -> Floats:
    """1 where a loan defaulted within 12 months of drawing, 0 where it did not, NaN where an outcome is missing."""
    overdue, *others = (_outcome(past_loans, name) for name in OUTCOMES)
    bad = (overdue >= DEFAULT_FROM_DAYS_PAST_DUE) | (others[0] > 0) | (others[1] > 0)
    unknown = np.isnan(overdue) | np.isnan(others[0]) | np.isnan(others[1])
    return np.where(unknown, np.nan, bad.astype(np.float64))


def _outcome(past_loans: pa.Table, name: str) -> Floats:
    column = _column(past_loans, name)
    if not (pa.types.is_integer(column.type) or pa.types.is_boolean(column.type)):
        raise UnreadableColumnError(name, str(column.type), "integer")
    outcome: Floats = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return outcome


def _column(past_loans: pa.Table, name: str) -> pa.ChunkedArray:
    if name not in past_loans.column_names:
        raise MissingColumnError("label", name)
    return past_loans.column(name)


def _sample(past_loans: pa.Table, spec: FeatureSpec, as_of: date | None) -> _Sample:
    """Matured loans with a known outcome, ordered by drawing day and reference, so that file order does not matter."""
    for name in _DATES:
        if not pa.types.is_date32(_column(past_loans, name).type):
            raise UnreadableColumnError(name, str(past_loans.column(name).type), "date32")
    _column(past_loans, "loan_ref")
    labelled = past_loans.append_column("_label", pa.array(default_labels(past_loans), from_pandas=True))
    matured = labelled.filter(_is_matured(labelled, as_of))
    ordered = matured.take(pc.sort_indices(matured, [("drawn_on", "ascending"), ("loan_ref", "ascending")]))
    names = ["grade" if name == "grade_at_start" else name for name in ordered.column_names]
    values = make_features(ordered.rename_columns(names), spec).values
    labels = ordered.column("_label").to_numpy()
    drawn_on = ordered.column("drawn_on").cast(pa.int32()).to_numpy()
    digest = sha256("\n".join([*spec.names, *map(str, ordered.column("loan_ref").to_pylist())]).encode())
    for part in (values, labels, drawn_on):
        digest.update(np.ascontiguousarray(part).tobytes())
    return _Sample(values, labels, drawn_on, digest.hexdigest())


def _is_matured(labelled: pa.Table, as_of: date | None) -> pa.ChunkedArray:
    known = pc.and_(pc.is_valid(labelled.column("_label")), pc.is_valid(labelled.column("matured_on")))
    if as_of is None:
        return known
    year_before = as_of - timedelta(days=365)
    matured = pc.less_equal(labelled.column("matured_on"), pa.scalar(as_of))
    observed = pc.less_equal(labelled.column("drawn_on"), pa.scalar(year_before))
    return pc.and_(known, pc.and_(matured, observed))


def _check_defaults(part: str, labels: Floats) -> None:
    defaults = int(labels.sum())
    if defaults < LEAST_DEFAULTS:
        raise TooFewDefaultsError(part, defaults, LEAST_DEFAULTS)
