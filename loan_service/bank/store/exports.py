"""Whole tables on their way out of the bank wing."""

from datetime import date

import pyarrow as pa
from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.tables import offers
from loan_service.foundation.database import read

LIVING_OFFERS = pa.schema(
    [
        ("bank_code", pa.string()),
        ("household_ref", pa.string()),
        ("village_code", pa.string()),
        ("decision", pa.string()),
        ("grade", pa.string()),
        ("baseline_limit_fen", pa.int64()),
        ("limit_bonus_fen", pa.int64()),
        ("limit_fen", pa.int64()),
        ("rate_discount_bp", pa.int64()),
        ("rate_bp", pa.int64()),
        ("default_probability", pa.float64()),
        ("expires_on", pa.date32()),
    ]
)


def living_offers(connection: Connection, as_of: date) -> pa.Table:
    """The newest unexpired offer of every household at every bank."""
    offer = offers.c
    newest = (
        select(offers)
        .where(offer.priced_on <= as_of, offer.expires_on > as_of)
        .ext(distinct_on(offer.bank_code, offer.household_ref))
        .order_by(offer.bank_code, offer.household_ref, offer.leaf_id.desc())
        .subquery()
    )
    return read(connection, select(*(newest.c[name] for name in LIVING_OFFERS.names)), LIVING_OFFERS)
