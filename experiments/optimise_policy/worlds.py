"""A simulated world as a bank knows it: models trained on its past loans, and what they show of the grade."""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa
from scipy.special import expit, logit
from scipy.stats import chi2

from experiments.optimise_policy.problem import BONUS_GRADES
from experiments.optimise_policy.yearly import Risks
from experiments.simulation.arrays import Floats, Ints, stream
from experiments.simulation.config import BANKS, SimulationConfig
from experiments.simulation.credit import draw_shocks, intercept_for
from experiments.simulation.labelled import adult_points
from experiments.simulation.past_loans import OUTER_VILLAGES, draw_past_loans
from models.ablation import strata_of
from models.feature_spec import declared_features
from models.features import make_features
from models.logistic import probability_of
from models.policy import GRADES
from models.scorecard import Scorecard
from models.training import BankModels, train_bank

_RARE: Final = 1e-9
_LEVEL: Final = 0.05
_BP: Final = 10_000.0


@dataclass(frozen=True, slots=True)
class GradeWorth:
    """Defaults of past loans with at least each bonus grade, beside what the bank's own data expected, out of fold.

    A better grade may have few defaults because it is better: exact Poisson intervals need no least number of them.

    Attributes:
        observed: Defaults with A or better, AA or better, AAA.
        expected: What their own out-of-fold probabilities sum to, levelled within strata of time and place.
        is_earned: Whether training concluded that the grade earns its place.
        told: That conclusion for people, Chinese and English.
    """

    observed: tuple[int, ...]
    expected: tuple[float, ...]
    is_earned: bool
    told: tuple[str, str]

    @property
    def intervals(self) -> tuple[tuple[float, float], ...]:
        """Joint 95 % intervals (Garwood 1936, Bonferroni over the grades) of the log of observed over expected."""
        level = _LEVEL / len(self.observed)
        return tuple(
            (
                _log_ratio(chi2.ppf(level / 2, 2 * count) / 2, mean),
                _log_ratio(chi2.isf(level / 2, 2 * count + 2) / 2, mean),
            )
            for count, mean in zip(self.observed, self.expected, strict=True)
        )

    @property
    def shown(self) -> Floats:
        """What the data show for sure, by grade from `none` on (4): log-odds, 0 or less.

        Of each interval the end nearest to nothing; a grade has what is shown for it or for a grade below "or better";
        nothing at all unless the grade is earned. Of rare defaults the log of a ratio is as good as log-odds.
        """
        ends = [min(high, 0.0) if self.is_earned else 0.0 for _, high in self.intervals]
        return np.minimum.accumulate(np.array([0.0, *ends]))

    def content(self) -> dict[str, Any]:
        """For JSON."""
        graded = zip(GRADES[1:], self.observed, self.expected, self.intervals, self.shown[1:].tolist(), strict=True)
        return {
            "conclusion": "earned" if self.is_earned else "not_shown",
            "told_zh": self.told[0],
            "told_en": self.told[1],
            "at_least": {
                grade: {
                    "defaults_observed": observed,
                    "defaults_expected": expected,
                    "log_ratio_low": low if np.isfinite(low) else None,
                    "log_ratio_high": high if np.isfinite(high) else None,
                    "log_odds_shown": shown,
                }
                for grade, observed, expected, (low, high), shown in graded
            },
        }


@dataclass(frozen=True, eq=False, slots=True)
class BankView:
    """What a bank has learned from its past loans."""

    bank_code: str
    baseline: Scorecard
    full: Scorecard
    worth: GradeWorth


def bank_view(config: SimulationConfig, bank_code: str, seed: int, scale: float) -> BankView:
    """Draw a bank's past loans and train on them as the bank does.

    Args:
        config: the world.
        bank_code: whose loans.
        seed: everything random follows from it.
        scale: share of the full number of loans.
    """
    shocks = draw_shocks(stream(seed, "shocks"), config.credit, config.population.villages + OUTER_VILLAGES)
    rng = stream(seed, f"past loans of {bank_code}")
    points = adult_points(config, seed)
    past = draw_past_loans(rng, config, bank_code, adult_points=points, shocks=shocks, scale=scale)
    models = train_bank(past.table, seed=seed)
    if models.full is None:  # only where the civility input is off, which no simulated bank has
        raise ValueError(models.told[1])
    return BankView(bank_code, models.baseline.scorecard, models.full.scorecard, grade_worth(models))


def grade_worth(models: BankModels) -> GradeWorth:
    """Count, grade by grade, the defaults of loans that the baseline had not seen."""
    if models.full is None or models.full.ablation is None:
        return GradeWorth((0,) * len(BONUS_GRADES), (0.0,) * len(BONUS_GRADES), is_earned=False, told=models.told)
    sample, names = models.full.sample, models.full.names
    grade, trained = sample.values[:, names.index("grade")], ~sample.tested()
    stratum = strata_of(sample.drawn_on, sample.villages, grade)[trained]
    probability, labels = probability_of(models.baseline.out_of_fold()), sample.training.labels
    level = np.bincount(stratum, labels) / np.maximum(np.bincount(stratum, probability), _RARE)
    better = [grade[trained] >= least for least in range(1, len(GRADES))]
    return GradeWorth(
        observed=tuple(int(labels[one].sum()) for one in better),
        expected=tuple(float((level[stratum] * probability)[one].sum()) for one in better),
        is_earned=models.full.ablation.conclusion == "earned",
        told=models.told,
    )


def _log_ratio(count: float, expected: float) -> float:
    """Log of a bound of the count over what was expected; nothing expected says nothing."""
    if not expected:
        return np.inf if count else -np.inf
    return float(np.log(count / expected)) if count > 0 else -np.inf


def with_grade(probability: Floats, grade: Ints, log_odds: Floats) -> Floats:
    """The bank's own probabilities told apart by grade, their mean unchanged: nobody's price rises for it.

    Args:
        probability: by the bank's own data (n).
        grade: position in GRADES (n).
        log_odds: what each grade does (4).
    """
    if not log_odds.any() or not len(probability):
        return probability
    moved = logit(np.clip(probability, _RARE, 1 - _RARE)) + log_odds[grade]
    told_apart: Floats = expit(moved + intercept_for(moved, float(probability.mean())))
    return told_apart


def planning_risks(probability: Floats, grade: Ints, worth: GradeWorth) -> Risks:
    """Probabilities to plan with: of the grade only what the data show."""
    shown = with_grade(probability, grade, worth.shown)
    return Risks(priced=probability, shown=shown, actual=shown)


def saved_bp(
    view: BankView, probability: Floats, grade: Ints, loss_given_default: float
) -> dict[str, dict[str, float]]:
    """What each grade's lower expected loss pays for at equal bank risk, in basis points of the line, by grade.

    Args:
        view: what the bank learned.
        probability: by the bank's own data (n).
        grade: position in GRADES (n).
        loss_given_default: share lost.
    """
    told: dict[str, dict[str, float]] = {}
    for place, name in enumerate(BONUS_GRADES, start=1):
        own = probability[grade == place]
        ends = {"low": view.worth.intervals[place - 1][1], "high": view.worth.intervals[place - 1][0]}
        ends["shown"] = float(view.worth.shown[place])
        told[name] = {
            end: _BP * loss_given_default * float((own - expit(logit(own) + moved)).mean()) if len(own) else 0.0
            for end, moved in ends.items()
        }
    return told


def full_card_saved_bp(view: BankView, table: pa.Table, grade: Ints, loss_given_default: float) -> dict[str, float]:
    """The same by the full model's own word: its card with each household's grade, against the same without one."""
    matrix = make_features(table, declared_features("full"))
    own, place = matrix.values, matrix.names.index("grade")
    without = own.copy()
    without[:, place] = 0.0
    saved = view.full.default_probability(without) - view.full.default_probability(own)
    of_grade = [saved[grade == number] for number in range(1, len(GRADES))]
    means = [_BP * loss_given_default * float(one.mean()) if len(one) else 0.0 for one in of_grade]
    return dict(zip(BONUS_GRADES, means, strict=True))


def households_of(config: SimulationConfig, bank_code: str) -> float:
    """How many households a bank prescreens that would apply there: of banks that know one, any is as likely."""
    own, shares = config.banks[bank_code].client_share, [config.banks[bank].client_share for bank in BANKS]
    others = [share for bank, share in zip(BANKS, shares, strict=True) if bank != bank_code]
    chances = np.array([1.0])
    for share in others:
        chances = np.convolve(chances, [1 - share, share])
    return float(config.population.households * own * (chances / np.arange(1, len(chances) + 1)).sum())
