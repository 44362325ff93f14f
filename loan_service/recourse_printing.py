"""How a person reads what can be done: both halves in plain words, Chinese first, short sentences, waiting always."""

from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from rich.console import Console

from loan_service.bank import pages
from loan_service.bank.views.offer import OfferView
from loan_service.flow import AtBank, JoinedRecourse
from loan_service.web import language
from models.policy import GRADES
from models.recourse_answer import Aspect
from models.terms import percent_told, yuan_told
from models.terms_errors import Words
from models.yearly_cost import WORTH_TELLING_FEN, GradeLine
from scoring.difference_values import plain
from scoring.recourse_answer import Plan, Recourse
from scoring.recourse_loader import load_steps

HOME_VISITS = ("household_hygiene",)
"""Kinds for which somebody comes to look: never assumed, only taken when named."""

_PAGES = Path(pages.__file__).parent


def _bank(bank_code: str) -> Words:
    """A bank's name as its pages have it."""
    return Words(*(language.words(one, (_PAGES,)).term("bank", bank_code) for one in language.Language))


def kinds() -> dict[str, Words]:
    """What a person may say he can do, by kind; what brings a visitor home says so."""
    named = {kind: Words(step.name.zh, step.name.en) for kind, step in load_steps().kinds.items()}
    for kind in HOME_VISITS:
        named[kind] = Words(f"{named[kind].zh}（会有人上门看）", f"{named[kind].en} (somebody comes to look)")
    return named


def questions(console: Console) -> None:
    """What can be said to be done, for whoever said nothing yet."""
    _say(
        console,
        Words("您能做哪些？不用说理由，也不会记下来。", "Which of these can you do? No reason is asked or kept."),
    )
    for kind, words in kinds().items():
        console.print(f"  --can {kind}  {words.zh} / {words.en}", highlight=False)


def recourse(console: Console, told: JoinedRecourse) -> None:
    """The whole reading: the grade, what the next is worth at each bank, how to get there, what can be done there."""
    if told.index is None:
        none = Words("没有诚信文明分：没开通，或者查不到。", "There is no index: not enrolled, or not found.")
        _say(console, none)
        _say(console, Words("银行的条件不受影响。", "A bank's own terms are as they are."))
        return
    _standing(console, told.index)
    for bank in told.banks:
        _worth(console, told.index, bank)
    if not told.banks:
        _say(console, _NOT_KNOWN if told.agreed else _NOT_AGREED)
    _plans(console, told.index)
    trade = _trade(told.index, told.banks)
    if trade:
        _say(console, trade)
    for bank in told.banks:
        _bank_steps(console, bank)
    _say(console, Words("时数、利率、额度都是演示参数。", "Hours, rates and lines are demonstration values."), dim=True)


_NOT_AGREED = Words("您没让银行看等级：不加也不减。", "No bank is shown your grade: it adds and takes nothing.")
_NOT_KNOWN = Words("您同意的银行还没有您家的资料。", "The banks you agreed to do not know your household yet.")


def _say(console: Console, words: Words, indent: int = 0, *, dim: bool = False, mark: str = "") -> None:
    """A sentence in Chinese, its English beside or below it."""
    space = " " * indent
    style = "dim" if dim else None
    console.print(f"{space}{mark}{words.zh}", style=style, highlight=False, markup=False)
    console.print(f"{space}{' ' * len(mark)}{words.en}", style="dim", highlight=False, markup=False)


def _heading(console: Console, words: Words) -> None:
    console.print(f"\n【{words.zh}】{words.en}", style="bold", highlight=False, markup=False)


def _standing(console: Console, index: Recourse) -> None:
    _heading(console, Words("您今天", "Today"))
    points = plain(index.index_milli)
    grade, on = index.grade, index.as_of
    _say(console, Words(f"{on}，{points} 分，等级 {grade}。", f"{points} points, grade {grade}, on {on}."))
    if index.missing_milli:
        missing = plain(index.missing_milli)
        _say(
            console, Words(f"到 {index.target} 还差 {missing} 分。", f"{missing} points are missing to {index.target}.")
        )


# --- what the next grade is worth -------------------------------------------------------------------------------------
def _worth(console: Console, index: Recourse, bank: AtBank) -> None:
    name = _bank(bank.bank_code)
    _heading(console, Words(f"等级在{name.zh}值多少", f"What a grade is worth at {name.en}"))
    for words in _worth_words(index, bank.offer):
        _say(console, words)


def _worth_words(index: Recourse, offer: OfferView | None) -> Iterator[Words]:
    if offer is not None and offer.decision == "offer" and offer.three_lines is None:
        yield Words("这家银行不看等级。", "This bank looks at no grade.")
        return
    if offer is None or offer.three_lines is None:
        yield Words("现在没有预授信，所以等级值 0 元。", "There is no offer now, so a grade is worth 0 yuan.")
        yield Words("给不给，由银行自己的数据定。", "The bank's own data decide.")
        yield from _reasons(offer)
        return
    without, today = offer.three_lines.without_joining, offer.three_lines.with_todays_grade
    used = yuan_told(without.used_fen)
    yield Words(f"下面都按借 {used} 元、用满一年算。", f"Counted for {used} yuan owed for a whole year.")
    yield _line(Words("不加入", "Without joining"), without)
    yield _line(Words(f"今天（{_grade(today.grade)}）", f"Today ({today.grade})"), today)
    aimed = _aimed(index, offer)
    if aimed is None:
        return
    yield _line(Words(f"升到 {aimed.grade}", f"With {aimed.grade}"), aimed)
    yield from _gain(aimed, today)


def _reasons(offer: OfferView | None) -> Iterator[Words]:
    """Why the bank said no, or that a person has to look: in its own words."""
    if offer is None:
        return
    if offer.decision == "refer":
        yield Words("要由银行的人来看。原因：", "A person at the bank has to look. Why:")
    else:
        yield Words("银行说的原因：", "The bank's reasons:")
    for reason in offer.reasons:
        yield Words(f"  {reason.zh}。", f"  {reason.en}.")


def _aimed(index: Recourse, offer: OfferView) -> GradeLine | None:
    """The terms at the grade aimed at, where the household does not have it already."""
    above = [line for line in offer.grade_lines if GRADES.index(line.grade) > GRADES.index(offer.grade)]
    return next((line for line in above if line.grade == index.target), None)


def _grade(grade: str) -> str:
    return "没有等级" if grade == "none" else grade


def _line(label: Words, line: GradeLine) -> Words:
    limit, interest, rate = yuan_told(line.limit_fen), yuan_told(line.interest_fen), percent_told(line.rate_bp)
    return Words(
        f"{label.zh}：利息 {interest} 元（{rate}），额度 {limit} 元。",
        f"{label.en}: interest {interest} yuan ({rate}), line {limit} yuan.",
    )


def _less_fen(aimed: GradeLine, today: GradeLine) -> int:
    """How much less a year a grade costs; nothing where it costs no less."""
    return max(today.interest_fen - aimed.interest_fen, 0)


def _gain(aimed: GradeLine, today: GradeLine) -> Iterator[Words]:
    saved = _less_fen(aimed, today)
    wider = max(aimed.limit_fen - today.limit_fen, 0)
    yield Words(f"升一级，一年少付 {yuan_told(saved)} 元。", f"One grade up saves {yuan_told(saved)} yuan a year.")
    if saved < WORTH_TELLING_FEN:
        yield Words("一年不到 100 元，省得不多。", "That is under 100 yuan a year.")
    if wider:
        told = yuan_told(wider)
        yield Words(f"还能多借 {told} 元，借不借由您。", f"The line is {told} yuan larger, if you wish.")


# --- how to get there -------------------------------------------------------------------------------------------------
def _plans(console: Console, index: Recourse) -> None:
    _heading(console, Words("怎么升级", "How to get there"))
    if not index.missing_milli:
        _falls(console, index)
        return
    on, target = index.horizon_on, index.target
    if index.waiting_reaches_on is None:
        _say(console, Words(f"什么都不做：到 {on} 还升不了。", f"Doing nothing does not reach it by {on}."), mark="· ")
        _say(
            console,
            Words("不做也没关系，银行的条件不会因此变差。", "That is fine: no terms get worse by it."),
            indent=2,
        )
    for plan in _chosen(index.plans):
        _plan(console, plan)
    if not index.plans:
        none = Words(f"按您说能做的，到 {on} 还到不了 {target}。", f"What you can do does not reach {target} by {on}.")
        _say(console, none, mark="· ")
    for each in index.blocked:
        name = kinds()[each.kind]
        zh, en = _WHY_NOT[each.reason]
        _say(console, Words(f"{name.zh}：{zh}", f"{name.en}: {en}"), mark="· ")


def _chosen(plans: Sequence[Plan]) -> list[Plan]:
    """The soonest, the easiest, and the one that holds longest; `haixia rulebook recourse` shows all of them."""
    if not plans:
        return []
    easiest = min(plans, key=lambda plan: plan.effort_milli)
    lasting = max(plans, key=lambda plan: (plan.holds_until or date.max, -plan.effort_milli))
    return [plan for plan in plans if plan in (plans[0], easiest, lasting)]


_WHY_NOT = {
    "no_consent": ("您没同意用这类记录，所以不算分。", "you have not agreed to the use of these records."),
    "no_rule": ("现在的办法里没有这一条。", "the present rules have nothing on it."),
    "nothing_to_mend": ("没有要补救的。", "there is nothing to mend."),
}


def _trade(index: Recourse, banks: Sequence[AtBank]) -> Words | None:
    """The hours of the easiest plan beside what a grade saves in a year: whoever reads it decides."""
    plans = [plan.effort_milli for plan in index.plans]
    if not plans or not index.missing_milli:
        return None
    saved = yuan_told(max((_saved(index, bank.offer) for bank in banks), default=0))
    hours = plain(min(plans))
    return Words(
        f"最省力的约 {hours} 小时，在银行一年少付 {saved} 元。值不值，您定。",
        f"The easiest takes about {hours} hours and saves {saved} yuan a year at a bank. Whether to: you decide.",
    )


def _saved(index: Recourse, offer: OfferView | None) -> int:
    if offer is None or offer.three_lines is None:
        return 0
    aimed = _aimed(index, offer)
    return _less_fen(aimed, offer.three_lines.with_todays_grade) if aimed else 0


def _plan(console: Console, plan: Plan) -> None:
    if not plan.steps:
        words = Words(
            f"什么都不做：{plan.on} 自己就到 {plan.grade}。", f"Doing nothing reaches {plan.grade} on {plan.on}."
        )
        _say(console, words, mark="· ")
    else:
        hours = plain(plan.effort_milli)
        words = Words(
            f"{plan.on} 到 {plan.grade}，约 {hours} 小时：", f"{plan.grade} on {plan.on}, about {hours} hours:"
        )
        _say(console, words, mark="· ")
    for step in plan.steps:
        when = f"{step.first_on}" if step.first_on == step.last_on else f"{step.first_on} 起，到 {step.last_on}"
        since = f"{step.first_on}" if step.first_on == step.last_on else f"{step.first_on} to {step.last_on}"
        _say(console, Words(f"{step.sentence.zh}（{when}）", f"{step.sentence.en} ({since})"), indent=2, mark="- ")
    if plan.holds_until:
        until = plan.holds_until
        _say(console, Words(f"之后不再做，{until} 会降回去。", f"Without going on, it is lost on {until}."), indent=2)


def _falls(console: Console, index: Recourse) -> None:
    _say(console, Words("等着就行，什么都不用做。", "Wait: nothing is needed."), mark="· ")
    lost = [fall for fall in index.falls if fall.grade != index.grade]
    if not lost:
        on = index.horizon_on
        _say(console, Words(f"到 {on} 等级都不会降。", f"The grade stays until {on}."), indent=2)
        return
    first = lost[0]
    words = Words(
        f"什么都不做，{first.on} 会降到 {first.grade}。", f"Doing nothing, it falls to {first.grade} on {first.on}."
    )
    _say(console, words, indent=2)


# --- what can be done at the bank -------------------------------------------------------------------------------------
_ASPECTS: dict[Aspect, Words] = {"rate": Words("利率", "the rate"), "line": Words("额度", "the line")}
"""What a person compares; the decision and what the tightest months carry are told where they change."""


def _bank_steps(console: Console, bank: AtBank) -> None:
    name = _bank(bank.bank_code)
    _heading(console, Words(f"在{name.zh}能做什么", f"What can be done at {name.en}"))
    if bank.steps is None:
        _say(console, Words(*bank.trouble))
        return
    for step in bank.steps.steps:
        _say(console, Words(step.sentence.zh, step.sentence.en), mark="· ")
        for said in step.outcome:
            _say(console, Words(said.zh, said.en), indent=2)
        stays = [_ASPECTS[aspect] for aspect in step.same if aspect in _ASPECTS]
        if stays and step.kind not in ("wait", "smaller_line"):
            zh, en = "、".join(one.zh for one in stays), ", ".join(one.en for one in stays)
            _say(console, Words(f"不变的：{zh}。", f"Stays: {en}."), indent=2)
    if bank.steps.decision != "offer":
        _say(
            console,
            Words("可以请银行的人再看一次，不花钱。", "Ask a person at the bank to look again: free."),
            mark="· ",
        )
    if not any(step.kind not in ("wait", "smaller_line") for step in bank.steps.steps):
        nothing = Words("银行这边没有别的能改善条件。", "Nothing else at the bank would better the terms.")
        _say(console, nothing, indent=2)
    if bank.steps.longest_term and bank.steps.decision == "offer":
        _say(console, Words("期限已经是最长的。", "The term is the longest there is."), indent=2)
