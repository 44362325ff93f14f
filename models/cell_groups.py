"""Cells that are treated alike are told once."""

import numpy as np

from models.arrays import Booleans, Integers, Positions


def distinct(rows: Booleans | Positions | Integers) -> tuple[Positions, Positions]:
    """Group equal rows, in order of appearance.

    Args:
        rows: Shape (cells, facts).

    Returns:
        Position of the first row of each group, and for each row its group; intp, shapes (groups,) and (cells,).
    """
    keys = [row.tobytes() for row in np.ascontiguousarray(rows)]
    order = {key: group for group, key in enumerate(dict.fromkeys(keys))}
    groups = np.array([order[key] for key in keys], dtype=np.intp)
    return np.unique(groups, return_index=True)[1], groups
