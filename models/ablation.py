"""Does the index earn its place? What the grade adds to a model of the bank's own data, and what could have been seen.

Every comparison is paired, and it is made within strata: a grade has existed only since the reform and only where the
programme runs, so over all rows it also tells *when* and *where* a loan was drawn, and a good year would pass for a
good index. Within a stratum (half-year of drawing, programme village or not) it can only tell households apart.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt
from scipy.special import expit

from models.arrays import Booleans, Floats, Integers
from models.measures import log_losses

Conclusion = Literal["earned", "not_shown"]
Measure = Literal["auc", "log_loss"]
Part = Literal["test", "out_of_fold"]

LEAST_DEFAULTS: Final = 10
"""Fewer defaults, with a grade or in a stratum, carry no figure."""

_EARNED_ZH: Final = (
    "等级在银行自有数据之外确有预测作用（袋外配对比较，双侧 5% 水平）；利率优惠中与风险相符的部分可称为风险定价。"
)
_EARNED_EN: Final = (
    "Beyond the bank's own data the grade does tell risk (paired, out of fold, two-sided level 5 %); as far as the "
    "discount matches that, it may be called risk-based."
)
_NOT_SHOWN_ZH: Final = "未能证明等级在银行自有数据之外有预测作用；因此利率优惠属于激励费用，不是风险定价。"
_NOT_SHOWN_EN: Final = (
    "It is not shown that the grade tells anything beyond the bank's own data; the discount therefore is an incentive "
    "expense, not a price of risk."
)
_TOO_FEW_EN: Final = f"With fewer than {LEAST_DEFAULTS} defaults among graded loans nothing can be said."
TOLD: Final[Mapping[Conclusion, tuple[str, str]]] = {
    "earned": (_EARNED_ZH, _EARNED_EN),
    "not_shown": (_NOT_SHOWN_ZH, _NOT_SHOWN_EN),
}
"""What may be said of the discount, Chinese and English."""

LEVEL_Z: Final = 1.959963984540054
"""Two-sided level of 5 %."""

POWER_Z: Final = 0.8416212335729143
"""Power of 80 %."""

DRAWS: Final = 500
_HALVINGS: Final = 40
_FURTHEST: Final = 20.0
_NEWTON_STEPS: Final = 12
_SIDES: Final = ("left", "right")


@dataclass(frozen=True)
class Gain:
    """What the grade adds to one figure on one set of rows.

    Attributes:
        measure: `auc`, or `log_loss` (per loan).
        part: The rows: `test` (the last year) or `out_of_fold` (all training rows, by models that never saw them).
        baseline: The figure without the grade, within strata.
        full: The figure with it.
        gain: Positive where the grade helps: AUC gained, log-loss saved.
        standard_error: By cluster bootstrap over villages.
    """

    measure: Measure
    part: Part
    baseline: float
    full: float
    gain: float
    standard_error: float

    @property
    def minimum_detectable(self) -> float | None:
        """The true gain that would be noticed with 80 % power at the two-sided level of 5 %: 2.80 standard errors.

        None where `full` never used the grade: then both models are one, and no gain of it could have been seen.
        """
        return (LEVEL_Z + POWER_Z) * self.standard_error if self.standard_error else None

    @property
    def is_refuted(self) -> bool:
        """Whether the whole 95 % interval lies below no gain."""
        return self.gain < -LEVEL_Z * self.standard_error


@dataclass(frozen=True)
class GradeEffect:
    """What one step of the grade (none, A, AA, AAA) does to the log-odds of default, beyond the bank's own data.

    Attributes:
        log_odds: Per step; negative where a better grade means less risk.
        standard_error: Robust to villages.
    """

    log_odds: float
    standard_error: float

    @property
    def minimum_detectable(self) -> float:
        """Size of a true effect that would be noticed with 80 % power at the two-sided level of 5 %, log-odds."""
        return (LEVEL_Z + POWER_Z) * self.standard_error

    @property
    def is_shown(self) -> bool:
        """Whether the whole 95 % interval says that a better grade means less risk."""
        return self.log_odds < -LEVEL_Z * self.standard_error


@dataclass(frozen=True)
class Ablation:
    """Baseline against full.

    Attributes:
        gains: Both measures on both sets of rows.
        effect: The grade's own effect, out of fold; None where hardly anybody defaulted with a grade or without one.
        graded_rows: Training loans that had a grade at all.
        graded_defaults: Defaults among them.
    """

    gains: tuple[Gain, ...]
    effect: GradeEffect | None
    graded_rows: int
    graded_defaults: int

    @property
    def conclusion(self) -> Conclusion:
        """Earned where the grade's own effect is shown out of fold and no saved log-loss refutes it.

        One figure decides, named beforehand: to take the best of several would find an effect where there is none
        more often than allowed. It asks the question itself, with one degree of freedom and on the most rows; what
        `full` gains is what one learner made of the answer, and a learner may overlook what is there.
        """
        refuted = any(one.is_refuted for one in self.gains if one.measure == "log_loss")
        return "earned" if self.effect and self.effect.is_shown and not refuted else "not_shown"

    @property
    def told(self) -> tuple[str, str]:
        """The conclusion and what could have been seen, Chinese and English."""
        chinese, english = TOLD[self.conclusion]
        if self.effect is None:
            return f"{chinese}有等级的违约不足 {LEAST_DEFAULTS} 笔，无从判断。", f"{english} {_TOO_FEW_EN}"
        least, found, error = self.effect.minimum_detectable, self.effect.log_odds, self.effect.standard_error
        in_english = f"One step of the grade changes the log-odds by {found:+.3f} (standard error {error:.3f})"
        return (
            f"{chinese}每升一级的对数几率变化为 {found:+.3f}（标准误 {error:.3f}）；最小可检出效应 {least:.3f}。",
            f"{english} {in_english}; the minimum detectable effect is {least:.3f}.",
        )

    def of(self, measure: Measure, part: Part) -> Gain:
        """One of the gains."""
        return next(gain for gain in self.gains if (gain.measure, gain.part) == (measure, part))

    def as_numbers(self) -> dict[str, float]:
        """Flat names and numbers, for the registry."""
        numbers: dict[str, float] = {"graded_rows": self.graded_rows, "graded_defaults": self.graded_defaults}
        for one in self.gains:
            name = f"grade_{one.measure}_{one.part}_gain"
            numbers |= _told_apart(name, one.gain, one.standard_error, one.minimum_detectable)
        if self.effect:
            found = self.effect
            numbers |= _told_apart("grade_effect", found.log_odds, found.standard_error, found.minimum_detectable)
        return numbers

    def to_content(self) -> dict[str, Any]:
        """Everything, for JSON."""
        gains = [_content(one) for one in self.gains]
        effect = _content(self.effect) if self.effect else None
        told = dict(zip(("told_zh", "told_en"), self.told, strict=True))
        rows = {"graded_rows": self.graded_rows, "graded_defaults": self.graded_defaults}
        return {"conclusion": self.conclusion, **told, **rows, "effect": effect, "gains": gains}


def _told_apart(name: str, value: float, error: float, least: float | None) -> dict[str, float]:
    numbers = {name: value, f"{name}_standard_error": error, f"{name}_minimum_detectable": least}
    return {key: number for key, number in numbers.items() if number is not None}


def _content(one: Gain | GradeEffect) -> dict[str, Any]:
    return {**asdict(one), "minimum_detectable": one.minimum_detectable}


@dataclass(frozen=True, eq=False)
class Compared:
    """The same rows under two models.

    Attributes:
        part: Which rows they are.
        labels: Outcomes, 1 = default, shape (rows,).
        baseline: Calibrated log-odds without the grade, shape (rows,).
        full: Calibrated log-odds with it, shape (rows,).
        villages: Cluster of each row, shape (rows,).
        strata: Stratum of each row, shape (rows,).
    """

    part: Part
    labels: Floats
    baseline: Floats
    full: Floats
    villages: npt.NDArray[Any]
    strata: Integers


def ablation(out_of_fold: Compared, test: Compared, grade: Floats, *, seed: int) -> Ablation:
    """Compare a baseline and a full model.

    Args:
        out_of_fold: All training rows, by models that never saw them.
        test: The last year.
        grade: Grade of each training row as its place in none, A, AA, AAA.
        seed: Of the bootstrap.
    """
    gains = (*_gains(out_of_fold, seed), *_gains(test, seed))
    graded = grade > 0
    return Ablation(gains, grade_effect(out_of_fold, grade), int(graded.sum()), int(out_of_fold.labels[graded].sum()))


def grade_effect(rows: Compared, grade: Floats) -> GradeEffect | None:
    """Logistic regression of outcomes on the grade and the strata, the baseline's log-odds given.

    Newton's method; the standard error is the sandwich of Liang and Zeger (1986) over villages, with the usual
    correction for their number. None where fewer than ten defaulted with a grade, or without one.
    """
    bad_graded = float(rows.labels[grade > 0].sum())
    if min(bad_graded, float(rows.labels.sum()) - bad_graded) < LEAST_DEFAULTS:
        return None
    stratum = _merged(rows.strata, rows.labels)
    design = np.column_stack([grade, stratum[:, None] == np.arange(int(stratum.max()) + 1)])
    levelled, found = _level(rows.labels, rows.baseline, stratum), np.zeros(design.shape[1])
    for _ in range(_NEWTON_STEPS):
        probability = expit(levelled + design @ found)
        curvature = np.linalg.inv(design.T @ (design * (probability * (1.0 - probability))[:, None]))
        found = found + curvature @ (design.T @ (rows.labels - probability))
    cluster = np.unique(rows.villages, return_inverse=True)[1]
    scores = np.stack([np.bincount(cluster, one) for one in (design * (rows.labels - probability)[:, None]).T])
    villages = scores.shape[1]
    variance = float((curvature[0] @ scores @ scores.T @ curvature[0]) * villages / max(villages - 1, 1))
    return GradeEffect(float(found[0]), variance**0.5)


def strata_of(drawn_on: Integers, villages: npt.NDArray[Any], grade: Floats) -> Integers:
    """Half-year of drawing, and whether grades exist in the village at all; one number per row."""
    half_year = drawn_on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) // 6
    programme = np.isin(villages, np.unique(villages[grade > 0]))
    return half_year * 2 + programme


def _gains(rows: Compared, seed: int) -> tuple[Gain, Gain]:
    """AUC gained and log-loss saved, with standard errors from one bootstrap."""
    cluster = np.unique(rows.villages, return_inverse=True)[1].astype(np.int64)
    stratum = _merged(rows.strata, rows.labels)
    draws = _multiplicities(int(cluster.max()) + 1, seed)
    return _area_gained(rows, cluster, stratum, draws), _loss_saved(rows, cluster, stratum, draws)


def _area_gained(rows: Compared, cluster: Integers, stratum: Integers, draws: Floats) -> Gain:
    without, pairs = _pair_counts(rows.labels, rows.baseline, cluster, stratum)
    having, _ = _pair_counts(rows.labels, rows.full, cluster, stratum)
    gained = _curve(draws, having - without, pairs)
    baseline, full = (float(won.sum() / pairs.sum()) for won in (without, having))
    return Gain("auc", rows.part, baseline, full, full - baseline, float(gained.std(ddof=1)))


def _loss_saved(rows: Compared, cluster: Integers, stratum: Integers, draws: Floats) -> Gain:
    without, having = (log_losses(rows.labels, _level(rows.labels, one, stratum)) for one in (rows.baseline, rows.full))
    saved = (draws @ np.bincount(cluster, without - having)) / (draws @ np.bincount(cluster))
    baseline, full = float(without.mean()), float(having.mean())
    return Gain("log_loss", rows.part, baseline, full, baseline - full, float(saved.std(ddof=1)))


def _multiplicities(clusters: int, seed: int) -> Floats:
    """How often each cluster is drawn, with replacement, shape (draws, clusters)."""
    draw = np.random.default_rng(seed)
    return draw.multinomial(clusters, np.full(clusters, 1.0 / clusters), DRAWS).astype(np.float64)


def _curve(draws: Floats, won: Floats, pairs: Floats) -> Floats:
    """Share of pairs won in each draw: a pair counts as often as its two villages were drawn together."""
    share: Floats = ((draws @ won) * draws).sum(axis=1) / ((draws @ pairs) * draws).sum(axis=1)
    return share


def _pair_counts(labels: Floats, log_odds: Floats, cluster: Integers, stratum: Integers) -> tuple[Floats, Floats]:
    """Pairs of a default and a non-default of one stratum, by village of each: those in order (ties half), and all.

    Returns:
        Two arrays of shape (villages of the defaults, villages of the others).
    """
    count = int(cluster.max()) + 1
    won, pairs = np.zeros((count, count)), np.zeros((count, count))
    order = np.argsort(log_odds, kind="stable")
    labels, log_odds, cluster, stratum = labels[order], log_odds[order], cluster[order], stratum[order]
    for one in np.unique(stratum):
        bad, good = (stratum == one) & (labels == 1.0), (stratum == one) & (labels == 0.0)
        others = cluster[good]
        pairs += np.outer(np.bincount(cluster[bad], minlength=count), np.bincount(others, minlength=count))
        ends = (np.searchsorted(log_odds[good], log_odds[bad], side) for side in _SIDES)
        for village, below, not_above in zip(cluster[bad], *ends, strict=True):
            won[village] += np.bincount(others[:below], minlength=count) / 2.0
            won[village] += np.bincount(others[:not_above], minlength=count) / 2.0
    return won, pairs


def _merged(strata: Integers, labels: Floats) -> Integers:
    """Strata as numbers 0, 1, ..; those with hardly a default or hardly anything else become one."""
    stratum = np.unique(strata, return_inverse=True)[1].astype(np.int64)
    bad, rows = np.bincount(stratum, labels), np.bincount(stratum)
    thin: Booleans = (np.minimum(bad, rows - bad) < LEAST_DEFAULTS)[stratum]
    merged: Integers = np.unique(np.where(thin, -1, stratum), return_inverse=True)[1].astype(np.int64)
    return merged


def _level(labels: Floats, log_odds: Floats, stratum: Integers) -> Floats:
    """Log-odds shifted so that in every stratum the mean probability is the share of defaults.

    The shift is found by halving, all strata at once; strata without a default or with nothing else run to the end.
    """
    bad = np.bincount(stratum, labels)
    low, high = np.full(len(bad), -_FURTHEST), np.full(len(bad), _FURTHEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        short = np.bincount(stratum, expit(log_odds + middle[stratum])) < bad
        low, high = np.where(short, middle, low), np.where(short, high, middle)
    shifted: Floats = log_odds + ((low + high) / 2.0)[stratum]
    return shifted
