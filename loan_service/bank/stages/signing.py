"""Puts approved terms before the household: one signing request per final approval, one claim per household."""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Connection

from bank_adapters import ContractTerms, SigningRequest
from loan_service.bank.store import claims, outbox
from loan_service.bank.store import contracts as store
from loan_service.bank.store.rows import batch_leaf, stable_key
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

BATCH: Final = 500
TEMPLATE_ID: Final = "haixia-honesty-loan-1"


def request(wing: Wing, bank_code: str) -> int:
    """Asks the bank to have every approval signed; returns how many approvals were looked at.

    The terms are those of the offer, the limit the bank's. They do not go out when the offer has expired meanwhile,
    when the bank decided on more than was offered, or when the household has claimed its one contract elsewhere.
    """
    looked_at = 0
    while True:
        with transaction(wing.engine) as connection:
            claims.one_at_a_time(connection)
            approvals = store.approvals(connection, bank_code, BATCH)
            if approvals:
                _put(connection, bank_code, approvals)
        looked_at += len(approvals)
        if len(approvals) < BATCH:
            return looked_at


def _put(connection: Connection, bank_code: str, approvals: Sequence[store.Approval]) -> None:
    held = dict(claims.claims_of(connection, [one.household_key for one in approvals]))
    rows, queries = [], []
    for one in approvals:
        claim = held.setdefault(one.household_key, claims.Claims())
        holds = claim.hold_on(one.decided_on)
        queries.append(claims.Query(one.application_id, one.household_key, holds, one.decided_on))
        row = _row(bank_code, one, claim)
        if row.claim_number is not None:
            claim.until.append(row.holds_until)
        rows.append(row)
    day = max(one.decided_on for one in approvals)
    leaf_id = batch_leaf(connection, "signings", bank_code, [row.signing_id for row in rows], day)
    store.append_signings(connection, rows, leaf_id)
    claims.log_queries(connection, bank_code, "signing", queries)
    outbox.put(connection, bank_code, [_request(row) for row in rows if row.refusal_code is None])


def _row(bank_code: str, one: store.Approval, claim: claims.Claims) -> store.SigningRow:
    refusal = _refusal(one, claim)
    terms = ContractTerms(
        bank_code=bank_code,
        signing_id=stable_key("signing", bank_code, one.application_id),
        application_id=one.application_id,
        household_ref=one.household_ref,
        limit_fen=one.limit_fen,
        rate_bp=one.rate_bp,
        term_months=one.term_months,
        template_id=TEMPLATE_ID,
    )
    return store.SigningRow(
        signing_id=terms.signing_id,
        bank_code=bank_code,
        application_id=one.application_id,
        household_ref=one.household_ref,
        household_key=one.household_key,
        claim_number=None if refusal else 1 + claim.ended_by(one.decided_on),
        limit_fen=one.limit_fen,
        rate_bp=one.rate_bp,
        term_months=one.term_months,
        template_id=TEMPLATE_ID,
        terms_hash=terms.terms_hash,
        requested_on=one.decided_on,
        holds_until=one.expires_on,
        refusal_code=refusal,
    )


def _refusal(one: store.Approval, claim: claims.Claims) -> str | None:
    if one.expires_on <= one.decided_on:
        return "offer_expired"
    if one.limit_fen > one.offered_fen:
        return "decision_above_offer"
    return "household_has_contract" if claim.hold_on(one.decided_on) else None


def _request(row: store.SigningRow) -> SigningRequest:
    return SigningRequest(
        signing_id=row.signing_id,
        application_id=row.application_id,
        household_ref=row.household_ref,
        limit_fen=row.limit_fen,
        rate_bp=row.rate_bp,
        term_months=row.term_months,
        template_id=row.template_id,
        terms_hash=row.terms_hash,
    )
