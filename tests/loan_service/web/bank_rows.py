"""A small bank node, written as rows: one household from offer to repayment, one declined, one merely offered."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Column, Table, insert

from loan_service.bank.store import tables
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
MORNING = datetime(2026, 6, 15, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
BANK = "island_rural"
SIGNED, DECLINED, OFFERED = "H000001", "H000002", "H000003"
PSEUDONYM = "ab" * 16
CERTIFICATE = "cd" * 32
CONTRACT_NO = "HX2026-000001"

LIMIT_LEDGER = [
    {"kind": "baseline", "rule": "income_multiple", "amount_fen": 7_250_000},
    {"kind": "baseline", "rule": "unsecured_debt", "amount_fen": -1_000_000},
    {"kind": "cap", "rule": "whole_thousands", "amount_fen": -50_000},
    {"kind": "bonus", "rule": "grade_bonus", "amount_fen": 1_200_000},
]
RATE_LEDGER = [
    {"kind": "baseline", "rule": "lpr", "amount_bp": 300},
    {"kind": "baseline", "rule": "band_spread", "amount_bp": 185},
    {"kind": "bonus", "rule": "grade_discount", "amount_bp": -30},
]
BY_GRADE = [
    {"grade": grade, "limit_fen": limit_fen, "rate_bp": rate_bp, "all_in_annual_cost_bp": all_in_bp}
    for grade, limit_fen, rate_bp, all_in_bp in (
        ("none", 6_200_000, 485, 496),
        ("A", 6_200_000, 475, 485),
        ("AA", 7_400_000, 455, 465),
        ("AAA", 8_600_000, 425, 433),
    )
]
PRICE_REASONS = [{"code": "years_in_trade", "about": "price", "zh": "从业年限较短", "en": "few years in the trade"}]
REASONS = [
    {"code": "arrears_too_long", "zh": "两年内最长逾期超过30天", "en": "Arrears of more than 30 days within two years"}
]


def fill_bank(wing: Wing) -> None:
    """Writes the rows; every number is made up."""
    with transaction(wing.engine) as connection:
        for name, rows in _tables().items():
            table = getattr(tables, name)
            for row in rows:
                connection.execute(insert(table).values(_with_the_rest(table, row)))


def _with_the_rest(table: Table, row: dict[str, Any]) -> dict[str, Any]:
    """Columns a table demands and no page shows get the emptiest value of their type."""
    demanded = [c for c in table.columns if not c.nullable and c.server_default is None and c.identity is None]
    return {column.name: _emptiest(column) for column in demanded} | row


def _emptiest(column: Column[Any]) -> Any:
    kind = column.type.python_type
    return {date: DAY, datetime: MORNING}.get(kind) or kind()


def _tables() -> dict[str, list[dict[str, Any]]]:
    return {
        "households": [_household(SIGNED, PSEUDONYM), _household(DECLINED), _household(OFFERED)],
        "received_certificates": [_certificate()],
        "offers": [_offer(SIGNED), _declined(DECLINED), _plain_offer(OFFERED)],
        "applications": [
            {
                "application_id": "app-1",
                "bank_code": BANK,
                "channel_reference": "ch-1",
                "offer_id": f"offer-{SIGNED}",
                "household_ref": SIGNED,
                "household_key": f"{SIGNED:0>32}",
                "requested_limit_fen": 7_000_000,
                "purpose": "fishing",
                "term_months": 36,
                "applied_on": date(2026, 6, 2),
            }
        ],
        "authorisations": [
            {"application_id": "app-1", "kind": kind, "text_version": "2026-01", "signed_at": MORNING}
            for kind in ("bureau_query", "income_query")
        ],
        "bank_decisions": [
            {
                "application_id": "app-1",
                "message_key": "m-1",
                "decision": "approve",
                "limit_fen": 7_000_000,
                "reason_codes": [],
                "business_date": date(2026, 6, 3),
            }
        ],
        "signings": [
            {
                "signing_id": "sign-1",
                "bank_code": BANK,
                "application_id": "app-1",
                "household_ref": SIGNED,
                "household_key": f"{SIGNED:0>32}",
                "claim_number": 1,
                "limit_fen": 7_000_000,
                "rate_bp": 455,
                "term_months": 36,
                "requested_on": date(2026, 6, 3),
                "holds_until": date(2026, 9, 1),
                "baseline_fen": 6_200_000,
                "bonus_fen": 800_000,
                "cuts": [],
            }
        ],
        "contracts": [
            {
                "contract_id": f"{BANK}/{CONTRACT_NO}",
                "bank_code": BANK,
                "contract_no": CONTRACT_NO,
                "signing_id": "sign-1",
                "application_id": "app-1",
                "offer_id": f"offer-{SIGNED}",
                "household_ref": SIGNED,
                "household_key": f"{SIGNED:0>32}",
                "village_code": "V017",
                "grade": "AA",
                "limit_fen": 7_000_000,
                "rate_bp": 455,
                "signed_on": date(2026, 6, 4),
                "starts_on": date(2026, 6, 4),
                "matures_on": date(2029, 6, 4),
            }
        ],
        "contract_balances": [
            {"contract_id": f"{BANK}/{CONTRACT_NO}", "limit_fen": 7_000_000, "outstanding_fen": 3_000_000}
        ],
        "drawdowns": [
            {
                "drawdown_id": "draw-1",
                "contract_id": f"{BANK}/{CONTRACT_NO}",
                "bank_code": BANK,
                "channel_reference": "chd-1",
                "amount_fen": 4_000_000,
                "requested_on": date(2026, 6, 6),
            }
        ],
        "movements": [
            _movement("mv-1", "drawdown", 4_000_000, 6, drawdown_id="draw-1", loan_note_no="N-1"),
            _movement("mv-2", "repayment", 1_000_000, 12, loan_note_no="N-1", interest_fen=3_033),
        ],
    }


def _household(household_ref: str, pseudonym: str | None = None) -> dict[str, Any]:
    return {
        "bank_code": BANK,
        "household_ref": household_ref,
        "snapshot_on": date(2026, 6, 1),
        "household_key": f"{household_ref:0>32}",
        "village_code": "V017",
        "sector": "fishery",
        "borrower_ref": f"B{household_ref}",
        "borrower_birth_on": date(1980, 3, 1),
        "borrower_pseudonym": pseudonym,
        "data": {},
    }


def _certificate() -> dict[str, Any]:
    body = {
        "bank_code": BANK,
        "pseudonym": PSEUDONYM,
        "grade": "AA",
        "reason_codes": ["2.4", "4.1"],
        "edition": "2026-01",
        "as_of": "2026-06-01",
        "expires_on": "2026-08-30",
        "consent_id": "1",
    }
    return {
        "certificate_id": CERTIFICATE,
        "bank_code": BANK,
        "pseudonym": PSEUDONYM,
        "grade": "AA",
        "body": body,
        "as_of": date(2026, 6, 1),
        "expires_on": date(2026, 8, 30),
    }


def _offer(household_ref: str) -> dict[str, Any]:
    return {
        "offer_id": f"offer-{household_ref}",
        "bank_code": BANK,
        "household_ref": household_ref,
        "village_code": "V017",
        "decision": "offer",
        "grade": "AA",
        "certificate_id": CERTIFICATE,
        "default_probability": 0.0123,
        "baseline_limit_fen": 6_200_000,
        "limit_bonus_fen": 1_200_000,
        "limit_fen": 7_400_000,
        "base_rate_bp": 485,
        "rate_discount_bp": 30,
        "rate_bp": 455,
        "all_in_annual_cost_bp": 465,
        "purpose": "fishing",
        "term_months": 36,
        "repayment_plan": "after_season",
        "risk_band": "b2",
        "terms_ledger": {"limit": LIMIT_LEDGER, "rate": RATE_LEDGER, "by_grade": BY_GRADE},
        "affordability": {
            "largest_line_fen": 9_000_000,
            "worst_month": 7,
            "left_after_repayment_fen": 123_400,
            "incentive_gap_bp": 0,
            "assumptions": [],
        },
        "reasons": PRICE_REASONS,
        "model_version": "3",
        "policy_edition": "island_rural/2026-06@0123456789ab",
        "index_edition": "2026-01",
        "known_position": 12,
        "priced_on": date(2026, 6, 1),
        "expires_on": date(2026, 8, 30),
    }


def _plain_offer(household_ref: str) -> dict[str, Any]:
    """Without a certificate: the baseline and nothing else."""
    return _offer(household_ref) | {
        "grade": "none",
        "certificate_id": None,
        "index_edition": None,
        "limit_bonus_fen": 0,
        "limit_fen": 6_200_000,
        "rate_discount_bp": 0,
        "rate_bp": 485,
        "terms_ledger": {"limit": LIMIT_LEDGER[:3], "rate": RATE_LEDGER[:2], "by_grade": BY_GRADE},
    }


def _declined(household_ref: str) -> dict[str, Any]:
    nothing = dict.fromkeys(
        ("baseline_limit_fen", "limit_fen", "limit_bonus_fen", "base_rate_bp", "rate_discount_bp", "rate_bp"), 0
    )
    return (
        _plain_offer(household_ref)
        | nothing
        | {
            "decision": "decline",
            "all_in_annual_cost_bp": 0,
            "term_months": 0,
            "terms_ledger": {"limit": [], "rate": [], "by_grade": []},
            "reasons": REASONS,
        }
    )


def _movement(movement_id: str, kind: str, principal_fen: int, day: int, **more: Any) -> dict[str, Any]:
    return {
        "movement_id": movement_id,
        "contract_id": f"{BANK}/{CONTRACT_NO}",
        "bank_code": BANK,
        "kind": kind,
        "principal_fen": principal_fen,
        "business_date": date(2026, 6, day),
        **more,
    }
