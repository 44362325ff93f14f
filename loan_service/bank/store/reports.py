"""Counts and sums of the programme per bank, from contracts and movements as of a business date."""

from datetime import date

from sqlalchemy import Connection, text

from loan_service.foundation.database import AnyRow

_PROGRAMME = text(
    """
    WITH money AS (
        SELECT m.contract_id,
               sum(m.principal_fen) FILTER (WHERE m.kind = 'drawdown') AS drawn_fen,
               sum(m.principal_fen) FILTER (WHERE m.kind = 'repayment') AS repaid_fen
        FROM bank.movements m WHERE m.business_date <= :as_of GROUP BY m.contract_id)
    SELECT c.bank_code, count(DISTINCT c.household_key) AS households_signed, sum(c.limit_fen)::bigint AS signed_fen,
           count(DISTINCT c.household_key) FILTER (WHERE m.drawn_fen > 0) AS households_drew,
           coalesce(sum(m.drawn_fen), 0)::bigint AS drawn_cumulative_fen,
           coalesce(sum(greatest(coalesce(m.drawn_fen, 0) - coalesce(m.repaid_fen, 0), 0)), 0)::bigint
               AS outstanding_fen
    FROM bank.contracts c LEFT JOIN money m USING (contract_id)
    WHERE c.signed_on <= :as_of
    GROUP BY GROUPING SETS ((c.bank_code), ()) ORDER BY c.bank_code NULLS FIRST
    """
)

_FUNNEL = text(
    """
    WITH latest AS (
        SELECT bank_code, count(DISTINCT household_ref) AS households
        FROM bank.households WHERE snapshot_on <= :as_of GROUP BY bank_code),
    certificates AS (
        SELECT bank_code, count(*) AS certificates FROM bank.received_certificates c
        WHERE as_of <= :as_of AND expires_on > :as_of AND NOT EXISTS (
            SELECT 1 FROM bank.received_revocations r
            WHERE r.certificate_id = c.certificate_id AND r.revoked_on <= :as_of)
        GROUP BY bank_code),
    standing AS (
        SELECT DISTINCT ON (bank_code, household_ref) bank_code, decision, limit_bonus_fen, rate_discount_bp, expires_on
        FROM bank.offers WHERE priced_on <= :as_of ORDER BY bank_code, household_ref, leaf_id DESC),
    offered AS (
        SELECT bank_code, count(*) FILTER (WHERE decision = 'offer') AS offered,
               count(*) FILTER (WHERE decision = 'refer') AS referred,
               count(*) FILTER (WHERE decision = 'decline') AS declined,
               count(*) FILTER (WHERE limit_bonus_fen > 0 OR rate_discount_bp > 0) AS with_bonus
        FROM standing WHERE expires_on > :as_of GROUP BY bank_code),
    applied AS (
        SELECT bank_code, count(*) FILTER (WHERE refusal_code IS NULL) AS applied,
               count(*) FILTER (WHERE refusal_code IS NOT NULL) AS refused_here
        FROM bank.applications WHERE applied_on <= :as_of GROUP BY bank_code),
    final AS (
        SELECT DISTINCT ON (d.application_id) a.bank_code, d.decision
        FROM bank.bank_decisions d JOIN bank.applications a USING (application_id)
        WHERE d.business_date <= :as_of AND d.decision <> 'refer' ORDER BY d.application_id, d.sequence),
    decided AS (
        SELECT bank_code, count(*) FILTER (WHERE decision = 'approve') AS approved,
               count(*) FILTER (WHERE decision = 'counter') AS countered,
               count(*) FILTER (WHERE decision = 'decline') AS declined_by_bank
        FROM final GROUP BY bank_code),
    drew AS (
        SELECT c.bank_code, count(DISTINCT c.contract_id) AS signed, count(DISTINCT m.contract_id) AS drew
        FROM bank.contracts c LEFT JOIN bank.movements m
             ON m.contract_id = c.contract_id AND m.kind = 'drawdown' AND m.business_date <= :as_of
        WHERE c.signed_on <= :as_of GROUP BY c.bank_code)
    SELECT bank_code, coalesce(households, 0) AS households, coalesce(certificates, 0) AS certificates,
           coalesce(offered, 0) AS offered, coalesce(referred, 0) AS referred, coalesce(declined, 0) AS declined,
           coalesce(with_bonus, 0) AS with_bonus, coalesce(applied, 0) AS applied,
           coalesce(refused_here, 0) AS refused_here, coalesce(approved, 0) AS approved,
           coalesce(countered, 0) AS countered, coalesce(declined_by_bank, 0) AS declined_by_bank,
           coalesce(signed, 0) AS signed, coalesce(drew, 0) AS drew
    FROM latest FULL JOIN certificates USING (bank_code) FULL JOIN offered USING (bank_code)
    FULL JOIN applied USING (bank_code) FULL JOIN decided USING (bank_code) FULL JOIN drew USING (bank_code)
    ORDER BY bank_code
    """
)


def programme(connection: Connection, as_of: date) -> list[AnyRow]:
    """Signed and drawn, first in all (bank_code null), then by bank; empty before the first contract's day.

    A household counts once in all, whatever number of banks it signed with.
    """
    return list(connection.execute(_PROGRAMME, {"as_of": as_of}).all())


def funnel(connection: Connection, as_of: date) -> list[AnyRow]:
    """Households, certificates, offers, applications, decisions, contracts and draws by bank."""
    return list(connection.execute(_FUNNEL, {"as_of": as_of}).all())
