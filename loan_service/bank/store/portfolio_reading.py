"""What portfolio ledgers and waits tell to those who read them; takes no lock."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, text

from loan_service.bank.store.portfolio_tables import portfolio_waits
from loan_service.bank.store.tables import signings
from loan_service.foundation.database import AnyRow
from models.portfolio import Pot

_HELD = text("""
    SELECT e.scope, e.code, e.year, sum(e.amount_fen)::bigint AS held_fen,
           (coalesce(sum(e.amount_fen) FILTER (WHERE c.contract_id IS NOT NULL), 0))::bigint AS signed_fen
    FROM bank.portfolio_entries e LEFT JOIN bank.contracts c ON c.signing_id = e.signing_id
    WHERE e.bank_code = :bank_code GROUP BY e.scope, e.code, e.year
""")
_WAITING = text("""
    SELECT w.code, count(*) AS households FROM bank.portfolio_waits w
    JOIN bank.applications a ON a.application_id = w.application_id
    JOIN bank.offers o ON o.offer_id = a.offer_id
    LEFT JOIN bank.signings s ON s.application_id = w.application_id
    WHERE w.bank_code = :bank_code AND w.since_on <= :day AND o.expires_on > :day AND s.signing_id IS NULL
    GROUP BY w.code ORDER BY w.code
""")


@dataclass(frozen=True)
class Held:
    """What a pot holds in fen, and how much of it is signed; the rest is out for signing."""

    held_fen: int
    signed_fen: int


def held_by_pot(connection: Connection, bank_code: str) -> Mapping[Pot, Held]:
    """Every pot something was ever taken of."""
    rows = connection.execute(_HELD, {"bank_code": bank_code})
    return {Pot(row.scope, row.code, row.year): Held(row.held_fen, row.signed_fen) for row in rows}


def waiting_by_code(connection: Connection, bank_code: str, day: date) -> dict[str, int]:
    """How many approved households wait at which kind of cap; one that waited at two counts at both."""
    return {row.code: row.households for row in connection.execute(_WAITING, {"bank_code": bank_code, "day": day})}


def newest_wait(connection: Connection, application_id: str) -> AnyRow | None:
    """The cap that last held an application up, and since when."""
    column = portfolio_waits.c
    return connection.execute(
        select(column.code, column.since_on)
        .where(column.application_id == application_id)
        .order_by(column.since_on.desc(), column.leaf_id.desc())
        .limit(1)
    ).one_or_none()


def terms_put(connection: Connection, application_id: str) -> AnyRow | None:
    """The terms that went before the household, or the refusal to put them."""
    return connection.execute(select(signings).where(signings.c.application_id == application_id)).one_or_none()
