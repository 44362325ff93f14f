import numpy as np
import pyarrow as pa
import pytest
from stdnum.cn import ric, uscc
from stdnum.exceptions import InvalidComponent

from experiments.simulation.identity import (
    FIRST_REGION,
    STRANGER_REGION,
    credit_codes,
    identity_numbers,
    with_wrong_check_digit,
)


@pytest.fixture(scope="module")
def numbers() -> pa.Array:
    rng = np.random.default_rng(1)
    region = np.r_[rng.integers(FIRST_REGION, STRANGER_REGION, 4000), np.full(300, FIRST_REGION)]
    birth_on = np.r_[rng.integers(-12_000, 20_000, 4000), np.full(300, -671)]  # 1968-03-01, three hundred at once
    return identity_numbers(region, birth_on, rng.random(4300) < 0.5)


def test_check_digits_are_those_of_the_standard_library(numbers: pa.Array) -> None:
    assert all(number[-1] == ric.calc_check_digit(number) for number in numbers.to_pylist())


def test_no_number_belongs_to_a_region_that_was_ever_assigned(numbers: pa.Array) -> None:
    for number in numbers.to_pylist()[:500]:
        with pytest.raises(InvalidComponent):
            ric.get_birth_place(number)


def test_many_people_of_one_birthday_and_region_get_distinct_numbers(numbers: pa.Array) -> None:
    assert len(set(numbers.to_pylist())) == len(numbers)


def test_birth_date_and_sex_can_be_read_from_the_number() -> None:
    (woman, man) = identity_numbers(np.array([990305, 990305]), np.array([11_016, 11_016]), np.array([False, True]))
    assert woman.as_py()[6:14] == man.as_py()[6:14] == "20000229"
    assert int(woman.as_py()[16]) % 2 == 0
    assert int(man.as_py()[16]) % 2 == 1


def test_too_many_people_of_one_birthday_are_refused_instead_of_sharing_a_number() -> None:
    with pytest.raises(ValueError, match="share a birthday"):
        identity_numbers(np.full(600, 990305), np.full(600, 5000), np.full(600, True))


def test_a_spoilt_check_digit_is_never_right_by_chance(numbers: pa.Array) -> None:
    for right, wrong in zip(numbers.to_pylist(), with_wrong_check_digit(numbers).to_pylist(), strict=True):
        assert wrong[:17] == right[:17]
        assert wrong[17] != right[17]


def test_credit_codes_are_valid_and_distinct() -> None:
    serial = np.arange(5000) * 37 + 1009
    codes = credit_codes(serial, serial % 3 == 0, np.full(5000, 990306)).to_pylist()
    assert len(set(codes)) == 5000
    assert all(uscc.is_valid(code) for code in codes)
    assert {code[:2] for code in codes} == {"91", "92"}
