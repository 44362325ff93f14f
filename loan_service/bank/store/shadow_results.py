"""Rows of challengers' opinions beside the champion's, and what became of the households since."""

from datetime import date
from typing import Final

import pyarrow as pa
from sqlalchemy import BigInteger, Connection, Date, Text, bindparam, select, text

from loan_service.bank.store.model_tables import shadow_results
from loan_service.foundation.database import append, read

DEFAULT_FROM_DAYS_PAST_DUE: Final = 90

SIDE_BY_SIDE: Final = pa.schema(
    {
        "offer_id": pa.string(),
        "champion_version": pa.string(),
        "champion_probability": pa.float64(),
        "default_probability": pa.float64(),
        "scored_on": pa.date32(),
        "defaulted": pa.int64(),
    }
)
"""`defaulted`: 1 default within twelve months of the first drawing, 0 none in a full year, null: not known yet."""

_SIDE_BY_SIDE: Final = """
    WITH drawn AS (
        SELECT c.offer_id, c.contract_id, min(m.business_date) AS drawn_on
        FROM bank.contracts c JOIN bank.movements m USING (contract_id)
        WHERE m.kind = 'drawdown' AND m.business_date <= :as_of
        GROUP BY c.offer_id, c.contract_id),
    outcome AS (
        SELECT d.offer_id,
               CASE WHEN EXISTS (
                        SELECT 1 FROM bank.arrears_reports a
                        WHERE a.contract_id = d.contract_id AND a.days_past_due >= :days AND a.business_date <= :as_of
                          AND a.business_date < d.drawn_on + interval '12 months') THEN 1
                    WHEN d.drawn_on + interval '12 months' <= :as_of THEN 0 END AS defaulted
        FROM drawn d)
    SELECT s.offer_id, s.champion_version, s.champion_probability, s.default_probability, s.scored_on, o.defaulted
    FROM bank.shadow_results s LEFT JOIN outcome o USING (offer_id)
    WHERE s.model_name = :model_name AND s.model_version = :model_version AND s.scored_on <= :as_of
    ORDER BY s.offer_id
"""


def scored_offers(connection: Connection, model_name: str, model_version: str) -> list[str]:
    """Offers a challenger has been scored beside already."""
    column = shadow_results.c
    query = select(column.offer_id).where(column.model_name == model_name, column.model_version == model_version)
    return list(connection.execute(query).scalars())


def append_results(connection: Connection, rows: pa.Table) -> int:
    """Appends results; one that is there already stays as it is."""
    return append(connection, shadow_results, rows)


def side_by_side_rows(connection: Connection, model_name: str, model_version: str, as_of: date) -> pa.Table:
    """A challenger's results up to a day, with the outcomes known by then, as `SIDE_BY_SIDE`."""
    query = text(_SIDE_BY_SIDE).bindparams(
        bindparam("model_name", model_name, Text),
        bindparam("model_version", model_version, Text),
        bindparam("as_of", as_of, Date),
        bindparam("days", DEFAULT_FROM_DAYS_PAST_DUE, BigInteger),
    )
    return read(connection, query, SIDE_BY_SIDE)
