"""Terms of groups: a gap that risk does not explain fails by name, small groups are never shown, proxies are named."""

import json
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from models.arrays import Booleans, Floats, Integers
from models.columns import days_of
from models.dated_file import DatedFile, value_on
from models.equal_risk import risk_bins
from models.fairness_groups import Grouping, age_grouping
from models.features import FeatureMatrix
from models.household_facts import completed_years
from models.household_groups import household_groupings, two_groups, village_grouping
from models.proxy_scan import proxy_scan
from models.terms_fairness import GroupsCompared, compare_groups, decision_measures, terms_gate, terms_measures
from models.terms_fairness_levels import TERMS_FAIRNESS_FILE, TermsFairnessLevels, terms_fairness_levels_on

LEVELS = terms_fairness_levels_on(date(2026, 6, 15))
ROWS = 3_000
DRAW = np.random.default_rng(4)
PROBABILITY = DRAW.beta(2, 60, ROWS)
VILLAGES = [f"V{number:03d}" for number in DRAW.integers(1, 40, ROWS)]
DISCOUNT = DRAW.choice([0, 10, 30, 60], ROWS)
BASELINE = np.full(ROWS, 6_000_000)


def women(flags: Booleans) -> Grouping:
    return two_groups("female", ("性别", "sex"), ("男", "male"), ("女", "female"), flags)


def compared(discount: Integers, *groupings: Grouping, bonus: Integers | None = None) -> GroupsCompared:
    extra = np.zeros(ROWS, dtype=np.int64) if bonus is None else bonus
    columns = {"rate_discount_bp": discount, "limit_bonus_fen": extra, "baseline_limit_fen": BASELINE}
    measures = terms_measures(pa.table({name: pa.array(column) for name, column in columns.items()}), LEVELS)
    return compare_groups(measures, groupings, risk_bins(PROBABILITY, LEVELS.risk_bins), VILLAGES, LEVELS)


HALF = np.random.default_rng(5).random(ROWS) < 0.5


def test_equal_terms_pass() -> None:
    assert terms_gate(compared(DISCOUNT, women(HALF))).outcome == "passed"


def test_a_discount_kept_from_one_group_fails_by_name_and_amount() -> None:
    gate = terms_gate(compared(np.where(HALF, 0, DISCOUNT), women(HALF)))
    assert gate.outcome == "failed"
    assert "sex: female (rate_discount_bp)" in gate.told_en
    assert "性别·女·利率优惠（基点）" in gate.told_zh
    assert gate.measured is not None
    assert abs(gate.measured) > 10


def test_a_bonus_gap_is_judged_in_points_of_the_baseline_line() -> None:
    bonus = np.where(HALF, 0, 900_000)
    female = compared(DISCOUNT, women(HALF), bonus=bonus).groupings[0].groups[1]
    assert female.measured[1].gap is not None
    assert female.measured[1].gap.gap == pytest.approx(-15.0)
    assert female.verdict == "failed"


def test_a_gap_that_chance_may_have_made_is_undecided() -> None:
    few = np.arange(ROWS) < 14
    gap_of_12 = np.where(few, np.where(np.arange(ROWS) % 2, 0, 48), 36)
    assert compared(gap_of_12, women(few)).groupings[0].groups[1].verdict == "undecided"


def test_a_group_below_ten_is_never_shown_nor_found_by_subtraction() -> None:
    places = np.select([np.arange(ROWS) < 4, np.arange(ROWS) < 30], [0, 1], default=2)
    three = Grouping("g", "组", "group", ("tiny", "little", "rest"), ("甲", "乙", "丙"), ("a", "b", "c"), places)
    grouping = compared(DISCOUNT, three).groupings[0]
    # With only `tiny` left out, its four households would be the difference from all of them.
    assert [group.group for group in grouping.groups] == ["rest"]
    assert grouping.hidden_groups == 2
    told = json.dumps(compared(DISCOUNT, three).to_content())
    assert '"tiny"' not in told
    assert '"little"' not in told


def test_hidden_households_move_nothing_that_is_shown() -> None:
    places = np.select([np.arange(ROWS) < 12, np.arange(ROWS) < 18], [3, 2], default=HALF.astype(int))
    names = ("a", "b", "c", "d")
    one = Grouping("g", "组", "group", names, names, names, places)
    moved = np.where(places == 2, 600, DISCOUNT)
    shown = [compared(discount, one).groupings[0].groups[:1] for discount in (DISCOUNT, moved)]
    assert shown[0] == shown[1]


def test_every_village_is_compared_with_all_the_others() -> None:
    harbour = np.array(VILLAGES) == "V007"
    found = compared(np.where(harbour, 60, 10), village_grouping(VILLAGES))
    failed = [group.group for group in found.groupings[0].groups if group.verdict == "failed"]
    assert failed == ["V007"]


def test_who_is_offered_referred_or_declined_is_told_at_equal_risk() -> None:
    offers = pa.table({"decision": np.where(HALF, "refer", "offer").tolist()})
    found = compare_groups(
        decision_measures(offers, LEVELS), [women(HALF)], risk_bins(PROBABILITY, 10), VILLAGES, LEVELS
    )
    female = {one.measure: one.gap.gap for one in found.groupings[0].groups[1].measured if one.gap}
    assert female == {"offer_points": -100.0, "refer_points": 100.0, "decline_points": 0.0}


def test_with_nobody_to_compare_nobody_can_tell() -> None:
    nobody = Grouping("g", "组", "group", (), (), (), np.full(ROWS, -1))
    assert terms_gate(compared(DISCOUNT, nobody)).outcome == "undecided"


def test_no_file_may_show_groups_below_ten() -> None:
    held = value_on(TERMS_FAIRNESS_FILE, DatedFile[TermsFairnessLevels], date(2026, 6, 15)).model_dump()
    with pytest.raises(ValidationError):
        TermsFairnessLevels(**{**held, "fewest_households": 9})


def features(**columns: Floats) -> FeatureMatrix:
    return FeatureMatrix(tuple(columns), np.column_stack(list(columns.values())))


def test_a_feature_that_carries_sex_is_found_and_named() -> None:
    draw = np.random.default_rng(6)
    columns = features(income=draw.normal(size=ROWS), shoe_size=HALF * 1.5 + draw.normal(size=ROWS))
    (found,) = proxy_scan(columns, {"rate_discount_bp": DISCOUNT * 1.0}, [women(HALF)], seed=1, told_from=0.8)
    assert found.carriers[0].feature == "shoe_size"
    assert found.told
    assert found.auc_terms["rate_discount_bp"] == pytest.approx(0.5, abs=0.04)


def test_being_unknown_carries_a_trait_too() -> None:
    told = np.where(HALF, np.nan, np.random.default_rng(7).choice([1.0, 2.0, 3.0], ROWS))
    (found,) = proxy_scan(features(income=told), {}, [women(HALF)], seed=1, told_from=0.8)
    assert found.auc_features is not None
    assert found.auc_features > 0.99


def test_an_unknown_category_is_not_the_first_of_them() -> None:
    sector = np.where(HALF, np.nan, 0.0)
    (found,) = proxy_scan(features(sector=sector), {}, [women(HALF)], seed=1, told_from=0.8)
    assert found.auc_features is not None
    assert found.auc_features > 0.99


def test_noise_tells_nothing_out_of_fold() -> None:
    noise = np.random.default_rng(8).normal(size=(ROWS, 30))
    columns = FeatureMatrix(tuple(f"noise_{place}" for place in range(30)), noise)
    (found,) = proxy_scan(columns, {}, [women(HALF)], seed=1, told_from=0.8)
    assert found.auc_features == pytest.approx(0.5, abs=0.04)
    assert not found.told


def test_what_is_not_known_of_a_household_keeps_it_out_of_that_parting_only() -> None:
    count = 3
    rows = {"borrower_sex": ["male"] * count, "village_code": ["V001"] * count}
    days = {"borrower_birth_on": [date(1980, 1, 1)] * count, "as_of": [date(2026, 6, 15)] * count}
    first, second, neither = np.eye(count, dtype=np.bool_)
    parted = household_groupings(
        pa.table(rows | days), one_adult=neither, newcomer=neither, adults_unknown=first, relation_unknown=second
    )
    assert {one.name: one.places.tolist() for one in parted[-2:]} == {"one_adult": [-1, 0, 1], "newcomer": [0, -1, 1]}


def test_age_groups_begin_on_the_birthday_itself_and_nobody_without_one_is_in_any() -> None:
    day = date(2026, 2, 28)
    births = [date(1996, 3, 1), date(1996, 2, 29), date(1996, 2, 28), date(1981, 2, 28), date(1966, 3, 1), None]
    born = pa.chunked_array([pa.array(births, pa.date32())])
    places = age_grouping(born, pa.chunked_array([pa.array([day] * len(births))])).places
    assert places.tolist() == [0, 1, 1, 2, 2, -1]
    years = completed_years(days_of(born), day).values[:-1]
    assert places[:-1].tolist() == np.searchsorted([30, 45, 60], years, side="right").tolist()


def test_the_gate_names_the_measure_that_takes_most_of_its_limit() -> None:
    gate = terms_gate(compared(np.where(HALF, 0, 12), women(HALF), bonus=np.where(HALF, 0, 900_000)))
    assert gate.outcome == "failed"
    assert gate.measured is not None
    assert abs(gate.measured) == pytest.approx(15.0)
    assert gate.told_en.endswith("the widest is in bonus_points")


def test_the_gates_figure_has_the_gates_outcome() -> None:
    bonus = np.where(HALF, 0, 900_000)
    gate = terms_gate(compared(np.full(ROWS, 10), women(HALF), bonus=bonus))
    assert (gate.outcome, gate.told_zh.endswith("提额（百分点）")) == ("failed", True)
    assert gate.measured


def test_few_rows_are_not_fitted() -> None:
    (found,) = proxy_scan(features(x=DISCOUNT * 1.0), {}, [women(np.arange(ROWS) < 20)], seed=1, told_from=0.8)
    assert (found.auc_features, found.carriers) == (None, ())


def test_where_all_get_little_a_group_that_gets_nothing_is_left_to_a_person() -> None:
    """A gap of 7 basis points lies within 10, and yet one half gets nothing."""
    little = np.where(HALF, 0, np.random.default_rng(9).choice([0, 14], ROWS))
    female = compared(little, women(HALF)).groupings[0].groups[1]
    assert female.measured[0].gap is not None
    assert abs(female.measured[0].gap.gap) < LEVELS.discount_gap_bp
    assert female.verdict == "undecided"


def test_a_dozen_households_of_whom_nobody_got_what_few_get_are_no_finding() -> None:
    few = np.arange(ROWS) < 12
    rare = np.where(few, 0, np.where(np.arange(ROWS) % 20, 0, 60))
    assert compared(rare, women(few)).groupings[0].groups[1].verdict == "passed"


def test_a_little_less_of_little_passes() -> None:
    little = np.where(HALF, 9, 10)
    assert compared(little, women(HALF)).groupings[0].groups[1].verdict == "passed"
