"""The column types every module of this package speaks: plain NumPy arrays and dictionary-coded text."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Whole = NDArray[np.int64]
Days = NDArray[np.int32]
Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
Hashes = NDArray[np.uint64]

# A bare integer array as NumPy's own functions hand it back.
AnyInts = NDArray[np.integer[Any]]


@dataclass(frozen=True, slots=True)
class TextColumn:
    """Text stored once: `names[codes[row]]` is the row's text.

    Attributes:
        codes: int32, one per row.
        names: the distinct texts; a name may stand there without any row using it.
    """

    codes: Codes
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.codes)

    def take(self, rows: AnyInts | Mask) -> Self:
        """The same dictionary over the chosen rows."""
        return type(self)(self.codes[rows], self.names)

    def code_of(self, name: str) -> int:
        """The code of a name, or -1 if no row can carry it."""
        return self.names.index(name) if name in self.names else -1

    def equals(self, name: str) -> Mask:
        """True where the row's text is this name."""
        return np.asarray(self.codes == self.code_of(name))

    def is_empty(self) -> Mask:
        """True where the row's text is the empty text."""
        return self.equals("")

    def to_arrow(self) -> pa.Array:
        """A dictionary array with the same codes."""
        return pa.DictionaryArray.from_arrays(pa.array(self.codes), pa.array(self.names, pa.string()))

    @classmethod
    def from_arrow(cls, column: pa.ChunkedArray) -> Self:
        """Reads a string or dictionary column; null becomes the empty text."""
        texts = column.cast(pa.string()).fill_null("")
        coded = pc.dictionary_encode(texts).combine_chunks()
        if isinstance(coded, pa.ChunkedArray):  # a column without chunks stays chunked
            return cls(np.empty(0, np.int32), ())
        return cls(np.asarray(coded.indices, dtype=np.int32), tuple(coded.dictionary.to_pylist()))
