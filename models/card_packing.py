"""A scorecard's tables laid out for the kernel: flat arrays, and buckets that tell where to look among thresholds."""

from collections.abc import Iterable, Iterator, Mapping
from math import prod
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt

from models.arrays import Floats, Integers
from models.card_kernel import AXIS, FEATURE, MOST_CELLS, TABLE, PackedCard, Records
from models.card_tables import FeatureTable, InteractionTable
from models.errors import ScorecardFormatError
from models.scorecard import Scorecard

_BUCKET_BITS: Final = 10
"""A thousand buckets: hardly more than three thresholds of a real feature ever share one."""

_SPREADS: Final = tuple(4.0**-power for power in range(14))
"""How thresholds are spread over buckets, from evenly to ever denser near the lowest; the best is taken."""

_GIVEN: Final = -1

Record = Mapping[str, Any]


def packed(card: Scorecard) -> PackedCard:
    """The card for the kernel.

    Raises:
        ScorecardFormatError: A table does not fit its features or is too large, so that the kernel, which checks no
            position, would read outside of it.
    """
    _check(card)
    buckets, groups, points, numbers = _Line(np.int64), _Line(np.int64), _Line(np.int64), _Line(np.float64)
    features = [_feature(table, buckets, numbers, points) for table in card.features]
    tables, axes = [], list[Record]()
    for table in card.interactions:
        tables.append({"first_axis": len(axes), "axes": len(table.features), "first_point": points.put(table.cells)})
        axes += _axes(table, groups)
    calibration = card.calibration
    return PackedCard(
        features=_records(FEATURE, features),
        buckets=buckets.joined(),
        numbers=numbers.joined(),
        tables=_records(TABLE, tables),
        axes=_records(AXIS, axes),
        groups=groups.joined(),
        points=points.joined(),
        intercept=np.array([card.intercept], np.int64),
        calibration=np.array([calibration.low_slope, calibration.high_slope, calibration.offset]),
    )


class _Line:
    """Arrays side by side."""

    def __init__(self, kind: type[np.generic]) -> None:
        self._arrays: list[npt.NDArray[Any]] = [np.empty(0, kind)]
        self._size = 0

    def put(self, array: npt.NDArray[Any]) -> int:
        """Puts an array behind the others; where it begins."""
        begins = self._size
        self._arrays.append(array.ravel())
        self._size += array.size
        return begins

    def joined(self) -> npt.NDArray[Any]:
        """All of them as one."""
        return np.concatenate(self._arrays, dtype=self._arrays[0].dtype, casting="same_kind")


class _Buckets(NamedTuple):
    """Where to look for a value among thresholds; see `models.card_kernel`.

    Attributes:
        shift, origin, drop: How a value's bits tell its bucket.
        first: Per bucket, how many thresholds lie in lower ones.
        fullest: Most thresholds in a bucket.
    """

    shift: float
    origin: int
    drop: int
    first: Integers
    fullest: int


def _feature(table: FeatureTable, buckets: _Line, numbers: _Line, points: _Line) -> Record:
    """A category is a number whose levels end just below the next; what lies outside of them counts as missing."""
    levels = len(table.levels)
    thresholds = np.nextafter(np.arange(1.0, levels), -np.inf) if levels else table.thresholds
    codes = np.array([] if levels else table.special_codes, np.float64)
    found = min(_ways(thresholds), key=lambda way: way.fullest)
    first_threshold = numbers.put(np.append(thresholds, np.full(found.fullest, np.inf)))
    return {
        "shift": found.shift,
        "origin": found.origin,
        "drop": found.drop,
        "last_bucket": len(found.first) - 1,
        "first_bucket": buckets.put(first_threshold + found.first),
        "steps": found.fullest.bit_length(),
        "lowest": 0.0 if levels else -np.inf,
        "highest": np.nextafter(levels, -np.inf) if levels else np.inf,
        "missing": table.intervals,
        "first_threshold": first_threshold,
        "first_code": numbers.put(codes),
        "codes": len(codes),
        "first_point": points.put(table.cells),
        "numerator": table.ratio_of[0] if table.ratio_of else _GIVEN,
        "denominator": table.ratio_of[1] if table.ratio_of else _GIVEN,
    }


def _ways(thresholds: Floats) -> Iterator[_Buckets]:
    """Ways to bucket thresholds: all in one, which is always right, or by their bits after a shift."""
    yield _Buckets(0.0, 0, 0, np.zeros(1, np.int64), len(thresholds))
    if len(thresholds) < 2:  # noqa: PLR2004  # one threshold is found in one step
        return
    with np.errstate(over="ignore"):
        shifts = (thresholds[-1] - thresholds[0]) * np.array(_SPREADS) - thresholds[0]
        shifted = [(shift, thresholds + shift) for shift in shifts.tolist()]
    for shift, above in shifted:
        if np.isfinite(above).all() and above[0] > 0.0:
            yield _by_bits(shift, above.view(np.int64))


def _by_bits(shift: float, bits: Integers) -> _Buckets:
    origin = int(bits[0])
    drop = max(int(bits[-1] - origin).bit_length() - _BUCKET_BITS, 0)
    bucket = (bits - origin) >> drop
    first = np.searchsorted(bucket, np.arange(bucket[-1] + 1))
    return _Buckets(shift, origin, drop, first, int(np.bincount(bucket).max()))


def _axes(table: InteractionTable, groups: _Line) -> Iterator[Record]:
    """Groups say at once how far to step, so that places add up."""
    for axis, (feature, own) in enumerate(zip(table.features, table.groups, strict=True)):
        yield {"feature": feature, "first_group": groups.put(own * prod(table.cells.shape[axis + 1 :]))}


def _records(kind: np.dtype[np.void], records: Iterable[Record]) -> Records:
    return np.array([tuple(record[name] for name in kind.names or ()) for record in records], kind)


def _check(card: Scorecard) -> None:
    given = len(card.names)
    for place, feature in enumerate(card.features):
        parts = feature.ratio_of or ()
        if bool(parts) != (place >= given) or not set(parts) <= set(range(given)):
            raise ScorecardFormatError(f"feature {feature.name} is a ratio of {feature.ratio_of}")
        if len(feature.cells) != feature.intervals + 1 + len(feature.special_codes) or len(feature.cells) > MOST_CELLS:
            raise ScorecardFormatError(f"feature {feature.name} has {len(feature.cells)} cells")
    for table in card.interactions:
        wanted = [len(card.features[feature].cells) for feature in table.features]
        fit = len(table.groups) == table.cells.ndim == len(wanted) and all(
            len(group) == size and group.min() >= 0 and group.max() < rows
            for group, size, rows in zip(table.groups, wanted, table.cells.shape, strict=True)
        )
        if not fit:
            raise ScorecardFormatError(f"a table of features {table.features} does not fit them")
