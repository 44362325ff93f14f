"""What changed in households lands once, faults are told with their line, and offers follow from the day on."""

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DatabaseError

from loan_service.bank.stages import offers
from loan_service.bank.stages.households import import_households
from loan_service.bank.store import tables
from loan_service.bank.store.household_changes import household_timeline
from loan_service.bank.store.households import offer_inputs
from loan_service.bank.store.rows import append_rows, batch_leaf
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition
from tests.loan_service.bank.conftest import hex32

DAY = date(2026, 6, 15)
BANK, OTHER = "island_rural", "harbour_city"
Row = dict[str, str]
Tell = Callable[..., Any]


def key(number: int) -> str:
    return hex32("household", number)


def change(number: str, kind: str, on: str, household: int, other: int | None = None, **more: str) -> Row:
    told = {"change_no": number, "kind": kind, "occurred_on": on, "household_key": key(household), **more}
    return told | ({} if other is None else {"other_household_key": key(other)})


DIED = change("C1", "died", "2026-06-10", 0, member_ref="B000000")
MOVED = change("C2", "moved_out", "2026-06-10", 0)
PARTED = change("C3", "split", "2025-12-15", 1, 0, member_ref="B000001")


@pytest.fixture
def bring(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row], promote: Callable[..., None]
) -> Callable[..., None]:
    """Brings so many households in, each with a mapping of changes, and puts a model to work."""

    def bring_in(*changes: dict[str, object]) -> None:
        promote()
        rows = (household_row(n, as_of="2026-06-14", **one) for n, one in enumerate(changes))
        path = household_file(rows, "households_20260614.csv")
        assert import_households(bank, BANK, path, DAY).rows_quarantined == 0

    return bring_in


@pytest.fixture
def signed(bank: Wing) -> Callable[..., None]:
    """Puts a contract of a household's borrower into the mirror, signed on a day."""

    def seed(number: int, limit_fen: int, signed_on: date = date(2026, 1, 10)) -> None:
        with transaction(bank.engine) as connection:
            leaf_id = batch_leaf(connection, "contracts", BANK, [f"C-{number}"], signed_on)
            row = {
                "contract_id": f"{BANK}/C-{number}",
                "bank_code": BANK,
                "contract_no": f"C-{number}",
                "signing_id": hex32("signing", number),
                "application_id": hex32("application", number),
                "offer_id": hex32("offer", number),
                "household_ref": f"H{number:06d}",
                "household_key": key(number),
                "borrower_ref": f"B{number:06d}",
                "village_code": "V001",
                "grade": "AA",
                "limit_fen": limit_fen,
                "rate_bp": 455,
                "document_hash": "0" * 64,
                "signed_on": signed_on,
                "starts_on": signed_on,
                "matures_on": date(2029, 1, 10),
                "leaf_id": leaf_id,
            }
            append_rows(connection, tables.contracts, [row])

    return seed


def newest(wing: Wing) -> dict[str, Any]:
    with transaction(wing.engine) as connection:
        rows = connection.execute(select(tables.offers).order_by(tables.offers.c.leaf_id)).all()
    return {row.household_ref: row for row in rows}


def issue(wing: Wing, edition: PolicyEdition, day: date = DAY) -> dict[str, Any]:
    offers.issue(wing, edition, day)
    return newest(wing)


def test_a_repeated_file_is_known_and_repeated_rows_are_harmless(
    bring: Callable[..., None], tell: Tell, look: Any
) -> None:
    bring({}, {})
    assert tell(DIED, PARTED).rows_landed == 2
    assert tell(DIED, PARTED).known_before
    again = tell(PARTED, day=DAY + timedelta(days=1))
    assert (again.rows_landed, again.rows_quarantined) == (0, 0)
    assert look.count("household_changes") == 2


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        (DIED | {"occurred_on": "2026-06-16"}, "date.future", "occurred_on"),
        (DIED | {"member_ref": ""}, "value.missing", "member_ref"),
        (MOVED | {"member_ref": "B000000"}, "value.unneeded", "member_ref"),
        (DIED | {"kind": "fled"}, "level.unknown", "kind"),
        (DIED | {"household_key": "HX001000001"}, "key.format", "household_key"),
        (change("C9", "split", "2025-12-15", 78, 77), "change.unknown", "other_household_key"),
        (change("C9", "moved_out", "2025-12-15", 77), "change.unknown", "household_key"),
        (DIED | {"member_birth_on": "2026-06-11"}, "change.before_birth", "occurred_on"),
        (MOVED | {"corrects_change_no": "C7"}, "change.corrects_unknown", "corrects_change_no"),
    ],
)
def test_a_faulty_row_is_set_aside_with_its_line_field_and_remedy(
    bring: Callable[..., None], tell: Tell, look: Any, row: Row, code: str, field: str
) -> None:
    bring({}, {})
    told = tell(PARTED, row)
    assert (told.rows_landed, told.rows_quarantined, told.faults) == (1, 1, {code: 1})
    columns = ("row_number", "error_code", "field", "reason_zh <> ''", "remedy <> ''")
    assert look.rows("bank_quarantine", *columns) == [(3, code, field, True, True)]


def test_a_row_that_would_unsay_a_kept_one_is_set_aside_unless_it_comes_with_the_correction(
    bring: Callable[..., None], tell: Tell
) -> None:
    bring({}, {}, {})
    tell(PARTED)
    merged = change("C4", "merged", "2025-06-01", 0, 2)
    assert tell(merged, day=DAY + timedelta(days=1)).faults == {"change.contradicts": 1}
    righted = change("C5", "split", "2025-12-15", 1, 2, member_ref="B000001", corrects_change_no="C3")
    assert tell(merged, righted, day=DAY + timedelta(days=2)).rows_landed == 2


def test_nobody_changes_what_was_told(bring: Callable[..., None], tell: Tell, bank: Wing) -> None:
    bring({})
    tell(MOVED)
    for act in ("UPDATE bank.household_changes SET kind = 'registered'", "DELETE FROM bank.household_changes"):
        with pytest.raises(DatabaseError, match="append-only"), transaction(bank.engine) as connection:
            connection.execute(text(act))


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (DIED, "borrower_died"),
        (change("C1", "left", "2026-06-10", 0, member_ref="B000000"), "borrower_left"),
        (MOVED, "household_moved_out"),
        (change("C1", "merged", "2026-06-10", 0, 1), "household_merged"),
    ],
)
def test_who_cannot_borrow_is_referred_with_the_reason_and_everybody_else_keeps_their_offer(
    bank: Wing, bring: Callable[..., None], tell: Tell, edition: PolicyEdition, row: Row, reason: str
) -> None:
    bring({}, {})
    before = issue(bank, edition)
    tell(row)
    after = issue(bank, edition)
    assert (before["H000000"].decision, after["H000000"].decision) == ("offer", "refer")
    assert [one["code"] for one in after["H000000"].reasons] == [reason]
    assert all(one["zh"] and one["en"] for one in after["H000000"].reasons)
    assert after["H000001"].offer_id == before["H000001"].offer_id


def test_a_death_that_is_taken_back_gives_the_offer_back(
    bank: Wing, bring: Callable[..., None], tell: Tell, edition: PolicyEdition
) -> None:
    bring({})
    before = issue(bank, edition)["H000000"]
    tell(DIED)
    assert issue(bank, edition)["H000000"].decision == "refer"
    tell(change("C2", "withdrawn", "2026-06-10", 0, corrects_change_no="C1"), day=DAY + timedelta(days=1))
    after = issue(bank, edition, DAY + timedelta(days=1))["H000000"]
    assert (after.decision, after.input_hash) == ("offer", before.input_hash)


def test_another_adult_borrows_after_a_death_in_their_own_name_and_without_the_dead_ones_grade(
    bank: Wing, bring: Callable[..., None], tell: Tell, door: Any, edition: PolicyEdition
) -> None:
    token = "a" * 32
    bring({"borrower_binding_token": token})
    door.certify(token, "AAA")
    assert issue(bank, edition)["H000000"].grade == "AAA"
    heir = change("C2", "became_borrower", "2026-06-14", 0, member_ref="M7", member_birth_on="1990-07-01")
    tell(DIED, heir)
    after = issue(bank, edition)["H000000"]
    assert (after.decision, after.borrower_ref, after.grade, after.limit_bonus_fen) == ("offer", "M7", "none", 0)


def test_a_late_row_counts_from_the_day_it_tells_of(
    bank: Wing, bring: Callable[..., None], tell: Tell, edition: PolicyEdition
) -> None:
    bring({})
    heir = change("C2", "became_borrower", "2026-06-12", 0, member_ref="M7", member_birth_on="1990-07-01")
    tell(heir)
    assert issue(bank, edition)["H000000"].borrower_ref == "B000000", "the file of the 14th lists another"
    tell(DIED, day=DAY + timedelta(days=30))
    assert issue(bank, edition, DAY + timedelta(days=30))["H000000"].borrower_ref == "M7"


def test_the_contract_of_the_household_one_split_from_takes_its_part_of_the_cap_for_24_months(
    bank: Wing, bring: Callable[..., None], tell: Tell, signed: Callable[..., None], edition: PolicyEdition
) -> None:
    bring({}, {})
    alone = issue(bank, edition)["H000001"]
    tell(PARTED)
    signed(0, 26_000_000)
    together = issue(bank, edition)
    assert together["H000001"].limit_fen == 4_000_000, "300,000 yuan less 260,000"
    assert together["H000000"].limit_fen > 4_000_000, "one's own contract is no exposure of others"
    last = date(2027, 12, 14)
    assert issue(bank, edition, last)["H000001"].limit_fen == 4_000_000
    free = issue(bank, edition, last + timedelta(days=1))["H000001"]
    assert free.limit_fen == alone.limit_fen


def test_exposure_is_told_as_the_households_and_never_whose(
    bank: Wing, bring: Callable[..., None], tell: Tell, signed: Callable[..., None], edition: PolicyEdition
) -> None:
    bring({}, {})
    tell(PARTED)
    signed(0, 29_500_000)
    row = issue(bank, edition)["H000001"]
    assert (row.decision, [one["code"] for one in row.reasons]) == ("decline", ["household_exposure"])
    told = str(dict(row._mapping))
    for secret in ("H000000", "B000000", key(0), "C-0", "29500000", "295000", "295,000"):
        assert secret not in told


def test_what_is_signed_on_a_day_counts_from_the_next(
    bank: Wing, bring: Callable[..., None], tell: Tell, signed: Callable[..., None], edition: PolicyEdition
) -> None:
    bring({}, {})
    tell(PARTED)
    issue(bank, edition)
    signed(0, 26_000_000, DAY)
    assert offers.issue(bank, edition, DAY).issued == 0
    assert offers.issue(bank, edition, DAY + timedelta(days=1)).issued == 1


def test_one_household_is_read_as_among_all(
    bank: Wing, bring: Callable[..., None], tell: Tell, signed: Callable[..., None], edition: PolicyEdition
) -> None:
    bring({}, {}, {}, {})
    joined = change("C4", "joined", "2026-03-01", 3, member_ref="B000002")
    tell(PARTED, change("C5", "died", "2026-06-10", 2, member_ref="M1"), joined)
    signed(0, 20_000_000)
    signed(2, 10_000_000)
    offers.issue(bank, edition, DAY)
    with transaction(bank.engine) as connection:
        whole = offer_inputs(connection, BANK, DAY, 10_000).to_pylist()
        single = [offer_inputs(connection, BANK, DAY, 10_000, row["household_ref"]).to_pylist() for row in whole]
    assert [row["group_contracts_fen"] or 0 for row in whole] == [0, 20_000_000, 0, 10_000_000]
    assert [row["borrower_standing"] for row in whole] == [None, None, "borrower_left", None]
    assert [row for (row,) in single] == whole


def test_a_bank_hears_nothing_of_what_another_was_told(
    bank: Wing, bring: Callable[..., None], tell: Tell, edition: PolicyEdition
) -> None:
    bring({}, {})
    before = issue(bank, edition)
    tell(change("X0", "registered", "2021-08-01", 0), DIED, bank_code=OTHER)
    assert issue(bank, edition)["H000000"].offer_id == before["H000000"].offer_id


def test_a_timeline_tells_what_happened_and_when_and_nothing_of_whom(
    bank: Wing, bring: Callable[..., None], tell: Tell
) -> None:
    bring({}, {})
    tell(PARTED, DIED)
    with transaction(bank.engine) as connection:
        rows = household_timeline(connection, BANK, "H000001", DAY)
        earlier = household_timeline(connection, BANK, "H000001", date(2025, 12, 14))
    assert [(row.happened_on, row.step, row.what) for row in rows] == [(date(2025, 12, 15), "household", "split")]
    assert not {"B000001", key(0), key(1)} & {str(value) for row in rows for value in row}
    assert earlier == []


def test_a_timeline_is_told_from_the_households_own_side_and_leaves_out_what_was_corrected(
    bank: Wing, bring: Callable[..., None], tell: Tell
) -> None:
    bring({}, {}, {})
    wed = change("C1", "married", "2026-03-01", 1, 0, member_ref="M1")
    wrong = change("C2", "moved_out", "2026-04-01", 1)
    right = change("C3", "withdrawn", "2026-04-01", 1, corrects_change_no="C2")
    tell(wed, wrong, right, change("C4", "merged", "2026-06-01", 2, 0))
    with transaction(bank.engine) as connection:
        told = {n: household_timeline(connection, BANK, f"H{n:06d}", DAY) for n in range(3)}
    assert {n: [row.what for row in rows] for n, rows in told.items()} == {
        0: ["left", "joined"],
        1: ["married"],
        2: ["merged"],
    }


def test_only_keys_references_days_and_kinds_are_kept(bank: Wing, bring: Callable[..., None], tell: Tell) -> None:
    bring({}, {})
    tell(PARTED, DIED)
    with transaction(bank.engine) as connection:
        rows = connection.execute(text("SELECT * FROM bank.household_changes")).mappings().all()
    kept = {name for row in rows for name, value in row.items() if isinstance(value, str)}
    assert kept == {"bank_code", "change_no", "kind", "household_key", "other_household_key", "member_ref"}
