from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bank_adapters.simulator import Habits, PlannedDraw, PlannedRepayment
from loan_service.bank import pipeline
from loan_service.bank.views.funnel import bank_funnel
from loan_service.bank.views.offer import household_offer, offer_by_id
from loan_service.bank.views.report import programme_report
from loan_service.errors import NotFoundError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
BANKS = ("island_rural", "harbour_city")
LAST = DAY + timedelta(days=9)
Row = dict[str, str]


@pytest.fixture
def lived(
    bank: Wing,
    tmp_path: Path,
    household_file: Callable[..., Path],
    household_row: Callable[..., Row],
    promote: Callable[..., None],
    open_bank: Callable[..., Any],
    door: Any,
) -> None:
    """Two banks with fifteen households each, after nine days of offers, signatures, draws and repayments."""
    sims = {}
    for number, code in enumerate(BANKS):
        promote(code)
        first = 100 * number
        tokens = {first + n: f"{first + n:032x}" for n in range(15)}
        rows = [household_row(n, borrower_binding_token=token) for n, token in tokens.items()]
        rows[0] |= {"max_days_past_due_24m": "45"}
        path = household_file(rows)
        (tmp_path / "files" / code).mkdir(parents=True)
        path.rename(tmp_path / "files" / code / path.name)
        door.certify(tokens[first + 3], "AAA", bank_code=code)
        draws = (PlannedDraw(on_day=1, share_of_limit=Decimal("0.5")),)
        repays = (PlannedRepayment(on_day=2, share_of_outstanding=Decimal("0.3")),)
        sims[code] = open_bank(first + 10, code, habits=Habits(seed=1, decline_milli=200), draws=draws, repays=repays)
    ports = {code: sim.port for code, sim in sims.items()}
    for passed in range(10):
        pipeline.run(bank, DAY + timedelta(days=passed), ports, tmp_path / "files", lambda _, __: None)
        for sim in sims.values():
            sim.pass_days()


@pytest.mark.usefixtures("lived")
def test_the_headline_adds_up_to_contracts_and_movements_on_every_day(bank: Wing) -> None:
    previous = 0
    with transaction(bank.engine) as connection:
        for passed in range(10):
            day = DAY + timedelta(days=passed)
            report = programme_report(connection, day)
            figures = ("households_signed", "signed_fen", "households_drew", "drawn_cumulative_fen", "outstanding_fen")
            for name in figures:
                assert getattr(report, name) == sum(getattr(one, name) for one in report.by_bank.values())
            rows = connection.execute(
                text("SELECT kind, sum(principal_fen) FROM bank.movements WHERE business_date <= :day GROUP BY kind"),
                {"day": day},
            )
            booked = {row.kind: row.sum for row in rows}
            assert report.drawn_cumulative_fen == booked.get("drawdown", 0)
            assert report.outstanding_fen == booked.get("drawdown", 0) - booked.get("repayment", 0)
            assert report.drawn_cumulative_fen >= previous
            previous = report.drawn_cumulative_fen
        kept = connection.execute(text("SELECT sum(outstanding_fen) FROM bank.contract_balances")).scalar_one()
        assert report.outstanding_fen == kept > 0
        assert set(report.by_bank) == set(BANKS)


@pytest.mark.usefixtures("lived")
def test_the_funnel_only_narrows(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        funnel = bank_funnel(connection, LAST)
        report = programme_report(connection, LAST)
    for code in BANKS:
        steps = funnel.by_bank[code]
        assert steps.households == 15 == steps.offered + steps.referred + steps.declined
        assert steps.households > steps.offered > steps.applied >= steps.approved + steps.declined_by_bank
        assert steps.approved >= steps.signed >= steps.drew > 0
        assert (steps.certificates, steps.with_bonus) == (1, 1)
        assert steps.signed == report.by_bank[code].households_signed
        assert steps.drew == report.by_bank[code].households_drew
    assert funnel.total.households == 30


@pytest.mark.usefixtures("lived")
def test_an_offer_tells_everything_behind_it(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        view = household_offer(connection, BANKS[0], "H000003", LAST)
        again = offer_by_id(connection, BANKS[0], view.offer_id, LAST)
    assert again == view
    assert view.certificate is not None
    assert (view.grade, view.certificate.grade, view.certificate.reason_codes) == ("AAA", "AAA", ("5.1",))
    assert sum(row.amount for row in view.limit_ledger) == view.limit_fen
    assert sum(row.amount for row in view.rate_ledger) == view.rate_bp
    assert (
        sum(row.amount for row in view.limit_ledger if row.rule.startswith(("grade", "bonus"))) == view.limit_bonus_fen
    )
    assert all(row.zh and row.en for row in (*view.limit_ledger, *view.rate_ledger))
    assert view.stamps.known_position > 0
    assert view.living


@pytest.mark.usefixtures("lived")
def test_the_timeline_runs_from_offer_to_repayment(bank: Wing, look: Any) -> None:
    signed = look.rows("contracts", "household_ref", "bank_code")
    household_ref = min(household_ref for household_ref, bank_code in signed if bank_code == BANKS[0])
    with transaction(bank.engine) as connection:
        view = household_offer(connection, BANKS[0], household_ref, LAST)
        early = household_offer(connection, BANKS[0], household_ref, DAY)
    steps = [(one.step, one.what) for one in view.timeline]
    assert steps == [
        ("offer", "offer"),
        ("application", "sent"),
        ("decision", "approve"),
        ("signing", "sent"),
        ("contract", "signed"),
        ("drawdown_request", "sent"),
        ("movement", "drawdown"),
        ("movement", "repayment"),
    ]
    assert view.contract is not None
    assert view.contract.outstanding_fen > 0
    assert [one.step for one in early.timeline] == ["offer"]
    assert early.contract is None


@pytest.mark.usefixtures("lived")
def test_a_decline_is_told_with_its_reasons_and_strangers_have_no_offer(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        view = household_offer(connection, BANKS[0], "H000000", LAST)
        assert view.decision == "decline"
        assert view.reasons[0].code == "arrears_too_long"
        assert all(reason.zh and reason.en for reason in view.reasons)
        assert (view.limit_fen, view.limit_ledger, view.contract) == (0, (), None)
        for code, ref in ((BANKS[1], "H000000"), (BANKS[0], "H999999")):
            with pytest.raises(NotFoundError):
                household_offer(connection, code, ref, LAST)


def test_before_the_first_contract_the_headline_is_nought(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        report = programme_report(connection, DAY)
        assert (report.households_signed, report.signed_fen, report.by_bank) == (0, 0, {})
        assert bank_funnel(connection, DAY).total.households == 0
