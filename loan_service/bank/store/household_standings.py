"""What the household rule says of a bank's households on a day, for those few of whom it says anything."""

from collections.abc import Iterable
from datetime import date
from typing import Final

from sqlalchemy import ARRAY, Connection, Text, TextClause, bindparam, select, text

from loan_service.bank.store.household_changes import holding_changes, near
from loan_service.bank.store.tables import households
from models.household_rule import Listed, OwnContract, Standing, history_of, standings

LATEST_SNAPSHOT: Final = """
    SELECT max(snapshot_on) FROM bank.households JOIN bank.sealed_leaves USING (leaf_id)
    WHERE bank_code = :bank_code AND snapshot_on <= :day AND position <= :position
"""
"""The newest snapshot: a household the bank no longer lists no longer wants to be prescreened."""

_OWN_CONTRACTS: Final = """
    WITH known AS (SELECT leaf_id FROM bank.sealed_leaves WHERE position <= :position),
    ended AS (
        SELECT contract_id FROM bank.closures x
        WHERE business_date < :day AND (x.leaf_id IS NULL OR x.leaf_id IN (SELECT leaf_id FROM known)))
    -- Contracts signed before they named a borrower: whoever was listed next to the signing.
    SELECT c.contract_id, c.household_key, coalesce(c.borrower_ref, (
               SELECT h.borrower_ref FROM bank.households h JOIN known USING (leaf_id)
               WHERE h.bank_code = c.bank_code AND h.household_ref = c.household_ref
               ORDER BY h.snapshot_on > c.signed_on, abs(h.snapshot_on - c.signed_on) LIMIT 1), ''),
           c.limit_fen, c.signed_on
    FROM bank.contracts c JOIN known USING (leaf_id)
    -- What is signed or ends on a day counts from the next: a second run of the day finds what the first one found.
    WHERE c.bank_code = :bank_code AND c.signed_on < :day AND c.contract_id NOT IN (SELECT contract_id FROM ended)
          AND (CAST(:keys AS text[]) IS NULL OR c.household_key = ANY (:keys))
"""
_LISTED: Final = f"""
    SELECT household_ref, household_key, borrower_ref, borrower_birth_on, snapshot_on FROM bank.households
    WHERE bank_code = :bank_code AND household_key = ANY (:keys) AND snapshot_on = ({LATEST_SNAPSHOT})
"""  # noqa: S608 - text of our own


def deviating(
    connection: Connection, bank_code: str, day: date, position: int, household_ref: str | None = None
) -> list[Standing]:
    """Listed households for which the rule says more than 'the listed borrower, no obstacle, no exposure'.

    Args:
        connection: an open transaction.
        bank_code: the bank.
        day: the business date.
        position: the sealed position up to which rows are known.
        household_ref: only this household, and rows that stand for the same one.
    """
    if household_ref is None:
        changes, asked, keys = holding_changes(connection, bank_code, position), None, None
    else:
        asked = _keys_of(connection, bank_code, household_ref)
        about = near(connection, asked, bank_code, position)
        changes, keys = about.changes.get(bank_code, []), about.keys
    history = history_of(changes)
    given = {"bank_code": bank_code, "day": day, "position": position}
    contracts = [OwnContract(*row) for row in connection.execute(_with_keys(_OWN_CONTRACTS, keys), given)]
    touched = history.touched | {contract.household_key for contract in contracts}
    touched = touched if asked is None else touched & asked
    if not touched:
        return []
    listed = [Listed(*row) for row in connection.execute(_with_keys(_LISTED, touched), given)]
    told = zip(listed, standings(history, listed, contracts, day), strict=True)
    return [standing for one, standing in told if _says_more(one, standing)]


def _says_more(one: Listed, standing: Standing) -> bool:
    return bool(standing.obstacle or standing.group_contracts_fen or standing.borrower_ref != one.borrower_ref)


def _keys_of(connection: Connection, bank_code: str, household_ref: str) -> frozenset[str]:
    column = households.c
    query = select(column.household_key).where(column.bank_code == bank_code, column.household_ref == household_ref)
    return frozenset(connection.execute(query).scalars())


def _with_keys(statement: str, keys: Iterable[str] | None) -> TextClause:
    return text(statement).bindparams(bindparam("keys", None if keys is None else list(keys), ARRAY(Text)))
