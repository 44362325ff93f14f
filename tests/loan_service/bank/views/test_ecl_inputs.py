"""The books' credit inputs: nothing civil moves a byte of them, totals reconcile, and old data say how old they are."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import pytest
from rich.console import Console
from sqlalchemy import Engine, text

from bank_adapters import Arrears, Closure, DrawdownPosted, Repayment
from loan_service import ecl_cli
from loan_service.bank.stages import receiving, usage
from loan_service.bank.stages.households import import_households
from loan_service.bank.views.ecl_inputs import EclReport, ecl_report
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
LATER = DAY + timedelta(days=30)
BANK = "island_rural"
Row = dict[str, str]


def report(wing: Wing, day: date = LATER) -> EclReport:
    with transaction(wing.engine) as connection:
        return ecl_report(connection, BANK, day)


def told(one: EclReport) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = one.rows.to_pylist()
    return rows


@pytest.fixture
def bring(bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]) -> Callable[..., None]:
    """Imports a household file of a day: households 0 and 1, with changes to both."""

    def bring_in(day: date, **changes: object) -> None:
        rows = [household_row(number, as_of=day.isoformat(), **changes) for number in range(2)]
        path = household_file(rows, f"households_{day:%Y%m%d}.csv")
        assert import_households(bank, BANK, path, day).rows_quarantined == 0

    return bring_in


@pytest.fixture
def books(
    bank: Wing,
    bring: Callable[..., None],
    seed_offers: Callable[..., list[str]],
    seed_contract: Callable[..., str],
    promote: Callable[..., None],
    script: Any,
) -> None:
    """Two contracts over 100,000 yuan: 60,000 drawn and 20,000 repaid on the first, nothing on the second."""
    bring(DAY)
    seed_offers(2, model_version=f"{BANK}.baseline/1", default_probability=0.0082)
    for number in range(2):
        seed_contract(number)
    promote(version="1")
    pay = {"contract_no": "C-0", "loan_note_no": "N-1"}
    script.say(DrawdownPosted, drawdown_id=None, bank_reference="B", amount_fen=6_000_000, day=DAY, **pay)
    fees = {"interest_fen": 0, "penalty_fen": 0, "fee_fen": 0}
    script.say(Repayment, principal_fen=2_000_000, day=LATER, **pay, **fees)
    book(bank, script)


def book(wing: Wing, script: Any) -> None:
    receiving.receive(wing, script)
    usage.receive(wing, BANK)


pytestmark = pytest.mark.usefixtures("books")


def test_totals_by_stage_reconcile_with_the_kept_balances(bank: Wing) -> None:
    now = report(bank)
    assert [(one.contracts, one.drawn_fen, one.undrawn_fen) for one in now.stages] == [
        (2, 4_000_000, 16_000_000),
        (0, 0, 0),
        (0, 0, 0),
    ]
    assert (now.reconciliation.balances_fen, now.reconciliation.difference_fen) == (4_000_000, 0)


def test_an_earlier_day_knows_nothing_later_and_reconciles_as_well(bank: Wing) -> None:
    then = report(bank, DAY)
    assert then.stages[0].drawn_fen == 6_000_000
    assert (then.reconciliation.booked_later_fen, then.reconciliation.difference_fen) == (-2_000_000, 0)


def test_a_balance_that_movements_do_not_explain_is_a_difference(bank: Wing) -> None:
    with transaction(bank.engine) as connection:
        connection.execute(text("UPDATE bank.contract_balances SET outstanding_fen = outstanding_fen + 1"))
    assert report(bank).reconciliation.difference_fen == -2


POISON = (
    "UPDATE bank.offers SET grade = 'none', full_default_probability = 0.99, full_model_version = 'x/1'",
    "UPDATE bank.offers SET limit_bonus_fen = 0, rate_discount_bp = 0, certificate_id = 'poison', index_edition = 'x'",
    "UPDATE bank.contracts SET grade = 'none'",
)


def test_poisoned_civility_facts_move_no_byte(
    bank: Wing, owner: Engine, promote: Callable[..., None], door: Any
) -> None:
    before = report(bank).rows
    with owner.begin() as connection:
        for statement in POISON:
            connection.execute(text(statement))
    promote(kind="full", log_odds=3.0)
    door.certify(f"{7:032x}", "AAA")
    after = report(bank).rows
    assert _bytes(after) == _bytes(before)


def _bytes(rows: pa.Table) -> bytes:
    sink = pa.BufferOutputStream()
    pacsv.write_csv(rows, sink)
    content: bytes = sink.getvalue().to_pybytes()
    return content


def test_arrears_stage_and_their_end_takes_them_back_after_the_cure_period(bank: Wing, script: Any) -> None:
    script.say(Arrears, contract_no="C-0", days_past_due=95, day=DAY + timedelta(days=10))
    script.say(Arrears, contract_no="C-0", days_past_due=0, day=LATER)
    book(bank, script)
    cured = told(report(bank))[0]
    assert (cured["stage"], cured["triggers"], cured["flags"]) == (3, "days_past_due_in_cure", "")
    long_after = told(report(bank, DAY + timedelta(days=10 + 90)))[0]
    assert (long_after["stage"], long_after["flags"]) == (1, "days_past_due_unknown")


def test_without_a_count_of_the_day_days_past_due_are_unknown_not_zero(bank: Wing) -> None:
    rows = told(report(bank))
    assert [(row["days_past_due"], row["flags"]) for row in rows] == [(None, "days_past_due_unknown")] * 2


def test_a_household_no_file_tells_of_any_more_keeps_its_newest_data_with_their_age(bank: Wing) -> None:
    row = told(report(bank, DAY + timedelta(days=120)))[0]
    assert (row["snapshot_on"], row["snapshot_age_days"]) == (DAY, 120)
    assert "snapshot_old" in row["flags"]
    assert row["default_probability_12m"] is not None


def test_worse_household_data_are_a_significant_increase(bank: Wing, bring: Callable[..., None]) -> None:
    bring(LATER, max_days_past_due_24m="60")
    now = report(bank)
    assert [row["triggers"] for row in told(now)] == ["significant_increase"] * 2
    assert (now.stages[1].contracts, now.triggers["significant_increase"]) == (2, 2)


def test_a_new_card_alone_is_told_and_moves_nobody(bank: Wing, promote: Callable[..., None]) -> None:
    promote(version="2", log_odds=-2.0)
    now = report(bank)
    assert now.flags["model_changed_since_signing"] == 2
    assert [row["stage"] for row in told(now)] == [1, 1]
    assert told(now)[0]["default_probability_12m"] == told(now)[0]["default_probability_at_signing_now"]


def test_a_new_card_reads_the_data_of_then_as_they_were(
    bank: Wing, promote: Callable[..., None], bring: Callable[..., None]
) -> None:
    promote(version="2", log_odds=-3.5)
    bring(LATER, max_days_past_due_24m="60")
    row = told(report(bank))[0]
    assert (row["snapshot_at_signing_on"], row["snapshot_on"]) == (DAY, LATER)
    assert row["default_probability_at_signing_now"] < row["default_probability_12m"]
    assert row["triggers"] == "significant_increase"


def test_what_is_settled_is_gone_and_a_distressed_restructuring_follows_the_household(
    bank: Wing, script: Any, seed_contract: Callable[..., str]
) -> None:
    script.say(Closure, contract_no="C-1", reason_code="distressed_restructuring", day=LATER)
    book(bank, script)
    seed_contract(3, household_ref="H000001", offer_id=_offer_of(bank, 1), signed_on=LATER)
    rows = {row["contract_id"]: (row["stage"], row["triggers"]) for row in told(report(bank))}
    assert rows == {f"{BANK}/C-0": (1, ""), f"{BANK}/C-3": (3, "restructured")}


def _offer_of(wing: Wing, number: int) -> str:
    with transaction(wing.engine) as connection:
        query = text("SELECT offer_id FROM bank.offers WHERE household_ref = :ref")
        return str(connection.execute(query, {"ref": f"H{number:06d}"}).scalar_one())


def test_a_bank_without_a_live_model_is_told_so(bank: Wing) -> None:
    with pytest.raises(RefusedError, match=r"model\.none_live"):
        report(bank, DAY - timedelta(days=1))


def test_both_files_hold_the_same_rows_and_empty_stays_empty(bank: Wing, tmp_path: Path) -> None:
    one = report(bank)
    for name in ("ecl.csv", "ecl.parquet"):
        ecl_cli.write_rows(one.rows, tmp_path / name)
    assert pq.read_table(tmp_path / "ecl.parquet") == one.rows
    csv = pacsv.read_csv(tmp_path / "ecl.csv")
    assert csv["exposure_fen"].to_pylist() == one.rows["exposure_fen"].to_pylist()
    assert csv["days_past_due"].null_count == 2
    with pytest.raises(RefusedError, match="neither"):
        ecl_cli.write_rows(one.rows, tmp_path / "ecl.xlsx")


def test_the_printed_totals_say_whether_they_reconcile(bank: Wing, tmp_path: Path) -> None:
    out = Console(record=True, width=160)
    ecl_cli.show(out, report(bank), tmp_path / "ecl.csv")
    printed = out.export_text()
    assert "40,000.00" in printed
    assert "= 0.00" in printed
    assert "days_past_due_unknown 2" in printed
    assert "our proposal [P]" in printed


def test_a_day_that_has_not_come_is_refused() -> None:
    assert ecl_cli.known_day("", DAY) == ecl_cli.known_day("2026-06-15", DAY) == DAY
    with pytest.raises(RefusedError, match="day_to_come"):
        ecl_cli.known_day("2026-06-16", DAY)
