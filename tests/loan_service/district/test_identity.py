"""Identity numbers and credit codes checked by the column, with python-stdnum as the oracle."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from stdnum.cn import ric, uscc

from loan_service.district.files.identity import (
    Blinds,
    check_entity_codes,
    check_person_numbers,
    masked_name,
    normal_name,
)

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
DIGITS = st.integers(0, 9).map(str)
BIRTHS = st.dates(dt.date(1850, 1, 1), dt.date(2026, 1, 1)).map(lambda day: f"{day:%Y%m%d}")


def test_the_published_identity_numbers_are_right() -> None:
    checked = check_person_numbers(pa.array(["11010519491231002X", "440524188001010014"]))
    assert checked.right.all()
    assert not checked.strange_region.any()
    assert checked.birth_on.tolist() == [
        (dt.date(1949, 12, 31) - dt.date(1970, 1, 1)).days,
        (dt.date(1880, 1, 1) - dt.date(1970, 1, 1)).days,
    ]


def test_the_published_credit_code_is_right() -> None:
    assert check_entity_codes(pa.array(["91350100M000100Y43"])).right.all()


@given(st.lists(st.tuples(BIRTHS, st.integers(0, 999)), min_size=1, max_size=20))
@settings(max_examples=60, deadline=None)
def test_the_check_digit_is_the_oracles(people: list[tuple[str, int]]) -> None:
    bodies = [f"110105{birth}{serial:03d}" for birth, serial in people]
    right = [body + ric.calc_check_digit(body + "0") for body in bodies]
    assert all(map(ric.is_valid, right))
    assert check_person_numbers(pa.array(right)).right.all()
    wrong = [number[:17] + ("1" if number[17] == "0" else "0") for number in right]
    assert check_person_numbers(pa.array(wrong)).wrong_check.all()


@given(st.text(DIGITS, min_size=17, max_size=17), st.sampled_from("0123456789X"))
@settings(max_examples=200, deadline=None)
def test_any_seventeen_digits_are_judged_as_the_oracle_does(body: str, last: str) -> None:
    number = "110105" + body[6:] + last
    checked = check_person_numbers(pa.array([number]))
    real = 1850 <= int(number[6:10]) < 2026  # the oracle knows no birthdays to come, ours leaves them to the contract
    if real:
        assert bool(checked.right[0]) == ric.is_valid(number)


@given(st.text(st.sampled_from(ALPHABET), min_size=17, max_size=17), st.sampled_from(ALPHABET))
@settings(max_examples=200, deadline=None)
def test_any_credit_code_is_judged_as_the_oracle_does(body: str, last: str) -> None:
    # the oracle wants digits for registration authority and place, the standard's check does not depend on them
    right = "91350100" + body[8:] + last
    assert bool(check_entity_codes(pa.array([right])).right[0]) == uscc.is_valid(right)


def test_the_last_character_of_a_credit_code_may_be_any_of_31() -> None:
    bodies = [f"91350100MA{serial:07d}" for serial in range(400)]
    codes = [body + uscc.calc_check_digit(body) for body in bodies]
    assert {code[-1] for code in codes} == set(ALPHABET)
    assert check_entity_codes(pa.array(codes)).right.all()


@pytest.mark.parametrize("letter", "IOSVZ")
def test_letters_outside_the_alphabet_are_wrong(letter: str) -> None:
    assert check_entity_codes(pa.array([f"91350100M00010{letter}Y43"])).wrong_check.all()


@pytest.mark.parametrize("birth", ["19000229", "20230229", "19901301", "19900431", "19900100", "17990101"])
def test_birth_dates_that_never_were_are_wrong(birth: str) -> None:
    number = f"110105{birth}002"
    checked = check_person_numbers(pa.array([number + ric.calc_check_digit(number + "0")]))
    assert checked.wrong_date.all()
    assert not checked.right.any()


def test_a_leap_day_is_a_birth_date() -> None:
    assert check_person_numbers(
        pa.array(["11010520000229002" + ric.calc_check_digit("110105200002290020")])
    ).right.all()


def test_absent_short_and_foreign_numbers_are_told_apart() -> None:
    checked = check_person_numbers(pa.array([None, "", "1101051949123100２X", "99010519491231002X"]))
    assert checked.present.tolist() == [False, True, True, True]
    assert checked.wrong_length.tolist() == [False, True, True, False]
    assert checked.strange_region.tolist() == [False, False, False, True]


def test_a_slice_of_a_column_is_checked_as_such() -> None:
    column = pa.array(["x", "11010519491231002X", None, "440524188001010014"])
    assert check_person_numbers(column[1:]).right.tolist() == [True, False, True]


def test_an_empty_column_has_no_findings() -> None:
    assert len(check_person_numbers(pa.array([], pa.string())).right) == 0


# --- names and blinds -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("written", ["买买提·艾力", "买买提艾力", " 买买提 ・ 艾力 ", "买买提•艾力"])
def test_one_name_may_be_written_in_several_ways(written: str) -> None:
    assert normal_name(written) == "买买提艾力"


def test_full_width_letters_are_letters() -> None:
    assert normal_name("Ｌｉ Ｍｉｎｇ") == "LIMING"


@pytest.mark.parametrize(("name", "mask"), [("陈海霞", "陈**"), ("林伟", "林*"), ("王", "王*")])
def test_a_mask_shows_the_first_character_only(name: str, mask: str) -> None:
    assert masked_name(name) == mask


def test_blind_ids_are_positive_stable_and_need_the_key() -> None:
    numbers = pa.array(["11010519491231002X", None, "440524188001010014", "11010519491231002X"])
    ids = Blinds(b"a" * 32).persons(numbers)
    assert (ids[0] == ids[3], ids[1], len(np.unique(ids))) == (True, 0, 3)
    assert (ids[[0, 2]] > 0).all()
    assert (Blinds(b"b" * 32).persons(numbers)[[0, 2]] != ids[[0, 2]]).all()


def test_a_number_is_another_id_as_person_than_as_household() -> None:
    blinds = Blinds(b"a" * 32)
    assert blinds.persons(pa.array(["1"]))[0] != blinds.households(pa.array(["1"]))[0]
