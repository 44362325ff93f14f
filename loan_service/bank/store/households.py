"""Rows of the bank's own household data, and the one query that brings together what an offer is made of."""

from dataclasses import asdict
from datetime import date
from typing import Final

import orjson
import pyarrow as pa
from sqlalchemy import BigInteger, Connection, Date, Text, bindparam, text

from loan_service.bank.store.household_standings import LATEST_SNAPSHOT, deviating
from loan_service.bank.store.tables import households
from loan_service.foundation.database import append, read


def append_households(connection: Connection, rows: pa.Table) -> int:
    """Appends one snapshot per household and day; a household already known for that day stays as it is."""
    return append(connection, households, rows)


OFFER_INPUTS: Final = pa.schema(
    {
        "household_ref": pa.string(),
        "household_key": pa.string(),
        "village_code": pa.string(),
        "sector": pa.string(),
        "borrower_ref": pa.string(),
        "borrower_birth_on": pa.date32(),
        "borrower_standing": pa.string(),
        "group_contracts_fen": pa.int64(),
        "data": pa.string(),
        "shared": pa.bool_(),
        "certificate_id": pa.string(),
        "grade": pa.string(),
        "index_edition": pa.string(),
        "last_offer_id": pa.string(),
        "last_input_hash": pa.string(),
        "last_expires_on": pa.date32(),
    }
)
"""One row per household: its latest figures, its best living certificate and its offer before (null: none of it);
`shared` says that another row stands for the same household. The borrower is who is one on the day, by the household
rule; `borrower_standing` says why nothing can be offered in their name (null: nothing is in the way), and
`group_contracts_fen` what this bank's contracts with other adults of the exposure group take (null: nothing)."""

_OFFER_INPUTS: Final = f"""
    WITH known AS (SELECT leaf_id FROM bank.sealed_leaves WHERE position <= :position),
    newest AS (
        SELECT DISTINCT ON (pseudonym) certificate_id, pseudonym, grade, body ->> 'edition' AS edition, expires_on,
               array_position(ARRAY['A', 'AA', 'AAA'], grade) AS place
        FROM bank.received_certificates JOIN known USING (leaf_id)
        WHERE bank_code = :bank_code AND as_of <= :day
        ORDER BY pseudonym, as_of DESC, certificate_id),
    living AS (
        -- The newest word counts: when it is revoked or has expired, no older certificate takes its place.
        SELECT * FROM newest WHERE expires_on > :day AND NOT EXISTS (
            SELECT 1 FROM bank.received_revocations r JOIN known USING (leaf_id)
            WHERE r.certificate_id = newest.certificate_id AND r.revoked_on <= :day)),
    latest AS (
        SELECT household_ref, household_key, village_code, sector, borrower_ref, borrower_birth_on, borrower_pseudonym,
               spouse_pseudonym, data
        FROM bank.households JOIN known USING (leaf_id)
        WHERE bank_code = :bank_code {{one_household}} AND snapshot_on = ({LATEST_SNAPSHOT})),
    ruled AS (
        SELECT * FROM json_to_recordset(:standings) AS told (
            household_ref text, borrower_ref text, borrower_birth_on date, obstacle text, group_contracts_fen bigint)),
    standing AS (
        SELECT DISTINCT ON (household_ref) household_ref, offer_id, input_hash, expires_on
        FROM bank.offers WHERE bank_code = :bank_code AND priced_on <= :day
        ORDER BY household_ref, leaf_id DESC)
    SELECT l.household_ref, l.household_key, l.village_code, l.sector, coalesce(t.borrower_ref, l.borrower_ref),
           coalesce(t.borrower_birth_on, l.borrower_birth_on), nullif(t.obstacle, ''), t.group_contracts_fen,
           l.data::text,
           count(*) OVER (PARTITION BY l.household_key) > 1,
           -- The borrower's grade counts; a consenting spouse's takes its place only if it is higher.
           CASE WHEN coalesce(s.place, 0) > coalesce(b.place, 0) THEN s.certificate_id ELSE b.certificate_id END,
           CASE WHEN coalesce(s.place, 0) > coalesce(b.place, 0) THEN s.grade ELSE b.grade END,
           CASE WHEN coalesce(s.place, 0) > coalesce(b.place, 0) THEN s.edition ELSE b.edition END,
           o.offer_id, o.input_hash, o.expires_on
    FROM latest l
    LEFT JOIN ruled t USING (household_ref)
    -- The listed couple's certificates speak for the listed borrower, not for who took their place.
    LEFT JOIN living b ON b.pseudonym = l.borrower_pseudonym
        AND l.borrower_ref = coalesce(t.borrower_ref, l.borrower_ref)
    LEFT JOIN living s ON s.pseudonym = l.spouse_pseudonym
        AND l.borrower_ref = coalesce(t.borrower_ref, l.borrower_ref)
    LEFT JOIN standing o USING (household_ref)
    ORDER BY l.household_ref
"""  # noqa: S608 - text of our own
_ONE_HOUSEHOLD: Final = (
    "AND household_key IN (SELECT household_key FROM bank.households"
    " WHERE bank_code = :bank_code AND household_ref = :household_ref)"
)


def offer_inputs(
    connection: Connection, bank_code: str, day: date, position: int, household_ref: str | None = None
) -> pa.Table:
    """Reads what offers of a day are made of, as far as it was sealed by a position.

    Args:
        connection: an open transaction.
        bank_code: the bank.
        day: the business date; later snapshots, certificates and offers are not looked at.
        position: the sealed position up to which rows are known.
        household_ref: only this household, and rows that stand for the same one.

    Returns:
        A table of `OFFER_INPUTS`, by household.
    """
    one = _ONE_HOUSEHOLD if household_ref is not None else ""
    ruled = [asdict(standing) for standing in deviating(connection, bank_code, day, position, household_ref)]
    query = text(_OFFER_INPUTS.format(one_household=one)).bindparams(
        bindparam("standings", orjson.dumps(ruled).decode(), Text),
        bindparam("bank_code", bank_code, Text),
        bindparam("day", day, Date),
        bindparam("position", position, BigInteger),
    )
    if household_ref is not None:
        query = query.bindparams(bindparam("household_ref", household_ref, Text))
    return read(connection, query, OFFER_INPUTS)
