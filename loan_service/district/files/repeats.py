"""Tells new rows from rows that came before, word for word or changed."""

from dataclasses import dataclass

import numpy as np

from loan_service.district.files.findings import Ints, Mask
from loan_service.district.files.subjects import found_at


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Each row is exactly one of these."""

    new: Mask
    repeated: Mask
    changed: Mask


def arrivals(ids: Ints, contents: Ints, known_ids: Ints, known_contents: Ints) -> Arrivals:
    """Compares rows with what is known, and with the first row of the same id among themselves.

    Args:
        ids: natural keys of the rows, in file order.
        contents: content ids of the rows.
        known_ids: ascending ids of rows that landed before.
        known_contents: their content ids.
    """
    distinct, first, group = np.unique(ids, return_index=True, return_inverse=True)
    place = found_at(known_ids, distinct)
    before = np.append(known_contents, 0)[place]
    expected = np.where(place >= 0, before, contents[first])[group]
    is_first = np.zeros(len(ids), np.bool_)
    is_first[first] = True
    new = is_first & (place < 0)[group]
    same = contents == expected
    return Arrivals(new=new, repeated=~new & same, changed=~same)
