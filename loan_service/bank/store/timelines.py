"""What happened between one household and its bank, row by row, for a person to read."""

from datetime import date

from sqlalchemy import Connection, select, text

from loan_service.bank.store.household_standings import LATEST_SNAPSHOT
from loan_service.bank.store.tables import contract_balances, contracts, log, offers, received_certificates
from loan_service.foundation.database import AnyRow
from loan_service.foundation.transparency import sealed_position

_TIMELINE = text(
    """
    WITH own AS (
        SELECT * FROM bank.applications WHERE bank_code = :bank_code AND household_ref = :household_ref),
    held AS (
        SELECT * FROM bank.contracts WHERE bank_code = :bank_code AND household_ref = :household_ref)
    SELECT happened_on, step, what, amount_fen, reference, detail FROM (
        SELECT priced_on AS happened_on, 1 AS place, leaf_id AS inner_place, 'offer' AS step, decision AS what,
               limit_fen AS amount_fen, offer_id AS reference, grade AS detail
        FROM bank.offers WHERE bank_code = :bank_code AND household_ref = :household_ref
        UNION ALL SELECT applied_on, 2, leaf_id, 'application', coalesce(refusal_code, 'sent'), requested_limit_fen,
               application_id, purpose FROM own
        UNION ALL SELECT o.applied_on, 3, 0, r.kind, 'rejected', NULL, r.subject_id, r.code
        FROM bank.rejections r JOIN own o ON o.application_id = r.subject_id
        UNION ALL SELECT d.business_date, 4, d.sequence, 'decision', d.decision, d.limit_fen, d.application_id,
               array_to_string(ARRAY(SELECT jsonb_array_elements_text(d.reason_codes)), ', ')
        FROM bank.bank_decisions d JOIN own USING (application_id)
        UNION ALL SELECT s.requested_on, 5, s.leaf_id, 'signing', coalesce(s.refusal_code, 'sent'), s.limit_fen,
               s.signing_id, NULL FROM bank.signings s JOIN own USING (application_id)
        UNION ALL SELECT w.since_on, 5, w.leaf_id, 'waiting', w.code, NULL, w.application_id, NULL
        FROM bank.portfolio_waits w JOIN own USING (application_id)
        UNION ALL SELECT s.requested_on, 5, s.leaf_id, 'terms_cut', cut ->> 'code', NULL, s.signing_id,
               concat_ws(' -> ', cut ->> 'asked', cut ->> 'given')
        FROM bank.signings s JOIN own USING (application_id), jsonb_array_elements(s.cuts) AS cut
        UNION ALL SELECT signed_on, 6, leaf_id, 'contract', 'signed', limit_fen, contract_no, NULL FROM held
        UNION ALL SELECT d.requested_on, 7, d.leaf_id, 'drawdown_request', coalesce(d.refusal_code, 'sent'),
               d.amount_fen, d.drawdown_id, NULL FROM bank.drawdowns d JOIN held USING (contract_id)
        UNION ALL SELECT m.business_date, 8, m.leaf_id, 'movement', m.kind, m.principal_fen, m.movement_id,
               m.loan_note_no FROM bank.movements m JOIN held USING (contract_id)
        UNION ALL SELECT a.business_date, 9, 0, 'arrears', a.days_past_due::text, NULL, a.message_key, NULL
        FROM bank.arrears_reports a JOIN held USING (contract_id)
        UNION ALL SELECT x.business_date, 10, 0, 'closure', x.reason_code, NULL, x.message_key, NULL
        FROM bank.closures x JOIN held USING (contract_id)
    ) AS everything
    WHERE happened_on <= :as_of ORDER BY happened_on, place, inner_place, reference
    """
)

# Whoever left a household is not shown it: older snapshots list former spouses and borrowers.
_KNOWN_BY = text(
    f"""
    SELECT min(household_ref) FROM bank.households JOIN bank.sealed_leaves USING (leaf_id)
    WHERE bank_code = :bank_code AND snapshot_on = ({LATEST_SNAPSHOT}) AND position <= :position
          AND :pseudonym IN (borrower_pseudonym, spouse_pseudonym)
    """  # noqa: S608 - text of our own
)


def newest_offer(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> AnyRow | None:
    """The household's latest offer of a day, expired or not."""
    column = offers.c
    return connection.execute(
        select(offers)
        .where(column.bank_code == bank_code, column.household_ref == household_ref, column.priced_on <= as_of)
        .order_by(column.leaf_id.desc())
        .limit(1)
    ).first()


def offer(connection: Connection, offer_id: str) -> AnyRow | None:
    """One offer."""
    return connection.execute(select(offers).where(offers.c.offer_id == offer_id)).first()


def certificate(connection: Connection, certificate_id: str) -> AnyRow | None:
    """A received certificate."""
    column = received_certificates.c
    return connection.execute(select(received_certificates).where(column.certificate_id == certificate_id)).first()


def contract(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> AnyRow | None:
    """The household's newest contract at the bank with its balance of now."""
    column = contracts.c
    return connection.execute(
        select(contracts, contract_balances.c.reserved_fen, contract_balances.c.outstanding_fen)
        .join(contract_balances, contract_balances.c.contract_id == column.contract_id)
        .where(column.bank_code == bank_code, column.household_ref == household_ref, column.signed_on <= as_of)
        .order_by(column.leaf_id.desc())
        .limit(1)
    ).first()


def timeline(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> list[AnyRow]:
    """Everything between a household and its bank up to a day, in order."""
    parameters = {"bank_code": bank_code, "household_ref": household_ref, "as_of": as_of}
    return list(connection.execute(_TIMELINE, parameters).all())


def household_known_by(connection: Connection, bank_code: str, pseudonym: str, as_of: date) -> str | None:
    """The household in which a bank's newest snapshot lists a borrower or a consenting spouse by a pseudonym."""
    position = sealed_position(connection, log)
    parameters = {"bank_code": bank_code, "pseudonym": pseudonym, "day": as_of, "position": position}
    found: str | None = connection.execute(_KNOWN_BY, parameters).scalar()
    return found
