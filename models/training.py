"""Labelled rows become trained models: search, calibration, compilation, and an honest test.

A bank trains two models from the same rows: `baseline` on its own data, `full` with the grade added. The model that is
tested is the model that is shipped: it never sees the last year.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any, Final, Literal

import pyarrow as pa

from models.ablation import Ablation, Compared, ablation, strata_of
from models.arrays import Floats
from models.calibrated import Calibration
from models.calibration import CalibrationEvidence, fit_calibration
from models.compiling import compile_scorecard
from models.default_risk import DefaultRiskModel, DirectionPrice, Setting, Trial
from models.feature_spec import FeatureSpec, Kind, declared_features
from models.interval_fit import IntervalEvidence, fit_intervals
from models.labels import DEFAULT_FROM_DAYS_PAST_DUE, OUTCOMES, default_labels
from models.layout import BaseFeature, base_features
from models.samples import LEAST_DEFAULTS, Rows, Sample, foreign_features, foreign_sample, sample_of
from models.scorecard import Scorecard
from models.training_errors import CivilityInputOffError
from models.validation import Validation, validate

__all__ = [
    "DEFAULT_FROM_DAYS_PAST_DUE",
    "LEAST_DEFAULTS",
    "OUTCOMES",
    "BankModels",
    "TrainedModel",
    "TrainingKey",
    "default_labels",
    "train",
    "train_bank",
    "train_foreign",
    "training_key",
]

DataOrigin = Literal["own", "simulated", "foreign"]
"""Where training rows come from: only a model of `own` rows may ever be live outside demo mode."""

FOREIGN: Final = "foreign"

RESAMPLES: Final = 200
"""Of the intervals of a training's figures; the dossier may draw more."""

BANK_SEARCH: Final[Mapping[str, Any]] = {
    "settings": (Setting(leaves=4), Setting(leaves=8, random_thresholds=False)),
    "ratio_count": 0,
    "pair_count": 12,
    "folds": 3,
    "repeats": 1,
    "learning_rate": 0.2,
    "patience": 8,
}
"""What is searched for a bank: its features are all declared and reviewed, so nothing is made of them by machine; rare
defaults carry neither deep trees nor triples, a small fast bag is as sharp on them as a large slow one, and a dozen
pairs is what a validator can read one by one."""

LEARNERS_OWN: Final[Mapping[str, Any]] = {}
"""Everything the learner would try by itself."""

CIVILITY_OFF: Final = (
    "本部署已关闭诚信文明输入：只训练 baseline，报价不含等级加成。",
    "The civility input is off in this profile: only `baseline` is trained, and offers carry no bonus for a grade.",
)


@dataclass(frozen=True)
class TrainingKey:
    """What a trained model depends on: equal keys give equal models."""

    data_hash: str
    feature_spec_hash: str
    kind: str
    seed: int
    training_data_origin: DataOrigin = "simulated"


@dataclass(frozen=True, eq=False)
class TrainedModel:
    """A fitted model with everything needed to register, serve and check it.

    Attributes:
        key: What it was trained from.
        model: The fitted learner.
        scorecard: Its tables, calibration included.
        calibration_evidence: Why it is calibrated this way.
        interval_evidence: How the intervals of its probabilities were found.
        metrics: Its test on the last year.
        sample: Its rows, for training and for the test.
        ablation: What the grade adds to the baseline; of a bank's `full` only.
    """

    key: TrainingKey
    model: DefaultRiskModel
    scorecard: Scorecard
    calibration_evidence: CalibrationEvidence
    interval_evidence: IntervalEvidence
    metrics: Validation
    sample: Sample
    ablation: Ablation | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """Feature names."""
        return self.scorecard.names

    @property
    def rows(self) -> int:
        """Loans it learned from."""
        return len(self.sample.training)

    @property
    def defaults(self) -> int:
        """Defaults among them."""
        return self.sample.training.defaults

    @property
    def test_from(self) -> date | None:
        """First drawing day of the test; None in tables without dates."""
        return self.sample.test_from

    @property
    def members(self) -> Sequence[Sequence[str]]:
        """LightGBM text models: the mean over members of the sum of each member's texts is what was compiled."""
        return self.model.members_

    @property
    def prices(self) -> tuple[DirectionPrice, ...]:
        """What each declared direction costs, and whether it was kept."""
        return self.model.prices_

    def out_of_fold(self) -> Floats:
        """Calibrated log-odds of every training row, from models that never saw it."""
        return self.scorecard.calibration.of(self.model.oof_log_odds_)

    def unseen(self) -> Floats:
        """Calibrated log-odds of every test row."""
        return self.scorecard.calibrated_log_odds(self.sample.test.values)

    def parameters(self) -> dict[str, Any]:
        """Everything that was chosen or given, flat, for the registry."""
        given = {
            "kind": self.key.kind,
            "calibration": self.calibration_evidence.chosen,
            "seed": self.key.seed,
            "training_data_origin": self.key.training_data_origin,
            "rows": self.rows,
            "defaults": self.defaults,
            "test_from": self.test_from.isoformat() if self.test_from else "",
        }
        if self.ablation:
            given["index"] = self.ablation.conclusion
        return self.model.parameters() | given

    def evidence(self) -> dict[str, Any]:
        """What was tried and found on the way, for JSON: trials, prices of directions, calibrations, the grade."""
        return {
            "trials": [_trial(trial) for trial in self.model.trials_],
            "prices": [asdict(price) for price in self.prices],
            "calibration": self.calibration_evidence.to_content(),
            "intervals": self.interval_evidence.to_content(),
            "ablation": self.ablation.to_content() if self.ablation else None,
        }

    def numbers(self) -> dict[str, float]:
        """Every figure, flat, for the registry."""
        return self.metrics.as_numbers() | (self.ablation.as_numbers() if self.ablation else {})


@dataclass(frozen=True, eq=False)
class BankModels:
    """A bank's models.

    Attributes:
        baseline: On the bank's own data: it alone decides.
        full: With the grade; None where the civility input is off.
    """

    baseline: TrainedModel
    full: TrainedModel | None

    @property
    def civility_input(self) -> Literal["on", "off"]:
        """Whether this deployment lets a grade into any model."""
        return "on" if self.full else "off"

    @property
    def told(self) -> tuple[str, str]:
        """What offers and papers say about the index, Chinese and English."""
        return self.full.ablation.told if self.full and self.full.ablation else CIVILITY_OFF

    @property
    def models(self) -> tuple[TrainedModel, ...]:
        """The models there are, `baseline` first."""
        return (self.baseline, self.full) if self.full else (self.baseline,)


def training_key(
    loans: pa.Table,
    *,
    kind: Kind,
    seed: int,
    as_of: date | None = None,
    training_data_origin: DataOrigin = "simulated",
) -> TrainingKey:
    """The key that `train` would give, without training: ask the registry first."""
    spec = declared_features(kind)
    return _key(sample_of(loans, spec, as_of), spec, seed, training_data_origin)


def train(
    loans: pa.Table,
    *,
    kind: Kind,
    seed: int,
    as_of: date | None = None,
    search: Mapping[str, Any] = BANK_SEARCH,
    civility_input: bool = True,
    training_data_origin: DataOrigin = "simulated",
) -> TrainedModel:
    """Train, calibrate, compile and test one model.

    Args:
        loans: Rows of a bank's past-loan file, with its own contracts if it has any (`models.labels.joined_loans`).
        kind: `baseline` or `full`.
        seed: Every random choice follows from it.
        as_of: Only loans matured, and observed for 12 months, by this day; None trusts the file to hold only such.
        search: Search knobs of `DefaultRiskModel`.
        civility_input: Whether this deployment lets a grade into any model.
        training_data_origin: Where the rows come from; `simulated` and `foreign` can never be live outside demo mode.

    Returns:
        The trained model; the same rows in any order, kind and seed give the same model.

    Raises:
        CivilityInputOffError: `full` was asked for where the civility input is off.
        MissingColumnError: The table lacks a column.
        UnreadableColumnError: A column is not of its declared type.
        UnknownLevelError: A category is outside its declared levels.
        FaultyRecordError: A loan is impossible; it is named with its field and the remedy.
        TooFewDefaultsError: Too few defaults to learn from or to test on: the expert card decides.
    """
    if kind == "full" and not civility_input:
        raise CivilityInputOffError
    spec = declared_features(kind)
    sample = sample_of(loans, spec, as_of)
    return _trained(_key(sample, spec, seed, training_data_origin), sample, base_features(spec), search)


def train_bank(
    loans: pa.Table,
    *,
    seed: int,
    as_of: date | None = None,
    civility_input: bool = True,
    training_data_origin: DataOrigin = "simulated",
) -> BankModels:
    """Train a bank's models on the same rows with the same search; arguments and errors as for `train`.

    `full` takes the tree shape that the search found for `baseline`, so nothing but the grade tells them apart.

    Returns:
        Both models and what the grade adds; `baseline` alone where the civility input is off.
    """
    origin = training_data_origin
    baseline = train(loans, kind="baseline", seed=seed, as_of=as_of, training_data_origin=origin)
    if not civility_input:
        return BankModels(baseline, None)
    found = {**BANK_SEARCH, "settings": (baseline.model.trial_.setting,)}
    full = train(loans, kind="full", seed=seed, as_of=as_of, search=found, training_data_origin=origin)
    return BankModels(baseline, replace(full, ablation=compare(baseline, full)))


def train_foreign(
    table: pa.Table,
    target: str,
    *,
    seed: int,
    features: Sequence[BaseFeature] | None = None,
    group: str | None = None,
    search: Mapping[str, Any] = LEARNERS_OWN,
) -> TrainedModel:
    """Train on somebody else's credit file, such as a public one: to test the learner, never to lend with.

    Its probabilities are calibrated to its own rows and to nobody's customers; its key says `foreign`, which no gate
    lets live outside demo mode.

    Args:
        table: One row per borrower; a fifth is kept for the test.
        target: Column that holds 1 for a default and 0 for none.
        seed: Every random choice follows from it.
        features: What the other columns are; None takes texts for categories and all else for free numbers.
        group: Column whose rows belong together; None takes rows as independent.
        search: Search knobs of `DefaultRiskModel`.

    Raises:
        MissingColumnError: A column is not there.
        UnreadableColumnError: A column is not of its type, or the target is not 0 and 1.
        TooFewDefaultsError: Too few defaults to learn from or to test on.
    """
    known = features or foreign_features(table, target, group)
    sample = foreign_sample(table, target, known, group=group, seed=seed)
    return _trained(TrainingKey(sample.content_hash, "", FOREIGN, seed, "foreign"), sample, known, search)


def compare(baseline: TrainedModel, full: TrainedModel) -> Ablation:
    """What the grade adds: the same rows under both models, out of fold and in the last year."""
    rows = full.sample.rows
    grade = rows.values[:, full.names.index("grade")]
    strata, tested = strata_of(rows.drawn_on, rows.villages, grade), full.sample.tested()
    training, test = full.sample.training, full.sample.test
    return ablation(
        Compared(
            part="out_of_fold",
            labels=training.labels,
            baseline=baseline.out_of_fold(),
            full=full.out_of_fold(),
            villages=training.villages,
            strata=strata[~tested],
        ),
        Compared(
            part="test",
            labels=test.labels,
            baseline=baseline.unseen(),
            full=full.unseen(),
            villages=test.villages,
            strata=strata[tested],
        ),
        grade[~tested],
        seed=full.key.seed,
    )


def measure_scorecard(scorecard: Scorecard, rows: Rows) -> Validation:
    """Measure a scorecard on labelled rows, villages drawn whole."""
    log_odds = scorecard.calibrated_log_odds(rows.values)
    return validate(rows.labels, log_odds, groups=rows.villages, resamples=RESAMPLES)


def _key(sample: Sample, spec: FeatureSpec, seed: int, origin: DataOrigin) -> TrainingKey:
    return TrainingKey(sample.content_hash, spec.content_hash(), spec.kind, seed, origin)


def _trained(
    key: TrainingKey, sample: Sample, features: Sequence[BaseFeature], search: Mapping[str, Any]
) -> TrainedModel:
    training = sample.training
    model = DefaultRiskModel(features=features, seed=key.seed, **search).fit(training.values, training.labels)
    calibration, evidence = fit_calibration(
        model.oof_log_odds_, training.labels, groups=training.villages, seed=key.seed
    )
    card = _compiled(model, training, key, calibration)
    card, width = _with_intervals(card, model.oof_log_odds_, training)
    return TrainedModel(key, model, card, evidence, width, measure_scorecard(card, sample.test), sample)


def _with_intervals(card: Scorecard, log_odds: Floats, training: Rows) -> tuple[Scorecard, IntervalEvidence]:
    """The card with an interval around every probability, wider where much of a file is missing."""
    missing = card.missing_count(training.values)
    intervals, evidence = fit_intervals(log_odds, training.labels, missing, groups=training.villages)
    return replace(card, intervals=intervals), evidence


def _compiled(model: DefaultRiskModel, training: Rows, key: TrainingKey, calibration: Calibration) -> Scorecard:
    return compile_scorecard(
        model.members_,
        model.layout_,
        training.values,
        kind=key.kind,
        feature_spec_hash=key.feature_spec_hash,
        calibration=calibration,
    )


def _trial(trial: Trial) -> dict[str, Any]:
    chosen = {"rounds": trial.rounds, "log_loss": trial.loss, "accepted": trial.accepted, "needed": trial.needed}
    return asdict(trial.setting) | chosen
