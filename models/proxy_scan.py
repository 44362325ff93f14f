"""How well a protected attribute can be told from what decides: out of fold, with the features that carry it named.

A price that never reads sex may still read it in disguise. For each attribute a small logistic regression on the
features is fitted on four fifths of the rows and asked about the rest, five times over; the area under its curve says
how well the attribute can be told (0.5: not at all). The same is asked of each feature alone, and of the grade and the
discount alone: what carries a trait is named, for a person to judge. It says nothing about whether that is unjust: the
line of work of a household is told by its seasons because it has them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from models.arrays import Booleans, Floats, Positions
from models.fairness_groups import Grouping
from models.feature_spec import declared_features
from models.features import FeatureMatrix
from models.logistic_fit import fit_logistic
from models.measures import area_under_curve
from models.policy import GRADES

FOLDS: Final = 5
NAMED: Final = 3
"""Features named, those that tell most."""
_CATEGORIES: Final = {one.name: len(one.levels) for one in declared_features("full").declarations if one.levels}
"""How many categories each feature has that is none by magnitude."""
_FEWEST: Final = 50
"""Rows of either kind below which a fit would tell chance."""


@dataclass(frozen=True)
class Carrier:
    """One feature and how well it tells an attribute by itself (area under the curve, out of fold)."""

    feature: str
    auc: float


@dataclass(frozen=True)
class ProxyFinding:
    """How well one group is told from everybody else.

    Attributes:
        grouping: Such as `sex`.
        group: Code of the group.
        rows: Rows of the group.
        auc_features: By all features together; None where the group is too small to fit.
        auc_terms: By each of the terms alone, such as grade and discount.
        carriers: The features that tell most by themselves.
        told: Whether the features tell it beyond the limit.
    """

    grouping: str
    group: str
    rows: int
    auc_features: float | None
    auc_terms: Mapping[str, float]
    carriers: tuple[Carrier, ...]
    told: bool

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        return asdict(self)


def proxy_scan(
    features: FeatureMatrix, terms: Mapping[str, Floats], groupings: Iterable[Grouping], *, seed: int, told_from: float
) -> tuple[ProxyFinding, ...]:
    """Ask of every group of every grouping how well it can be told.

    Args:
        features: What the baseline model reads; NaN where not known.
        terms: What a household got, such as grade and discount, shape (rows,) each.
        groupings: Protected attributes; of two groups only the second is asked about, the first is its mirror.
        seed: Of the folds.
        told_from: Area under the curve from which an attribute counts as told.
    """
    blocks = {name: _block(name, column) for name, column in zip(features.names, features.values.T, strict=True)}
    told_terms = {name: _standardised(column)[:, None] for name, column in terms.items()}
    folds = np.random.default_rng(seed).permutation(len(features.values)) % FOLDS
    return tuple(
        _finding(grouping, place, blocks, told_terms, folds, told_from)
        for grouping in groupings
        for place in range(int(len(grouping.codes) == 2), len(grouping.codes))  # noqa: PLR2004
    )


def offered_terms(offers: pa.Table) -> dict[str, Floats]:
    """Grade (by its place) and discount of offers, to be asked what they tell."""
    grade = np.array([GRADES.index(one) for one in offers["grade"].to_pylist()], dtype=np.float64)
    return {"grade": grade, "rate_discount_bp": offers["rate_discount_bp"].to_numpy().astype(np.float64)}


def _finding(
    grouping: Grouping,
    place: int,
    blocks: Mapping[str, Floats],
    terms: Mapping[str, Floats],
    folds: Positions,
    told_from: float,
) -> ProxyFinding:
    known, inside = grouping.places >= 0, grouping.places == place
    rows = int(inside.sum())
    if min(rows, int(known.sum()) - rows) < _FEWEST:
        return ProxyFinding(grouping.name, grouping.codes[place], rows, None, {}, (), told=False)
    together = _out_of_fold(np.concatenate(list(blocks.values()), axis=1), inside, known, folds)
    alone = [Carrier(name, _out_of_fold(block, inside, known, folds)) for name, block in blocks.items()]
    alone.sort(key=lambda one: (-one.auc, one.feature))
    by_terms = {name: _out_of_fold(column, inside, known, folds) for name, column in terms.items()}
    return ProxyFinding(
        grouping.name, grouping.codes[place], rows, together, by_terms, tuple(alone[:NAMED]), told=together >= told_from
    )


def _out_of_fold(columns: Floats, inside: Booleans, known: Booleans, folds: Positions) -> float:
    """Area under the curve of log-odds, each given by a fit that has not seen its row."""
    design = np.column_stack([columns, np.ones(len(columns))])[known]
    labels, fold = inside[known].astype(np.float64), folds[known]
    told = np.zeros(len(labels))
    for one in range(FOLDS):
        asked = fold == one
        told[asked] = design[asked] @ fit_logistic(design[~asked], labels[~asked])
    return area_under_curve(labels, told)


def _block(name: str, column: Floats) -> Floats:
    """A feature as columns of a regression: categories one by one, numbers by value and square; and whether known."""
    known = ~np.isnan(column)
    if name in _CATEGORIES:
        return np.column_stack([column[:, None] == np.arange(1, _CATEGORIES[name]), known]).astype(np.float64)
    values = _standardised(column)
    return np.column_stack([values, np.minimum(values**2, 9.0), known.astype(np.float64)])


def _standardised(column: Floats) -> Floats:
    """Ranks between -1 and 1, 0 where not known: money is too skewed for its own scale."""
    known = ~np.isnan(column)
    told = np.zeros(len(column))
    if known.any():
        order = np.unique(column[known], return_inverse=True)[1]
        told[known] = 2.0 * order / max(int(order.max()), 1) - 1.0
    return told
