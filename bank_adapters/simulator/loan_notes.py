"""Interest and repayment on loan notes: integers, actual days over 360, oldest note first."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import NamedTuple

from bank_adapters.simulator.state import LoanNote

# Basis points of a 360-day year: fen x basis points x days, divided by this, are fen.
_YEAR = 10_000 * 360


class Payment(NamedTuple):
    """What one note received; `ordinal` counts the note's repayments from 1."""

    loan_note_no: str
    ordinal: int
    principal_fen: int
    interest_fen: int
    penalty_fen: int


class PenaltyTerms(NamedTuple):
    """Days the penalty runs and its rate, in thousandths of a basis point."""

    days: int
    rate_milli_bp: int


def repay(
    notes: Sequence[LoanNote], principal_fen: int, on: date, rate_bp: int, penalty: PenaltyTerms
) -> tuple[tuple[LoanNote, ...], tuple[Payment, ...]]:
    """Repay principal on the oldest notes first; a note that receives principal also gets its interest and penalty.

    Args:
        notes: The contract's notes in the order drawn.
        principal_fen: At most what is outstanding.
        on: Value day.
        rate_bp: The contract's rate, basis points a year.
        penalty: What is due for arrears.

    Returns:
        The notes afterwards and one payment per note touched.
    """
    after: list[LoanNote] = []
    payments: list[Payment] = []
    left = principal_fen
    for note in notes:
        part = min(left, note.outstanding_fen)
        left -= part
        if part:
            payment = _payment(note, part, on, rate_bp, penalty)
            payments.append(payment)
            note = replace(  # noqa: PLW2901 - the same note, afterwards
                note,
                outstanding_fen=note.outstanding_fen - part,
                interest_paid_until=on,
                repayments=payment.ordinal,
            )
        after.append(note)
    return tuple(after), tuple(payments)


def _payment(note: LoanNote, principal_fen: int, on: date, rate_bp: int, penalty: PenaltyTerms) -> Payment:
    days = (on - note.interest_paid_until).days
    return Payment(
        loan_note_no=note.loan_note_no,
        ordinal=note.repayments + 1,
        principal_fen=principal_fen,
        interest_fen=_half_up(note.outstanding_fen * rate_bp * days, _YEAR),
        penalty_fen=_half_up(note.outstanding_fen * penalty.rate_milli_bp * penalty.days, _YEAR * 1000),
    )


def _half_up(numerator: int, divisor: int) -> int:
    return (2 * numerator + divisor) // (2 * divisor)
