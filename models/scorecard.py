"""The compiled scorecard: integer tables of one and two features that turn values into log-odds and exact reasons.

Cells are integers of 1e-12 log-odds. Additions of integers are exact in any order, so one row and a million rows, this
machine and the next give the same bytes.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.errors import FeatureMismatchError, ScorecardFormatError
from models.features import FeatureMatrix, Floats
from models.logistic import probability_of

Integers = npt.NDArray[np.int64]
Positions = npt.NDArray[np.intp]

FORMAT: Final = "haixia-scorecard/1"
UNITS_PER_LOG_ODDS: Final = 10**12
_ROWS_AT_ONCE: Final = 1 << 14


@dataclass(frozen=True, eq=False)
class FeatureTable:
    """Points of one feature.

    Cells stand in this order: a number has one cell per interval (..t1], (t1..t2], (tn..), a category one per level;
    then one cell for missing, then one per special code.

    Attributes:
        name: Name of the feature.
        direction: Proven direction of the log-odds along the intervals: +1, -1 or 0 (none claimed).
        levels: Names of the categories; empty for numbers.
        special_codes: Values with a cell of their own.
        thresholds: Upper ends of the intervals, inclusive, ascending, float64.
        cells: Points of the feature alone, int64, 1e-12 log-odds, mean zero over the reference population.
        reference_rows: Members of the reference population per cell, int64.
    """

    name: str
    direction: int
    levels: tuple[str, ...]
    special_codes: tuple[float, ...]
    thresholds: Floats
    cells: Integers
    reference_rows: Integers

    @property
    def intervals(self) -> int:
        """Number of cells that stand for magnitudes or levels."""
        return len(self.levels) or len(self.thresholds) + 1

    def cell_of(self, values: Floats) -> Positions:
        """Cell of each value; unknown levels share the cell of missing."""
        if self.levels:
            known = (values >= 0) & (values < len(self.levels))
            return np.where(known, values, len(self.levels)).astype(np.intp)
        cell = np.searchsorted(self.thresholds, values, side="left")
        cell[np.isnan(values)] = self.intervals
        for place, code in enumerate(self.special_codes, start=self.intervals + 1):
            cell[values == code] = place
        return cell


@dataclass(frozen=True, eq=False)
class PairTable:
    """Points that two features have only together; pure: no part of them belongs to one feature alone.

    Attributes:
        first: Position of one feature.
        second: Position of the other.
        first_groups: Row of `cells` for each cell of the first feature.
        second_groups: Column of `cells` for each cell of the second feature.
        cells: int64, 1e-12 log-odds, shape (rows, columns).
    """

    first: int
    second: int
    first_groups: Positions
    second_groups: Positions
    cells: Integers

    def points(self, cell: list[Positions]) -> Integers:
        """Points of rows whose cells per feature are given."""
        points: Integers = self.cells[self.first_groups[cell[self.first]], self.second_groups[cell[self.second]]]
        return points


@dataclass(frozen=True)
class Calibration:
    """Platt's line from raw to calibrated log-odds; a positive slope keeps every order."""

    slope: float = 1.0
    offset: float = 0.0


@dataclass(frozen=True, eq=False)
class Scorecard:
    """A whole model as tables.

    Attributes:
        kind: `baseline`, `full` or another name of the model's inputs.
        feature_spec_hash: Hash of the feature specification it was made for; empty for foreign data.
        intercept: Log-odds of the average reference member, in units of 1e-12.
        features: One table per feature, in matrix order.
        pairs: Tables of two features.
        calibration: From raw log-odds to calibrated ones.
    """

    kind: str
    feature_spec_hash: str
    intercept: int
    features: tuple[FeatureTable, ...]
    pairs: tuple[PairTable, ...]
    calibration: Calibration

    @property
    def names(self) -> tuple[str, ...]:
        """Feature names in matrix order."""
        return tuple(feature.name for feature in self.features)

    def check_features(self, matrix: FeatureMatrix) -> Floats:
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
            for pair in self.pairs:
                part += pair.points(cell)
        return total

    def log_odds(self, values: Floats) -> Floats:
        """Raw log-odds, equal to the forest's within 1e-9."""
        return self.log_odds_units(values) / float(UNITS_PER_LOG_ODDS)

    def calibrated_log_odds(self, values: Floats) -> Floats:
        """Log-odds after calibration."""
        return self.log_odds(values) * self.calibration.slope + self.calibration.offset

    def default_probability(self, values: Floats) -> Floats:
        """Calibrated probability of a default within 12 months, shape (rows,)."""
        return probability_of(self.calibrated_log_odds(values))

    def contributions(self, values: Floats) -> Integers:
        """What each feature adds to the raw log-odds against the average reference member.

        A pair's points go half to each of its features (an odd unit to the second), so for every row
        `intercept + contributions.sum()` equals `log_odds_units` exactly.

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
            for pair in self.pairs:
                points = pair.points(cell)
                half = points >> 1
                part[:, pair.first] += half
                part[:, pair.second] += points - half
        return parts

    def cells_of(self, values: Floats) -> list[Positions]:
        """Cell of every value, one array of shape (rows,) per feature."""
        columns = np.ascontiguousarray(values.T)
        return [feature.cell_of(column) for feature, column in zip(self.features, columns, strict=True)]

    def _chunks(self, values: Floats) -> Iterator[tuple[slice, list[Positions]]]:
        """Slices that stay in the processor's cache, each with its cells."""
        for start in range(0, len(values), _ROWS_AT_ONCE):
            rows = slice(start, start + _ROWS_AT_ONCE)
            yield rows, self.cells_of(values[rows])

    def to_json(self) -> str:
        """The scorecard as text: one line per table, stable to the byte."""
        calibration = {"slope": self.calibration.slope, "offset": self.calibration.offset}
        head = [
            f'"format": {_line(FORMAT)}',
            f'"kind": {_line(self.kind)}',
            f'"feature_spec_hash": {_line(self.feature_spec_hash)}',
            f'"units_per_log_odds": {UNITS_PER_LOG_ODDS}',
            f'"intercept": {self.intercept}',
            f'"calibration": {_line(calibration)}',
            f'"features": {_lines([_feature_content(feature) for feature in self.features])}',
            f'"pairs": {_lines([_pair_content(pair, self.names) for pair in self.pairs])}',
        ]
        return "{\n" + ",\n".join(head) + "\n}\n"

    @classmethod
    def from_json(cls, text: str) -> "Scorecard":
        """Read a scorecard back; ScorecardFormatError when the text is none."""
        try:
            content = json.loads(text)
            return _scorecard(content)
        except (ValueError, KeyError, TypeError) as error:
            raise ScorecardFormatError(f"{type(error).__name__}: {error}") from error

    def content_hash(self) -> str:
        """SHA-256 (hex) of the scorecard's text."""
        return sha256(self.to_json().encode()).hexdigest()


def _line(content: object) -> str:
    return json.dumps(content, ensure_ascii=False)


def _lines(items: list[dict[str, Any]]) -> str:
    return "[\n" + ",\n".join("  " + _line(item) for item in items) + "\n]" if items else "[]"


def _feature_content(feature: FeatureTable) -> dict[str, Any]:
    return {
        "name": feature.name,
        "direction": feature.direction,
        "levels": list(feature.levels),
        "special_codes": list(feature.special_codes),
        "thresholds": feature.thresholds.tolist(),
        "cells": feature.cells.tolist(),
        "reference_rows": feature.reference_rows.tolist(),
    }


def _pair_content(pair: PairTable, names: tuple[str, ...]) -> dict[str, Any]:
    return {
        "first": names[pair.first],
        "second": names[pair.second],
        "first_groups": pair.first_groups.tolist(),
        "second_groups": pair.second_groups.tolist(),
        "cells": pair.cells.tolist(),
    }


def _scorecard(content: dict[str, Any]) -> Scorecard:
    if content["format"] != FORMAT or content["units_per_log_odds"] != UNITS_PER_LOG_ODDS:
        raise ScorecardFormatError(f"format {content['format']}, wanted {FORMAT}")
    features = tuple(_feature_table(item) for item in content["features"])
    places = {feature.name: position for position, feature in enumerate(features)}
    return Scorecard(
        kind=content["kind"],
        feature_spec_hash=content["feature_spec_hash"],
        intercept=content["intercept"],
        features=features,
        pairs=tuple(_pair_table(item, places, features) for item in content["pairs"]),
        calibration=Calibration(**content["calibration"]),
    )


def _feature_table(item: dict[str, Any]) -> FeatureTable:
    table = FeatureTable(
        name=item["name"],
        direction=item["direction"],
        levels=tuple(item["levels"]),
        special_codes=tuple(item["special_codes"]),
        thresholds=np.array(item["thresholds"], dtype=np.float64),
        cells=np.array(item["cells"], dtype=np.int64),
        reference_rows=np.array(item["reference_rows"], dtype=np.int64),
    )
    if len(table.cells) != table.intervals + 1 + len(table.special_codes):
        raise ScorecardFormatError(f"feature {table.name} has {len(table.cells)} cells")
    return table


def _pair_table(item: dict[str, Any], places: dict[str, int], features: tuple[FeatureTable, ...]) -> PairTable:
    pair = PairTable(
        first=places[item["first"]],
        second=places[item["second"]],
        first_groups=np.array(item["first_groups"], dtype=np.intp),
        second_groups=np.array(item["second_groups"], dtype=np.intp),
        cells=np.array(item["cells"], dtype=np.int64),
    )
    groups = pair.first_groups, pair.second_groups
    wanted = len(features[pair.first].cells), len(features[pair.second].cells)
    if tuple(map(len, groups)) != wanted or tuple(int(one.max()) + 1 for one in groups) != pair.cells.shape:
        raise ScorecardFormatError(f"pair {item['first']}, {item['second']} does not fit its features")
    return pair
