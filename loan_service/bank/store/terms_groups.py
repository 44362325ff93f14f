"""Households with their living offers, and sex and age of the borrower: for monitoring fairness, never for a price."""

from datetime import date
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection, text

from loan_service.foundation.database import read

OFFERED: Final = pa.schema(
    {
        "household_ref": pa.string(),
        "village_code": pa.string(),
        "sector": pa.string(),
        "borrower_sex": pa.string(),
        "borrower_birth_on": pa.date32(),
        "data": pa.string(),
        "decision": pa.string(),
        "grade": pa.string(),
        "baseline_limit_fen": pa.int64(),
        "limit_bonus_fen": pa.int64(),
        "rate_discount_bp": pa.int64(),
        "default_probability": pa.float64(),
        "first_certificate_on": pa.date32(),
        "as_of": pa.date32(),
    }
)
"""One row per household with a living offer, decline or referral; `first_certificate_on` is the first of borrower or
spouse at this bank, null where none ever came. Sex, birthday and first certificate are the listed borrower's, and null
where the offer is in somebody else's name: the bank's file does not tell theirs."""

_OFFERED: Final = """
    WITH newest AS (
        SELECT DISTINCT ON (household_ref) * FROM bank.offers
        WHERE bank_code = :bank_code AND priced_on <= :day ORDER BY household_ref, leaf_id DESC),
    latest AS (
        SELECT DISTINCT ON (household_ref) * FROM bank.households
        WHERE bank_code = :bank_code AND snapshot_on <= :day ORDER BY household_ref, snapshot_on DESC),
    first AS (
        SELECT pseudonym, min(as_of) AS first_on FROM bank.received_certificates
        WHERE bank_code = :bank_code AND as_of <= :day GROUP BY pseudonym)
    SELECT h.household_ref, h.village_code, h.sector, l.borrower_sex, l.borrower_birth_on, h.data::text, o.decision,
           o.grade, o.baseline_limit_fen, o.limit_bonus_fen, o.rate_discount_bp, o.default_probability,
           least(b.first_on, s.first_on), :day
    FROM newest o
    JOIN latest h USING (household_ref)
    -- The listed borrower, where the offer is theirs; offers that name nobody are.
    LEFT JOIN latest l
        ON l.household_ref = h.household_ref AND coalesce(o.borrower_ref, h.borrower_ref) = h.borrower_ref
    LEFT JOIN first b ON b.pseudonym = l.borrower_pseudonym
    LEFT JOIN first s ON s.pseudonym = l.spouse_pseudonym
    WHERE o.expires_on > :day
    ORDER BY h.household_ref
"""


def offered_households(connection: Connection, bank_code: str, day: date) -> pa.Table:
    """Every household with a living offer on a day, beside its newest data."""
    return read(connection, text(_OFFERED).bindparams(bank_code=bank_code, day=day), OFFERED)
