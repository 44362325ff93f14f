"""The comparison for people: a Markdown page of tables, Chinese and English, and what they say in plain sentences."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from experiments.optimise_policy.comparison import FIGURES
from models.policy import GRADES

MAIN_WORLD: Final = "simulation"
STILL_WORLD: Final = "nobody_answers"
WORLDS: Final[Mapping[str, str]] = {
    MAIN_WORLD: "模拟区县 the simulated district",
    STILL_WORLD: "住户不因条件改变行为 the same district, where neither default nor demand answers terms",
    "worthless_index": "指数无用的世界 a district in which the index predicts nothing",
    "telling_index": "指数很有用的世界 a district in which the index tells much",
}
LEARNED_ANEW: Final = ("worthless_index", "telling_index")
"""Worlds of their own, with past loans of their own; a file of experiments/configs each."""

POLICIES: Final[Mapping[str, str]] = {
    "hand_written": "现行 hand-written",
    "candidate": "候选 candidate",
    "own_candidate": "本世界候选 this world's own candidate",
}
LIMITS: Final[Mapping[str, str]] = {
    "expected_loss": "预期损失 expected loss",
    "capital": "资本 capital",
    "incentive_budget": "激励预算 incentive budget",
    "bonus_budget": "加额预算 bonus budget",
    "programme_cap": "项目总额 programme cap",
    "any": "任一 any",
}
_GRADED: Final = (
    "offers",
    "signers",
    "profit",
    "loss",
    "capital",
    "incentive",
    "truly_paid_share",
    "bonus_share",
    "mean_line",
    "mean_rate",
)
_SHARES: Final = frozenset({"incentive_share", "truly_paid_share", "bonus_share"})
_NOTHING: Final = 0.005
"""Prints as nothing, without a sign."""

_BP_FIGURES: Final = frozenset({"loss_bp", "mean_rate"})

Figure = Mapping[str, float | None]


def page(facts: Mapping[str, Any]) -> str:
    """The whole page.

    Args:
        facts: the content of comparison.json.
    """
    return "\n".join(_lines(facts)) + "\n"


def figure_told(name: str, figure: Figure, *, signed: bool = False) -> str:
    """A mean with its interval; a dash where nothing can be said."""
    if figure["mean"] is None:
        return "-"
    mean = _number(name, figure["mean"], signed=signed)
    low, high = figure["low"], figure["high"]
    return mean if low is None or high is None else f"{mean} [{_number(name, low)}, {_number(name, high)}]"


def terms_table(terms: Mapping[str, Any]) -> Iterator[str]:
    """Bonus and discount by bracket and grade."""
    yield from _table(["档 bands", *GRADES[1:]])
    at = 0
    for bands in terms["brackets"]:
        pairs = zip(terms["limit_bonus_milli"][at], terms["rate_discount_bp"][at], strict=True)
        yield _row([" ".join(bands), *(f"+{milli / 10:.0f} % / −{off_bp} bp" for milli, off_bp in pairs)])
        at += len(bands)


def findings(world: Mapping[str, Any]) -> Iterator[str]:
    """What a world's tables say, no more than the intervals allow."""
    for policy, difference in world["difference"].items():
        for name in ("profit", "signers"):
            yield f"{POLICIES[policy]}: {FIGURES[name][0]} {_compared(difference[name]['all'])}"
        cost, share = (world["policies"][policy][name]["all"] for name in ("bonus_cost", "incentive_share"))
        if cost["mean"]:
            paid = world["policies"][policy]["truly_paid_share"]["all"]
            yield (
                f"{POLICIES[policy]}: {_number('incentive_share', share['mean'])} 的加成计入激励；真实风险抵补 "
                f"{figure_told('truly_paid_share', paid)} / so much of the bonus is booked as incentive; so much of it "
                "does the true risk pay for"
            )
        else:
            yield f"{POLICIES[policy]}: 没有加成 / no bonus at all"


def _lines(facts: Mapping[str, Any]) -> Iterator[str]:
    yield f"# {facts['bank_code']}: 候选与现行政策 candidate and hand-written policy"
    yield ""
    yield f"版本 edition {facts['edition']}，对 against {facts['replaces']}。"
    yield "全部数值为模拟，不是真实银行的数字 / every figure is simulated [P], none is a real bank's."
    yield ""
    yield (
        f"{facts['seeds']} 个种子，每个 {facts['households']:,} 户，放大到 {facts['bank_households']:,.0f} 户；"
        "括号内为 95 % 区间，差值按种子配对。"
    )
    yield (
        f"{facts['seeds']} seeds of {facts['households']:,} households, weighed to the bank's "
        f"{facts['bank_households']:,.0f}; in brackets 95 % intervals over seeds, differences paired by seed."
    )
    yield ""
    budget = facts["incentive_budget"]
    if budget:
        yield (
            f"激励记入“{budget['title_zh']}”（每年至多 {budget['annual_cap_yuan']:,} 元） / incentives are booked to "
            f"{budget['title_en']} ({budget['code']}), at most {budget['annual_cap_yuan']:,} yuan a year."
        )
        yield ""
    yield from terms_table(facts["terms"])
    yield ""
    yield from _planned(facts)
    for name, world in facts["worlds"].items():
        yield from [
            "",
            f"## {WORLDS[name]}",
            "",
            world["grade_worth"]["told_zh"],
            "",
            world["grade_worth"]["told_en"],
            "",
        ]
        yield from _worth_table(world)
        if world["own_refused"]:
            yield from ["", world["own_refused"]]
        if world["own_terms"]:
            yield from ["", f"{POLICIES['own_candidate']}:", "", *terms_table(world["own_terms"])]
        yield from ["", *(f"- {sentence}" for sentence in findings(world)), ""]
        yield from _overview(world)
        yield ""
        yield from _by_grade(world)
        yield ""
        yield from _broken(world)


def _planned(facts: Mapping[str, Any]) -> Iterator[str]:
    """What was planned beside what came out in truth: where they part, the plan was too kind."""
    yield from _table(["计划与真相 planned, and in truth", *(f"{POLICIES[one]}" for one in facts["planned"])])
    truth = facts["worlds"][MAIN_WORLD]["policies"]
    for name in ("signers", "profit", "loss_bp", "capital", "incentive"):
        words, measure, per, unit = FIGURES[name]
        cells = []
        for policy, totals in facts["planned"].items():
            planned = unit * totals[measure] / (totals[per] if per else 1)
            cells.append(f"{_number(name, planned)} → {figure_told(name, truth[policy][name]['all'])}")
        yield _row([words, *cells])


def _worth_table(world: Mapping[str, Any]) -> Iterator[str]:
    yield from _table(
        [
            "等级及以上 at least",
            "违约 defaults",
            "预计 expected",
            "可抵补 loss saved, bp [95 %]",
            "数据证明 shown, bp",
            "完整模型 full card, bp",
        ]
    )
    for grade, found in world["grade_worth"]["at_least"].items():
        saved = world["saved_bp"][grade]
        told = found["defaults_expected"] >= 1  # of fewer nothing can be said
        span = f"[{saved['low']:,.1f}, {saved['high']:,.1f}]" if told else "-"
        cells = [
            str(found["defaults_observed"]),
            f"{found['defaults_expected']:.1f}",
            span,
            f"{abs(saved['shown']):.1f}",
        ]
        yield _row([grade, *cells, f"{saved['full_card']:.1f}"])


def _overview(world: Mapping[str, Any]) -> Iterator[str]:
    policies, differences = world["policies"], world["difference"]
    yield from _table(["", *(POLICIES[one] for one in policies), *(f"{POLICIES[one]} − 现行" for one in differences)])
    for name, (words, *_) in FIGURES.items():
        absolute = [figure_told(name, figures[name]["all"]) for figures in policies.values()]
        apart = [figure_told(name, figures[name]["all"], signed=True) for figures in differences.values()]
        yield _row([words, *absolute, *apart])


def _by_grade(world: Mapping[str, Any]) -> Iterator[str]:
    yield from _table(["等级 grade, 政策 policy", *(FIGURES[name][0] for name in _GRADED)])
    for grade in GRADES:
        for policy, figures in world["policies"].items():
            cells = [figure_told(name, figures[name][grade]) for name in _GRADED]
            yield _row([f"{grade} · {POLICIES[policy]}", *cells])


def _broken(world: Mapping[str, Any]) -> Iterator[str]:
    yield from _table(["突破限额的种子占比 share of seeds that break it", *LIMITS.values()])
    for policy, shares in world["broken_share"].items():
        yield _row([POLICIES[policy], *(f"{shares[name]:.0%}" for name in LIMITS)])


def _compared(figure: Figure) -> str:
    mean, low, high = figure["mean"], figure["low"], figure["high"]
    if mean is None or low is None or high is None:
        return "无法判断 / nothing can be said"
    if low > 0:
        return f"高于现行 / higher than hand-written: {mean:+,.0f} [{low:,.0f}, {high:,.0f}]"
    if high < 0:
        return f"低于现行 / lower than hand-written: {mean:+,.0f} [{low:,.0f}, {high:,.0f}]"
    return f"未见差别 / no difference is shown: {mean:+,.0f} [{low:,.0f}, {high:,.0f}]"


def _number(name: str, value: float, *, signed: bool = False) -> str:
    sign = "+" if signed else ""
    value = 0.0 if abs(value) < _NOTHING else value
    if name in _SHARES:
        return f"{value:{sign}.0%}"
    return f"{value:{sign},.1f}" if name in _BP_FIGURES else f"{value:{sign},.0f}"


def _table(headers: Sequence[str]) -> Iterator[str]:
    yield _row(headers)
    yield "|" + " --- |" * len(headers)


def _row(cells: Sequence[str]) -> str:
    return "| " + " | ".join(cells) + " |"
