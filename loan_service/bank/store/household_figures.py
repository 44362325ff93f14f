"""The figures of households, kept as JSON beside their rows, as typed columns."""

import io
from typing import Final

import pyarrow as pa
import pyarrow.json as pajson

from models.feature_spec import MONTHLY_SHARES

WHOLE: Final = (
    "adults", "minors", "annual_income_fen", "months_with_bank", "deposit_average_12m_fen",
    "settlement_inflow_12m_fen", "months_inflow_positive_12m", "unsecured_debt_fen", "other_lenders",
    "max_days_past_due_24m", "bureau_queries_6m", "years_in_trade", "owns_vessel", "prior_loans",
    "prior_loans_repaid_on_time", "authorised_bureau", "authorised_income",
)  # fmt: skip
SHARES: Final = ("income_stability", *MONTHLY_SHARES)
FIGURES: Final = pa.schema({**dict.fromkeys(WHOLE, pa.int64()), **dict.fromkeys(SHARES, pa.float64())})
"""The figures of a household as they stand in its JSON."""

_BESIDE: Final = (
    "household_ref", "household_key", "sector", "borrower_birth_on", "borrower_standing", "group_contracts_fen",
    "grade",
)  # fmt: skip


def with_figures(inputs: pa.Table) -> pa.Table:
    """The columns of `store.households.OFFER_INPUTS` beside the figures, read from JSON; null where not known."""
    figures = figures_of(inputs["data"])
    columns = {name: inputs[name] for name in _BESIDE}
    return pa.table({**columns, **{name: figures[name] for name in FIGURES.names}})


def figures_of(data: pa.ChunkedArray) -> pa.Table:
    """The columns of `FIGURES` from the JSON of some households, at least one; null where not known."""
    lines = "\n".join(data.to_pylist()).encode()
    return pajson.read_json(
        io.BytesIO(lines),
        read_options=pajson.ReadOptions(block_size=1 << 22),
        parse_options=pajson.ParseOptions(explicit_schema=FIGURES, unexpected_field_behavior="error"),
    )
