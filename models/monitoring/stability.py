"""Population stability: how far a population stands from its reference, and how far chance alone would put it.

The index is sum over groups of (p - q) ln(p / q), the symmetric relative entropy (Jeffreys 1946). Under no change it is
about (1/n + 1/m) times a chi-square of (groups - 1) degrees of freedom, so two small samples look far apart by chance:
every index comes with its mean and its quantile under no change. Half a row is added to every group: an empty one stays
finite.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from scipy.special import chdtri, ndtri

from models.arrays import Floats, Integers, Positions
from models.card_tables import FeatureTable
from models.scorecard import Scorecard

LEAST_POOLED: Final = 5
"""Groups with fewer rows in both populations together are counted with the other rare ones."""

_AS_GOOD_AS_ZERO: Final = 1e-30


@dataclass(frozen=True)
class Stability:
    """How far two populations stand apart in one figure.

    Attributes:
        psi: Population stability index.
        bias: The index that chance alone gives on average; a true distance adds to it.
        noise: The index that chance alone stays below with the quantile asked for.
        groups: Groups compared.
        rows: Members observed.
        reference_rows: Members of the reference.
    """

    psi: float
    bias: float
    noise: float
    groups: int
    rows: int
    reference_rows: int


def stability(reference: Integers, observed: Integers, quantile: float) -> Stability:
    """Compare two populations group by group.

    Args:
        reference: Members per group of the reference (groups,).
        observed: Members per group now (groups,).
        quantile: Of the index under no change, in (0, 1).
    """
    m, n, groups = int(reference.sum()), int(observed.sum()), len(reference)
    if groups < 2 or not m or not n:  # noqa: PLR2004 - one group is no distribution
        return Stability(0.0, 0.0, 0.0, groups, n, m)
    p, q = ((counts + 0.5) / (counts.sum() + 0.5 * groups) for counts in (observed, reference))
    scale = 1.0 / n + 1.0 / m
    noise = float(chdtri(groups - 1, 1.0 - quantile)) * scale
    return Stability(float(((p - q) * np.log(p / q)).sum()), (groups - 1) * scale, noise, groups, n, m)


def together(quantile: float, figures: int) -> float:
    """The quantile for each of several independent figures so that all stay below together (Sidak 1967)."""
    return float(quantile ** (1.0 / max(figures, 1)))


def cell_counts(card: Scorecard, values: Floats) -> tuple[Integers, ...]:
    """Members per cell of every feature of a card, from values of shape (rows, features)."""
    cells = card.cells_of(values)
    return tuple(np.bincount(cell, minlength=len(one.cells)) for one, cell in zip(card.features, cells, strict=True))


def grouped(
    table: FeatureTable, reference: Integers, observed: Integers, groups: int
) -> tuple[Integers, Integers, tuple[str, ...]]:
    """Cells of one feature put together into groups that can be compared.

    Intervals become at most `groups` neighbourhoods of equal reference share; levels, missing and each special code
    stay on their own; what is rare in both populations is counted together, what nobody has is left out.

    Args:
        table: The card's feature.
        reference: Members per cell of the reference.
        observed: Members per cell now.
        groups: At most so many groups of intervals.

    Returns:
        Members per group of the reference and now, and the groups' names.
    """
    group, names = _groups(table, reference, groups)
    before, now = (np.bincount(group, counts, len(names)).astype(np.int64) for counts in (reference, observed))
    return _without_rare(before, now, names)


def _groups(table: FeatureTable, reference: Integers, groups: int) -> tuple[Positions, tuple[str, ...]]:
    """The group of every cell, and each group's name."""
    after = ("missing", *(f"code {code:g}" for code in table.special_codes))
    if table.levels:
        return np.arange(len(table.cells)), (*table.levels, *after)
    place = _neighbourhoods(reference[: table.intervals], groups)
    intervals = int(place[-1]) + 1
    ends = [_told(table.thresholds[np.flatnonzero(place == one)[-1]]) for one in range(intervals - 1)]
    return np.r_[place, np.arange(len(after)) + intervals], (*between(ends), *after)


def _told(end: float) -> str:
    """A threshold as people read it; trees write 1e-35 for "not above zero"."""
    return f"{0.0 if abs(end) < _AS_GOOD_AS_ZERO else end:.6g}"


def between(ends: Sequence[str]) -> tuple[str, ...]:
    """Names of the intervals that these ends make: up to the first, between two, beyond the last."""
    return tuple(f"{low}..{high}" for low, high in zip(("", *ends), (*ends, ""), strict=True))


def _neighbourhoods(reference: Integers, groups: int) -> Positions:
    """Neighbouring intervals numbered 0.. so that each number holds about an equal share of the reference."""
    middle = (np.cumsum(reference) - reference / 2.0) / max(int(reference.sum()), 1)
    wanted = np.minimum((middle * groups).astype(np.intp), groups - 1)
    steps: Positions = np.cumsum(np.r_[0, np.diff(wanted) > 0])
    return steps


def _without_rare(
    reference: Integers, observed: Integers, names: Sequence[str]
) -> tuple[Integers, Integers, tuple[str, ...]]:
    pooled = reference + observed
    kept = np.flatnonzero(pooled >= LEAST_POOLED)
    rare = np.flatnonzero((pooled > 0) & (pooled < LEAST_POOLED))
    told = tuple(names[int(place)] for place in kept)
    if not rare.size:
        return reference[kept], observed[kept], told
    both = (np.r_[counts[kept], counts[rare].sum()] for counts in (reference, observed))
    before, now = both
    return before, now, (*told, "rare")


def share_change(reference: int, of_reference: int, observed: int, of_observed: int, quantile: float) -> "ShareChange":
    """How far a share moved, and how far chance alone would move it (two-sided normal, pooled variance).

    Args:
        reference: Members with the property in the reference.
        of_reference: Members of the reference.
        observed: Members with the property now.
        of_observed: Members now.
        quantile: Of the change under no change, in (0, 1).
    """
    pooled = (reference + observed + 1.0) / (of_reference + of_observed + 2.0)
    spread = math.sqrt(pooled * (1.0 - pooled) * (1.0 / of_reference + 1.0 / of_observed))
    before, now = reference / of_reference, observed / of_observed
    return ShareChange(before, now, float(ndtri(0.5 + quantile / 2.0)) * spread)


@dataclass(frozen=True)
class ShareChange:
    """A share in two populations and what chance alone may make of their difference."""

    before: float
    now: float
    noise: float

    @property
    def size(self) -> float:
        """How far it moved, either way."""
        return abs(self.now - self.before)


def unseen(reference: Integers, observed: Integers, quantile: float) -> tuple[float, float]:
    """Share of members in cells where the reference has nobody, and the share that chance alone stays below.

    If nothing changed, k members in such a cell would all have come after the reference's m by chance with probability
    (n / (n + m)) ** k at most (they are exchangeable).

    Args:
        reference: Members per cell of the reference.
        observed: Members per cell now.
        quantile: Of the share under no change, in (0, 1).
    """
    m, n = int(reference.sum()), int(observed.sum())
    if not m or not n:
        return 0.0, 0.0
    most_by_chance = math.ceil(math.log(1.0 - quantile) / math.log(n / (n + m)))
    return float(observed[reference == 0].sum() / n), most_by_chance / n


def unit_factor(before: Floats, now: Floats, factors: Sequence[float], tolerance: float) -> float:
    """The factor by which amounts seem to be delivered in another unit; 1 when they are not.

    Args:
        before: Amounts of an earlier file, NaN where not known.
        now: Amounts of the newest file.
        factors: Known confusions, each above 1; their inverses are looked for too.
        tolerance: A ratio of medians within so much of a factor, relative, is taken for it.
    """
    medians = [float(np.median(one[one > 0])) if (one > 0).any() else math.nan for one in (before, now)]
    ratio = medians[1] / medians[0]
    for factor in (*factors, *(1.0 / one for one in factors)):
        if abs(math.log(ratio / factor)) <= math.log1p(tolerance):
            return float(factor)
    return 1.0
