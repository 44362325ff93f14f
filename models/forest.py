"""A LightGBM forest as plain arrays, read from its text model, so that nothing here needs LightGBM."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt

from models.errors import ScorecardFormatError
from models.features import Floats

Integers = npt.NDArray[np.int64]
Booleans = npt.NDArray[np.bool_]

_CATEGORICAL: Final = 1
_DEFAULT_LEFT: Final = 2
_MISSING_IS_ZERO: Final = 1
_MISSING_IS_NAN: Final = 2
_WORD_BITS: Final = 32


@dataclass(frozen=True)
class Split:
    """One inner node: which values go left.

    Attributes:
        column: Column of the forest's matrix.
        threshold: Values up to and including it go left (numbers).
        categories: Codes that go left (categories); None for numbers.
        default_left: Where a missing value goes when missing values were seen in training.
        missing_seen: Whether they were; if not, LightGBM reads a missing value as zero.
    """

    column: int
    threshold: float
    categories: frozenset[int] | None
    default_left: bool
    missing_seen: bool

    def goes_left(self, values: Floats) -> Booleans:
        """Decide for many values, exactly as LightGBM does; NaN is missing."""
        missing = np.isnan(values)
        if self.categories is not None:
            return ~missing & np.isin(values, list(self.categories))
        if self.missing_seen:
            return np.where(missing, self.default_left, values <= self.threshold)
        return np.where(missing, self.threshold >= 0.0, values <= self.threshold)


@dataclass(frozen=True)
class Tree:
    """One tree: inner nodes 0.., children >= 0 inner nodes, < 0 leaves (~child)."""

    splits: tuple[Split, ...]
    children: tuple[tuple[int, int], ...]
    leaf_values: tuple[float, ...]

    def leaves(self) -> Iterator[tuple[int, tuple[tuple[int, bool], ...]]]:
        """Every leaf's number with its path: (inner node, went left) from the root down."""
        if not self.splits:
            yield 0, ()
            return
        waiting: list[tuple[int, tuple[tuple[int, bool], ...]]] = [(0, ())]
        while waiting:
            node, path = waiting.pop()
            if node < 0:
                yield ~node, path
                continue
            left, right = self.children[node]
            waiting += [(right, (*path, (node, False))), (left, (*path, (node, True)))]


def parse_forest(text: str) -> tuple[Tree, ...]:
    """Read the trees of a LightGBM text model (`Booster.model_to_string()`).

    Raises:
        ScorecardFormatError: The text holds linear trees, zero-as-missing splits or no tree at all.
    """
    blocks = text.partition("\nend of trees")[0].split("\nTree=")[1:]
    if not blocks:
        raise ScorecardFormatError("no tree in the text model")
    return tuple(_parse_tree(dict(_fields(block))) for block in blocks)


def _fields(block: str) -> Iterator[tuple[str, str]]:
    for line in block.splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name, value


def _parse_tree(fields: dict[str, str]) -> Tree:
    if fields.get("is_linear", "0") != "0":
        raise ScorecardFormatError("linear trees are not tables")
    leaf_values = tuple(map(float, fields["leaf_value"].split()))
    if fields["num_leaves"] == "1":
        return Tree((), (), leaf_values)
    children = zip(_integers(fields["left_child"]), _integers(fields["right_child"]), strict=True)
    return Tree(tuple(_splits(fields)), tuple(children), leaf_values)


def _integers(text: str) -> list[int]:
    return list(map(int, text.split()))


def _splits(fields: dict[str, str]) -> Iterator[Split]:
    category_sets = _category_sets(fields)
    kinds = _integers(fields["decision_type"])
    thresholds = map(float, fields["threshold"].split())
    for column, threshold, kind in zip(_integers(fields["split_feature"]), thresholds, kinds, strict=True):
        missing = kind >> 2 & 3
        if missing == _MISSING_IS_ZERO:
            raise ScorecardFormatError("zero-as-missing splits are not supported")
        categories = category_sets[int(threshold)] if kind & _CATEGORICAL else None
        yield Split(column, threshold, categories, bool(kind & _DEFAULT_LEFT), missing == _MISSING_IS_NAN)


def _category_sets(fields: dict[str, str]) -> list[frozenset[int]]:
    if fields.get("num_cat", "0") == "0":
        return []
    bounds, words = _integers(fields["cat_boundaries"]), _integers(fields["cat_threshold"])
    return [_bits(words[start:stop]) for start, stop in pairwise(bounds)]


def _bits(words: list[int]) -> frozenset[int]:
    return frozenset(
        place * _WORD_BITS + bit for place, word in enumerate(words) for bit in range(_WORD_BITS) if word >> bit & 1
    )
