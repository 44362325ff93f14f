"""Declared directions proven on the finished tables, for all values of all other features at once: no sampling.

A step of a feature changes the log-odds by the difference of its own cells plus, for every table it shares with
others, a difference that depends on their cells. The least favourable sum over all partners is found by taking out
one partner after the other (bucket elimination, Dechter 1999), which is exact however tables share partners. Only
where the joint table of one partner's neighbours would be too large do its tables each take their own worst case: the
sum of those is a bound below the true minimum, so the proof stays sound and may refuse too much.
"""

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import reduce
from typing import Final

import numpy as np

from models.arrays import Integers, Positions
from models.card_tables import FeatureTable, InteractionTable
from models.cell_groups import distinct
from models.errors import NotMonotoneError
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard

LARGEST_JOINT_TABLE: Final = 1 << 23
"""Cells that a joint table of partners may have."""


@dataclass(frozen=True)
class MonotoneProof:
    """What was proven for one feature.

    Attributes:
        feature: Its name.
        direction: +1 or -1.
        least_step: Smallest change in the direction from any interval to the next, units of 1e-12 log-odds, never
            negative: over all values of all other features.
        exact: Whether that is the true minimum; if not, it is a bound below it.
    """

    feature: str
    direction: int
    least_step: int
    exact: bool


def prove_monotone(card: Scorecard, *, largest: int = LARGEST_JOINT_TABLE) -> tuple[MonotoneProof, ...]:
    """Prove every declared direction, missing values and special codes of the other features included.

    Ratios count as if they varied freely beside their parts: a bound below the truth. A numerator also moves its ratio
    the same way (denominators are positive), so its ratios must share its direction; a denominator moves them either
    way and makes them known or missing, so a direction is never proven for it.

    Args:
        card: The finished tables.
        largest: Cells a joint table of partners may have before a bound takes its place.

    Returns:
        One proof per feature with a direction.

    Raises:
        NotMonotoneError: A step goes, or cannot be proven not to go, against its direction.
    """
    directed = [position for position, feature in enumerate(card.features) if feature.direction]
    return tuple(_proof(card, position, largest) for position in directed)


def _proof(card: Scorecard, position: int, largest: int) -> MonotoneProof:
    feature = card.features[position]
    _check_ratios(card, position)
    steps, exact = least_steps(card, position, largest=largest)
    if steps.size and steps.min() < 0:
        worst = int(steps.argmin())
        raise NotMonotoneError(feature.name, worst, float(steps[worst]) / UNITS_PER_LOG_ODDS, exact=exact)
    return MonotoneProof(feature.name, feature.direction, int(steps.min()) if steps.size else 0, exact)


def _check_ratios(card: Scorecard, position: int) -> None:
    feature = card.features[position]
    for ratio in card.features:
        if ratio.ratio_of and position in ratio.ratio_of:
            numerator, _ = ratio.ratio_of
            if numerator != position or ratio.direction != feature.direction:
                raise NotMonotoneError(feature.name, 0, 0.0, exact=False)


def least_steps(card: Scorecard, position: int, *, largest: int = LARGEST_JOINT_TABLE) -> tuple[Integers, bool]:
    """Smallest step in the declared direction from each interval to the next, and whether that is exact.

    Returns:
        int64, shape (intervals - 1,), units of 1e-12 log-odds; and True when every entry is the true minimum.
    """
    feature = card.features[position]
    own = np.diff(feature.cells[: feature.intervals]) * feature.direction
    partners, exact = _least_sum(list(_shared_steps(card, position)), len(own), largest)
    return own + partners, exact and not any(one.ratio_of for one in _neighbours(card, position))


def _neighbours(card: Scorecard, position: int) -> list[FeatureTable]:
    """The feature and all that share a table with it."""
    met = {position}.union(*(table.features for table in card.interactions if position in table.features))
    return [card.features[one] for one in sorted(met)]


@dataclass(frozen=True, eq=False)
class _Steps:
    """Steps of a feature that depend on partners: int64, first axis the step, then one axis per partner, ascending."""

    partners: tuple[int, ...]
    cells: Integers

    def least(self, partner: int) -> "_Steps":
        """The worst case over one partner."""
        axis = self.partners.index(partner)
        others = self.partners[:axis] + self.partners[axis + 1 :]
        return _Steps(others, self.cells.min(axis=axis + 1))

    def shape_among(self, partners: tuple[int, ...]) -> tuple[int, ...]:
        """Shape with an axis of size one for every other partner."""
        sizes = dict(zip(self.partners, self.cells.shape[1:], strict=True))
        return (len(self.cells), *(sizes.get(partner, 1) for partner in partners))


def _shared_steps(card: Scorecard, position: int) -> Iterator[_Steps]:
    """Steps within each table of the feature; partners in cells that any of these tables tells apart."""
    tables = [table for table in card.interactions if position in table.features]
    feature = card.features[position]
    told_apart = _told_apart(tables) | {position: np.arange(feature.intervals)}
    for table in tables:
        axes = [groups[told_apart[one]] for one, groups in zip(table.features, table.groups, strict=True)]
        along = np.moveaxis(table.cells[np.ix_(*axes)], table.features.index(position), 0)
        partners = tuple(one for one in table.features if one != position)
        yield _Steps(partners, np.diff(along, axis=0) * feature.direction)


def _told_apart(tables: list[InteractionTable]) -> dict[int, Positions]:
    """For each feature one cell of every group that the tables together tell apart."""
    groups: defaultdict[int, list[Positions]] = defaultdict(list)
    for table in tables:
        for feature, axis in zip(table.features, table.groups, strict=True):
            groups[feature].append(axis)
    return {feature: distinct(np.column_stack(axes))[0] for feature, axes in groups.items()}


def _least_sum(tables: list[_Steps], steps: int, largest: int) -> tuple[Integers, bool]:
    """Least sum of the tables over all partners, per step, and whether it is exact."""
    partners = {partner for table in tables for partner in table.partners}
    if not partners:
        return sum((table.cells for table in tables), start=np.zeros(steps, dtype=np.int64)), True
    partner = min(sorted(partners), key=lambda one: _joint_size(_touching(tables, one)))
    touching = _touching(tables, partner)
    others = [table for table in tables if partner not in table.partners]
    if len(touching) == 1 or _joint_size(touching) <= largest:
        return _least_sum([*others, _joint(touching).least(partner)], steps, largest)
    if steps > 1:
        return _least_sum_in_halves(tables, steps, largest)
    bound, _ = _least_sum([*others, *(table.least(partner) for table in touching)], steps, largest)
    return bound, False


def _least_sum_in_halves(tables: list[_Steps], steps: int, largest: int) -> tuple[Integers, bool]:
    """Half as many steps need half as much memory."""
    middle = steps // 2
    first = _least_sum([_Steps(one.partners, one.cells[:middle]) for one in tables], middle, largest)
    second = _least_sum([_Steps(one.partners, one.cells[middle:]) for one in tables], steps - middle, largest)
    return np.concatenate([first[0], second[0]]), first[1] and second[1]


def _touching(tables: list[_Steps], partner: int) -> list[_Steps]:
    return [table for table in tables if partner in table.partners]


def _all_partners(tables: list[_Steps]) -> tuple[int, ...]:
    return tuple(sorted({partner for table in tables for partner in table.partners}))


def _joint_size(tables: list[_Steps]) -> int:
    partners = _all_partners(tables)
    shapes = [table.shape_among(partners) for table in tables]
    return math.prod(map(max, zip(*shapes, strict=True)))


def _joint(tables: list[_Steps]) -> _Steps:
    """The sum of tables over all partners that any of them has."""
    partners = _all_partners(tables)
    total = reduce(np.add, (table.cells.reshape(table.shape_among(partners)) for table in tables))
    return _Steps(partners, total)
