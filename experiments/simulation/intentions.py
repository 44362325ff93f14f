"""Writes the plans of simulated households as the rows the simulator bank reads."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.simulation.arrays import NONE, Ints, date_texts, joined, looked_up, padded, taken
from experiments.simulation.behaviour import Plans
from experiments.simulation.past_loans import PURPOSES

_MILLI = 1000


def intentions_table(plans: Plans, place: int, household_refs: pa.Array, sector: Ints) -> pa.Table:
    """One row per household that would apply at one bank, in the order of applying.

    Args:
        plans: plans at all banks.
        place: position of the bank in BANKS.
        household_refs: references in the order of the bank's file.
        sector: per household of the district.
    """
    rows = np.flatnonzero(plans.bank == place)
    rows = rows[np.lexsort((plans.file_row[rows], plans.applies_on[rows]))]
    return pa.table(
        {
            "household_ref": taken(household_refs, plans.file_row[rows]),
            "applies_on": date_texts(plans.applies_on[rows]),
            "wants_purpose": looked_up(PURPOSES, sector[plans.household[rows]]),
            "wants_limit_share": _as_json(_share_texts(plans.limit_milli[rows])),
            "accepts": pa.array(plans.accepts[rows]),
            "signs": pa.array(plans.signs[rows]),
            "takes_bonus": pa.array(plans.takes_bonus[rows]),
            "draws": _lists("share_of_limit", plans.draw_day[rows], _share_columns(plans.draw_milli[rows])),
            "repays": _lists("share_of_outstanding", plans.repay_day[rows], _share_columns(plans.repay_milli[rows])),
            "arrears": _lists("days_past_due", plans.arrears_day[rows], _whole_columns(plans.arrears_days[rows])),
        }
    )


def _lists(name: str, days: Ints, values: list[pa.Array]) -> pa.Array:
    """JSON lists of `{on_day, name}` in the order of days; empty places are left out."""
    items = [_item(name, days[:, place], column) for place, column in enumerate(values)]
    # Arrow's own way of skipping nulls loses rows in which all are null: every item brings its comma, the first is cut.
    inside = pc.binary_join_element_wise(*[pc.coalesce(item, "") for item in items], "")
    return _as_json(joined("[", pc.utf8_slice_codeunits(inside, 1), "]"))


def _item(name: str, day: Ints, value: pa.Array) -> pa.Array:
    days = pa.array(day, mask=day == NONE)
    return joined(',{"on_day":', days, f',"{name}":', value, "}")


def _share_columns(milli: Ints) -> list[pa.Array]:
    return [_share_texts(milli[:, place]) for place in range(milli.shape[1])]


def _whole_columns(numbers: Ints) -> list[pa.Array]:
    return [pa.array(column, mask=column == NONE).cast(pa.string()) for column in numbers.T]


def _share_texts(milli: Ints) -> pa.Array:
    """Whole thousandths as `0.125` or `1.000`; exact, never a float."""
    texts = joined(milli // _MILLI, ".", padded(milli % _MILLI, 3))
    return pc.if_else(pa.array(milli == NONE), None, texts)


def _as_json(texts: pa.Array) -> pa.Array:
    """Marks texts as JSON that is written as it is."""
    return texts.cast(pa.binary())
