"""The table as pandas has it: numbers as numbers, categories as texts."""

from __future__ import annotations

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # lives in the peers' environment

from experiments.benchmarks.models.exchange import Part


def names(part: Part) -> list[str]:
    """Short names of the columns, by position."""
    return [f"x{place:03d}" for place in range(len(part.features))]


def frame(part: Part) -> pd.DataFrame:
    """One column per feature; a missing category is None."""
    columns: dict[str, pd.Series] = {}
    for place, name in enumerate(names(part)):
        values = part.values[:, place]  # noqa: PD011  # an array
        texts = np.array([*part.features[place].levels, None], dtype=object)
        is_text = len(texts) > 1
        column = texts[np.where(np.isnan(values), -1, values).astype(np.intp)] if is_text else values
        columns[name] = pd.Series(column, dtype=column.dtype)
    return pd.DataFrame(columns)
