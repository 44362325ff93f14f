"""Credit inputs for the bank's books: stage, probabilities, exposure and loss given default of every contract.

They are inputs: the bank discounts, adds its outlook and books. Staging reads the baseline model, days past due and
restructurings, and nothing else: no grade, no certificate, no full model comes near it. IFRS 9 [M]: stage 3 is default,
stage 2 a significant increase of risk since signing or 30 days past due, stage 1 the rest. Every trigger that holds is
told, not only the gravest. What is not known is a named flag or empty, never 0 and never stage 1 in silence.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from models.arrays import Booleans, Floats, Integers
from models.ecl_parameters import EclEdition, EclParameters
from models.errors import MissingColumnError
from models.labels import months_later
from models.lifetime_probability import probability_within

CONTRACTS: Final = pa.schema(
    {
        "contract_id": pa.string(),
        "limit_fen": pa.int64(),
        "outstanding_fen": pa.int64(),  # principal owed on the day
        "matures_on": pa.date32(),
        "closed": pa.bool_(),
        "days_past_due": pa.int64(),  # the bank's newest count by the day; null: it never told one
        "days_past_due_on": pa.date32(),  # the day of that count
        "worst_in_cure": pa.int64(),  # highest count within the cure days; null: none told
        "restructured_on": pa.date32(),  # newest distressed restructuring of the household; null: none told
        "written_off": pa.bool_(),
        "default_probability_12m": pa.float64(),  # baseline model of the day on the newest snapshot; null: not known
        "default_probability_at_signing": pa.float64(),  # as the offer told it then
        "default_probability_at_signing_now": pa.float64(),  # the same snapshot read by the model of the day
        "model_version": pa.string(),
        "model_version_at_signing": pa.string(),
        "policy_edition": pa.string(),
        "snapshot_on": pa.date32(),  # newest household data by the day; null: none
        "snapshot_at_signing_on": pa.date32(),
    }
)
"""One row per contract that is open, or closed with money still owed, on the day."""

TRIGGERS: Final[Mapping[str, int]] = {
    "days_past_due_stage_3": 3,
    "days_past_due_in_cure": 3,
    "restructured": 3,
    "written_off": 3,
    "days_past_due_stage_2": 2,
    "significant_increase": 2,
    "past_maturity": 2,
}
"""What moves a contract, and to which stage."""

FLAGS: Final = (
    "days_past_due_unknown",
    "probability_unknown",
    "probability_at_signing_unknown",
    "model_changed_since_signing",
    "snapshot_old",
    "closed_with_balance",
    "above_limit",
)
"""What a reader must know before relying on a row."""

SEPARATOR: Final = "|"


def ecl_inputs(contracts: pa.Table, edition: EclEdition, as_of: date) -> pa.Table:
    """The credit inputs of a day, one row per contract in the order given.

    Args:
        contracts: Columns of `CONTRACTS`.
        edition: The parameters of the day.
        as_of: The day; nothing later may be in the rows.

    Returns:
        The columns given, and `stage`, `triggers` and `flags` (joined by `|`), `residual_months`,
        `default_probability_lifetime`, `undrawn_fen`, `conversion_factor_milli`, `exposure_fen` (drawn and the part of
        the undrawn expected to be drawn, rounded up), `loss_given_default_milli`, `snapshot_age_days`,
        `parameters_edition`, `as_of`. Empty is not known.

    Raises:
        MissingColumnError: a column is not there.
    """
    for name in CONTRACTS.names:
        if name not in contracts.column_names:
            raise MissingColumnError("ecl", name)
    contracts = contracts.select(CONTRACTS.names)
    rows = _Rows(contracts, as_of)
    parameters = edition.parameters
    triggers = _triggers(rows, parameters)
    columns = {
        "stage": pa.array(stage_of(triggers, len(contracts)), pa.int8()),
        "triggers": _told(triggers, len(contracts)),
        "flags": _told(_flags(rows, parameters), len(contracts)),
        **_risk(rows, parameters),
        **_exposure(rows, parameters),
        "snapshot_age_days": _days_since(contracts["snapshot_on"], as_of),
        "parameters_edition": pa.repeat(edition.edition, len(contracts)),
        "as_of": pa.repeat(pa.scalar(as_of), len(contracts)),
    }
    for name, column in columns.items():
        contracts = contracts.append_column(name, column)
    return contracts


def stage_of(triggers: Mapping[str, Booleans], count: int) -> Integers:
    """The gravest stage any trigger leads to, 1 without one, shape (count,)."""
    stage = np.ones(count, dtype=np.int64)
    for name, held in triggers.items():
        stage = np.maximum(stage, np.where(held, TRIGGERS[name], 1))
    return stage


class _Rows:
    """The contracts' columns as NumPy: unknown numbers are NaN, so that no comparison with them holds."""

    def __init__(self, contracts: pa.Table, as_of: date) -> None:
        self.contracts = contracts
        self.today = (as_of - date(1970, 1, 1)).days

    def number(self, name: str) -> Floats:
        column: Floats = self.contracts[name].cast(pa.float64()).to_numpy(zero_copy_only=False)
        return column

    def whole(self, name: str) -> Integers:
        column: Integers = self.contracts[name].to_numpy(zero_copy_only=False)
        return column

    def flag(self, name: str) -> Booleans:
        column: Booleans = self.contracts[name].to_numpy(zero_copy_only=False).astype(np.bool_)
        return column

    def day(self, name: str) -> Floats:
        """Days since 1970-01-01, NaN where none."""
        column: Floats = self.contracts[name].cast(pa.int32()).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return column


def _triggers(rows: _Rows, parameters: EclParameters) -> dict[str, Booleans]:
    overdue, owed = rows.number("days_past_due"), rows.whole("outstanding_fen") > 0
    return {
        "days_past_due_stage_3": overdue >= parameters.stage_3_days_past_due,
        "days_past_due_in_cure": rows.number("worst_in_cure") >= parameters.stage_3_days_past_due,
        "restructured": _within_months(rows.day("restructured_on"), parameters.restructured_months, rows.today),
        "written_off": rows.flag("written_off"),
        "days_past_due_stage_2": overdue >= parameters.stage_2_days_past_due,
        "significant_increase": _increased(rows, parameters),
        "past_maturity": owed & (rows.day("matures_on") <= rows.today),
    }


def _increased(rows: _Rows, parameters: EclParameters) -> Booleans:
    """Both by ratio and by amount: from almost nothing to little is no significant increase."""
    now, then = rows.number("default_probability_12m"), _comparable(rows)
    ratio = now * 1000.0 >= then * parameters.increase_ratio_milli
    return np.asarray(ratio & ((now - then) * 1_000_000.0 >= parameters.increase_at_least_ppm))


def _comparable(rows: _Rows) -> Floats:
    """The probability at signing as the model of the day reads it: a new model is no change of the household."""
    again = rows.number("default_probability_at_signing_now")
    return np.where(_model_changed(rows), again, rows.number("default_probability_at_signing"))


def _model_changed(rows: _Rows) -> Booleans:
    now, then = rows.contracts["model_version"], rows.contracts["model_version_at_signing"]
    changed: Booleans = pc.fill_null(pc.not_equal(now, then), fill_value=True).to_numpy(zero_copy_only=False)
    return changed.astype(np.bool_)


def _within_months(day: Floats, months: int, today: int) -> Booleans:
    known = ~np.isnan(day)
    ends = months_later(np.where(known, day, 0.0).astype(np.int64), months)
    return np.asarray(known & (ends > today))


def _flags(rows: _Rows, parameters: EclParameters) -> dict[str, Booleans]:
    undrawn = rows.whole("limit_fen") - rows.whole("outstanding_fen")
    age = rows.today - rows.day("snapshot_on")
    return {
        "days_past_due_unknown": ~(rows.day("days_past_due_on") == rows.today),
        "probability_unknown": np.isnan(rows.number("default_probability_12m")),
        "probability_at_signing_unknown": np.isnan(_comparable(rows)),
        "model_changed_since_signing": _model_changed(rows),
        "snapshot_old": age > parameters.snapshot_old_days,
        "closed_with_balance": rows.flag("closed"),
        "above_limit": undrawn < 0,
    }


def _risk(rows: _Rows, parameters: EclParameters) -> dict[str, pa.Array]:
    months = residual_months(rows.day("matures_on").astype(np.int64), rows.today)
    probability = rows.number("default_probability_12m")
    # Past its last day there is no term left; what is still owed is looked at over the model's own twelve months.
    ahead = np.where(months == 0, 12, months)
    lifetime = probability_within(ahead, probability, parameters.hazard_milli)
    return {
        "residual_months": pa.array(months, pa.int32()),
        "default_probability_lifetime": pa.array(lifetime, from_pandas=True),
    }


def residual_months(matures_on: Integers, today: int) -> Integers:
    """Months from a day to the last, a part of a month counted whole, 0 once it has come; days since 1970-01-01."""
    start = np.full(len(matures_on), today, dtype=np.int64)
    month, last = (
        days.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) for days in (start, matures_on)
    )
    apart: Integers = last - month
    months: Integers = np.maximum(apart + (months_later(start, apart) < matures_on), 0)
    return months


def _exposure(rows: _Rows, parameters: EclParameters) -> dict[str, pa.Array]:
    """Drawn + conversion factor x undrawn; nothing can be drawn any more from what is closed or past its last day."""
    drawn, limit = rows.whole("outstanding_fen"), rows.whole("limit_fen")
    usable = ~rows.flag("closed") & (rows.day("matures_on") > rows.today)
    undrawn = np.where(usable, np.maximum(limit - drawn, 0), 0)
    expected = -(-undrawn * parameters.conversion_factor_milli // 1000)
    count = len(drawn)
    return {
        "undrawn_fen": pa.array(undrawn),
        "conversion_factor_milli": pa.repeat(pa.scalar(parameters.conversion_factor_milli, pa.int32()), count),
        "exposure_fen": pa.array(drawn + expected),
        "loss_given_default_milli": pa.repeat(pa.scalar(parameters.loss_given_default_milli, pa.int32()), count),
    }


def _told(flags: Mapping[str, Booleans], count: int) -> pa.Array:
    """Names of the flags that are up, joined; empty text where none is."""
    texts = np.full(count, "", dtype=object)
    for name, up in flags.items():
        texts = np.where(up, texts + np.where(texts == "", name, SEPARATOR + name), texts)
    return pa.array(texts, pa.string())


def _days_since(days: pa.ChunkedArray, as_of: date) -> pa.ChunkedArray:
    return pc.subtract(pa.scalar((as_of - date(1970, 1, 1)).days, pa.int32()), days.cast(pa.int32()))
