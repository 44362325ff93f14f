"""Rows of what changed in households: appended once, read back as the changes the household rule speaks of."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from typing import Final

import pyarrow as pa
from sqlalchemy import ARRAY, BigInteger, Connection, Text, TextClause, bindparam, select, text

from loan_service.bank.store.household_tables import household_changes
from loan_service.bank.store.tables import households
from loan_service.foundation.database import AnyRow, append
from models.household_changes import Change

_FIELDS: Final = tuple(one.name for one in fields(Change))
_TYPES: Final = dict.fromkeys(_FIELDS, pa.string()) | dict.fromkeys(("occurred_on", "member_birth_on"), pa.date32())


def append_changes(connection: Connection, bank_code: str, changes: Sequence[Change], leaf_id: int) -> int:
    """Appends changes; one that is already there stays as it is."""
    columns = {name: pa.array([getattr(change, name) for change in changes], _TYPES[name]) for name in _FIELDS}
    stamps = {"bank_code": pa.array([bank_code] * len(changes)), "leaf_id": pa.array([leaf_id] * len(changes))}
    return append(connection, household_changes, pa.table({**columns, **stamps}))


def every_change(connection: Connection, bank_code: str) -> list[Change]:
    """All changes a bank ever told, corrected ones and corrections included."""
    table = household_changes
    rows = connection.execute(select(*(table.c[name] for name in _FIELDS)).where(table.c.bank_code == bank_code))
    return [Change(*row) for row in rows]


def listed_keys(connection: Connection, bank_code: str) -> frozenset[str]:
    """Keys of the households that ever stood in the bank's own files."""
    column = households.c
    query = select(column.household_key).distinct().where(column.bank_code == bank_code)
    return frozenset(connection.execute(query).scalars())


_KNOWN: Final = """
    (CAST(:position AS bigint) IS NULL OR EXISTS (
        SELECT FROM bank.sealed_leaves s WHERE s.leaf_id = {row}.leaf_id AND s.position <= :position))
"""
_HOLDING: Final = f"""
    SELECT bank_code, {", ".join(_FIELDS)} FROM bank.household_changes c
    WHERE (CAST(:bank_code AS text) IS NULL OR bank_code = :bank_code) AND kind <> 'withdrawn'
          AND {_KNOWN.format(row="c")} AND NOT EXISTS (
              SELECT FROM bank.household_changes n WHERE n.bank_code = c.bank_code
              AND n.corrects_change_no = c.change_no AND {_KNOWN.format(row="n")})
"""  # noqa: S608 - names of columns
_NEAR: Final = f"""
    WITH RECURSIVE near (key) AS (
        SELECT unnest(:keys)
        UNION SELECT linked.key FROM near CROSS JOIN LATERAL (
            SELECT other_household_key FROM bank.household_changes WHERE household_key = near.key
            UNION ALL SELECT household_key FROM bank.household_changes WHERE other_household_key = near.key
            -- A contract stays with its borrower: the household that signed it and those the borrower went to.
            UNION ALL SELECT h.household_key FROM bank.contracts k JOIN bank.household_changes h USING (bank_code)
                WHERE k.household_key = near.key AND h.member_ref = k.borrower_ref
            UNION ALL SELECT k.household_key FROM bank.household_changes h JOIN bank.contracts k USING (bank_code)
                WHERE h.household_key = near.key AND k.borrower_ref = h.member_ref
        ) AS linked (key) WHERE linked.key IS NOT NULL)
    {_HOLDING} AND (household_key IN (SELECT key FROM near) OR other_household_key IN (SELECT key FROM near))
    UNION ALL SELECT NULL, NULL, NULL, NULL, key, NULL, NULL, NULL, NULL FROM near
"""  # noqa: S608 - names of columns


@dataclass(frozen=True)
class Near:
    """What bears on some households.

    Attributes:
        keys: Theirs, and those of every household a link or a move, corrected or not, ever led to.
        changes: Changes of any of them that no later row corrects, by bank.
    """

    keys: frozenset[str]
    changes: Mapping[str, list[Change]]


def holding_changes(connection: Connection, bank_code: str, position: int) -> list[Change]:
    """A bank's changes that no later row corrects, as far as they were sealed by a position."""
    return [Change(*row[1:]) for row in connection.execute(_given(text(_HOLDING), bank_code, position))]


def near(
    connection: Connection, keys: Iterable[str], bank_code: str | None = None, position: int | None = None
) -> Near:
    """Follows links and moves from some households.

    Args:
        connection: an open transaction.
        keys: blinded keys of the households asked about.
        bank_code: only what this bank was told; None: what any bank of the programme was told.
        position: only what was sealed by then; None: everything committed.
    """
    query = _given(text(_NEAR), bank_code, position).bindparams(bindparam("keys", list(keys), ARRAY(Text)))
    found, changes = set(), defaultdict(list)
    for row in connection.execute(query):
        if row[0] is None:
            found.add(row[4])
        else:
            changes[row[0]].append(Change(*row[1:]))
    return Near(frozenset(found), changes)


def _given(query: TextClause, bank_code: str | None, position: int | None) -> TextClause:
    return query.bindparams(bindparam("bank_code", bank_code, Text), bindparam("position", position, BigInteger))


_TIMELINE: Final = text(
    """
    WITH own AS (
        SELECT DISTINCT household_key AS key FROM bank.households
        WHERE bank_code = :bank_code AND household_ref = :household_ref)
    SELECT c.occurred_on AS happened_on, 'household' AS step,
           -- Told as this household lived it: whom another one receives has left here.
           CASE WHEN own.key = c.household_key OR c.kind = 'split' THEN c.kind
                WHEN c.kind = 'merged' THEN 'joined' ELSE 'left' END AS what,
           NULL::bigint AS amount_fen, c.change_no AS reference, NULL AS detail
    FROM bank.household_changes c JOIN own ON own.key IN (c.household_key, c.other_household_key)
    WHERE c.bank_code = :bank_code AND c.occurred_on <= :as_of AND c.kind <> 'withdrawn' AND NOT EXISTS (
        SELECT FROM bank.household_changes n
        WHERE n.bank_code = c.bank_code AND n.corrects_change_no = c.change_no)
    ORDER BY c.occurred_on, c.leaf_id, c.change_no
    """
)


def household_timeline(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> list[AnyRow]:
    """What holds of what a bank was told of one household up to a day, as rows of `store.timelines.timeline`.

    Only kinds and days: who came, went or died, and which other household it was, is not for every adult to read.
    """
    given = {"bank_code": bank_code, "household_ref": household_ref, "as_of": as_of}
    return list(connection.execute(_TIMELINE, given).all())
