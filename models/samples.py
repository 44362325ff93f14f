"""Labelled rows in a fixed order, split by time: what a model learns from, and the last year that only tests it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from hashlib import sha256
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from models.arrays import Booleans, Floats, Integers
from models.errors import MissingColumnError, TooFewDefaultsError, UnreadableColumnError
from models.feature_spec import FeatureSpec
from models.features import make_features
from models.labels import label_rows
from models.layout import BaseFeature

Texts = npt.NDArray[np.str_]

LEAST_DEFAULTS: Final = 50
"""Below this many defaults in the training or the testing rows no figure would mean anything."""

_TEST_SHARE: Final = 5
"""One in so many rows of an undated table is kept for the test."""

_DEALT_GROUPS: Final = 100
"""Undated rows without a cluster column are dealt into so many groups, which are as good as independent."""

_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True, eq=False)
class Rows:
    """Labelled rows.

    Attributes:
        values: float64, shape (rows, features).
        labels: float64, shape (rows,), 1 = default.
        villages: Village of each row, shape (rows,): the cluster that every bootstrap draws whole.
        drawn_on: int64, shape (rows,), days since 1970-01-01; 0 in tables without dates.
    """

    values: Floats
    labels: Floats
    villages: Texts
    drawn_on: Integers

    def __len__(self) -> int:
        return len(self.labels)

    @property
    def defaults(self) -> int:
        """Defaults among the rows."""
        return int(self.labels.sum())

    def of(self, wanted: Booleans) -> "Rows":
        """Some of the rows, in their order."""
        return Rows(self.values[wanted], self.labels[wanted], self.villages[wanted], self.drawn_on[wanted])


@dataclass(frozen=True, eq=False)
class Sample:
    """Rows to learn from and rows to test on, which no training sees, in one fixed order.

    Attributes:
        names: Feature names, one per column of the values.
        rows: All rows.
        is_test: Which of them are the test, shape (rows,).
        test_from: First drawing day of the test; None in tables without dates.
        content_hash: SHA-256 (hex) over names, references, values, labels and days.
        loans: The rows as they were delivered, in this order; `sample_of` makes the same sample of them again.
    """

    names: tuple[str, ...]
    rows: Rows
    is_test: Booleans
    test_from: date | None
    content_hash: str
    loans: pa.Table

    @property
    def values(self) -> Floats:
        """Features of all rows, float64, shape (rows, features)."""
        return self.rows.values

    @property
    def labels(self) -> Floats:
        """Labels of all rows, 1 = default."""
        return self.rows.labels

    @property
    def villages(self) -> Texts:
        """Village of each row."""
        return self.rows.villages

    @property
    def drawn_on(self) -> Integers:
        """Drawing day of each row."""
        return self.rows.drawn_on

    def tested(self) -> Booleans:
        """Which rows are the test."""
        return self.is_test

    @cached_property
    def training(self) -> Rows:
        """What models learn from."""
        return self.rows.of(~self.is_test)

    @cached_property
    def test(self) -> Rows:
        """What only tests them."""
        return self.rows.of(self.is_test)


def sample_of(loans: pa.Table, spec: FeatureSpec, as_of: date | None = None) -> Sample:
    """Matured loans with a known outcome; the order of the file does not matter.

    Args:
        loans: Past loans, our own contracts among them if there are any (`models.labels.joined_loans`).
        spec: The features wanted.
        as_of: The day by which outcomes must be known; None trusts the file.

    Raises:
        MissingColumnError: A column is not there.
        UnreadableColumnError: A column is not of its type.
        UnknownLevelError: A category is outside its declared levels.
        FaultyRecordError: A record is impossible.
        TooFewDefaultsError: Too few defaults to learn from, or to test on.
    """
    kept = label_rows(loans, as_of)
    names = ["grade" if name == "grade_at_start" else name for name in kept.column_names]
    rows = Rows(
        make_features(kept.rename_columns(names), spec).values,
        kept.column("label").to_numpy().astype(np.float64),
        _texts(kept, "village_code"),
        kept.column("drawn_on").cast(pa.int32()).to_numpy().astype(np.int64),
    )
    _check_defaults("到期贷款 / matured loans", rows)
    last = _EPOCH + timedelta(days=int(rows.drawn_on.max()))
    test_from = (last.replace(day=28) if (last.month, last.day) == (2, 29) else last).replace(year=last.year - 1)
    tested = rows.drawn_on >= (test_from - _EPOCH).days
    references = [*_texts(kept, "loan_ref"), *_texts(kept, "origin")]
    digest = _hash_of(rows, spec.names, references)
    return _checked(Sample(spec.names, rows, tested, test_from, digest, kept.drop_columns(["label"])))


def foreign_sample(
    table: pa.Table, target: str, features: Sequence[BaseFeature], *, group: str | None, seed: int
) -> Sample:
    """The rows of any table with a 0/1 target; a fifth, with as many defaults, is kept for the test.

    Args:
        table: The table; numbers and booleans are read as numbers, texts as the declared levels.
        target: Column that holds 1 for a default and 0 for none.
        features: What the other columns are, by name.
        group: Column whose rows belong together, such as a branch; None deals the rows into groups.
        seed: Chooses the test rows.

    Raises:
        MissingColumnError: A column is not there.
        UnreadableColumnError: A column is not of its type, or the target is not 0 and 1.
        TooFewDefaultsError: Too few defaults to learn from, or to test on.
    """
    values = np.column_stack([_foreign_column(table, feature) for feature in features])
    labels = _target(table, target)
    dealt = np.random.default_rng(seed).permutation(len(labels))
    tested = np.zeros(len(labels), dtype=np.bool_)
    tested[dealt[np.argsort(labels[dealt], kind="stable")][::_TEST_SHARE]] = True
    groups = _texts(table, group) if group else (np.arange(len(labels)) % _DEALT_GROUPS).astype(np.str_)
    rows = Rows(values, labels, groups, np.zeros(len(labels), dtype=np.int64))
    names = tuple(feature.name for feature in features)
    return _checked(Sample(names, rows, tested, None, _hash_of(rows, names, [target]), table))


def foreign_features(table: pa.Table, target: str, group: str | None = None) -> tuple[BaseFeature, ...]:
    """What the columns of a foreign table are taken for: texts are categories, all else free numbers."""
    names = [name for name in table.column_names if name not in (target, group)]
    return tuple(BaseFeature(name, levels=_levels(table.column(name))) for name in names)


def _checked(sample: Sample) -> Sample:
    _check_defaults("训练样本 / training rows", sample.training)
    _check_defaults("检验样本 / testing rows", sample.test)
    return sample


def _check_defaults(part: str, rows: Rows) -> None:
    if rows.defaults < LEAST_DEFAULTS:
        raise TooFewDefaultsError(part, rows.defaults, LEAST_DEFAULTS)


def _hash_of(rows: Rows, names: Sequence[str], texts: Sequence[str]) -> str:
    digest = sha256("\n".join([*names, *texts, *rows.villages]).encode())
    for part in (rows.values, rows.labels, rows.drawn_on):
        digest.update(np.ascontiguousarray(part).tobytes())
    return digest.hexdigest()


def _texts(table: pa.Table, name: str) -> Texts:
    if name not in table.column_names:
        raise MissingColumnError("label", name)
    return np.array(table.column(name).cast(pa.string()).fill_null("").to_pylist(), dtype=np.str_)


def _levels(column: pa.ChunkedArray) -> tuple[str, ...]:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type) or _is_dictionary(column)):
        return ()
    return tuple(sorted(text for text in column.cast(pa.string()).unique().to_pylist() if text is not None))


def _is_dictionary(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_dictionary(column.type))


def _foreign_column(table: pa.Table, feature: BaseFeature) -> Floats:
    """A column as float64: the position of a category among its levels, NaN where empty or not declared."""
    if feature.name not in table.column_names:
        raise MissingColumnError(feature.name, feature.name)
    column = table.column(feature.name)
    if feature.levels:
        places = {level: float(place) for place, level in enumerate(feature.levels)}
        return np.array([places.get(text, np.nan) for text in column.cast(pa.string()).to_pylist()])
    return _numbers(column, feature.name)


def _target(table: pa.Table, target: str) -> Floats:
    if target not in table.column_names:
        raise MissingColumnError("target", target)
    labels = _numbers(table.column(target), target)
    if not np.isin(labels, (0.0, 1.0)).all():
        raise UnreadableColumnError(target, "values other than 0 and 1", "0 or 1 in every row")
    return labels


def _numbers(column: pa.ChunkedArray, name: str) -> Floats:
    kind = column.type
    if not (pa.types.is_boolean(kind) or pa.types.is_integer(kind) or pa.types.is_floating(kind)):
        raise UnreadableColumnError(name, str(kind), "number")
    numbers: Floats = column.cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return numbers
