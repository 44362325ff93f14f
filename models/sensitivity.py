"""What a model does when its inputs move: plausible steps, data errors and missing blocks, through the serving code.

A change is made to the raw columns of a bank's file, never to features, so that everything derived from a column moves
with it, as it would in life.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import numpy as np
import pyarrow as pa
from pydantic import Field

from models.arrays import Floats
from models.dated import Frozen
from models.measures import area_under_curve
from models.rescoring import Rescorer
from models.scorecard import Scorecard

ChangeKind = Literal["step", "error", "missing"]


class Operation(Frozen):
    """What happens to one column: value x times + plus, kept within bounds; or the value disappears."""

    column: str
    times: float = 1.0
    plus: float = 0.0
    at_least: float | None = None
    at_most: float | None = None
    absent: bool = False

    def applied(self, values: Floats) -> Floats:
        """The column after the operation; what is unknown stays unknown."""
        if self.absent:
            return np.full_like(values, np.nan)
        return np.asarray(np.clip(values * self.times + self.plus, self.at_least, self.at_most), dtype=np.float64)


class Change(Frozen):
    """A named change of raw columns, with the origin of its numbers."""

    code: str
    kind: ChangeKind
    title_zh: str
    title_en: str
    origin: str
    operations: Annotated[tuple[Operation, ...], Field(min_length=1)]

    @property
    def columns(self) -> frozenset[str]:
        """Columns it may change."""
        return frozenset(operation.column for operation in self.operations)

    def applied(self, households: pa.Table) -> pa.Table:
        """The table with the named columns changed, everything else as it was."""
        for operation in self.operations:
            households = with_numbers(
                households, operation.column, operation.applied(numbers(households, operation.column))
            )
        return households


@dataclass(frozen=True)
class Effect:
    """What a change does to the probabilities of many households.

    Attributes:
        rows: Households with at least one changed column.
        mean_before: Mean probability of those.
        mean_after: The same after the change.
        raised_share: Share of them whose probability rises.
        lowered_share: Share of them whose probability falls.
        median_move: Median of the absolute change in calibrated log-odds.
        large_move: Its 95th percentile.
        leaving_offer_share: Share of them that the policy offered before and no longer offers by itself.
        entering_offer_share: The reverse.
        auc_after: Area under the curve when every row is changed; None where outcomes are not known.
    """

    rows: int
    mean_before: float | None
    mean_after: float | None
    raised_share: float | None
    lowered_share: float | None
    median_move: float | None
    large_move: float | None
    leaving_offer_share: float | None
    entering_offer_share: float | None
    auc_after: float | None


def effects_of(
    card: Scorecard, households: pa.Table, labels: Floats, changes: Sequence[Change], *, offered_below: float
) -> tuple[Effect, ...]:
    """Measure each change against the unchanged table.

    Args:
        card: The model.
        households: Raw columns, one row per household or loan, the grade under its serving name.
        labels: Outcomes, 1 = default, shape (rows,).
        changes: What to try, one at a time.
        offered_below: Probability from which the policy no longer offers by itself.
    """
    scored = Rescorer(card, households)
    return tuple(_effect(scored, labels, change, offered_below) for change in changes)


def _effect(scored: Rescorer, labels: Floats, change: Change, offered_below: float) -> Effect:
    changed = change.applied(scored.households)
    before, after = scored.before, scored.after(changed, change.columns)
    touched = _touched(scored.households, changed, change)
    old, new = before.probability[touched], after.probability[touched]
    move = np.abs(after.calibrated - before.calibrated)[touched]
    return Effect(
        rows=int(touched.sum()),
        mean_before=_mean(old),
        mean_after=_mean(new),
        raised_share=_mean(new > old),
        lowered_share=_mean(new < old),
        median_move=float(np.median(move)) if move.size else None,
        large_move=float(np.quantile(move, 0.95)) if move.size else None,
        leaving_offer_share=_mean((old < offered_below) & (new >= offered_below)),
        entering_offer_share=_mean((old >= offered_below) & (new < offered_below)),
        auc_after=area_under_curve(labels, after.calibrated),
    )


def _touched(before: pa.Table, after: pa.Table, change: Change) -> Any:
    touched = np.zeros(before.num_rows, dtype=np.bool_)
    for column in change.columns:
        old, new = numbers(before, column), numbers(after, column)
        touched |= (old != new) & ~(np.isnan(old) & np.isnan(new))
    return touched


def _mean(values: Any) -> float | None:
    return float(np.mean(values)) if len(values) else None


def numbers(table: pa.Table, column: str) -> Floats:
    """A numeric column as float64, NaN where it is not known."""
    found: Floats = table[column].cast(pa.float64()).combine_chunks().to_numpy(zero_copy_only=False)
    return np.array(found)


def with_numbers(table: pa.Table, column: str, values: Floats) -> pa.Table:
    """The table with one numeric column replaced; NaN becomes null."""
    place = table.column_names.index(column)
    return table.set_column(place, column, pa.array(values, from_pandas=True))
