"""A person reads both halves in plain words: short sentences, waiting always, no promise that nobody can keep."""

import io
import re
from datetime import date
from typing import Any

import pytest
from rich.console import Console

from loan_service import recourse_printing
from loan_service.bank.views.recourse import BankStep, HouseholdRecourse, Said
from loan_service.flow import AtBank, JoinedRecourse
from scoring.recourse_answer import Plan, Recourse, Step
from scoring.rulebook import Name, Sentence

DAY = date(2026, 8, 29)
BANK = "island_rural"


def plan(on: date, hours: int, holds_until: date | None = None, count: int = 1) -> Plan:
    step = Step(
        kind="village_compact",
        name=Name(zh="村规民约", en="village compact"),
        count=count,
        amount_milli=2000,
        first_on=on,
        last_on=on,
        effort_milli=hours * 1000,
        points_milli=2000,
        about_event_id=0,
        evidence=Sentence(zh="评议记录。", en="The panel's sheets."),
        sentence=Sentence(zh=f"守村规民约，{count}次评议得满分。", en=f"Reviews with full points: {count}."),
    )
    return Plan(on, holds_until, 120_000, "AA", 118_000, hours * 1000, (step,))


def index(*plans: Plan, missing: int = 2000, **changes: Any) -> Recourse:
    usual: dict[str, Any] = {
        "person_id": 1,
        "as_of": DAY,
        "edition": "2026-01",
        "grade": "A",
        "index_milli": 118_000,
        "target": "AA",
        "missing_milli": missing,
        "horizon_on": date(2027, 8, 29),
        "waiting_reaches_on": None,
        "plans": plans,
        "blocked": (),
        "falls": (),
    }
    return Recourse(**usual | changes)


def step(kind: str, *outcome: str, decision: str = "decline") -> BankStep:
    return BankStep(
        kind=kind,
        sentence=Said(zh=f"{kind}。", en=kind),
        outcome=tuple(Said(zh=each, en=each) for each in outcome),
        certain=True,
        amount=0,
        decision=decision,
        limit_fen=0,
        rate_bp=0,
        saved_fen=None,
        better=(),
        same=("decision", "rate"),
        worse=(),
    )


def at_bank(*steps: BankStep, decision: str = "decline") -> AtBank:
    told = HouseholdRecourse(
        bank_code=BANK,
        household_ref="H1",
        as_of=DAY,
        decision=decision,
        limit_fen=0,
        rate_bp=0,
        longest_term=True,
        steps=steps,
    )
    return AtBank(BANK, None, told)


def read(told: JoinedRecourse) -> str:
    file = io.StringIO()
    recourse_printing.recourse(Console(file=file, width=200), told)
    return file.getvalue()


def test_whoever_has_no_index_reads_that_the_bank_is_not_moved_by_it() -> None:
    text = read(JoinedRecourse(None, ()))
    assert "没有诚信文明分" in text
    assert "银行的条件不受影响。" in text


def test_without_an_offer_a_grade_is_worth_nothing_and_a_person_may_look_again() -> None:
    text = read(JoinedRecourse(index(), (at_bank(step("wait")),)))
    assert "现在没有预授信，所以等级值 0 元。" in text
    assert "可以请银行的人再看一次，不花钱。" in text
    assert "银行这边没有别的能改善条件。" in text


def test_who_agreed_to_no_bank_reads_that_nothing_is_added_or_taken() -> None:
    assert "您没让银行看等级：不加也不减。" in read(JoinedRecourse(index(), ()))


def test_of_many_plans_the_soonest_the_easiest_and_the_lasting_are_read() -> None:
    soonest = plan(date(2026, 9, 30), 20, date(2026, 12, 1), count=1)
    between = plan(date(2026, 10, 31), 18, date(2026, 12, 2), count=2)
    easiest = plan(date(2026, 12, 31), 6, date(2027, 3, 31), count=3)
    lasting = plan(date(2027, 3, 31), 9, None, count=4)
    text = read(JoinedRecourse(index(soonest, between, easiest, lasting), ()))
    assert [f"{count}次评议" in text for count in (1, 2, 3, 4)] == [True, False, True, True]
    assert "最省力的约 6 小时，在银行一年少付 0 元。值不值，您定。" in text
    assert "之后不再做，2027-03-31 会降回去。" in text


def test_where_nothing_reaches_the_grade_that_is_said() -> None:
    text = read(JoinedRecourse(index(), ()))
    assert "按您说能做的，到 2027-08-29 还到不了 AA。" in text
    assert "不做也没关系，银行的条件不会因此变差。" in text


def test_what_is_not_quoted_says_why() -> None:
    trouble = AtBank(BANK, None, None, ("先要理清", "sort it out first"))
    assert "先要理清" in read(JoinedRecourse(index(), (trouble,)))


def test_visitors_are_named_in_the_question_and_no_kind_is_left_out() -> None:
    kinds = recourse_printing.kinds()
    assert kinds["household_hygiene"].zh.endswith("（会有人上门看）")
    assert "volunteering" in kinds
    assert not {"blood", "donation", "reporting"} & set(kinds)


JARGON = re.compile(r"基点|LPR|逾期率|PD|模型|评分卡|阈值|置信", re.IGNORECASE)


@pytest.mark.parametrize("missing", [2000, 0])
def test_sentences_are_short_and_free_of_jargon(missing: int) -> None:
    text = read(JoinedRecourse(index(plan(DAY, 5), missing=missing), (at_bank(step("wait", "条件不会因此变差。")),)))
    assert not JARGON.search(text)
    for line in text.splitlines():
        for sentence in re.split("[。：；]", line):
            assert len(re.findall(r"[\u4e00-\u9fff]", sentence)) <= 30
