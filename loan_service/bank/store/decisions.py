"""Rows of the banks' decisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, case, null, select
from sqlalchemy.dialects.postgresql import distinct_on

from bank_adapters import BankDecision
from loan_service.bank.store.rows import among, append_rows
from loan_service.bank.store.tables import applications, bank_decisions, offers


@dataclass(frozen=True)
class Verdict:
    """A final decision: not a referral."""

    decision: str
    limit_fen: int


def offered_limits(connection: Connection, bank_code: str, application_ids: Sequence[str]) -> dict[str, int]:
    """How much the bank may decide on, by application that went to it; unknown applications are absent.

    That is the limit offered, with the bonus only where the household chose it.
    """
    application = applications.c
    rows = connection.execute(
        select(
            application.application_id,
            case((application.takes_bonus, offers.c.limit_fen), else_=offers.c.baseline_limit_fen).label("limit_fen"),
        )
        .join(offers, offers.c.offer_id == application.offer_id)
        .where(
            among(application.application_id, application_ids),
            application.bank_code == bank_code,
            application.refusal_code.is_(null()),
        )
    )
    return {row.application_id: row.limit_fen for row in rows}


def final_verdicts(connection: Connection, application_ids: Sequence[str]) -> Mapping[str, Verdict]:
    """The first decision of each application that is not a referral."""
    column = bank_decisions.c
    rows = connection.execute(
        select(column.application_id, column.decision, column.limit_fen)
        .where(among(column.application_id, application_ids), column.decision != "refer")
        .ext(distinct_on(column.application_id))
        .order_by(column.application_id, column.sequence)
    )
    return {row.application_id: Verdict(row.decision, row.limit_fen) for row in rows}


def append_decisions(connection: Connection, decisions: Sequence[BankDecision]) -> int:
    """Appends decisions as the bank told them."""
    rows = [
        {
            "application_id": one.application_id,
            "message_key": f"{one.bank_code}/{one.message_id}",
            "sequence": one.sequence,
            "decision": one.decision,
            "limit_fen": one.limit_fen,
            "reason_codes": list(one.reason_codes),
            "business_date": one.business_date,
        }
        for one in decisions
    ]
    return append_rows(connection, bank_decisions, rows)
