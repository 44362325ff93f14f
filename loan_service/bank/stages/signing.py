"""Puts approved terms before the household: one signing request per final approval, one claim per household."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import date
from typing import Final

from sqlalchemy import Connection

from bank_adapters import ContractTerms, SigningRequest
from loan_service.bank.store import claims, outbox, portfolio
from loan_service.bank.store import contracts as store
from loan_service.bank.store.rows import batch_leaf, stable_key
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy import Policy
from models.portfolio import Candidate, Grant, allot, limits_on

BATCH: Final = 500
TEMPLATE_ID: Final = "haixia-honesty-loan-1"


def request(wing: Wing, bank_code: str, policy: Policy, business_date: date) -> int:
    """Asks the bank to have every approval signed; returns how many approvals were settled, terms or refusal.

    The terms are those of the offer, the limit the bank's; what is left of caps and budgets on the day of signing may
    cut what the index added. They do not go out when the offer has expired meanwhile, when the bank decided on more
    than the household may have, or when it has claimed its one contract elsewhere. Where a cap has no room left for the
    baseline, the approval waits and is looked at again.

    Args:
        wing: the bank wing.
        bank_code: the bank.
        policy: the policy in force on the day, for its caps and budgets; prices are the offer's.
        business_date: the day of signing; where the bank is ahead of us, the last day it decided on.
    """
    settled, after = 0, (date.min, "")
    while True:
        with transaction(wing.engine) as connection:
            claims.one_at_a_time(connection)
            approvals = store.approvals(connection, bank_code, BATCH, after)
            if approvals:
                day = max(business_date, *(one.decided_on for one in approvals))
                settled += _put(connection, bank_code, approvals, policy, day)
        if len(approvals) < BATCH:
            return settled
        after = approvals[-1].decided_on, approvals[-1].application_id


def _put(connection: Connection, bank_code: str, approvals: Sequence[store.Approval], policy: Policy, day: date) -> int:
    desk = _Desk(connection, bank_code, approvals, policy, day)
    for one in approvals:
        desk.take(one)
    desk.write()
    return len(desk.rows)


class _Desk:
    """Settles approvals one after the other: each sees the claims and reservations of those before it."""

    def __init__(
        self,
        connection: Connection,
        bank_code: str,
        approvals: Sequence[store.Approval],
        policy: Policy,
        day: date,
    ) -> None:
        self.rows: list[store.SigningRow] = []
        self._connection = connection
        self._bank_code = bank_code
        self._edition = f"{policy.bank_code}/{policy.edition}"
        self._day = day
        self._limits = limits_on(policy, day)
        self._claims = dict(claims.claims_of(connection, [one.household_key for one in approvals]))
        self._ledger = portfolio.open_ledger(connection, bank_code, day, self._limits)
        self._queries: dict[str, list[claims.Query]] = {}
        self._waits: list[portfolio.Wait] = []

    def take(self, one: store.Approval) -> None:
        claim, candidate = self._claims.setdefault(one.household_key, claims.Claims()), _candidate(one)
        refusal = _refusal(self._bank_code, one, claim, self._day)
        (grant,) = [_uncut(candidate)] if refusal else allot([candidate], self._limits, self._ledger.held_fen)
        self._ask(one, claim, "waiting" if grant.waits_at else "signing")
        if grant.waits_at is not None:
            self._waits.append(portfolio.Wait(one.application_id, grant.waits_at))
            return
        row = self._row(one, claim, grant, refusal)
        self.rows.append(row)
        if refusal is None:
            claim.until.append(row.holds_until)
            taken = [(reservation.pot, reservation.amount_fen) for reservation in grant.reservations]
            self._ledger.enter("reserved", row.signing_id, taken, self._limits)

    def _ask(self, one: store.Approval, claim: claims.Claims, asked_for: str) -> None:
        query = claims.Query(one.application_id, one.household_key, claim.hold_on(self._day), self._day)
        self._queries.setdefault(asked_for, []).append(query)

    def write(self) -> None:
        if self.rows:
            keys = [row.signing_id for row in self.rows]
            leaf_id = batch_leaf(self._connection, "signings", self._bank_code, keys, self._day)
            store.append_signings(self._connection, self.rows, leaf_id)
            self._ledger.write()
            sent = [_request(row) for row in self.rows if row.refusal_code is None]
            outbox.put(self._connection, self._bank_code, sent)
        for asked_for, queries in self._queries.items():
            claims.log_queries(self._connection, self._bank_code, asked_for, queries)
        portfolio.append_waits(self._connection, self._bank_code, self._waits, self._edition, self._day)

    def _row(self, one: store.Approval, claim: claims.Claims, grant: Grant, refusal: str | None) -> store.SigningRow:
        terms = ContractTerms(
            bank_code=self._bank_code,
            signing_id=stable_key("signing", self._bank_code, one.application_id),
            application_id=one.application_id,
            household_ref=one.household_ref,
            limit_fen=grant.limit_fen,
            rate_bp=one.rate_bp + grant.rate_rise_bp,
            term_months=one.term_months,
            template_id=TEMPLATE_ID,
        )
        return store.SigningRow(
            **asdict(terms),
            terms_hash=terms.terms_hash,
            household_key=one.household_key,
            claim_number=None if refusal else 1 + claim.ended_by(self._day),
            requested_on=self._day,
            holds_until=one.expires_on,
            refusal_code=refusal,
            village_code=one.village_code,
            sector=one.sector,
            baseline_fen=grant.candidate.baseline_fen,
            bonus_fen=grant.bonus_fen,
            gap_bp=grant.gap_bp,
            cuts=[cut._asdict() for cut in grant.cuts],
            policy_edition=self._edition,
        )


def _candidate(one: store.Approval) -> Candidate:
    baseline_fen = min(one.limit_fen, one.baseline_fen)
    return Candidate(
        candidate_id=one.application_id,
        decided_on=one.decided_on,
        village_code=one.village_code,
        sector=one.sector,
        baseline_fen=baseline_fen,
        bonus_fen=one.limit_fen - baseline_fen,
        gap_bp=one.gap_bp,
    )


def _uncut(candidate: Candidate) -> Grant:
    """Terms as they were decided: what a refusal is about."""
    return Grant(candidate, bonus_fen=candidate.bonus_fen, gap_bp=candidate.gap_bp)


def _refusal(bank_code: str, one: store.Approval, claim: claims.Claims, day: date) -> str | None:
    if one.expires_on <= day:
        return "offer_expired"
    if one.limit_fen > one.entitled_fen:
        return "decision_above_offer"
    if claim.hold_on(day):
        return "household_has_contract"
    return claim.obstacle(bank_code, one.borrower_ref, day) or None


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
