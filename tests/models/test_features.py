"""Formulas by hand, rows without neighbours, and errors that name what is wrong."""

import numpy as np
import pyarrow as pa
import pytest

from models.errors import MissingColumnError, UnknownLevelError, UnreadableColumnError
from models.feature_spec import MONTHLY_SHARES, declared_features
from models.features import FeatureMatrix, make_features


def one_household(**changes: object) -> pa.Table:
    columns = {
        "sector": "tourism", "adults": 2, "minors": 1, "annual_income_fen": 12_000_000, "income_stability": 0.7,
        **dict.fromkeys(MONTHLY_SHARES, 1 / 12), "months_with_bank": 30, "deposit_average_12m_fen": 3_000_000,
        "settlement_inflow_12m_fen": 9_000_000, "months_inflow_positive_12m": 11, "unsecured_debt_fen": 6_000_000,
        "other_lenders": 1, "max_days_past_due_24m": 0, "bureau_queries_6m": 2, "years_in_trade": 8, "owns_vessel": 0,
        "prior_loans": 4, "prior_loans_repaid_on_time": 3, "grade": "AA",
    }  # fmt: skip
    return pa.Table.from_pylist([columns | changes])


def feature(name: str, **changes: object) -> float:
    matrix = make_features(one_household(**changes), declared_features("full"))
    return float(matrix.values[0, matrix.names.index(name)])


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("sector", 2.0),
        ("annual_income_fen", 12_000_000.0),
        ("income_per_head_fen", 4_000_000.0),
        ("debt_to_income", 0.5),
        ("inflow_to_income", 0.75),
        ("deposit_cover_months", 3.0),
        ("repaid_on_time_share", 0.75),
        ("lean_months", 0.0),
        ("grade", 2.0),
    ],
)
def test_each_formula_gives_what_a_pencil_gives(name: str, value: float) -> None:
    assert feature(name) == value


def test_even_income_has_no_concentration_and_a_single_month_has_all() -> None:
    assert feature("seasonal_concentration") == pytest.approx(0.0, abs=1e-12)
    in_august = dict.fromkeys(MONTHLY_SHARES, 0.0) | {"monthly_income_share_08": 1.0}
    assert feature("seasonal_concentration", **in_august) == pytest.approx(1.0)
    assert feature("lean_months", **in_august) == 11.0


@pytest.mark.parametrize("months_later", [1, 5, 11])
def test_the_same_year_told_from_another_month_on_gives_the_same_features(months_later: int) -> None:
    year = [0.02, 0.02, 0.03, 0.05, 0.10, 0.08, 0.20, 0.22, 0.10, 0.08, 0.06, 0.04]
    turned = year[months_later:] + year[:months_later]
    here, there = (dict(zip(MONTHLY_SHARES, shares, strict=True)) for shares in (year, turned))
    assert feature("lean_months", **here) == feature("lean_months", **there) == 4.0
    assert feature("seasonal_concentration", **here) == pytest.approx(
        feature("seasonal_concentration", **there), rel=1e-12
    )


def test_unknown_income_is_missing_and_zero_income_is_a_code_of_its_own() -> None:
    for name in ("debt_to_income", "inflow_to_income", "deposit_cover_months"):
        assert np.isnan(feature(name, annual_income_fen=None))
        assert feature(name, annual_income_fen=0) == -1.0


def test_unknown_debt_is_not_zero_debt() -> None:
    assert np.isnan(feature("debt_to_income", unsecured_debt_fen=None))
    assert np.isnan(feature("debt_to_income", unsecured_debt_fen=None, annual_income_fen=0))
    assert feature("debt_to_income", unsecured_debt_fen=0) == 0.0


def test_no_earlier_loan_is_a_code_and_not_a_bad_record() -> None:
    assert feature("repaid_on_time_share", prior_loans=0, prior_loans_repaid_on_time=0) == -1.0
    assert feature("repaid_on_time_share", prior_loans=2, prior_loans_repaid_on_time=0) == 0.0


def test_no_certificate_is_the_grade_none() -> None:
    assert feature("grade", grade="none") == 0.0
    assert feature("grade", grade=None) == 0.0


def test_a_household_has_the_same_features_alone_and_among_many(households: pa.Table) -> None:
    spec = declared_features("full")
    together = make_features(households, spec).values
    for row in (0, 17, 2_999):
        np.testing.assert_array_equal(make_features(households.slice(row, 1), spec).values[0], together[row])
    backwards = make_features(households.take(np.arange(len(together))[::-1]), spec).values
    np.testing.assert_array_equal(backwards[::-1], together)


def test_chunked_and_whole_columns_give_the_same_matrix(households: pa.Table) -> None:
    spec = declared_features("full")
    chunked = pa.concat_tables([households.slice(0, 700), households.slice(700)])
    np.testing.assert_array_equal(make_features(chunked, spec).values, make_features(households, spec).values)


def test_a_missing_column_is_named_with_the_feature_that_needs_it() -> None:
    with pytest.raises(MissingColumnError) as caught:
        make_features(one_household().drop_columns(["unsecured_debt_fen"]), declared_features("baseline"))
    assert (caught.value.feature, caught.value.column) == ("unsecured_debt_fen", "unsecured_debt_fen")


def test_a_sector_outside_the_declared_ones_is_named_with_its_row(households: pa.Table) -> None:
    sectors = households.column("sector").to_pylist()
    sectors[41] = "piracy"
    spoilt = households.set_column(households.column_names.index("sector"), "sector", pa.array(sectors))
    with pytest.raises(UnknownLevelError) as caught:
        make_features(spoilt, declared_features("baseline"))
    assert (caught.value.row, caught.value.level) == (41, "piracy")


def test_a_sector_not_recorded_is_missing() -> None:
    table = pa.concat_tables([one_household(), one_household(sector=None)], promote_options="permissive")
    matrix: FeatureMatrix = make_features(table, declared_features("baseline"))
    assert matrix.values[0, 0] == 2.0
    assert np.isnan(matrix.values[1, 0])


def test_text_where_a_number_belongs_is_refused() -> None:
    with pytest.raises(UnreadableColumnError) as caught:
        make_features(one_household(other_lenders="2"), declared_features("baseline"))
    assert caught.value.column == "other_lenders"


def test_a_number_where_a_text_belongs_is_refused() -> None:
    with pytest.raises(UnreadableColumnError):
        make_features(one_household(sector=3), declared_features("baseline"))
