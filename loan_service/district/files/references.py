"""Which rows name a record they cannot be about: a correction of another class, an appeal against an award."""

from collections.abc import Mapping, Sequence

import numpy as np

from loan_service.district.contracts import Contract
from loan_service.district.files.findings import Ints, Mask


def misdirected(contract: Contract, kinds: Sequence[str], about: Ints, kind_of: Mapping[int, str]) -> Mask:
    """Marks rows whose kind of event cannot be about the record they name; one that has not arrived is no fault.

    Args:
        contract: says what may be about what.
        kinds: the event type of each row.
        about: the event each row names, 0 for none.
        kind_of: event types of those of the named events that are known.
    """
    marked = np.zeros(len(about), np.bool_)
    for row in np.flatnonzero(about).tolist():
        named = kind_of.get(int(about[row]))
        allowed = contract.may_name.get(kinds[row])
        marked[row] = named is not None and allowed is not None and named not in allowed
    return marked


def contradicted(kinds: Sequence[str], ids: Ints, corrected_as: Mapping[int, str]) -> Mask:
    """Marks rows that an earlier correction took for a record of another class: nothing counts while that stands.

    Args:
        kinds: the event type of each row.
        ids: the event each row becomes.
        corrected_as: event type of the correction that came first, by the event it corrects.
    """
    return np.array(
        [corrected_as.get(event, kind) != kind for kind, event in zip(kinds, ids.tolist(), strict=True)], np.bool_
    )
