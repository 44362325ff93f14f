"""The feature columns of a bank's files, once for households and past loans; what is not authorised stays empty."""

import numpy as np
import pyarrow as pa

from experiments.simulation.arrays import Flags, Floats, looked_up
from experiments.simulation.config import SECTORS
from experiments.simulation.finances import MONTHS, Means, Relation


def sector_column(means: Means) -> dict[str, pa.Array]:
    """The household's main source of income."""
    return {"sector": looked_up(SECTORS, means.sector)}


def feature_columns(
    means: Means, relation: Relation, *, adults: pa.Array, minors: pa.Array, income: Flags, bureau: Flags
) -> dict[str, pa.Array]:
    """`adults` .. `prior_loans_repaid_on_time` in the order of the contract.

    Args:
        means: true finances.
        relation: history with the bank.
        adults: adults per household.
        minors: minors per household.
        income: households that authorised income data.
        bureau: households that authorised a bureau query.
    """
    unknown = ~income
    months = {
        f"monthly_income_share_{month + 1:02d}": pa.array(means.month_shares[:, month], mask=unknown)
        for month in range(MONTHS)
    }
    return {
        "adults": adults,
        "minors": minors,
        "annual_income_fen": _fen(means.income_yuan, unknown),
        "income_stability": pa.array(means.stability, mask=unknown),
        **months,
        "months_with_bank": pa.array(relation.months_with_bank),
        "deposit_average_12m_fen": _fen(relation.deposit_yuan),
        "settlement_inflow_12m_fen": _fen(relation.inflow_yuan),
        "months_inflow_positive_12m": pa.array(relation.months_inflow_positive),
        "unsecured_debt_fen": _fen(means.debt_yuan, ~bureau),
        "other_lenders": pa.array(means.other_lenders, mask=~bureau),
        "max_days_past_due_24m": pa.array(means.arrears_days),
        "bureau_queries_6m": pa.array(means.queries, mask=~bureau),
        "years_in_trade": pa.array(means.years_in_trade),
        "owns_vessel": pa.array(means.vessel.astype(np.int8)),
        "prior_loans": pa.array(relation.prior_loans),
        "prior_loans_repaid_on_time": pa.array(relation.prior_kept),
    }


def _fen(yuan: Floats, unknown: Flags | None = None) -> pa.Array:
    return pa.array(np.round(yuan * 100).astype(np.int64), mask=unknown)
