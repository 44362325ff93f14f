"""What an offer costs in yuan a year: three lines over one amount, exact to the fen."""

import dataclasses
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.policy import GRADES
from models.yearly_cost import GradeTerms, grade_lines, next_grade, three_lines, yearly_interest_fen

OFFER = [
    GradeTerms("none", 6_200_000, 485, 496),
    GradeTerms("A", 6_200_000, 475, 485),
    GradeTerms("AA", 7_400_000, 455, 465),
    GradeTerms("AAA", 8_600_000, 425, 433),
]


def test_the_three_lines_compare_the_same_amount() -> None:
    lines = three_lines(OFFER, "AA")
    assert lines is not None
    assert lines.with_next_grade is not None
    told = (lines.without_joining, lines.with_todays_grade, lines.with_next_grade)
    assert [line.grade for line in told] == ["none", "AA", "AAA"]
    assert [line.used_fen for line in told] == [6_200_000] * 3
    # 62,000 yuan at 4.85, 4.55 and 4.25 %.
    assert [line.interest_fen for line in told] == [300_700, 282_100, 263_500]
    assert [line.saved_fen for line in told] == [0, 18_600, 37_200]
    assert [line.more_line_fen for line in told] == [0, 1_200_000, 2_400_000]


def test_a_larger_line_is_not_counted_as_money_saved() -> None:
    wider = [OFFER[0], OFFER[1]._replace(limit_fen=9_000_000, rate_bp=485), *OFFER[2:]]
    assert grade_lines(wider)[1].saved_fen == 0
    assert grade_lines(wider)[1].more_line_fen == 2_800_000


def test_without_a_grade_today_is_as_without_joining() -> None:
    lines = three_lines(OFFER, "none")
    assert lines is not None
    assert lines.with_todays_grade == lines.without_joining
    assert lines.with_next_grade == grade_lines(OFFER)[1]


def test_above_the_highest_grade_there_is_no_line() -> None:
    lines = three_lines(OFFER, "AAA")
    assert lines is not None
    assert lines.with_next_grade is None
    assert [next_grade(grade) for grade in GRADES] == ["A", "AA", "AAA", None]


def test_without_an_offer_no_grade_is_worth_anything() -> None:
    assert three_lines([], "AAA") is None
    assert grade_lines([]) == ()


@pytest.mark.parametrize(("rate_bp", "interest_fen"), [(485, 48_500), (1, 100), (0, 0)])
def test_ten_thousand_yuan_cost_as_many_yuan_as_the_rate_has_basis_points(rate_bp: int, interest_fen: int) -> None:
    assert yearly_interest_fen(1_000_000, rate_bp) == interest_fen


@given(owed_fen=st.integers(0, 10**12), rate_bp=st.integers(0, 10_000))
def test_interest_is_rounded_half_up_to_the_fen(owed_fen: int, rate_bp: int) -> None:
    exact = Fraction(owed_fen * rate_bp, 10_000)
    assert yearly_interest_fen(owed_fen, rate_bp) == int(exact + Fraction(1, 2))


def test_no_line_says_what_the_policy_did_not() -> None:
    for line, terms in zip(grade_lines(OFFER), OFFER, strict=True):
        assert dataclasses.asdict(line).items() >= terms._asdict().items()
