"""Whatever is poisoned of all that comes from the index, no household is decided, cut, staged or asked otherwise.

Every household has a twin with the same bank data. One of the two is left alone; of the other everything is poisoned
that a civility fact could reach: certificates of every grade, for borrower and spouse, some revoked; and the model with
the grade calls everybody hopeless.
"""

import random
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest
from sqlalchemy import text

from bank_adapters.simulator import Intention, PlannedDraw, PlannedRepayment
from loan_service.bank.pipeline import settle
from loan_service.bank.stages import offers
from loan_service.bank.stages.applications import Purposes
from loan_service.bank.stages.households import import_households
from loan_service.bank.views.ecl_inputs import ecl_report
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition

BANK: Final = "island_rural"
DAY: Final = date(2026, 6, 15)
PAIRS: Final = 120
TWIN: Final = 500
DAYS: Final = 6
DRAW: Final = PlannedDraw(on_day=1, share_of_limit=Decimal("0.5"))

Row = dict[str, str]


def figures(number: int) -> dict[str, object]:
    """Bank data of all kinds, the same for both twins."""
    draw = random.Random(number)
    return {
        "village_code": "V001",
        "sector": draw.choice(["fishery", "aquaculture", "tourism", "wage", "trade", "other"]),
        "annual_income_fen": round(draw.lognormvariate(16.6, 0.6)),
        "income_stability": f"{draw.random():.3f}",
        "unsecured_debt_fen": draw.choice([0, 0, 0, draw.randrange(20_000_000)]),
        "max_days_past_due_24m": draw.choice([0, 0, 0, 0, 0, 0, 12, 31, 90]),
        "deposit_average_12m_fen": draw.randrange(20_000_000),
        "authorised_bureau": draw.choice([0, 1, 1, 1, 1, 1]),
        "authorised_income": draw.choice([0, 1, 1, 1, 1, 1, 1]),
        "spouse_consented": 1,
    }


def token(number: int, who: str) -> str:
    return f"{number:030x}{'ab' if who == 'borrower' else 'cd'}"


def household(row: Callable[..., Row], number: int) -> Row:
    """One of the two; only its names differ from its twin's."""
    tokens = {f"{who}_binding_token": token(number, who) for who in ("borrower", "spouse")}
    return row(number, **figures(number % TWIN), **tokens)


def reference(number: int) -> str:
    return f"H{number:06d}"


def plan(number: int) -> Intention:
    """Asks for the baseline limit, signs, draws twice, repays once."""
    return Intention(
        household_ref=reference(number),
        applies_on=DAY + timedelta(days=1),
        wants_purpose="household_consumption",
        wants_limit_share=Decimal(1),
        accepts=True,
        signs=True,
        draws=(
            PlannedDraw(on_day=1, share_of_limit=Decimal("0.5")),
            PlannedDraw(on_day=2, share_of_limit=Decimal("0.9")),
        ),
        repays=(PlannedRepayment(on_day=2, share_of_outstanding=Decimal("0.25")),),
    )


@pytest.fixture
def twins(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row], promote: Callable[..., None]
) -> None:
    """Pairs of households known to the bank, with a baseline at work."""
    promote()
    numbers = [*range(PAIRS), *range(TWIN, TWIN + PAIRS)]
    path = household_file(household(household_row, number) for number in numbers)
    assert import_households(bank, BANK, path, DAY).rows_quarantined == 0


@pytest.fixture
def poisoned(door: Any, promote: Callable[..., None]) -> None:
    """Everything of the index that can reach a bank, for the second of each pair."""
    grades = ("A", "AA", "AAA")
    for who in ("borrower", "spouse"):
        for place, grade in enumerate(grades):
            mine = [number for number in range(TWIN, TWIN + PAIRS) if (number + (who == "spouse")) % 4 == place]
            bodies = door.certify_all([token(number, who) for number in mine], grade)
            for body in bodies[::5]:
                door.revoke(body, DAY)
    promote(kind="full", log_odds=9.0)


def facts(wing: Wing, query: str) -> tuple[list[Any], list[Any]]:
    """Rows of the untouched and of the poisoned, by number; the first column names the household."""
    with transaction(wing.engine) as connection:
        rows = [(int(row[0][1:]), *row[1:]) for row in connection.execute(text(query))]
    clean = sorted(row for row in rows if row[0] < TWIN)
    return clean, sorted((row[0] - TWIN, *row[1:]) for row in rows if row[0] >= TWIN)


DECIDED: Final = """
    SELECT household_ref, decision, baseline_limit_fen, base_rate_bp, risk_band, purpose, term_months, repayment_plan,
           default_probability, affordability->>'largest_line_fen', affordability->>'worst_month', reasons::text
    FROM bank.offers"""
ASKED: Final = """
    SELECT a.household_ref, a.requested_limit_fen, a.refusal_code, d.decision, d.limit_fen, d.reason_codes::text
    FROM bank.applications a LEFT JOIN bank.bank_decisions d USING (application_id)"""
SIGNED: Final = """
    SELECT c.household_ref, c.limit_fen, c.signed_on, b.reserved_fen, b.outstanding_fen
    FROM bank.contracts c JOIN bank.contract_balances b USING (contract_id)"""
DRAWN: Final = """
    SELECT c.household_ref, w.amount_fen, w.requested_on, w.refusal_code
    FROM bank.drawdowns w JOIN bank.contracts c USING (contract_id)"""


@pytest.mark.usefixtures("twins", "poisoned", "in_force")
def test_poison_moves_nothing_but_the_bonus(
    bank: Wing, edition: PolicyEdition, purposes: Purposes, open_bank: Callable[..., Any]
) -> None:
    offers.issue(bank, edition, DAY)
    clean, poisoned = facts(bank, DECIDED)
    assert clean == poisoned
    assert {row[1] for row in clean} == {"offer", "refer", "decline"}
    better = "SELECT household_ref, limit_fen - baseline_limit_fen, base_rate_bp - rate_bp FROM bank.offers"
    untouched, added = facts(bank, better)
    assert all(row[1:] == (0, 0) for row in untouched)
    assert sum(row[1] > 0 for row in added) >= PAIRS / 12

    sim = open_bank(0)
    plans = {reference(number): plan(number) for number in [*range(PAIRS), *range(TWIN, TWIN + PAIRS)]}
    for passed in range(DAYS):
        today = DAY + timedelta(days=passed)
        assert not settle(bank, sim.port, purposes, today).trouble
        sim.port.advance(today + timedelta(days=1), plans)
    for query in (ASKED, SIGNED, DRAWN):
        clean, poisoned = facts(bank, query)
        assert clean == poisoned
        assert len(clean) > PAIRS / 5
    staged_alike(bank, DAY + timedelta(days=DAYS))


def staged_alike(bank: Wing, day: date) -> None:
    """Stages, probabilities and exposures of the books do not know the index either."""
    with transaction(bank.engine) as connection:
        report = ecl_report(connection, BANK, day)
        rows = connection.execute(text("SELECT contract_id, household_ref FROM bank.contracts")).all()
        refs = {row[0]: row[1] for row in rows}
    own = {"contract_id", "household_ref"}
    told = [
        (int(refs[row["contract_id"]][1:]), {name: value for name, value in row.items() if name not in own})
        for row in report.rows.to_pylist()
    ]
    assert told
    clean = {number: row for number, row in told if number < TWIN}
    assert clean == {number - TWIN: row for number, row in told if number >= TWIN}
