"""What portfolio ledgers and waits tell to those who read them; takes no lock."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.portfolio_tables import portfolio_waits
from loan_service.bank.store.rows import among
from loan_service.bank.store.tables import signings
from loan_service.foundation.database import AnyRow
from models.portfolio import Pot

_HELD = text("""
    SELECT e.scope, e.code, e.year, sum(e.amount_fen)::bigint AS held_fen,
           (coalesce(sum(e.amount_fen) FILTER (WHERE c.contract_id IS NOT NULL), 0))::bigint AS signed_fen,
           (coalesce(sum(e.amount_fen) FILTER (WHERE e.kind = 'corrected'), 0))::bigint AS corrected_fen
    FROM bank.portfolio_entries e LEFT JOIN bank.contracts c ON c.signing_id = e.signing_id
    WHERE e.bank_code = :bank_code GROUP BY e.scope, e.code, e.year
""")
_WAITING = text("""
    WITH newest AS (
        SELECT DISTINCT ON (application_id) application_id, code FROM bank.portfolio_waits
        WHERE bank_code = :bank_code AND since_on <= :day ORDER BY application_id, leaf_id DESC)
    SELECT w.code, count(*) AS households FROM newest w
    JOIN bank.applications a ON a.application_id = w.application_id
    JOIN bank.offers o ON o.offer_id = a.offer_id
    LEFT JOIN bank.signings s ON s.application_id = w.application_id
    WHERE o.expires_on > :day AND s.signing_id IS NULL
    GROUP BY w.code ORDER BY w.code
""")


@dataclass(frozen=True)
class Held:
    """What a pot holds in fen, and how much of it is signed or a correction, which is nobody's."""

    held_fen: int
    signed_fen: int
    corrected_fen: int

    @property
    def reserved_fen(self) -> int:
        """What is out for signing."""
        return self.held_fen - self.signed_fen - self.corrected_fen


def held_by_pot(connection: Connection, bank_code: str) -> Mapping[Pot, Held]:
    """Every pot something was ever taken of."""
    rows = connection.execute(_HELD, {"bank_code": bank_code})
    return {Pot(row.scope, row.code, row.year): Held(row.held_fen, row.signed_fen, row.corrected_fen) for row in rows}


def waiting_by_code(connection: Connection, bank_code: str, day: date) -> dict[str, int]:
    """How many approved households wait at which kind of cap: the one that held each up last."""
    return {row.code: row.households for row in connection.execute(_WAITING, {"bank_code": bank_code, "day": day})}


def newest_waits(connection: Connection, application_ids: Sequence[str]) -> dict[str, AnyRow]:
    """By application the cap that last held it up (code), and since when (since_on)."""
    column = portfolio_waits.c
    rows = connection.execute(
        select(column.application_id, column.code, column.since_on)
        .ext(distinct_on(column.application_id))
        .where(among(column.application_id, application_ids))
        .order_by(column.application_id, column.leaf_id.desc())
    )
    return {row.application_id: row for row in rows}


def terms_put(connection: Connection, application_id: str) -> AnyRow | None:
    """The terms that went before the household, or the refusal to put them."""
    return connection.execute(select(signings).where(signings.c.application_id == application_id)).one_or_none()
