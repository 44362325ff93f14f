"""The compiled scorecard: integer tables of one, two and three features that turn values into log-odds and reasons.

Cells are integers of 1e-12 log-odds. Additions of integers are exact in any order, so one row and a million rows, this
machine and the next give the same bytes. This is the readable reference; it needs only NumPy and its neighbours here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Final, Protocol

import numpy as np

from models import card_format
from models.arrays import Floats, Integers, Positions
from models.calibrated import Calibration
from models.card_tables import FeatureTable, InteractionTable, cells_of
from models.errors import FeatureMismatchError, ScorecardFormatError
from models.logistic import probability_of
from models.probability_interval import Intervals

__all__ = [
    "FORMAT",
    "UNITS_PER_LOG_ODDS",
    "Calibration",
    "FeatureTable",
    "Floats",
    "Integers",
    "InteractionTable",
    "Intervals",
    "Positions",
    "Scorecard",
]

FORMAT: Final = "haixia-scorecard/2"
UNITS_PER_LOG_ODDS: Final = 10**12
_ROWS_AT_ONCE: Final = 1 << 14


class NamedValues(Protocol):
    """Features of many households, as `models.features.FeatureMatrix` holds them."""

    @property
    def names(self) -> tuple[str, ...]:
        """One name per column of `values`."""

    @property
    def values(self) -> Floats:
        """float64, shape (rows, features); NaN where not known."""


@dataclass(frozen=True, eq=False)
class Scorecard:
    """A whole model as tables.

    Attributes:
        kind: `baseline`, `full` or another name of the model's inputs.
        feature_spec_hash: Hash of the feature specification it was made for; empty for foreign data.
        intercept: Log-odds of the average reference member, in units of 1e-12.
        features: One table per given feature, in matrix order, then one per ratio of two of them.
        interactions: Tables of two or three features.
        calibration: From raw log-odds to calibrated ones.
        intervals: From raw log-odds to an interval of the probability; None promises nothing (0 to 1).
        notes: Facts that travel with the card and never change a figure, such as who signed it.
    """

    kind: str
    feature_spec_hash: str
    intercept: int
    features: tuple[FeatureTable, ...]
    interactions: tuple[InteractionTable, ...] = ()
    calibration: Calibration = field(default_factory=Calibration)
    intervals: Intervals | None = None
    notes: Mapping[str, str] = field(default_factory=dict)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the given features, in matrix order."""
        return tuple(feature.name for feature in self.features if feature.ratio_of is None)

    def check_features(self, matrix: NamedValues) -> Floats:
        """The matrix's values, when its names are the scorecard's; FeatureMismatchError when not."""
        if matrix.names != self.names:
            raise FeatureMismatchError(self.names, matrix.names)
        return matrix.values

    def log_odds_units(self, values: Floats) -> Integers:
        """Raw log-odds, int64 in units of 1e-12, shape (rows,), of values of shape (rows, features)."""
        total = np.full(len(values), self.intercept, dtype=np.int64)
        for rows, cell in self._chunks(values):
            part = total[rows]
            for feature, feature_cell in zip(self.features, cell, strict=True):
                part += feature.cells[feature_cell]
            for table in self.interactions:
                part += table.points(cell)
        return total

    def log_odds(self, values: Floats) -> Floats:
        """Raw log-odds, equal to the forest's within 1e-9."""
        return self.log_odds_units(values) / float(UNITS_PER_LOG_ODDS)

    def calibrated_log_odds(self, values: Floats) -> Floats:
        """Log-odds after calibration."""
        return self.calibration.of(self.log_odds(values))

    def default_probability(self, values: Floats) -> Floats:
        """Calibrated probability of a default within 12 months, shape (rows,)."""
        return probability_of(self.calibrated_log_odds(values))

    def probability_interval(self, values: Floats) -> tuple[Floats, Floats]:
        """Lower and upper probability around each row's own, two arrays of shape (rows,); 0 and 1 without intervals."""
        if self.intervals is None:
            return np.zeros(len(values)), np.ones(len(values))
        raw = self.log_odds(values)
        return self.intervals.around(probability_of(self.calibration.of(raw)), raw, self.missing_count(values))

    def missing_count(self, values: Floats) -> Integers:
        """How many given features of each row stand in the cell of missing, int64, shape (rows,); unknown levels do."""
        count = np.zeros(len(values), dtype=np.int64)
        for rows, cell in self._chunks(values):
            for feature, feature_cell in zip(self.features, cell, strict=True):
                if feature.ratio_of is None:
                    count[rows] += feature_cell == feature.intervals
        return count

    def contributions(self, values: Floats) -> Integers:
        """What each given feature adds to the raw log-odds against the average reference member.

        A pair's points go half to each of its features, a triple's a third to each; every part is rounded down and
        the last feature takes the rest. What a ratio then has goes half, rounded down, to its numerator, the rest to
        its denominator. So for every row `intercept + contributions.sum()` equals `log_odds_units`.

        Args:
            values: float64, shape (rows, features).

        Returns:
            int64, shape (rows, features), units of 1e-12 log-odds; positive speaks against the applicant.
        """
        parts = np.empty((len(values), len(self.features)), dtype=np.int64)
        for rows, cell in self._chunks(values):
            part = parts[rows]
            for position, feature in enumerate(self.features):
                part[:, position] = feature.cells[cell[position]]
            for table in self.interactions:
                for position, share in zip(table.features, table.shares(cell), strict=True):
                    part[:, position] += share
        return self._of_given(parts)

    def _of_given(self, parts: Integers) -> Integers:
        """What ratios have, handed to their parts; shape (rows, features) to (rows, given features)."""
        for position, feature in enumerate(self.features):
            if feature.ratio_of is not None:
                numerator, denominator = feature.ratio_of
                half = parts[:, position] // 2
                parts[:, numerator] += half
                parts[:, denominator] += parts[:, position] - half
        return np.ascontiguousarray(parts[:, : len(self.names)])

    def cells_of(self, values: Floats) -> list[Positions]:
        """Cell of every feature in every row, one array of shape (rows,) per feature, ratios included."""
        return cells_of(self.features, values)

    def _chunks(self, values: Floats) -> Iterator[tuple[slice, list[Positions]]]:
        """Slices that stay in the processor's cache, each with its cells."""
        for start in range(0, len(values), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            yield rows, self.cells_of(values[rows])

    def to_json(self) -> str:
        """The scorecard as text: one line per table, notes by name, stable to the byte."""
        line, lines = card_format.line, card_format.lines
        names = [feature.name for feature in self.features]
        interactions = [card_format.interaction_content(table, names) for table in self.interactions]
        head = [
            f'"format": {line(FORMAT)}',
            f'"kind": {line(self.kind)}',
            f'"feature_spec_hash": {line(self.feature_spec_hash)}',
            f'"units_per_log_odds": {UNITS_PER_LOG_ODDS}',
            f'"intercept": {self.intercept}',
            f'"calibration": {line(self.calibration.to_content())}',
            f'"intervals": {line(self.intervals and self.intervals.to_content())}',
            f'"notes": {line(dict(sorted(self.notes.items())))}',
            f'"features": {lines([card_format.feature_content(feature, names) for feature in self.features])}',
            f'"interactions": {lines(interactions)}',
        ]
        return "{\n" + ",\n".join(head) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> "Scorecard":
        """Read a scorecard back; ScorecardFormatError tells which part of the text is none."""
        content = card_format.parsed(text)
        _check_format(content)
        unknown = set(content) - _KEYS
        if unknown:
            raise ScorecardFormatError(f"the card has no {sorted(unknown)}")
        features = card_format.read_features(card_format.value_of(content, "features", _CARD))
        return cls(
            kind=card_format.text_of(content, "kind", _CARD),
            feature_spec_hash=card_format.text_of(content, "feature_spec_hash", _CARD),
            intercept=card_format.whole_of(content, "intercept", _CARD),
            features=features,
            interactions=card_format.read_interactions(card_format.value_of(content, "interactions", _CARD), features),
            calibration=_calibration(content),
            intervals=_intervals(content),
            notes=card_format.texts_of(card_format.value_of(content, "notes", _CARD), "notes"),
        )

    def content_hash(self) -> str:
        """SHA-256 (hex) of the scorecard's text."""
        return sha256(self.to_json().encode()).hexdigest()


_CARD: Final = "the card"
_KEYS: Final = frozenset(
    ("format", "kind", "feature_spec_hash", "units_per_log_odds", "intercept", "calibration", "intervals", "notes",
     "features", "interactions")
)  # fmt: skip


def _check_format(content: card_format.Content) -> None:
    found = card_format.text_of(content, "format", _CARD)
    if found != FORMAT:
        raise ScorecardFormatError(f"format {found}, wanted {FORMAT}; train or compile it again")
    units = card_format.whole_of(content, "units_per_log_odds", _CARD)
    if units != UNITS_PER_LOG_ODDS:
        raise ScorecardFormatError(f"{units} units per log-odds, wanted {UNITS_PER_LOG_ODDS}")


def _calibration(content: card_format.Content) -> Calibration:
    found = card_format.mapping_of(card_format.value_of(content, "calibration", _CARD), "calibration")
    with card_format.told("calibration"):
        return Calibration.from_content(found)


def _intervals(content: card_format.Content) -> Intervals | None:
    found = card_format.value_of(content, "intervals", _CARD)
    if found is None:
        return None
    with card_format.told("intervals"):
        return Intervals.from_content(card_format.mapping_of(found, "intervals"))
