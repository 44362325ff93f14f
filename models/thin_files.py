"""Which files are thin, and how far the level of a few of them may lie from what the model expects."""

from typing import Final

import numpy as np
from scipy.stats import chi2

from models.arrays import Floats, Integers

_UNUSUAL: Final = 0.1
_PARTED_BEYOND_DOUBT: Final = 13.815510557964274  # 99.9 % of chi squared with 2 degrees of freedom


def choose_thin_from(
    labels: Floats,
    probability: Floats,
    log_odds: Floats,
    missing_count: Integers,
    *,
    effect: float,
    least_defaults: int,
) -> tuple[int, bool]:
    """From how many missing features a file is thin, and whether such files hold defaults enough for their own band.

    Where files with more missing features have another level or slope than the others, beyond doubt (score test of a
    line of their own, level 0.1 %), the number that parts them best. Otherwise the least number that at most a tenth
    of all files reach: what is unusual.

    Args:
        labels: 1 = default, shape (rows,), like all that follow.
        probability: Calibrated probability.
        log_odds: Raw log-odds.
        missing_count: Missing features.
        effect: Rows that count for one, because groups share their fortune.
        least_defaults: Defaults that both classes need.
    """
    most = int(missing_count.max(initial=0))
    defaults = _from_count_on(labels, missing_count, most)
    own = np.minimum(defaults, defaults[0] - defaults) >= least_defaults
    parted = np.where(own, _parting(labels, probability, log_odds, missing_count, most) / effect, 0.0)
    if parted.max() > _PARTED_BEYOND_DOUBT:
        return int(parted.argmax()), True
    files = _from_count_on(np.ones_like(labels), missing_count, most)
    unusual = next((count for count in range(1, most + 1) if files[count] <= _UNUSUAL * files[0]), most + 1)
    return unusual, bool(unusual <= most and own[unusual])


def _from_count_on(amounts: Floats, missing_count: Integers, most: int) -> Floats:
    """Sums over the rows with at least 0, 1, .., `most` missing features, shape (most + 1,)."""
    of_count = np.bincount(missing_count.astype(np.intp), weights=amounts, minlength=most + 1)
    sums: Floats = of_count[::-1].cumsum()[::-1]
    return sums


def _parting(labels: Floats, probability: Floats, log_odds: Floats, missing_count: Integers, most: int) -> Floats:
    """Score statistic (chi squared, 2 degrees) of a line of their own for files from each missing count on."""
    residual, weight = labels - probability, probability * (1.0 - probability)
    middle = float(weight @ log_odds / weight.sum())
    columns = np.stack([np.ones_like(log_odds), log_odds - middle])
    score = np.stack([_from_count_on(residual * one, missing_count, most) for one in columns], axis=-1)
    own = np.empty((most + 1, 2, 2))
    for first, second in np.ndindex(2, 2):
        own[:, first, second] = _from_count_on(weight * columns[first] * columns[second], missing_count, most)
    left = own @ np.linalg.pinv(own[0]) @ (own[0] - own)
    statistic: Floats = np.einsum("ti,tij,tj->t", score, np.linalg.pinv(left, hermitian=True), score)
    return statistic


def level_ratio(labels: Floats, probability: Floats, confidence: float, effect: float) -> tuple[float, float]:
    """Between what ratios the defaults of some files may stand to those expected; exact for Poisson counts.

    Nothing is known of files never seen: from 0 to without end.
    """
    observed, expected = float(labels.sum()) / effect, float(probability.sum()) / effect
    if expected == 0.0:
        return 0.0, np.inf
    tail = (1.0 - confidence) / 2.0
    low = float(chi2.ppf(tail, 2.0 * observed)) / 2.0 if observed else 0.0
    return low / expected, float(chi2.ppf(1.0 - tail, 2.0 * observed + 2.0)) / 2.0 / expected
