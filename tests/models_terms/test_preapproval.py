"""What a household is offered, declined or referred, and why: cases with round numbers a banker can redo by hand."""

import json
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from models.columns import Column
from models.household_facts import RULE_COLUMNS, completed_years
from models.lpr import LprTable
from models.offers import Offers
from models.policy import DECISIONS, GRADES, SECTORS, Policy
from models.policy_checks import policy_errors
from models.preapproval import preapprove
from models.term_reasons import MOST_REASONS, TERM_REASONS, Contributions, reason_texts
from models.terms_errors import (
    BadProbabilityError,
    LprDayMissingError,
    LprTableEndsError,
    MissingHouseholdColumnError,
    MissingReasonTextError,
    PolicyNotInForceError,
    UnequalLengthError,
    UnknownGradeError,
    UnknownPurposeError,
    UnknownStandingError,
    Words,
)

Build = Callable[..., dict[str, Any]]
Ask = Callable[..., Offers]


@pytest.fixture(scope="session")
def ask(plain: Policy, lpr: LprTable, day: date) -> Ask:
    def _ask(households: Any, grades: Any = ("none",), probabilities: Any = (0.005,), **more: Any) -> Offers:
        on = more.pop("on", day)
        return preapprove(households, grades, probabilities, plain, lpr, on, **more)

    return _ask


def _decision(offers: Offers) -> str:
    return DECISIONS[offers.decision[0]]


def _rows(offers: Offers) -> list[tuple[str, int]]:
    return [(row["rule"], row["amount_fen"]) for row in offers.limit_ledger.table().to_pylist()]


def test_a_sound_household_is_offered_what_its_income_carries(households: Build, ask: Ask) -> None:
    offers = ask(households(sector=["trade"], annual_income_fen=[8_050_050.0], minors=[0]))
    assert _decision(offers) == "offer"
    assert _rows(offers) == [("income_multiple", 8_050_050), ("whole_thousands", -50_050)]
    assert offers.limit_fen[0] == 8_000_000
    assert offers.rate_bp[0] == 300 + 200
    assert offers.all_in_annual_cost_bp[0] == 512


def test_known_debts_reduce_the_line(households: Build, ask: Ask) -> None:
    offers = ask(households(sector=["trade"], unsecured_debt_fen=[3_000_000.0]))
    assert _rows(offers) == [("income_multiple", 12_000_000), ("unsecured_debt", -3_000_000)]


def test_an_unknown_debt_is_assumed_and_lowers_the_household_cap(households: Build, ask: Ask) -> None:
    offers = ask(households(sector=["trade"], unsecured_debt_fen=[np.nan]))
    assert _rows(offers) == [
        ("income_multiple", 12_000_000),
        ("assumed_debt", -2_400_000),
        ("household_cap", -3_600_000),
    ]
    assert offers.table()["assumptions"].to_pylist() == [["debt_assumed"]]
    assert offers.limit_fen[0] < ask(households(sector=["trade"])).limit_fen[0]


def test_the_wanted_purpose_caps_the_line_and_sets_the_term(households: Build, ask: Ask) -> None:
    home, gear = ask(households(), purposes=["home"]), ask(households(), purposes=["gear"])
    assert (home.limit_fen[0], home.term_months[0]) == (10_000_000, 24)
    assert (gear.limit_fen[0], gear.term_months[0]) == (12_000_000, 36)


def test_without_a_wish_the_purpose_of_the_sector_is_offered(households: Build, ask: Ask) -> None:
    assert ask(households(sector=["fishery"])).table()["purpose"].to_pylist() == ["gear"]
    assert ask(households(), purposes=[None]).table()["purpose"].to_pylist() == ["home"]


def test_the_line_goes_down_to_what_the_tightest_months_can_repay(households: Build, ask: Ask) -> None:
    steady = ask(households(sector=["trade"], annual_income_fen=[4_800_000.0]))
    # Stressed income 3,599.95 a month (a twelfth in millionths), living 2,500: 1,099.95 free in each of six months;
    # 70 % of it for six times 1/36 of principal and half a year's interest at 5 %.
    free_fen, due_ppm = 109_995 * 6, 27_778 * 6 + 25_000
    assert steady.affordability_fen[0] == free_fen * 7 // 10 * 1_000_000 // due_ppm
    assert [rule for rule, _ in _rows(steady)] == ["income_multiple", "affordability", "whole_thousands"]


def test_a_lost_fishing_season_lowers_what_a_fishing_household_can_repay(households: Build, ask: Ask) -> None:
    shares = [0.1, 0.1, 0.1, 0.1, 0.017, 0.017, 0.016, 0.05, 0.125, 0.125, 0.125, 0.125]
    seasonal = {f"monthly_income_share_{month:02d}": [share] for month, share in enumerate(shares, start=1)}
    fishing = ask(households(sector=["fishery"], **seasonal))
    trading = ask(households(sector=["trade"], **seasonal))
    assert fishing.affordability_fen[0] < trading.affordability_fen[0]
    assert fishing.worst_month[0] == 10
    assert fishing.table()["repayment_plan"].to_pylist() == ["no_principal_may_to_september"]


def test_income_left_after_repayment_is_shown_and_never_negative_in_an_offer(households: Build, ask: Ask) -> None:
    incomes = np.linspace(2_500_000, 30_000_000, 40)
    offers = ask(households(40, annual_income_fen=incomes), ["AAA"] * 40, np.full(40, 0.001))
    assert offers.offered.any()
    assert (offers.left_after_repayment_fen[offers.offered] >= 0).all()


def test_unknown_monthly_shares_are_taken_from_the_sector_and_declared(households: Build, ask: Ask) -> None:
    unknown = {f"monthly_income_share_{month:02d}": [np.nan] for month in range(1, 13)}
    assert ask(households(**unknown)).table()["assumptions"].to_pylist() == [["monthly_shares_assumed"]]


def test_a_base_below_the_minimum_is_a_decline_whatever_the_grade(households: Build, ask: Ask) -> None:
    small = households(4, sector=["trade"] * 4, adults=[1] * 4, minors=[0] * 4, annual_income_fen=[2_000_000.0] * 4)
    offers = ask(small, GRADES, [0.02] * 4)
    # 20,000 x 0.5 = 10,000 is just enough before debts; with a debt of one fen it is not.
    assert set(offers.limit_fen[:2]) == {1_000_000}
    owing = ask({**small, "unsecured_debt_fen": [1.0] * 4}, GRADES, [0.02] * 4)
    assert [DECISIONS[decision] for decision in owing.decision] == ["decline"] * 4
    assert owing.reasons.of(3) == ("income_line_below_minimum",)
    assert not owing.limit_fen.any()


def test_an_income_nobody_knows_is_referred(households: Build, ask: Ask) -> None:
    offers = ask(households(annual_income_fen=[np.nan]))
    assert _decision(offers) == "refer"
    assert offers.reasons.of(0) == ("income_unknown",)


@pytest.mark.parametrize(
    ("changed", "decision", "reasons"),
    [
        ({"max_days_past_due_24m": [31]}, "decline", ("arrears",)),
        ({"max_days_past_due_24m": [30]}, "offer", ()),
        ({"bureau_queries_6m": [7.0]}, "refer", ("queries",)),
        ({"bureau_queries_6m": [np.nan]}, "offer", ()),
        ({"annual_income_fen": [1_999_999.0]}, "decline", ("poor",)),
        ({"sector": ["piracy"]}, "refer", ("sector_unknown",)),
        ({"sector": [None]}, "refer", ("sector_unknown",)),
        ({"adults": [np.nan]}, "refer", ("members_unknown",)),
        ({"adults": [0]}, "refer", ("figures_implausible",)),
        ({"unsecured_debt_fen": [-1.0]}, "refer", ("figures_implausible",)),
        ({"annual_income_fen": [1e16]}, "refer", ("figures_implausible",)),
        ({"annual_income_fen": [np.inf]}, "refer", ("income_unknown",)),
        ({"group_contracts_fen": [-5.0]}, "refer", ("figures_implausible",)),
        ({"group_contracts_fen": [24_100_000.0]}, "decline", ("household_exposure",)),
        ({"group_contracts_fen": [np.nan]}, "offer", ()),
        ({"borrower_standing": ["borrower_died"]}, "refer", ("borrower_died",)),
        ({"borrower_standing": ["household_merged"], "sector": ["x"]}, "refer", ("household_merged", "sector_unknown")),
        ({"borrower_standing": [None]}, "offer", ()),
        ({"monthly_income_share_01": [0.5]}, "refer", ("income_months_inconsistent",)),
        ({"borrower_birth_on": [np.datetime64("NaT")]}, "refer", ("age",)),
        (
            {"unsecured_debt_fen": [24_100_000.0], "annual_income_fen": [60_000_000.0]},
            "decline",
            ("household_exposure",),
        ),
        ({"annual_income_fen": [2_800_000.0]}, "decline", ("repayment_beyond_means",)),
        ({"annual_income_fen": [2_800_000.0], "unsecured_debt_fen": [np.nan]}, "refer", ("debt_unknown",)),
        ({"max_days_past_due_24m": [31], "annual_income_fen": [np.nan]}, "decline", ("arrears",)),
    ],
    ids=str,
)
def test_bank_data_decide(
    households: Build, ask: Ask, changed: dict[str, Any], decision: str, reasons: tuple[str, ...]
) -> None:
    offers = ask(households(**changed))
    assert (_decision(offers), offers.reasons.of(0)) == (decision, reasons)


@pytest.mark.parametrize(
    ("probability", "decision", "band"),
    [
        (0.0, "offer", "low"),
        (0.009999, "offer", "low"),
        (0.01, "offer", "mid"),
        (0.029999, "offer", "mid"),
        (0.03, "refer", "ask"),
        (0.05, "decline", "high"),
        (1.0, "decline", "high"),
    ],
)
def test_a_band_begins_at_its_lower_edge(
    households: Build, ask: Ask, probability: float, decision: str, band: str
) -> None:
    offers = ask(households(), probabilities=[probability])
    assert (_decision(offers), offers.table()["risk_band"].to_pylist()) == (decision, [band])


def test_contracts_of_the_same_group_lower_the_household_cap(households: Build, ask: Ask) -> None:
    rich = households(sector=["trade"], annual_income_fen=[60_000_000.0], group_contracts_fen=[7_000_000.0])
    assert ask(rich).limit_fen[0] == 25_000_000 - 7_000_000
    unknown = ask({**rich, "unsecured_debt_fen": [np.nan], "group_contracts_fen": [4_000_000.0]})
    assert unknown.limit_fen[0] == 6_000_000 - 4_000_000


def test_a_standing_the_household_rule_does_not_know_is_an_error(households: Build, ask: Ask) -> None:
    with pytest.raises(UnknownStandingError, match="row 1"):
        ask(households(2, borrower_standing=[None, "emigrated"]), ["none"] * 2, [0.005] * 2)


def test_a_cap_below_the_smallest_line_is_told_as_such(
    households: Build, plain: Policy, lpr: LprTable, day: date
) -> None:
    text = plain.model_dump_json(by_alias=True).replace('"cap_yuan":100000,', '"cap_yuan":9999,')
    tiny = Policy.model_validate_json(text)
    offers = preapprove(households(), ["AAA"], [0.005], tiny, lpr, day)
    assert (_decision(offers), offers.reasons.of(0)) == ("decline", ("caps_below_minimum",))
    assert [type(error).__name__ for error in policy_errors(tiny, lpr, day)] == ["CapBelowMinimumError"]


def test_what_no_household_has_overflows_nothing(households: Build, ask: Ask) -> None:
    figures = ("adults", "minors", "annual_income_fen", "unsecured_debt_fen", "group_contracts_fen")
    huge = {name: [1e18] for name in figures}
    offers = ask(households(**huge))
    assert _decision(offers) == "refer"
    assert not offers.limit_fen.any()


def test_a_household_with_two_borrowers_is_referred(households: Build, ask: Ask) -> None:
    offers = ask(households(3, household_ref=["H1", "H2", "H1"]), ["none"] * 3, [0.005] * 3)
    assert [DECISIONS[decision] for decision in offers.decision] == ["refer", "offer", "refer"]
    assert offers.reasons.of(0) == ("two_borrowers",)


def test_the_grade_adds_to_the_limit_and_takes_off_the_rate(households: Build, ask: Ask) -> None:
    village = households(4, sector=["trade"] * 4, adults=[1] * 4, minors=[0] * 4, annual_income_fen=[10_000_000.0] * 4)
    offers = ask(village, GRADES, [0.005] * 4)
    assert list(offers.limit_fen) == [10_000_000, 10_000_000, 12_000_000, 14_000_000]
    assert list(offers.limit_bonus_fen) == [0, 0, 2_000_000, 4_000_000]
    assert list(offers.rate_bp) == [500, 490, 470, 440]


def test_a_cap_cuts_the_bonus_but_nothing_of_the_baseline(households: Build, ask: Ask) -> None:
    offers = ask(households(sector=["trade"], annual_income_fen=[22_000_000.0]), ["AAA"])
    assert _rows(offers) == [
        ("income_multiple", 22_000_000),
        ("grade_bonus", 8_800_000),
        ("bonus_purpose_cap", -800_000),
        ("bonus_household_cap", -5_000_000),
    ]


def test_a_discount_below_cost_is_paid_by_the_named_budget_up_to_its_cap(
    households: Build, plain: Policy, lpr: LprTable, day: date
) -> None:
    text = plain.model_dump_json(by_alias=True).replace('"spread_bp":300', '"spread_bp":240')
    tight = Policy.model_validate_json(text)
    offers = preapprove(households(2), ["AAA", "AAA"], [0.0299, 0.02], tight, lpr, day)
    # Cost 350 + 60 % x 2.99 % = 530 bp against 540: 10 above cost, 40 from the budget, 10 withheld.
    assert list(offers.rate_discount_bp) == [50, 60]
    assert list(offers.incentive_gap_bp) == [40, 0]
    told = [(row["rule"], row["amount_bp"]) for row in offers.table()["rate_ledger"].to_pylist()[0]]
    assert told == [("lpr", 300), ("band_spread", 240), ("grade_discount", -60), ("discount_cost_floor", 10)]


def test_a_price_never_falls_below_cost_when_the_lpr_does(
    households: Build, plain: Policy, lpr: LprTable, day: date
) -> None:
    text = lpr.model_dump_json(by_alias=True).replace('"one_year_bp":300', '"one_year_bp":200')
    offers = preapprove(households(), ["none"], [0.0299], plain, LprTable.model_validate_json(text), day)
    assert offers.rate_bp[0] == 530
    rows = [row["rule"] for row in offers.rate_ledger.table().to_pylist()]
    assert rows == ["lpr", "band_spread", "cost_floor"]


@pytest.mark.parametrize("poison", ["B", "C", "withdrawn", "not enrolled", "", "a", "AAAA", "A ", b"B", 3, 1.0, True])
def test_a_grade_no_bank_may_see_is_an_error(households: Build, ask: Ask, poison: object) -> None:
    with pytest.raises(UnknownGradeError):
        ask(households(2), ["AA", poison], [0.005, 0.005])


@pytest.mark.parametrize("absent", [None, np.nan])
def test_no_certificate_is_the_grade_none(households: Build, ask: Ask, absent: object) -> None:
    offers = ask(households(), np.array([absent], dtype=object))
    assert GRADES[offers.grade[0]] == "none"


def test_grades_are_read_alike_from_python_numpy_and_arrow(households: Build, ask: Ask) -> None:
    plain_texts = ["none", "A", "AA", "AAA"]
    forms = [
        plain_texts,
        np.array(plain_texts),
        np.array(plain_texts, dtype=object),
        pa.array(plain_texts),
        pa.array(plain_texts).dictionary_encode(),
        pa.chunked_array([plain_texts[:1], plain_texts[1:]]),
        pa.array(plain_texts, pa.large_string()),
    ]
    for form in forms:
        assert list(ask(households(4), form, [0.005] * 4).grade) == [0, 1, 2, 3]


def test_no_civility_column_is_read_however_poisoned(households: Build, ask: Ask) -> None:
    poison = {name: ["AAA"] for name in ("grade", "civility_index", "index_grade", "positive_reasons", "borrower_sex")}
    clean, poisoned = ask(households()).table(), ask({**households(), **poison}).table()
    assert clean.equals(poisoned, check_metadata=True)
    assert not set(poison) & set(RULE_COLUMNS)


@pytest.mark.parametrize("bad", [-0.01, 1.01, np.nan, np.inf])
def test_a_probability_that_is_none_is_an_error(households: Build, ask: Ask, bad: float) -> None:
    with pytest.raises(BadProbabilityError):
        ask(households(), probabilities=[bad])


def test_a_column_the_policy_reads_must_be_there(households: Build, ask: Ask) -> None:
    columns = households()
    del columns["bureau_queries_6m"]
    with pytest.raises(MissingHouseholdColumnError, match="bureau_queries_6m"):
        ask(columns)


def test_columns_of_different_length_are_an_error(households: Build, ask: Ask) -> None:
    with pytest.raises(UnequalLengthError, match="grades"):
        ask(households(2), ["none"], [0.005, 0.005])
    with pytest.raises(UnequalLengthError, match="adults"):
        ask(households(2, adults=[2]), ["none"] * 2, [0.005, 0.005])


def test_an_unknown_purpose_is_an_error(households: Build, ask: Ask) -> None:
    with pytest.raises(UnknownPurposeError):
        ask(households(), purposes=["wedding"])


def test_an_empty_village_gets_no_offers(households: Build, ask: Ask) -> None:
    offers = ask(households(0), pa.array([], pa.string()), [])
    assert offers.table().num_rows == 0
    assert offers.limit_ledger.table().num_rows == 0


@pytest.mark.parametrize(
    ("on", "rate_bp"),
    [
        (date(2024, 10, 20), 335 + 200),
        (date(2024, 10, 21), 310 + 200),
        (date(2025, 5, 19), 310 + 200),
        (date(2025, 5, 20), 300 + 200),
        (date(2026, 6, 30), 300 + 200),
        (date(2026, 7, 1), 300 + 210),
    ],
)
def test_lpr_and_policy_change_on_their_first_day(households: Build, ask: Ask, on: date, rate_bp: int) -> None:
    assert ask(households(), on=on).rate_bp[0] == rate_bp


def test_a_day_without_lpr_or_policy_is_an_error(households: Build, ask: Ask, lpr: LprTable) -> None:
    with pytest.raises(LprTableEndsError):
        ask(households(), on=lpr.quotes[-1].until)
    assert ask(households(), on=lpr.quotes[-1].until - timedelta(days=1)).offered.all()
    with pytest.raises(LprDayMissingError):
        lpr.rate_bp("one_year", date(2020, 4, 19))
    with pytest.raises(PolicyNotInForceError):
        ask(households(), on=date(2023, 12, 31))


@pytest.mark.parametrize(
    ("on", "valid_until"),
    [
        (date(2026, 6, 15), date(2026, 9, 13)),
        (date(2025, 11, 30), date(2026, 2, 28)),
        (date(2024, 2, 29), date(2024, 5, 29)),
    ],
)
def test_an_offer_is_valid_for_ninety_days(households: Build, ask: Ask, on: date, valid_until: date) -> None:
    assert ask(households(), on=on).table()["valid_until"].to_pylist() == [valid_until]


@pytest.mark.parametrize(
    ("born", "on", "years"),
    [
        ("2008-06-15", date(2026, 6, 14), 17),
        ("2008-06-15", date(2026, 6, 15), 18),
        ("2008-02-29", date(2026, 2, 27), 17),
        ("2008-02-29", date(2026, 2, 28), 18),
        ("2008-02-29", date(2028, 2, 28), 19),
        ("2008-02-29", date(2028, 2, 29), 20),
        ("2008-01-31", date(2026, 2, 28), 18),
        ("1960-06-16", date(2026, 6, 15), 65),
    ],
)
def test_age_is_counted_in_completed_years(born: str, on: date, years: int) -> None:
    days = np.array([np.datetime64(born, "D").astype(np.int64)])
    assert completed_years(Column(days, np.array([True])), on).values[0] == years


def test_birth_dates_may_be_arrow_dates_or_days(households: Build, ask: Ask) -> None:
    born = date(2008, 6, 16)
    days = (born - date(1970, 1, 1)).days
    for form in (pa.array([born]), np.array([days], dtype=np.int32), np.array([np.datetime64(born)]), [born]):
        assert ask(households(borrower_birth_on=form)).reasons.of(0) == ("age",)


def test_arrow_and_numpy_households_give_equal_offers(households: Build, ask: Ask) -> None:
    columns = households(3, unsecured_debt_fen=[0.0, np.nan, 100_000.0])
    table = pa.table({name: pa.array(values, from_pandas=True) for name, values in columns.items()})
    grades, probabilities = ["A", "AA", "none"], [0.004, 0.012, 0.02]
    left, right = ask(columns, grades, probabilities), ask(table, grades, probabilities)
    assert left.table().equals(right.table(), check_metadata=True)


def _contributions(values: list[list[float]], names: tuple[str, ...]) -> Contributions:
    return Contributions(
        np.array(values), names, {name: Words(f"{name}不利", f"{name} speaks against") for name in names}
    )


def test_the_worst_contributions_explain_what_the_model_decided(households: Build, ask: Ask) -> None:
    names = ("debts", "tenure", "inflow", "lenders", "trade", "deposits")
    speaking = _contributions([[0.3, -0.9, 0.8, 0.1, 0.2, 0.4]], names)
    offers = ask(households(), probabilities=[0.2], contributions=speaking)
    assert offers.reasons.of(0) == ("inflow", "deposits", "debts", "trade")


def test_a_general_reason_stands_only_where_nothing_specific_can_be_said(households: Build, ask: Ask) -> None:
    quiet = _contributions([[-0.1, 0.0]], ("debts", "tenure"))
    assert ask(households(), probabilities=[0.2], contributions=quiet).reasons.of(0) == ("risk_above_appetite",)
    assert ask(households(), probabilities=[0.2]).reasons.of(0) == ("risk_above_appetite",)
    assert ask(households(), probabilities=[0.04]).reasons.of(0) == ("risk_needs_a_person",)


@pytest.fixture
def careful(plain: Policy) -> Policy:
    """The plain policy, for which an interval of two per cent, or of one around the cut-off at five, is too wide."""
    widths = {"widest_ppm": 20_000, "widest_at_cut_off_ppm": 10_000}
    periods = [{"from": "2024-01-01", "value": widths}]
    return _with(plain, {"widest_interval": {"unit": "table", "origin": "[P] test", "periods": periods}})


@pytest.fixture
def ask_careful(careful: Policy, lpr: LprTable, day: date) -> Ask:
    return lambda *asked, **more: preapprove(*asked, careful, lpr, day, **more)


def _with(policy: Policy, changed: dict[str, Any]) -> Policy:
    return Policy.model_validate_json(json.dumps(json.loads(policy.model_dump_json(by_alias=True)) | changed))


@pytest.mark.parametrize(
    ("low", "probability", "high", "told"),
    [
        (0.001, 0.005, 0.0205, "offer"),
        (0.001, 0.005, 0.0215, "refer: risk_uncertain"),
        (0.035, 0.045, 0.0495, "refer: risk_needs_a_person"),
        (0.042, 0.045, 0.053, "refer: risk_uncertain"),
        (0.042, 0.055, 0.059, "refer: risk_uncertain"),
        (0.045, 0.052, 0.0545, "decline: risk_above_appetite"),
        (0.051, 0.2, 0.6, "decline: risk_above_appetite"),
    ],
)
def test_where_a_probability_is_not_known_closely_a_person_decides(
    households: Build, ask_careful: Ask, low: float, probability: float, high: float, told: str
) -> None:
    offers = ask_careful(households(), ["none"], [probability], intervals=(np.array([low]), np.array([high])))
    assert ": ".join((_decision(offers), *offers.reasons.of(0))) == told


def test_without_widths_or_without_intervals_nobody_is_referred_for_doubt(
    households: Build, ask: Ask, ask_careful: Ask
) -> None:
    assert _decision(ask(households(), intervals=(np.zeros(1), np.ones(1)))) == "offer"
    assert _decision(ask_careful(households(), ["none"], [0.005])) == "offer"
    with pytest.raises(UnequalLengthError):
        ask_careful(households(), ["none"], [0.005], intervals=(np.zeros(2), np.ones(2)))


def test_more_doubt_at_the_cut_off_than_elsewhere_is_no_policy(careful: Policy, lpr: LprTable, day: date) -> None:
    text = careful.model_dump_json(by_alias=True).replace('"widest_ppm":20000', '"widest_ppm":9999')
    (error,) = policy_errors(Policy.model_validate_json(text), lpr, day)
    assert error.place[-1] == "widest_at_cut_off_ppm"


def test_contributions_do_not_explain_what_a_rule_decided(households: Build, ask: Ask) -> None:
    speaking = _contributions([[0.9]], ("debts",))
    assert ask(households(max_days_past_due_24m=[99]), contributions=speaking).reasons.of(0) == ("arrears",)
    assert ask(households(), contributions=speaking).reasons.of(0) == ()


@pytest.mark.parametrize(
    ("spread_bp", "probability", "reasons"),
    [
        ((200, 300), 0.0, ()),  # 300 + 200, the lowest rate
        ((200, 300), 0.012, ("debts",)),  # 300 + 300
        ((200, 200), 0.012, ()),  # another band at the same price
        ((40, 300), 0.005, ("debts",)),  # raised to cost: 350 + 30
        ((40, 300), 0.0, ()),  # raised to a cost that nobody is spared
    ],
)
def test_a_price_is_explained_where_it_is_not_the_lowest_whatever_the_band(
    households: Build, plain: Policy, lpr: LprTable, day: date, spread_bp: Any, probability: float, reasons: Any
) -> None:
    text = plain.model_dump_json(by_alias=True)
    low, mid = (f'"spread_bp":{spread}' for spread in spread_bp)
    policy = Policy.model_validate_json(text.replace('"spread_bp":300', mid).replace('"spread_bp":200', low, 1))
    speaking = _contributions([[0.9]], ("debts",))
    offers = preapprove(households(), ["AAA"], [probability], policy, lpr, day, contributions=speaking)
    assert (_decision(offers), offers.reasons.of(0)) == ("offer", reasons)


def test_never_more_than_four_reasons(households: Build, ask: Ask) -> None:
    bad = households(sector=["x"], adults=[np.nan], annual_income_fen=[np.nan], bureau_queries_6m=[9.0])
    bad["monthly_income_share_01"] = [0.9]
    offers = ask(bad)
    assert offers.reasons.of(0) == ("queries", "sector_unknown", "members_unknown", "income_unknown")
    assert offers.table()["reasons"].to_pylist() == [list(offers.reasons.of(0))]
    assert len(offers.reasons.of(0)) == MOST_REASONS


def test_a_feature_without_text_cannot_become_a_reason() -> None:
    with pytest.raises(MissingReasonTextError):
        Contributions(np.zeros((1, 1)), ("debts",), {})


def test_every_reason_has_short_words_in_both_languages(plain: Policy, day: date) -> None:
    texts = reason_texts(plain.eligibility.on(day))
    assert texts["arrears"] == Words("逾期超过30天", "arrears above 30 days")
    assert set(TERM_REASONS) < set(texts)
    for words in texts.values():
        assert 0 < len(words.zh) <= 30
        assert 0 < len(words.en.split()) <= 20


def test_terms_are_null_where_there_is_no_offer(households: Build, ask: Ask) -> None:
    table = ask(households(annual_income_fen=[np.nan])).table()
    row = table.to_pylist()[0]
    assert row["limit_fen"] is None
    assert row["rate_bp"] is None
    assert row["valid_until"] is None
    assert row["limit_ledger"] == []


def test_the_table_names_method_edition_and_lpr(households: Build, ask: Ask) -> None:
    stamps = {key.decode(): value.decode() for key, value in ask(households()).table().schema.metadata.items()}
    assert stamps["all_in_cost_method"] == "effective_annual_rate_of_monthly_interest_no_fees"
    assert (stamps["policy_edition"], stamps["lpr_bp"], stamps["business_date"]) == ("1", "300", "2026-06-15")


def test_grades_and_sectors_are_those_of_the_features() -> None:
    from models import feature_spec

    assert tuple(feature_spec.GRADES) == GRADES
    assert tuple(feature_spec.SECTORS) == SECTORS
