"""What monitoring measures: households as a model saw them on a day, loans with what became of them, decisions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection

from loan_service.bank.store import model_monitoring as store
from loan_service.bank.store.household_figures import with_figures
from loan_service.bank.store.households import offer_inputs
from loan_service.foundation.database import AnyRow
from models.arrays import Floats, Integers
from models.monitoring.outcomes import MONTHS, Outcomes
from models.monitoring.overrides import Decided

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """A household file and the last day (so far) on which it was the newest."""

    file: store.Snapshot
    last_day: date


class Households:
    """A bank's household files up to a day, each read at most once."""

    def __init__(self, connection: Connection, bank_code: str, day: date, position: int) -> None:
        self._connection = connection
        self._bank_code = bank_code
        self._day = day
        self._position = position
        self._read: dict[date, pa.Table] = {}

    @cached_property
    def files(self) -> tuple[Standing, ...]:
        """Newest first."""
        found = store.snapshots(self._connection, self._bank_code, self._day)
        days = [self._day, *(file.on - _DAY for file in found)]
        return tuple(Standing(file, last_day) for file, last_day in zip(found, days, strict=False))

    def as_seen(self, standing: Standing) -> pa.Table:
        """A file's households with what was known beside it on its last day."""
        if standing.file.on not in self._read:
            inputs = offer_inputs(self._connection, self._bank_code, standing.last_day, self._position)
            self._read[standing.file.on] = with_figures(inputs)
        return self._read[standing.file.on]

    def same_month_last_year(self, least_rows: int) -> Standing | None:
        """The newest file of the newest one's month a year earlier, if it is large enough."""
        wanted = (self.files[0].file.on.year - 1, self.files[0].file.on.month)
        found = [one for one in self.files if (one.file.on.year, one.file.on.month) == wanted]
        return next((one for one in found if one.file.rows >= least_rows), None)

    def first_scored(self, live_from: date) -> Standing | None:
        """The file that stood when a card went live, or the first one after; None when that is the newest file."""
        before = [one for one in self.files if one.file.on <= live_from]
        first = before[0] if before else self.files[-1]
        return None if first is self.files[0] else first


def amounts(households: pa.Table) -> dict[str, Floats]:
    """Every column of money, fen as float64, NaN where not known."""
    names = [name for name in households.column_names if name.endswith("_fen")]
    return {name: households[name].cast(pa.float64()).to_numpy(zero_copy_only=False) for name in names}


def outcomes(loans: pa.Table, kind: str, stamp: str, day: date) -> Outcomes:
    """What became, by a day, of the loans whose offer a version made.

    Args:
        loans: rows of `store.model_monitoring.LOANS`.
        kind: `baseline` or `full`.
        stamp: the version's stamp.
        day: the day.
    """
    prefix = "" if kind == "baseline" else "full_"
    probability = loans[f"{prefix}default_probability"].to_numpy(zero_copy_only=False)
    own = (loans[f"{prefix}model_version"].to_numpy(zero_copy_only=False) == stamp) & ~np.isnan(probability)
    drawn_on, defaulted_on = (
        loans[name].cast(pa.int32()).fill_null(_NEVER).to_numpy().astype(np.int64)
        for name in ("drawn_on", "defaulted_on")
    )
    elapsed = months_between(drawn_on, np.full(len(drawn_on), (day - date(1970, 1, 1)).days))
    defaulted = (defaulted_on != _NEVER) & (months_between(drawn_on, defaulted_on) < MONTHS)
    return Outcomes(probability, drawn_on, np.minimum(elapsed, MONTHS), defaulted).only(own)


_NEVER = 2**30


def months_between(since: Integers, until: Integers) -> Integers:
    """Whole months from one day to another, both in days since 1970-01-01."""
    months, days = zip(*(_month_and_day(one) for one in (since, until)), strict=True)
    whole: Integers = months[1] - months[0] - (days[1] < days[0])
    return whole


def _month_and_day(days: Integers) -> tuple[Integers, Integers]:
    dates = days.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    return months.astype(np.int64), (dates - months.astype("datetime64[D]")).astype(np.int64)


def decided(rows: Sequence[AnyRow]) -> list[Decided]:
    """Final decisions beside the offers they answer."""
    return [
        Decided(
            offered=row.offered,
            offered_fen=row.offered_fen,
            requested_fen=row.requested_fen,
            decision=row.decision,
            decided_fen=row.decided_fen,
            reason_codes=tuple(row.reason_codes),
            by_person=row.by_person,
            default_probability=row.default_probability,
        )
        for row in rows
    ]
