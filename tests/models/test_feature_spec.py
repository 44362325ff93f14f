"""What is declared, and what may never be."""

import re
from dataclasses import replace

import pytest

from models.feature_spec import SHORT_WINDOWS, FeatureSpec, declared_features

HOUSEHOLD_FILE = {
    "sector", "adults", "minors", "annual_income_fen", "income_stability", "months_with_bank",
    "deposit_average_12m_fen", "settlement_inflow_12m_fen", "months_inflow_positive_12m", "unsecured_debt_fen",
    "other_lenders", "max_days_past_due_24m", "bureau_queries_6m", "years_in_trade", "owns_vessel", "prior_loans",
    "prior_loans_repaid_on_time", *(f"monthly_income_share_{month:02d}" for month in range(1, 13)),
}  # fmt: skip


def test_the_baseline_reads_only_the_bank_s_household_columns() -> None:
    assert set(declared_features("baseline").columns) <= HOUSEHOLD_FILE


@pytest.mark.parametrize("forbidden", ["borrower_sex", "borrower_birth_on", "grade", "civility_index", "village_code"])
def test_sex_age_civility_and_village_are_no_features_of_the_baseline(forbidden: str) -> None:
    spec = declared_features("baseline")
    assert forbidden not in (*spec.columns, *spec.names)


def test_full_adds_the_grade_alone_and_a_better_grade_never_raises_the_risk() -> None:
    baseline, full = declared_features("baseline"), declared_features("full")
    assert full.declarations[:-1] == baseline.declarations
    grade = full.declarations[-1]
    assert (grade.name, grade.direction, grade.consents) == ("grade", -1, ("certificate",))


def test_every_feature_tells_people_in_chinese_and_english_why_it_speaks_against_them() -> None:
    for name, (chinese, english) in declared_features("full").reason_texts().items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), name
        assert english.isascii(), name
        assert len(english) > 10, name


def test_a_changed_word_or_direction_changes_the_hash() -> None:
    spec = declared_features("baseline")
    first, *rest = spec.declarations
    for changed in (replace(first, reason_zh=first.reason_zh + "。"), replace(first, direction=1)):
        assert FeatureSpec(spec.kind, (changed, *rest)).content_hash() != spec.content_hash()


def test_what_is_not_authorised_is_missing_and_not_a_number() -> None:
    for declaration in declared_features("baseline").declarations:
        if {"income", "bureau"} & set(declaration.consents):
            assert "not" in declaration.missing_means


def test_what_the_seasons_move_is_counted_over_whole_years() -> None:
    for declaration in declared_features("full").declarations:
        if declaration.seasonal and declaration.name not in SHORT_WINDOWS:
            assert declaration.window_months > 0, declaration.name
            assert declaration.window_months % 12 == 0, declaration.name


def test_the_exceptions_are_real_and_say_why() -> None:
    for name, (chinese, english) in SHORT_WINDOWS.items():
        declaration = declared_features("full").declaration(name)
        assert declaration.seasonal
        assert declaration.window_months % 12
        assert "同月" in chinese
        assert "same months" in english


def test_a_window_in_a_column_s_name_is_the_declared_one() -> None:
    for declaration in declared_features("full").declarations:
        for months in {int(found) for column in declaration.columns for found in re.findall(r"_(\d+)m(?:_|$)", column)}:
            assert declaration.window_months == months, declaration.name


def test_no_feature_reads_a_date_so_the_month_of_asking_cannot_matter() -> None:
    dates = {"drawn_on", "matured_on", "as_of", "snapshot_on", "borrower_birth_on"}
    assert not dates & set(declared_features("full").columns)
