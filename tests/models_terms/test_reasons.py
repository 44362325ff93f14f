"""Reasons as a household reads them: what rules found, then what the model says, nothing twice, nobody else named."""

from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
import pytest

from models.feature_spec import MONTHLY_SHARES, declared_features
from models.lpr import LprTable
from models.offers import Offers
from models.policy import DECISIONS, EligibilityRule, Policy
from models.policy_loader import load_policy
from models.preapproval import preapprove
from models.reason_ranking import MOST_REASONS
from models.term_reasons import TERM_REASONS, Contributions, Findings, Reasons, rank_reasons, reason_texts
from models.terms import LIMIT_RULES, RATE_RULES
from models.terms_errors import UnequalLengthError, Words

OFFER, REFER, DECLINE = range(len(DECISIONS))
Build = Callable[..., Any]
CODES = ("arrears", "income_unknown", "risk_above_appetite", "risk_needs_a_person", "income_line_below_minimum")
FINDINGS = ("decline", "refer", "decline", "refer", "decline")
RULE = EligibilityRule(
    code="arrears", column="max_days_past_due_24m", unit="days", at_most=30, otherwise="decline", unknown="refer",
    text_zh="逾期", text_en="late", origin="[P] test",
)  # fmt: skip


def found(*codes: str) -> Findings:
    """One household that meets some of five findings."""
    return Findings(CODES, FINDINGS, np.array([[code in codes for code in CODES]], np.uint8))


def saying(**shares: float) -> Contributions:
    """What a model says against one household."""
    texts = {name: Words(name, name) for name in shares}
    return Contributions(np.array([list(shares.values())]), tuple(shares), texts)


def told(findings: Findings, decision: int, said: Contributions | None = None, **more: Any) -> tuple[str, ...]:
    return rank_reasons(findings, np.array([decision]), said, **more).of(0)


def test_what_merely_asks_for_a_person_does_not_explain_a_decline() -> None:
    both = found("arrears", "income_unknown")
    assert told(both, DECLINE) == ("arrears",)
    assert told(both, REFER) == ("income_unknown",)


def test_the_model_speaks_after_the_rules_and_only_where_it_stands_behind_the_decision() -> None:
    said = saying(inflow=0.1, deposits=0.3)
    assert told(found("arrears"), DECLINE, said) == ("arrears",)
    assert told(found("arrears", "risk_above_appetite"), DECLINE, said) == ("arrears", "deposits", "inflow")
    assert told(found("income_line_below_minimum"), DECLINE, said)[1:] == ("deposits", "inflow")
    assert told(found("risk_needs_a_person"), REFER, said) == ("deposits", "inflow")


def test_a_general_reason_stands_alone_or_not_at_all() -> None:
    assert told(found("risk_above_appetite"), DECLINE) == ("risk_above_appetite",)
    assert told(found("risk_above_appetite"), DECLINE, saying(inflow=-0.1)) == ("risk_above_appetite",)
    assert told(found("risk_above_appetite"), DECLINE, saying(inflow=0.1)) == ("inflow",)


def test_what_a_rule_has_said_of_a_column_the_model_does_not_say_again() -> None:
    said = saying(max_days_past_due_24m=0.9, deposits=0.1)
    late = found("arrears", "risk_above_appetite")
    assert told(late, DECLINE, said, rules=[RULE]) == ("arrears", "deposits")
    assert told(late, DECLINE, said) == ("arrears", "max_days_past_due_24m", "deposits")
    unknown = found("income_unknown", "risk_needs_a_person")
    assert told(unknown, REFER, saying(annual_income_fen=0.9, deposits=0.1)) == ("income_unknown", "deposits")


def test_an_offer_has_reasons_only_where_its_rate_is_not_the_lowest() -> None:
    said, nothing = saying(inflow=0.1, deposits=0.3), found()
    assert told(nothing, OFFER, said) == ()
    assert told(nothing, OFFER, said, dearer=np.array([False])) == ()
    assert told(nothing, OFFER, said, dearer=np.array([True])) == ("deposits", "inflow")
    assert told(nothing, OFFER, None, dearer=np.array([True])) == ()
    assert told(found("arrears"), DECLINE, said, dearer=np.array([True])) == ("arrears",)


def test_never_more_than_four_and_the_heaviest_of_the_model_first() -> None:
    said = saying(a=0.1, b=0.5, c=0.5, d=0.2, e=0.05, f=-1.0)
    assert told(found("arrears", "risk_above_appetite"), DECLINE, said) == ("arrears", "b", "c", "d")
    assert len(told(found("risk_above_appetite"), DECLINE, said)) == MOST_REASONS


def test_having_no_grade_is_never_a_reason_however_heavily_a_poisoned_card_puts_it() -> None:
    poisoned = saying(grade=1e9, deposits=0.1)
    assert told(found("risk_above_appetite"), DECLINE, poisoned) == ("deposits",)
    assert told(found("risk_above_appetite"), DECLINE, saying(grade=1e9)) == ("risk_above_appetite",)
    assert told(found(), OFFER, poisoned, dearer=np.array([True])) == ("deposits",)
    assert not any("grade" in code for code in declared_features("full").reason_texts())


def test_a_model_that_speaks_of_other_households_is_refused() -> None:
    with pytest.raises(UnequalLengthError):
        rank_reasons(found(), np.array([OFFER, OFFER]), saying(deposits=0.1))
    with pytest.raises(UnequalLengthError):
        Findings(("arrears",), ("decline",), np.zeros((1, 2), np.uint8))


def test_many_households_are_told_what_each_is_told_alone() -> None:
    draw = np.random.default_rng(5)
    met = draw.integers(0, 2, (500, len(CODES))).astype(np.uint8)
    decision, dearer = draw.integers(0, 3, 500), draw.random(500) < 0.5
    values = draw.normal(size=(500, 6)).round(1)
    names = tuple("abcdef")
    texts = {name: Words(name, name) for name in names}

    def reasons(rows: slice) -> Reasons:
        findings = Findings(CODES, FINDINGS, met[rows])
        said = Contributions(values[rows], names, texts)
        return rank_reasons(findings, decision[rows], said, dearer=dearer[rows], rules=[RULE])

    together = reasons(slice(None))
    for row in range(500):
        assert reasons(slice(row, row + 1)).of(0) == together.of(row)


@pytest.fixture
def priced(plain: Policy, lpr: LprTable, day: date, households: Build) -> Callable[[float], Offers]:
    """One sound household of a given probability, against which deposits speak."""
    return lambda probability: preapprove(
        households(), ["AAA"], [probability], plain, lpr, day, contributions=saying(deposits=0.2)
    )


def test_the_best_band_needs_no_explanation_and_the_next_gets_one(priced: Callable[[float], Offers]) -> None:
    best, next_best, declined = (priced(probability) for probability in (0.005, 0.02, 0.2))
    assert [offers.offered[0] for offers in (best, next_best, declined)] == [True, True, False]
    assert best.reasons.of(0) == ()
    assert next_best.reasons.of(0) == declined.reasons.of(0) == ("deposits",)


BANKS = ("island_rural", "harbour_city", "coast_village")
OTHERS_AFFAIRS_ZH = ("负债", "债务", "其他机构", "贷款机构", "他行", "配偶", "家人", "他人", "成员欠", "多头")
OTHERS_AFFAIRS_EN = ("lender", "debt", "spouse", "husband", "wife", "relative", "adult's", "other bank")
INDEX_ZH = ("诚信", "文明", "等级", "积分", "指数")
INDEX_EN = ("grade", "civility", "index")


def all_reason_texts() -> dict[str, Words]:
    """Every reason a household can be shown, by where it comes from and code."""
    texts = {f"model {code}": Words(*words) for code, words in declared_features("full").reason_texts().items()}
    texts |= {f"terms {code}": words for code, words in TERM_REASONS.items()}
    for bank in BANKS:
        for period in load_policy(bank, date(2026, 6, 15)).policy.eligibility.periods:
            texts |= {f"{bank} {code}": words for code, words in reason_texts(period.value).items()}
    return texts


@pytest.mark.parametrize("rule", [*LIMIT_RULES, *RATE_RULES], ids=lambda rule: rule.code)
def test_no_ledger_tells_one_adult_of_another_s_debts(rule: Any) -> None:
    assert not [word for word in OTHERS_AFFAIRS_ZH if word in rule.words.zh]
    assert not [word for word in OTHERS_AFFAIRS_EN if word in rule.words.en.lower()]


def test_no_reason_tells_one_adult_of_another_s_debts_lenders_or_arrears() -> None:
    for code, words in all_reason_texts().items():
        assert not [word for word in OTHERS_AFFAIRS_ZH if word in words.zh], code
        assert not [word for word in OTHERS_AFFAIRS_EN if word in words.en.lower()], code
        if "敞口" in words.zh:
            assert "户内敞口" in words.zh, code
            assert "household exposure" in words.en.lower(), code
        if "逾期" in words.zh or "延迟" in words.zh:
            assert "户" not in words.zh.replace("户内敞口", ""), code


def test_no_name_of_a_feature_does_so_either() -> None:
    for declaration in declared_features("full").declarations:
        assert not [word for word in OTHERS_AFFAIRS_ZH if word in declaration.name_zh], declaration.name
        assert not [word for word in OTHERS_AFFAIRS_EN if word in declaration.name_en.lower()], declaration.name


def test_no_reason_names_the_index() -> None:
    for code, words in all_reason_texts().items():
        assert not [word for word in INDEX_ZH if word in words.zh], code
        assert not [word for word in INDEX_EN if word in words.en.lower().split()], code


def test_every_reason_is_one_short_sentence_in_both_languages() -> None:
    for code, (chinese, english) in all_reason_texts().items():
        assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), code
        assert len(chinese) <= 30, code
        assert english.isascii(), code
        assert 2 <= len(english.split()) <= 20, code


def test_low_and_not_known_are_never_told_in_one_sentence() -> None:
    texts = declared_features("baseline").reason_texts()
    for code, (chinese, english) in texts.items():
        says_unknown = any(word in chinese for word in ("未知", "未授权", "未登记", "尚", "没有"))
        assert says_unknown == code.endswith((".unknown", ".unauthorised", ".none")), code
        if not says_unknown:
            assert "not known" not in english, code
        assert not ("未知" in chinese and "未授权" in chinese), code
    assert {"annual_income_fen", "annual_income_fen.unknown"} <= set(texts)
    assert not {f"{month}.unknown" for month in MONTHLY_SHARES} & set(texts)
