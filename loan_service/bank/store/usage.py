"""Rows of drawdowns asked for and of what the bank booked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date

from sqlalchemy import Connection, null, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.rows import among, append_rows
from loan_service.bank.store.tables import arrears_reports, closures, drawdowns, movements, rejections


@dataclass(frozen=True)
class DrawdownRow:
    """One wish for money, reserved and sent, or refused here with its reason."""

    drawdown_id: str
    contract_id: str
    bank_code: str
    channel_reference: str
    amount_fen: int
    requested_on: date
    refusal_code: str | None


@dataclass(frozen=True, kw_only=True)
class MovementRow:
    """One thing the bank booked on a contract; fen."""

    movement_id: str
    contract_id: str
    bank_code: str
    kind: str
    business_date: date
    drawdown_id: str | None = None
    loan_note_no: str | None = None
    principal_fen: int = 0
    interest_fen: int = 0
    penalty_fen: int = 0
    fee_fen: int = 0


@dataclass
class Asked:
    """A drawdown we asked for, or refused to, and what became of it: None, `drawdown` or `drawdown_refused`."""

    contract_id: str
    amount_fen: int
    refused_here: bool
    outcome: str | None


def known_drawdowns(connection: Connection, drawdown_ids: Sequence[str]) -> dict[str, DrawdownRow]:
    """The drawdowns that are already kept, by id."""
    query = select(*(drawdowns.c[one.name] for one in fields(DrawdownRow)))
    rows = connection.execute(query.where(among(drawdowns.c.drawdown_id, drawdown_ids)))
    return {row.drawdown_id: DrawdownRow(*row) for row in rows}


def append_drawdowns(connection: Connection, rows: Sequence[DrawdownRow], leaf_id: int) -> int:
    """Appends wishes for money."""
    return append_rows(connection, drawdowns, [{**vars(row), "leaf_id": leaf_id} for row in rows])


def asked(connection: Connection, drawdown_ids: Sequence[str]) -> Mapping[str, Asked]:
    """What we know of drawdowns by id; a drawdown both paid and refused counts as paid."""
    column, booked = drawdowns.c, movements.c
    rows = connection.execute(
        select(column.drawdown_id, column.contract_id, column.amount_fen, column.refusal_code, booked.kind)
        .outerjoin(movements, (booked.contract_id == column.contract_id) & (booked.drawdown_id == column.drawdown_id))
        .where(among(column.drawdown_id, drawdown_ids))
        .ext(distinct_on(column.drawdown_id))
        .order_by(column.drawdown_id, booked.kind)
    )
    return {
        row.drawdown_id: Asked(row.contract_id, row.amount_fen, row.refusal_code is not None, row.kind) for row in rows
    }


@dataclass(frozen=True)
class RefusedRequest:
    """A drawdown request the bank refused at its door."""

    message_id: str
    drawdown_id: str
    contract_id: str
    code: str
    requested_on: date


def refused_requests(connection: Connection, bank_code: str) -> list[RefusedRequest]:
    """Requests the bank refused at its door whose reservation has not been released yet."""
    column, refused = drawdowns.c, rejections.c
    rows = connection.execute(
        select(refused.message_id, column.drawdown_id, column.contract_id, refused.code, column.requested_on)
        .join(rejections, (refused.subject_id == column.drawdown_id) & (refused.kind == "drawdown_request"))
        .outerjoin(
            movements,
            (movements.c.contract_id == column.contract_id) & (movements.c.drawdown_id == column.drawdown_id),
        )
        .where(column.bank_code == bank_code, movements.c.movement_id.is_(null()))
        .order_by(column.drawdown_id)
    )
    return [RefusedRequest(*row) for row in rows]


def append_movements(connection: Connection, rows: Sequence[MovementRow], leaf_id: int) -> int:
    """Appends what the bank booked; a movement kept before stays as it is."""
    return append_rows(connection, movements, [{**vars(row), "leaf_id": leaf_id} for row in rows])


def append_arrears(connection: Connection, reports: Sequence[tuple[str, str, date, int]]) -> int:
    """Appends (message key, contract, business date, days past due)."""
    names = ("message_key", "contract_id", "business_date", "days_past_due")
    return append_rows(connection, arrears_reports, [dict(zip(names, one, strict=True)) for one in reports])


def append_closures(connection: Connection, closed: Sequence[tuple[str, str, str, date]], leaf_id: int) -> int:
    """Appends (contract, message key, reason code, business date); the first closure of a contract counts."""
    names = ("contract_id", "message_key", "reason_code", "business_date")
    rows = [dict(zip(names, one, strict=True)) | {"leaf_id": leaf_id} for one in closed]
    return append_rows(connection, closures, rows)


@dataclass(frozen=True)
class Balance:
    """A kept balance."""

    reserved_fen: int
    outstanding_fen: int


def lock_all_balances(connection: Connection, bank_code: str) -> dict[str, Balance]:
    """Locks and reads every balance of a bank."""
    rows = connection.execute(
        text(
            "SELECT b.contract_id, b.reserved_fen, b.outstanding_fen FROM bank.contract_balances b"
            " JOIN bank.contracts c USING (contract_id) WHERE c.bank_code = :bank_code"
            " ORDER BY b.contract_id FOR UPDATE OF b"
        ),
        {"bank_code": bank_code},
    )
    return {row.contract_id: Balance(row.reserved_fen, row.outstanding_fen) for row in rows}


def days_above_limit(connection: Connection, bank_code: str) -> list[tuple[str, date, int]]:
    """Contract, business date and fen above the signed limit, for every day that ended with more owed than allowed."""
    rows = connection.execute(
        text(
            """
            SELECT contract_id, business_date, (owed_fen - limit_fen)::bigint FROM (
                SELECT m.contract_id, m.business_date, c.limit_fen,
                       sum(sum(CASE m.kind WHEN 'drawdown' THEN m.principal_fen WHEN 'repayment' THEN -m.principal_fen
                                    ELSE 0 END)) OVER (PARTITION BY m.contract_id ORDER BY m.business_date) AS owed_fen
                FROM bank.movements m JOIN bank.contracts c USING (contract_id)
                WHERE m.bank_code = :bank_code
                GROUP BY m.contract_id, m.business_date, c.limit_fen
            ) AS days WHERE owed_fen > limit_fen ORDER BY 1, 2
            """
        ),
        {"bank_code": bank_code},
    )
    return [(row[0], row[1], row[2]) for row in rows]
