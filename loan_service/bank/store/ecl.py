"""What the books' credit inputs are made of: contracts, money and arrears of a day, household data then and now.

Nothing here reads a grade, a certificate or a full model: what is not selected cannot move a stage.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final, Literal

import pyarrow as pa
from sqlalchemy import Connection, text

from loan_service.foundation.database import read

Moment = Literal["now", "at_signing"]

MIRRORED: Final = pa.schema(
    {
        "contract_id": pa.string(),
        "limit_fen": pa.int64(),
        "outstanding_fen": pa.int64(),
        "matures_on": pa.date32(),
        "closed": pa.bool_(),
        "days_past_due": pa.int64(),
        "days_past_due_on": pa.date32(),
        "worst_in_cure": pa.int64(),
        "restructured_on": pa.date32(),
        "written_off": pa.bool_(),
        "default_probability_at_signing": pa.float64(),
        "model_version_at_signing": pa.string(),
        "policy_edition": pa.string(),
    }
)
"""Contracts as our mirror knew them at the end of a business date; see `models.ecl_inputs.CONTRACTS`."""

_CONTRACTS: Final = """
    WITH money AS (
        SELECT contract_id, sum(CASE kind WHEN 'drawdown' THEN principal_fen WHEN 'repayment' THEN -principal_fen
                                     ELSE 0 END) AS owed_fen
        FROM bank.movements WHERE bank_code = :bank_code AND business_date <= :day GROUP BY contract_id),
    arrears AS (
        -- Of two counts of one day the higher stands: the feed's order within a day is no order in time.
        SELECT DISTINCT ON (contract_id) contract_id, days_past_due, business_date
        FROM bank.arrears_reports WHERE business_date <= :day
        ORDER BY contract_id, business_date DESC, days_past_due DESC),
    worst AS (
        SELECT contract_id, max(days_past_due) AS days_past_due FROM bank.arrears_reports
        WHERE business_date <= :day AND business_date > :cure_from GROUP BY contract_id),
    ended AS (SELECT contract_id, reason_code, business_date FROM bank.closures WHERE business_date <= :day),
    restructured AS (
        SELECT c.household_ref, max(e.business_date) AS restructured_on
        FROM ended e JOIN bank.contracts c USING (contract_id)
        WHERE c.bank_code = :bank_code AND e.reason_code = 'distressed_restructuring' GROUP BY c.household_ref)
    SELECT c.contract_id, c.limit_fen, greatest(coalesce(m.owed_fen, 0), 0)::bigint, c.matures_on,
           e.contract_id IS NOT NULL, a.days_past_due, a.business_date, w.days_past_due, r.restructured_on,
           coalesce(e.reason_code = 'written_off', false), o.default_probability, o.model_version, o.policy_edition
    FROM bank.contracts c
    JOIN bank.offers o USING (offer_id)
    LEFT JOIN money m USING (contract_id)
    LEFT JOIN arrears a USING (contract_id)
    LEFT JOIN worst w USING (contract_id)
    LEFT JOIN ended e USING (contract_id)
    LEFT JOIN restructured r ON r.household_ref = c.household_ref
    WHERE c.bank_code = :bank_code AND c.signed_on <= :day AND (e.contract_id IS NULL OR coalesce(m.owed_fen, 0) > 0)
    ORDER BY c.contract_id
"""


def mirrored_contracts(connection: Connection, bank_code: str, day: date, cure_from: date) -> pa.Table:
    """Every contract that is open, or still owes, at the end of a day.

    Args:
        connection: an open transaction.
        bank_code: the bank.
        day: nothing booked, reported or signed later is looked at.
        cure_from: arrears reported after this day count as worst of the cure period.
    """
    query = text(_CONTRACTS).bindparams(bank_code=bank_code, day=day, cure_from=cure_from)
    return read(connection, query, MIRRORED)


SNAPSHOTS: Final = pa.schema(
    {
        "contract_id": pa.string(),
        "snapshot_on": pa.date32(),
        "sector": pa.string(),
        "data": pa.string(),
    }
)
"""The household data behind a contract, as far as the baseline model reads them."""

_SNAPSHOTS: Final = """
    SELECT c.contract_id, h.snapshot_on, h.sector, h.data::text
    FROM bank.contracts c
    JOIN bank.offers o USING (offer_id)
    CROSS JOIN LATERAL (
        SELECT * FROM bank.households h
        WHERE h.bank_code = c.bank_code AND h.household_ref = c.household_ref AND h.snapshot_on <= {until}
        ORDER BY h.snapshot_on DESC LIMIT 1) h
    WHERE c.bank_code = :bank_code AND c.signed_on <= :day
    ORDER BY c.contract_id
"""
_UNTIL: Final = {"now": ":day", "at_signing": "least(o.priced_on, :day)"}


def household_snapshots(connection: Connection, bank_code: str, day: date, moment: Moment) -> pa.Table:
    """The newest household data behind each contract, by a day or by the day its offer was priced.

    A household that is in no newer file keeps its newest snapshot, whatever its age; a contract whose household no file
    has told of has no row.
    """
    query = text(_SNAPSHOTS.format(until=_UNTIL[moment])).bindparams(bank_code=bank_code, day=day)
    return read(connection, query, SNAPSHOTS)


@dataclass(frozen=True)
class Kept:
    """The kept balances of a bank beside what was booked after a day, fen."""

    balances_fen: int
    booked_later_fen: int


def kept_balances(connection: Connection, bank_code: str, day: date) -> Kept:
    """What `contract_balances` say in all, and what of it was booked after a day."""
    query = text(
        """
        SELECT coalesce(sum(b.outstanding_fen), 0)::bigint,
               (SELECT coalesce(sum(CASE kind WHEN 'drawdown' THEN principal_fen WHEN 'repayment' THEN -principal_fen
                                         ELSE 0 END), 0)::bigint
                FROM bank.movements WHERE bank_code = :bank_code AND business_date > :day)
        FROM bank.contract_balances b JOIN bank.contracts c USING (contract_id) WHERE c.bank_code = :bank_code
        """
    )
    return Kept(*connection.execute(query, {"bank_code": bank_code, "day": day}).one())
