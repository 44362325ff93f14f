"""How base features stand in a forest's matrix: what is no magnitude leaves the number and gets an indicator column."""

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

from models.feature_spec import Declaration, FeatureSpec
from models.features import Floats
from models.ratios import ratio_of

BEYOND_ALL: Final = 1e300
"""A magnitude beyond every real one."""

_CLEARLY: Final = 2.0
"""Standard errors beyond which a difference in default rates is taken for one."""

MISSING: Final = float("nan")
"""The code of an indicator that asks whether a value is missing."""


@dataclass(frozen=True)
class BaseFeature:
    """One feature as the learner and the scorecard know it.

    Attributes:
        name: Its name.
        direction: +1 rising, -1 falling, 0 free.
        levels: Names of categories; empty for a number.
        special_codes: Values that are no magnitudes.
        ratio_of: Positions of numerator and denominator when the feature is a ratio of two others, else None.
    """

    name: str
    direction: int = 0
    levels: tuple[str, ...] = ()
    special_codes: tuple[float, ...] = ()
    ratio_of: tuple[int, int] | None = None

    @classmethod
    def from_declaration(cls, declaration: Declaration) -> "BaseFeature":
        """The learner's part of a declaration."""
        codes = tuple(sorted(declaration.special_codes))
        return cls(declaration.name, declaration.direction, declaration.levels, codes)


def base_features(spec: FeatureSpec) -> tuple[BaseFeature, ...]:
    """The learner's part of a specification, in its order."""
    return tuple(BaseFeature.from_declaration(declaration) for declaration in spec.declarations)


@dataclass(frozen=True)
class ForestColumn:
    """One column of the forest's matrix.

    Attributes:
        feature: Position of its base feature.
        code: None for the value; for an indicator the special code it asks for, or `MISSING`.
    """

    feature: int
    code: float | None = None


@dataclass(frozen=True)
class Layout:
    """Base features and the forest columns made of them; values first, then the indicators.

    Attributes:
        features: The base features.
        stand_ins: Per feature, the number that stands for what is no number; NaN leaves it to the forest.
        flagged: Features whose missing values need an indicator.
    """

    features: tuple[BaseFeature, ...]
    stand_ins: tuple[float, ...]
    flagged: frozenset[int]

    @classmethod
    def learned(cls, features: tuple[BaseFeature, ...], values: Floats, labels: Floats) -> "Layout":
        """The layout for training values, shape (rows, features without ratios), and labels, shape (rows,).

        What was never missing: a forest would read a missing value as zero, and zero debt is good news. Unknown must
        not beat known, so it counts as the least favourable magnitude or, without a direction, as the median.
        What was missing under a direction: LightGBM keeps missing between the two ends of the direction. Where the
        outcomes of missing rows lie elsewhere, missing gets an indicator, which is free.
        """
        base = base_values(features, values)
        numbers = [known_numbers(feature, column) for feature, column in zip(features, base.T, strict=True)]
        stand_ins = tuple(_stand_in(feature, column) for feature, column in zip(features, numbers, strict=True))
        flagged = (
            place
            for place, feature in enumerate(features)
            if feature.direction and _lies_elsewhere(np.isnan(base[:, place]), numbers[place], labels)
        )
        return cls(features, stand_ins, frozenset(flagged))

    @cached_property
    def columns(self) -> tuple[ForestColumn, ...]:
        """Forest columns in matrix order."""
        values = [ForestColumn(place) for place in range(len(self.features))]
        flags = [ForestColumn(place, MISSING) for place in sorted(self.flagged)]
        codes = [ForestColumn(place, code) for place, one in enumerate(self.features) for code in one.special_codes]
        return (*values, *flags, *codes)

    def columns_of(self, feature: int) -> list[int]:
        """Positions of the forest columns that belong to one base feature."""
        return [place for place, column in enumerate(self.columns) if column.feature == feature]

    def seen_by(self, column: ForestColumn, values: Floats) -> Floats:
        """A forest column for values of its base feature, shape (rows,)."""
        if column.code is None:
            numbers = known_numbers(self.features[column.feature], values)
            return np.where(np.isnan(numbers), self.stand_ins[column.feature], numbers)
        holds = np.isnan(values) if np.isnan(column.code) else values == column.code
        return holds.astype(np.float64)

    def expand(self, values: Floats) -> Floats:
        """Given values, shape (rows, features without ratios), to the forest's matrix."""
        base = base_values(self.features, values)
        return np.column_stack([self.seen_by(column, base[:, column.feature]) for column in self.columns])


def base_values(features: tuple[BaseFeature, ...], values: Floats) -> Floats:
    """Values of all features, shape (rows, features): those given, then the ratios made of them."""
    made = [_made_ratio(features, feature.ratio_of, values) for feature in features if feature.ratio_of]
    return np.column_stack([values, *made]) if made else values


def _made_ratio(features: tuple[BaseFeature, ...], parts: tuple[int, int], values: Floats) -> Floats:
    numerator, denominator = (known_numbers(features[part], values[:, part]) for part in parts)
    return ratio_of(numerator, denominator)


def known_numbers(feature: BaseFeature, values: Floats) -> Floats:
    """Values with NaN in place of special codes."""
    if not feature.special_codes:
        return values
    return np.where(np.isin(values, feature.special_codes), np.nan, values)


def _stand_in(feature: BaseFeature, numbers: Floats) -> float:
    if feature.levels or np.isnan(numbers).any():
        return np.nan
    return BEYOND_ALL * feature.direction if feature.direction else float(np.median(numbers))


def _lies_elsewhere(missing: npt.NDArray[np.bool_], numbers: Floats, labels: Floats) -> bool:
    """Whether missing rows default clearly more, or less, often than both halves of the known ones."""
    known = ~np.isnan(numbers)
    if not (missing.any() and known.any()):
        return False
    upper = numbers >= np.median(numbers[known])
    halves = [float(labels[half].mean()) for half in (upper, known & ~upper) if half.any()]
    rate = float(labels[missing].mean())
    doubt = _CLEARLY * float(np.sqrt(labels.mean() * (1.0 - labels.mean()) / missing.sum()))
    return not min(halves) - doubt <= rate <= max(halves) + doubt
