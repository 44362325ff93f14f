"""A scorecard packed for speed: a compiled kernel over chunks of rows, equal to the readable card to the byte."""

from typing import Final

import numpy as np

from models import card_kernel
from models.arrays import Floats, Integers
from models.card_kernel import Assessed
from models.card_packing import packed
from models.scorecard import UNITS_PER_LOG_ODDS, NamedValues, Scorecard
from models.spans import parts_of, side_by_side

_ROWS_AT_ONCE: Final = 1 << 14
"""Rows that a thread takes at a time: handing them out costs next to nothing beside their work."""


class CompiledCard:
    """A scorecard that assesses a million rows in a tenth of a second, and one row in microseconds.

    One row and a million rows take the same path. Points are whole numbers, so threads and chunks change nothing.

    Args:
        card: The readable scorecard.

    Raises:
        ScorecardFormatError: A table's groups do not fit its features, or a feature has more than 65,535 cells.

    Attributes:
        card: The readable scorecard.
    """

    def __init__(self, card: Scorecard) -> None:
        self.card = card
        self._packed = packed(card)

    @property
    def names(self) -> tuple[str, ...]:
        """Feature names in matrix order."""
        return self.card.names

    def check_features(self, matrix: NamedValues) -> Floats:
        """The matrix's values, when its names are the scorecard's; FeatureMismatchError when not."""
        return self.card.check_features(matrix)

    def log_odds_units(self, values: Floats, threads: int = 1) -> Integers:
        """As `Scorecard.log_odds_units`."""
        return self.assess(values, threads).log_odds_units

    def log_odds_units_and_contributions(self, values: Floats, threads: int = 1) -> tuple[Integers, Integers]:
        """As `Scorecard.log_odds_units` and `Scorecard.contributions`, from one pass."""
        assessed = self.assess(values, threads, reasons=True)
        return assessed.log_odds_units, assessed.contributions

    def default_probability(self, values: Floats, threads: int = 1) -> Floats:
        """As `Scorecard.default_probability`."""
        return self.assess(values, threads).default_probability

    def interval_of(self, assessed: Assessed) -> tuple[Floats, Floats]:
        """As `Scorecard.probability_interval`, for rows that are assessed already."""
        if self.card.intervals is None:
            return np.zeros(len(assessed.log_odds_units)), np.ones(len(assessed.log_odds_units))
        raw_log_odds = assessed.log_odds_units / float(UNITS_PER_LOG_ODDS)
        return self.card.intervals.around(assessed.default_probability, raw_log_odds, assessed.missing_count)

    def assess(self, values: Floats, threads: int = 1, *, reasons: bool = False) -> Assessed:
        """Everything that `Scorecard` says of rows, to the byte, from one pass.

        Args:
            values: float64, shape (rows, given features); NaN is missing.
            threads: How many slices are computed side by side.
            reasons: Whether contributions are wanted.

        Raises:
            ValueError: The values have another shape.
        """
        rows, given = len(values), len(self.card.names)
        if values.shape != (rows, given):
            raise ValueError(f"values of shape {values.shape}, wanted (rows, {given})")
        assessed = Assessed(
            log_odds_units=np.empty(rows, np.int64),
            default_probability=np.empty(rows, np.float64),
            missing_count=np.empty(rows, np.int64),
            contributions=np.empty((rows if reasons else 0, given), np.int64),
        )
        parts = parts_of(slice(0, rows), _ROWS_AT_ONCE)
        side_by_side(lambda part: self._fill(assessed, values, part), parts, threads)
        return assessed

    def _fill(self, assessed: Assessed, values: Floats, part: slice) -> None:
        """One part; rows in another order or type, or not to be written to, would have to be compiled for each."""
        rows = np.require(values[part], np.float64, ("C", "W"))
        card_kernel.assess(self._packed, rows, Assessed._make(filled[part] for filled in assessed))


def warm_kernel() -> None:
    """Compiles the kernel, which takes seconds once per machine, or reads it from the cache."""
    CompiledCard(Scorecard("", "", 0, ())).assess(np.empty((1, 0)))
