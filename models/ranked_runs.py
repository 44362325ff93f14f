"""Rows in order of risk, shortened to runs, so that AUC, KS and H of hundreds of resamples cost one pass.

Between two defaults no vertex of the ROC curve can lie, nor of its hull: neighbouring values with non-defaults only, or
with defaults only, count as one run. That is exact, for the sample and for every resample of it.
"""

from dataclasses import dataclass

import numpy as np

from models.arrays import Booleans, Floats, Positions
from models.measures import h_of_counts


@dataclass(frozen=True, eq=False)
class RankedRuns:
    """Labelled rows in ascending order of their values, cut into runs.

    Attributes:
        order: Rows in ascending order of values.
        labels: Labels in that order, float64.
        starts: First place of each run in that order.
    """

    order: Positions
    labels: Floats
    starts: Positions

    @classmethod
    def of(cls, labels: Floats, values: Floats) -> "RankedRuns":
        """Sort and cut; labels (1 = default) and values of shape (rows,)."""
        order = np.argsort(values, kind="stable")
        ranked, sorted_labels = values[order], labels[order]
        first = np.flatnonzero(np.append(True, ranked[1:] != ranked[:-1]))
        share = np.add.reduceat(sorted_labels, first) / np.diff(np.append(first, len(ranked)))
        continues = (share[1:] == share[:-1]) & ((share[1:] == 0.0) | (share[1:] == 1.0))
        return cls(order, sorted_labels, first[np.append(True, ~continues)])

    def ranking(self, weights: Floats, number: Positions) -> "Ranking":
        """AUC, KS and H of some resamples.

        Args:
            weights: How often each group was drawn, shape (resamples, groups).
            number: Group of each row, shape (rows,).
        """
        drawn = np.take(weights, number[self.order], axis=1)
        rows = np.add.reduceat(drawn, self.starts, axis=1)
        defaults = np.add.reduceat(drawn * self.labels, self.starts, axis=1)
        bad, all_rows = defaults.sum(axis=1), rows.sum(axis=1)
        usable = (bad > 0.0) & (bad < all_rows)
        rows, defaults = rows[usable], defaults[usable]
        good_below, bad_below = _shares(rows - defaults), _shares(defaults)
        rise = np.diff(bad_below, axis=1, prepend=0.0)
        middle = good_below - np.diff(good_below, axis=1, prepend=0.0) / 2.0
        return Ranking(
            auc=(rise * middle).sum(axis=1),
            ks=np.abs(good_below - bad_below).max(axis=1, initial=0.0),
            h=np.array([h_of_counts(*one) for one in zip(rows, defaults, strict=True)]),
            usable=usable,
        )


@dataclass(frozen=True, eq=False)
class Ranking:
    """Measures of order of some resamples; those without defaults, or with nothing else, are left out.

    Attributes:
        auc: Area under the curve, shape (usable resamples,).
        ks: Kolmogorov and Smirnov's distance, likewise.
        h: Hand's H by prevalence, likewise.
        usable: Which resamples hold both outcomes, shape (resamples,).
    """

    auc: Floats
    ks: Floats
    h: Floats
    usable: Booleans


def _shares(amounts: Floats) -> Floats:
    """Cumulative shares along the last axis."""
    below = np.cumsum(amounts, axis=-1)
    shares: Floats = below / below[..., -1:]
    return shares
