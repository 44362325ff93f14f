"""From out-of-fold log-odds to honest intervals: Venn-Abers, widened by what sampling leaves open, by thickness.

Venn-Abers alone says what one more outcome would change. What chance did to all the rows seen is told by bounds that
need nothing but order: the mean default probability of rows with smaller log-odds is at most a case's own, that of
rows with larger ones at least. So exact binomial bounds of windows to the left and to the right bound each case
(the idea of the honest bands of Dimitriadis, Duembgen, Henzi, Puke and Ziegel 2022, here for one case at a time).
Windows have fixed amounts of information, twice as much from one to the next; the best of them counts, at a level
shared among them. Where villages share their fortune, rows count for less, by a measured design effect
(Korn and Graubard 1998). The interval is the hull of both.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

import numpy as np
import numpy.typing as npt
from scipy.special import betaincinv

from models.arrays import Booleans, Floats, Integers, Positions
from models.calibration import platt_calibration
from models.logistic import log_odds_of, probability_of
from models.probability_interval import Intervals
from models.resampling import group_numbers
from models.step_merging import Steps, hull, short_between
from models.thin_files import choose_thin_from, level_ratio
from models.venn_abers import venn_abers

CONFIDENCE: Final = 0.95
LEAST_DEFAULTS: Final = 50
"""A thickness class with fewer defaults cannot speak for itself."""

MOST_STEPS: Final = 100
_CELLS: Final = 1_000
_SMALLEST_WINDOW: Final = 4.0
_WINDOW_GROWTH: Final = 2.0

ThinBasis: TypeAlias = Literal["own_rows", "widened", "never_seen"]


@dataclass(frozen=True)
class IntervalEvidence:
    """How intervals were made.

    Attributes:
        confidence: Nominal share of cases whose own probability lies inside.
        design_effect: How many rows count for one, because groups share their fortune; 1 or more.
        thin_from: Least number of missing features of a thin file.
        thin_basis: `own_rows`: thin files had defaults enough for a band of their own, which also contains that of
            thick files; `widened`: they had not, so the thick band is widened by as much as their few outcomes leave
            open about their level; `never_seen`: there was none, so everything is left open.
        thick_rows: Thick files.
        thick_defaults: Defaults among them.
        thin_rows: Thin files.
        thin_defaults: Defaults among them.
        thick_mean_width: Mean width of thick files' intervals.
        thin_mean_width: Mean width of thin files' intervals; None where there are none.
        venn_abers_mean_width: What pure Venn-Abers would have claimed for thick files.
    """

    confidence: float
    design_effect: float
    thin_from: int
    thin_basis: ThinBasis
    thick_rows: int
    thick_defaults: int
    thin_rows: int
    thin_defaults: int
    thick_mean_width: float
    thin_mean_width: float | None
    venn_abers_mean_width: float

    def to_content(self) -> dict[str, Any]:
        """Everything, for JSON."""
        return asdict(self)


def fit_intervals(
    oof_log_odds: Floats,
    labels: Floats,
    missing_count: Integers,
    *,
    groups: npt.NDArray[Any] | None = None,
    confidence: float = CONFIDENCE,
    least_defaults: int = LEAST_DEFAULTS,
    most_steps: int = MOST_STEPS,
) -> tuple[Intervals, IntervalEvidence]:
    """Fit a band for thick files and one for thin files.

    A thin file's interval always contains that of a thick file with the same log-odds; from how many missing features
    a file is thin is told at `choose_thin_from`.

    Args:
        oof_log_odds: Raw log-odds of each row from models that never saw it, float64, shape (rows,).
        labels: 1 = default, 0 = none, shape (rows,); both must occur.
        missing_count: Missing features of each row, shape (rows,).
        groups: Group of each row, such as its village; None for independent rows.
        confidence: Wanted share of cases whose probability lies inside.
        least_defaults: Defaults a class needs for a band of its own.
        most_steps: Steps of each band, at most.
    """
    probability = probability_of(platt_calibration(oof_log_odds, labels).of(oof_log_odds))
    effect = design_effect(labels, probability, groups)
    thin_from, own = choose_thin_from(
        labels, probability, oof_log_odds, missing_count, effect=effect, least_defaults=least_defaults
    )
    thin = missing_count >= thin_from
    cells = _Cells.of(oof_log_odds[~thin], labels[~thin], probability[~thin])
    thick_steps = cells.steps(confidence, effect).merged(most_steps)
    if own:
        own_cells = _Cells.of(oof_log_odds[thin], labels[thin], probability[thin])
        thin_steps = hull(own_cells.steps(confidence, effect), thick_steps)
    else:
        thin_steps = _widened(thick_steps, level_ratio(labels[thin], probability[thin], confidence, effect))
    basis: ThinBasis = "own_rows" if own else "widened" if thin.any() else "never_seen"
    intervals = Intervals(thick_steps.band(), thin_steps.merged(most_steps).band(), thin_from)
    return intervals, _evidence(intervals, basis, (oof_log_odds, labels, missing_count), cells, confidence, effect)


def _evidence(
    intervals: Intervals,
    basis: ThinBasis,
    sample: tuple[Floats, Floats, Integers],
    cells: "_Cells",
    confidence: float,
    effect: float,
) -> IntervalEvidence:
    log_odds, labels, missing_count = sample
    thin = missing_count >= intervals.thin_from
    low, high = intervals.of(log_odds, missing_count)
    width = high - low
    return IntervalEvidence(
        confidence=confidence,
        design_effect=effect,
        thin_from=intervals.thin_from,
        thin_basis=basis,
        thick_rows=int((~thin).sum()),
        thick_defaults=int(labels[~thin].sum()),
        thin_rows=int(thin.sum()),
        thin_defaults=int(labels[thin].sum()),
        thick_mean_width=float(width[~thin].mean()),
        thin_mean_width=float(width[thin].mean()) if thin.any() else None,
        venn_abers_mean_width=cells.venn_abers_width(),
    )


def design_effect(labels: Floats, probability: Floats, groups: npt.NDArray[Any] | None) -> float:
    """Variance of the sum of outcomes as groups show it, over that of independent rows; never below 1."""
    if groups is None:
        return 1.0
    number, count = group_numbers(len(labels), groups)
    sums = np.bincount(number, weights=labels - probability, minlength=count)
    return max(1.0, float((sums**2).sum() / (probability * (1.0 - probability)).sum()))


@dataclass(frozen=True, eq=False)
class _Cells:
    """Calibration rows of one class in cells of neighbouring log-odds, each with about equal information.

    Attributes:
        ends: Upper end of each cell, inclusive, below the next cell's rows, ascending, shape (cells,).
        single: Whether all rows of a cell share one value, so that they inform about each other on both sides.
        rows: Rows, float64, shape (cells,).
        defaults: Defaults.
        information: Sum of p (1 - p).
    """

    ends: Floats
    single: Booleans
    rows: Floats
    defaults: Floats
    information: Floats

    @classmethod
    def of(cls, log_odds: Floats, labels: Floats, probability: Floats) -> "_Cells":
        values, value = np.unique(log_odds, return_inverse=True)
        weight = np.bincount(value, weights=probability * (1.0 - probability), minlength=len(values))
        before = np.cumsum(weight) - weight
        _, cell = np.unique(np.floor(before * (_CELLS / weight.sum())), return_inverse=True)
        last = np.append(np.flatnonzero(np.diff(cell)), len(values) - 1)
        of_row = cell[value]
        return cls(
            short_between(values[last], np.append(values[last[:-1] + 1], np.inf)),
            np.bincount(cell) == 1,
            np.bincount(of_row).astype(np.float64),
            np.bincount(of_row, weights=labels).astype(np.float64),
            np.bincount(cell, weights=weight).astype(np.float64),
        )

    def steps(self, confidence: float, effect: float) -> Steps:
        """Hull of Venn-Abers and the sampling bounds, cell by cell; the last cell goes on without end."""
        low, high = venn_abers(self.rows, self.defaults)
        sampled_low, sampled_high = self._sampling_bounds(confidence, effect)
        low, high = np.minimum(low, sampled_low), np.maximum(high, sampled_high)
        rising = np.minimum.accumulate(low[::-1])[::-1], np.maximum.accumulate(high)
        return Steps(self.ends[:-1], *rising, self.rows)

    def venn_abers_width(self) -> float:
        """Mean width of Venn-Abers alone."""
        low, high = venn_abers(self.rows, self.defaults)
        return float((high - low) @ self.rows / self.rows.sum())

    def _sampling_bounds(self, confidence: float, effect: float) -> tuple[Floats, Floats]:
        """Best lower bound of the windows to the left of each cell, best upper bound of those to the right.

        A window that would reach beyond the rows seen ends with them.
        """
        sizes = _window_sizes(float(self.information.sum()))
        level = (1.0 - confidence) / 2.0 / max(1, len(sizes))
        low, high = np.zeros(len(self.rows)), np.ones(len(self.rows))
        rows, defaults, information = (_summed(one) for one in (self.rows, self.defaults, self.information))
        places = np.arange(len(self.rows))
        until, since = places + self.single, places + ~self.single
        for size in sizes:
            before = np.searchsorted(information, information[until] - size, side="right") - 1
            behind = np.searchsorted(information, information[since] + size, side="left")
            left = _window(rows, defaults, np.maximum(before, 0), until, effect)
            right = _window(rows, defaults, since, np.minimum(behind, len(self.rows)), effect)
            low = np.maximum(low, _lower_bound(*left, level))
            high = np.minimum(high, _upper_bound(*right, level))
        return low, high


def _window_sizes(information: float) -> list[float]:
    """Amounts of information of the windows: fixed beforehand, not by outcomes, so that their bounds hold."""
    sizes = []
    size = _SMALLEST_WINDOW
    while size <= information:
        sizes.append(size)
        size *= _WINDOW_GROWTH
    return sizes


def _summed(amounts: Floats) -> Floats:
    """Sums before each cell, and of all, shape (cells + 1,)."""
    return np.concatenate([[0.0], np.cumsum(amounts)])


def _window(rows: Floats, defaults: Floats, since: Positions, until: Positions, effect: float) -> tuple[Floats, Floats]:
    """Effective rows and defaults of the cells from `since` to before `until`."""
    return (rows[until] - rows[since]) / effect, (defaults[until] - defaults[since]) / effect


def _lower_bound(rows: Floats, defaults: Floats, level: float) -> Floats:
    """Clopper and Pearson's lower bound of a share, for counts that need not be whole; 0 without defaults."""
    some = defaults > 0.0
    bound: Floats = np.zeros(len(rows))
    bound[some] = betaincinv(defaults[some], rows[some] - defaults[some] + 1.0, level)
    return bound


def _upper_bound(rows: Floats, defaults: Floats, level: float) -> Floats:
    """Their upper bound: the lower bound of the others, from one."""
    others = 1.0 - _lower_bound(rows, rows - defaults, level)
    bound: Floats = np.where(rows > 0.0, others, 1.0)
    return bound


def _widened(steps: Steps, ratio: tuple[float, float]) -> Steps:
    """Odds of every step times the ratio, only ever outwards."""
    with np.errstate(divide="ignore"):
        fall, rise = np.minimum(np.log(ratio[0]), 0.0), np.maximum(np.log(ratio[1]), 0.0)
    low = probability_of(log_odds_of(steps.low) + fall) if np.isfinite(fall) else np.zeros_like(steps.low)
    high = probability_of(log_odds_of(steps.high) + rise) if np.isfinite(rise) else np.ones_like(steps.high)
    return Steps(steps.ends, np.minimum(low, steps.low), np.maximum(high, steps.high), steps.rows)
