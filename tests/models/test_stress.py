"""A bad year takes income where it says, moves what follows from it, and prices the same households again."""

from datetime import date

import numpy as np
import pyarrow as pa
import pytest

from models.dossier.loader import scenarios
from models.feature_spec import MONTHLY_SHARES, SECTORS
from models.policy import Sector
from models.policy_loader import load_policy
from models.sensitivity import numbers
from models.stress import Book, Scenario, strains_of, struck, systematic_probability
from models.training import TrainedModel

DAY = date(2026, 6, 15)


@pytest.fixture
def book(households: pa.Table) -> Book:
    return Book(households, load_policy("island_rural", date(2026, 6, 1)), DAY, date(1986, 1, 1))


def scenario(code: str) -> Scenario:
    return next(one for one in scenarios() if one.code == code)


def of_sector(table: pa.Table, sector: Sector) -> np.ndarray:
    return np.array(table["sector"].to_pylist()) == sector


def test_sectors_that_are_not_named_go_on_as_before(book: Book) -> None:
    hit = struck(book, scenario("fishing_ban"))
    untouched = of_sector(book.loans, "wage")
    for name in ("annual_income_fen", "deposit_average_12m_fen", "unsecured_debt_fen", "months_inflow_positive_12m"):
        before, after = numbers(book.loans, name)[untouched], numbers(hit, name)[untouched]
        assert np.array_equal(before, after, equal_nan=True), name


def test_lost_months_have_no_income_and_the_year_is_a_whole_again(book: Book) -> None:
    hit = struck(book, scenario("fishing_ban"))
    fishing = of_sector(book.loans, "fishery")
    shares = np.stack([numbers(hit, name) for name in MONTHLY_SHARES], axis=1)[fishing]
    known = ~np.isnan(shares).any(axis=1)
    assert (shares[known][:, 8:11] == 0).all()
    assert shares[known].sum(axis=1) == pytest.approx(1.0)
    income = numbers(book.loans, "annual_income_fen")[fishing], numbers(hit, "annual_income_fen")[fishing]
    lost = np.stack([numbers(book.loans, name) for name in MONTHLY_SHARES], axis=1)[fishing]
    left = (lost * np.array(scenario("fishing_ban").blows["fishery"].income)).sum(axis=1)
    assert income[1][known] == pytest.approx((income[0] * left)[known])


def test_unknown_income_stays_unknown_and_account_inflow_falls_by_the_usual_months(book: Book) -> None:
    hit = struck(book, scenario("tourism_slump"))
    hidden = np.isnan(numbers(book.loans, "annual_income_fen")) & of_sector(book.loans, "tourism")
    assert hidden.any()
    assert np.isnan(numbers(hit, "annual_income_fen")[hidden]).all()
    assert (numbers(hit, "settlement_inflow_12m_fen") < numbers(book.loans, "settlement_inflow_12m_fen"))[hidden].all()


def test_deposits_never_fall_below_nothing_and_unknown_debt_stays_unknown(book: Book) -> None:
    hit = struck(book, scenario("together"))
    assert (numbers(hit, "deposit_average_12m_fen") >= 0).all()
    before, after = numbers(book.loans, "unsecured_debt_fen"), numbers(hit, "unsecured_debt_fen")
    assert np.array_equal(np.isnan(before), np.isnan(after))
    assert (after[~np.isnan(after)] >= before[~np.isnan(before)]).all()


def test_worse_years_cost_more_and_lend_less(baseline: TrainedModel, book: Book) -> None:
    strains = dict(
        zip((one.code for one in scenarios()), strains_of(baseline.scorecard, book, scenarios()), strict=True)
    )
    worst = strains["together"]
    for one in strains.values():
        assert one.loss_after_fen > one.loss_before_fen
        assert worst.loss_after_fen >= one.loss_after_fen
        assert one.limit_after_fen is not None
        assert one.limit_before_fen is not None
        assert one.limit_after_fen < one.limit_before_fen
        assert one.decisions_after is not None
        assert sum(one.decisions_after) == one.rows
        assert tuple(sector.sector for sector in one.sectors) == SECTORS


def test_a_model_that_prices_nothing_is_not_priced(full: TrainedModel, book: Book) -> None:
    (strain,) = strains_of(full.scorecard, book, [scenario("typhoon_year")])
    assert (strain.decisions_before, strain.limit_after_fen) == (None, None)


def test_the_common_factor_gives_the_mean_on_average_and_more_in_bad_years() -> None:
    years = np.linspace(0.0005, 0.9995, 2000)
    shares = np.array([systematic_probability(0.015, 0.05, float(year)) for year in years])
    assert shares.mean() == pytest.approx(0.015, rel=0.005)
    assert systematic_probability(0.015, 0.05, 0.999) == pytest.approx(0.0647, abs=0.001)
    assert systematic_probability(0.015, 0.0, 0.999) == pytest.approx(0.015)
