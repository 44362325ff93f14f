"""How base features stand in a forest's matrix: special codes leave the number and become indicator columns."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from models.feature_spec import Declaration, FeatureSpec
from models.features import Floats


@dataclass(frozen=True)
class BaseFeature:
    """One feature as the learner and the scorecard know it.

    Attributes:
        name: Its name.
        direction: +1 rising, -1 falling, 0 free.
        levels: Names of categories; empty for a number.
        special_codes: Values that are no magnitudes.
    """

    name: str
    direction: int = 0
    levels: tuple[str, ...] = ()
    special_codes: tuple[float, ...] = ()

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
    """One column of the forest's matrix: a base feature's value (`code` None) or whether it equals a special code."""

    feature: int
    code: float | None = None


@dataclass(frozen=True)
class Layout:
    """Base features and the forest columns made of them; values first, then the indicators."""

    features: tuple[BaseFeature, ...]

    @cached_property
    def columns(self) -> tuple[ForestColumn, ...]:
        """Forest columns in matrix order."""
        values = [ForestColumn(position) for position in range(len(self.features))]
        indicators = [
            ForestColumn(position, code)
            for position, feature in enumerate(self.features)
            for code in feature.special_codes
        ]
        return (*values, *indicators)

    def columns_of(self, feature: int) -> list[int]:
        """Positions of the forest columns that belong to one base feature."""
        return [position for position, column in enumerate(self.columns) if column.feature == feature]

    def expand(self, values: Floats) -> Floats:
        """Base values, shape (rows, features), to the forest's matrix: codes become missing plus an indicator."""
        expanded = np.empty((len(values), len(self.columns)))
        expanded[:, : len(self.features)] = values
        for position, column in enumerate(self.columns):
            if column.code is not None:
                is_code = values[:, column.feature] == column.code
                expanded[is_code, column.feature] = np.nan
                expanded[:, position] = is_code
        return expanded
