"""One household's offer with all that is behind it: ledgers, reasons, stamps, certificate, contract, what happened."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import timelines
from loan_service.bank.store.household_changes import household_timeline
from loan_service.errors import NotFoundError
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import AnyRow
from models.terms import explain_terms
from models.yearly_cost import YEARLY_COST_METHOD, GradeLine, GradeTerms, ThreeLines, grade_lines, three_lines


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class LedgerRow(_Read):
    """One row of a terms ledger; `amount` in fen for a limit, in basis points for a rate."""

    kind: str = Field(description="baseline, cap or bonus; the bonus rows are all the index does")
    rule: str
    amount: int
    zh: str
    en: str


class Reason(_Read):
    """Why there is no offer, or why its rate is not the lowest."""

    code: str
    about: Literal["decision", "price"] = "decision"
    zh: str
    en: str


class Affordability(_Read):
    """What the household's tightest months can carry."""

    largest_line_fen: int
    worst_month: int
    left_after_repayment_fen: int
    incentive_gap_bp: int
    assumptions: tuple[str, ...]


class CertificateSeen(_Read):
    """The certificate as the bank knows it: no person's name, no record, no points."""

    certificate_id: str
    grade: str
    reason_codes: tuple[str, ...]
    edition: str
    as_of: date
    expires_on: date


class Stamps(_Read):
    """What the offer was made from, so that it can be made again."""

    input_hash: str
    model_version: str
    full_model_version: str | None
    policy_edition: str
    index_edition: str | None
    known_position: int
    replaces_offer_id: str | None


class ContractSeen(_Read):
    """The mirror of the bank's contract; balances are those of now."""

    contract_no: str
    limit_fen: int
    rate_bp: int
    signed_on: date
    starts_on: date
    matures_on: date
    reserved_fen: int
    outstanding_fen: int


class Happening(_Read):
    """One thing that happened between household and bank."""

    happened_on: date
    step: str
    what: str
    amount_fen: int | None
    reference: str
    detail: str | None


class OfferView(_Read):
    """An offer; it never binds the bank."""

    offer_id: str
    bank_code: str
    household_ref: str
    decision: str = Field(description="offer, refer or decline")
    living: bool = Field(description="whether it has not expired on the day asked about")
    grade: str
    default_probability: float = Field(description="of the baseline model, on bank data alone")
    baseline_limit_fen: int
    limit_bonus_fen: int
    limit_fen: int
    base_rate_bp: int
    rate_discount_bp: int
    rate_bp: int
    all_in_annual_cost_bp: int
    purpose: str
    term_months: int
    repayment_plan: str
    risk_band: str
    priced_on: date
    expires_on: date
    limit_ledger: tuple[LedgerRow, ...]
    rate_ledger: tuple[LedgerRow, ...]
    three_lines: ThreeLines | None = Field(
        description="in yuan a year: without joining, with the grade of the pricing day, with the next; null: no offer"
    )
    grade_lines: tuple[GradeLine, ...] = Field(description="the same at every grade; none where the index adds nothing")
    yearly_cost_method: str = Field(description="how yuan a year are counted in both")
    affordability: Affordability
    reasons: tuple[Reason, ...]
    stamps: Stamps
    certificate: CertificateSeen | None
    contract: ContractSeen | None
    timeline: tuple[Happening, ...]


def household_offer(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> OfferView:
    """The household's newest offer at a bank, as of a day.

    Raises:
        NotFoundError: the bank has made it no offer by then (`offer.unknown`).
    """
    return _view(connection, timelines.newest_offer(connection, bank_code, household_ref, as_of), household_ref, as_of)


def offer_by_id(connection: Connection, bank_code: str, offer_id: str, as_of: date) -> OfferView:
    """One offer of a bank, as of a day.

    Raises:
        NotFoundError: there is no such offer at this bank (`offer.unknown`).
    """
    row = timelines.offer(connection, offer_id)
    return _view(connection, row if row is not None and row.bank_code == bank_code else None, offer_id, as_of)


def _view(connection: Connection, row: AnyRow | None, asked_for: str, as_of: date) -> OfferView:
    if row is None:
        raise NotFoundError("offer.unknown", f"no offer for {asked_for}", f"没有{asked_for}的预授信")
    own = {name: getattr(row, name) for name in OfferView.model_fields if hasattr(row, name)}
    # Offers made before terms were told by grade carry none.
    by_grade = [GradeTerms(**terms) for terms in row.terms_ledger.get("by_grade", ())]
    return OfferView.model_validate(
        own
        | {
            "living": row.expires_on > as_of,
            "limit_ledger": _ledger(row.terms_ledger["limit"], "amount_fen"),
            "rate_ledger": _ledger(row.terms_ledger["rate"], "amount_bp"),
            "three_lines": three_lines(by_grade, row.grade),
            "grade_lines": grade_lines(by_grade),
            "yearly_cost_method": YEARLY_COST_METHOD,
            "stamps": Stamps.model_validate(row),
            "certificate": _certificate(connection, row.certificate_id),
            "contract": timelines.contract(connection, row.bank_code, row.household_ref, as_of),
            "timeline": _timeline(connection, row.bank_code, row.household_ref, as_of),
        }
    )


def _timeline(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> list[AnyRow]:
    """What happened between household and bank, and what the bank was told of the household itself, by day."""
    changes = household_timeline(connection, bank_code, household_ref, as_of)
    happened = timelines.timeline(connection, bank_code, household_ref, as_of)
    return sorted([*changes, *happened], key=lambda row: row.happened_on)


def _ledger(rows: Sequence[Mapping[str, Any]], unit: str) -> list[LedgerRow]:
    words = explain_terms(rows)
    return [
        LedgerRow(kind=row["kind"], rule=row["rule"], amount=row[unit], zh=told.zh, en=told.en)
        for row, told in zip(rows, words, strict=True)
    ]


def _certificate(connection: Connection, certificate_id: str | None) -> CertificateSeen | None:
    row = timelines.certificate(connection, certificate_id) if certificate_id else None
    if row is None:
        return None
    return CertificateSeen.model_validate(row.body | {"certificate_id": row.certificate_id})
