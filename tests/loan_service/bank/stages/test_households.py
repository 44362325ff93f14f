from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from loan_service.bank.stages.households import Imported, import_households
from loan_service.bank.store.tables import bank_files, bank_quarantine, households
from loan_service.foundation.database import content_hashes, transaction
from loan_service.foundation.identifiers import pseudonym
from loan_service.foundation.wing import Wing

DAY = date(2026, 6, 15)
BANK = "island_rural"
Row = dict[str, str]


def take(wing: Wing, path: Path) -> Imported:
    return import_households(wing, BANK, path, DAY)


def kept(wing: Wing) -> dict[str, object]:
    with transaction(wing.engine) as connection:
        return {row.household_ref: row for row in connection.execute(select(households))}


def test_every_sound_row_lands_with_its_figures_as_delivered(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]
) -> None:
    result = take(bank, household_file(household_row(n) for n in range(50)))
    assert (result.rows_read, result.rows_landed, result.rows_quarantined) == (50, 50, 0)
    row = kept(bank)["H000007"]
    assert row.data["annual_income_fen"] == 12_007_000
    assert row.data["monthly_income_share_12"] == 0.0833
    assert "borrower_sex" not in row.data


def test_loading_the_same_bytes_again_changes_nothing(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]
) -> None:
    path = household_file([household_row(1), household_row(2, adults="two")])
    first = take(bank, path)
    with transaction(bank.engine) as connection:
        before = content_hashes(connection, [households, bank_files, bank_quarantine])
    again = take(bank, path)
    assert again.known_before
    assert (again.rows_landed, again.faults) == (first.rows_landed, first.faults)
    with transaction(bank.engine) as connection:
        assert content_hashes(connection, [households, bank_files, bank_quarantine]) == before


def test_tokens_become_pseudonyms_and_are_not_kept(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]
) -> None:
    token = "ab" * 16
    path = household_file(
        [
            household_row(1, borrower_binding_token=token, spouse_binding_token="cd" * 16),
            household_row(2, spouse_consented=1, spouse_binding_token="cd" * 16, borrower_binding_token=""),
        ]
    )
    take(bank, path)
    rows = kept(bank)
    assert rows["H000001"].borrower_pseudonym == pseudonym(BANK, token)
    assert rows["H000001"].spouse_pseudonym is None
    assert rows["H000002"].borrower_pseudonym is None
    assert rows["H000002"].spouse_pseudonym == pseudonym(BANK, "cd" * 16)
    with transaction(bank.engine) as connection:
        whole = str(connection.execute(select(households)).all())
    assert token not in whole
    assert "cd" * 16 not in whole


def test_figures_without_authorisation_are_not_kept(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]
) -> None:
    take(bank, household_file([household_row(1, authorised_bureau=0), household_row(2, authorised_income=0)]))
    rows = kept(bank)
    assert rows["H000001"].data["unsecured_debt_fen"] is None
    assert rows["H000001"].data["bureau_queries_6m"] is None
    assert rows["H000001"].data["annual_income_fen"] is not None
    assert rows["H000002"].data["annual_income_fen"] is None
    assert rows["H000002"].data["monthly_income_share_01"] is None


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"village_code": ""}, "value.missing"),
        ({"borrower_ref": " B1"}, "text.format"),
        ({"household_key": "ABC"}, "key.format"),
        ({"borrower_binding_token": "xyz"}, "key.format"),
        ({"sector": "banking"}, "level.unknown"),
        ({"owns_vessel": "yes"}, "flag.format"),
        ({"income_stability": "0,85"}, "number.decimal_comma"),
        ({"annual_income_fen": "12000.50"}, "number.format"),
        ({"annual_income_fen": "1e7"}, "number.format"),
        ({"adults": "0"}, "number.range"),
        ({"income_stability": "1.5"}, "number.range"),
        ({"unsecured_debt_fen": "-5"}, "number.range"),
        ({"prior_loans_repaid_on_time": "3"}, "number.inconsistent"),
        ({"borrower_birth_on": "1980-02-30"}, "date.format"),
        ({"borrower_birth_on": "19800230"}, "date.format"),
        ({"borrower_birth_on": "2026-06-16"}, "date.future"),
        ({"as_of": "2026-06-14"}, "date.not_the_files"),
        ({"household_ref": "H000001"}, "row.repeated"),
    ],
)
def test_a_faulty_row_is_set_aside_with_its_line_and_the_rest_lands(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row], changes: Row, code: str
) -> None:
    result = take(bank, household_file([household_row(1), household_row(2, **changes), household_row(3)]))
    assert (result.rows_read, result.rows_landed, result.rows_quarantined) == (3, 2, 1)
    assert result.faults == {code: 1}
    with transaction(bank.engine) as connection:
        fault = connection.execute(select(bank_quarantine)).one()
    assert (fault.row_number, fault.error_code) == (3, code)
    assert fault.reason_en
    assert fault.reason_zh
    assert fault.remedy


def test_misshapen_and_unreadable_rows_keep_the_others_line_numbers(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]
) -> None:
    path = household_file(household_row(n) for n in range(6))
    lines = path.read_bytes().splitlines(keepends=True)
    lines[2] = b"H000001,cut\n"
    lines[4] = lines[4].replace(b"B000003", "渔".encode("gb18030"))
    lines[5] = lines[5].replace(b"wage", b"boss")
    path.write_bytes(b"".join(lines)[:-40])
    result = take(bank, path)
    assert result.faults == {"row.columns": 2, "row.encoding": 1, "level.unknown": 1}
    with transaction(bank.engine) as connection:
        found = {(row.row_number, row.error_code) for row in connection.execute(select(bank_quarantine))}
    assert found == {(3, "row.columns"), (5, "row.encoding"), (6, "level.unknown"), (7, "row.columns")}
    assert sorted(kept(bank)) == ["H000000", "H000002"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        (lambda text: text.replace("minors", "children", 1), "file.header"),
        (lambda text: text.replace("minors,", "", 1), "file.header"),
        (lambda text: text.split("\n")[0] + "\n", "file.empty"),
        (lambda _: "", "file.empty"),
    ],
)
def test_a_file_of_another_shape_is_refused_whole_and_named(
    bank: Wing,
    household_file: Callable[..., Path],
    household_row: Callable[..., Row],
    change: Callable[[str], str],
    code: str,
) -> None:
    path = household_file([household_row(1)])
    path.write_text(change(path.read_text()))
    assert code in take(bank, path).error
    with transaction(bank.engine) as connection:
        assert connection.execute(select(bank_files.c.file_error)).scalar_one() == code
    assert not kept(bank)


def test_a_file_whose_name_tells_no_day_is_refused(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]
) -> None:
    assert "file.name" in take(bank, household_file([household_row(1)], "households_20261345.csv")).error


def test_a_later_file_adds_a_snapshot_and_leaves_the_earlier(
    bank: Wing, household_file: Callable[..., Path], household_row: Callable[..., Row]
) -> None:
    take(bank, household_file([household_row(1)]))
    later = household_file([household_row(1, as_of="2026-07-15")], "households_20260715.csv")
    assert take(bank, later).rows_landed == 1
    with transaction(bank.engine) as connection:
        assert len(connection.execute(select(households)).all()) == 2
