"""How an offer is printed: three lines in yuan, both ledgers; asked why: risk, the stressed year, versions, replay."""

from collections.abc import Iterator

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from loan_service.bank.views.offer import LedgerRow, OfferView
from loan_service.bank.views.why import Contribution, OfferWhy
from models.terms import percent_told, yuan_told
from models.yearly_cost import YEARLY_COST_WORDS, GradeLine

_KINDS = {"baseline": "银行自己的数据 / bank data", "cap": "上限 / cap", "bonus": "诚信加成 / index bonus"}
_DECISIONS = {
    "offer": "可以预授信 / offer",
    "refer": "要由银行的人来看 / a person decides",
    "decline": "暂不提供 / no offer for now",
}
_ASSUMPTIONS = {
    "debt_assumed": "户内敞口未知，按比例估计 / household exposure unknown, a share of income is taken for it",
    "stability_assumed": "收入稳定性未知，按政策估计 / stability of income unknown, the policy's share is taken",
    "monthly_shares_assumed": "各月收入未知，按本行业估计 / months of income unknown, the trade's are taken",
}


def offer(console: Console, told: OfferView) -> None:
    """What a household is offered and why this limit and this rate: each ledger ends in its sum."""
    console.print(f"[bold]{told.bank_code} {told.household_ref} · {_DECISIONS[told.decision]}[/bold]", highlight=False)
    _three_lines(console, told)
    if told.decision == "offer":
        _ledgers(console, told)
    for reason in told.reasons:
        about = "利率没到最低的原因 / why not the lowest rate" if reason.about == "price" else "原因 / reason"
        console.print(f"{about}: {escape(reason.zh)} / {escape(reason.en)}", highlight=False)
    _stamps(console, told)


def why(console: Console, told: OfferWhy) -> None:
    """The offer, then everything it rests on, then whether it comes out the same today."""
    offer(console, told.offer)
    _risk(console, told)
    _year(console, told)
    for assumption in told.offer.affordability.assumptions:
        console.print(f"估计 / assumed: {_ASSUMPTIONS[assumption]}", highlight=False)
    _replay(console, told)


def _table(*headers: str, title: str) -> Table:
    """A table whose numbers stand right and whose words break rather than being cut."""
    words, *numbers = headers
    columns = (Column(words, overflow="fold"), *(Column(header, justify="right") for header in numbers))
    return Table(*columns, title=title, title_justify="left")


def _three_lines(console: Console, told: OfferView) -> None:
    if told.three_lines is None:
        if told.decision != "offer":
            console.print("没有预授信，等级值 0 元 / no offer: a grade is worth 0 yuan", highlight=False)
        return
    used = yuan_told(told.three_lines.without_joining.used_fen)
    title = f"借 {used} 元用满一年 / {used} yuan owed for a whole year"
    table = _table(
        "", "额度 / line", "年利率 / rate", "每万元 / per 10,000", "一年利息 / a year", "少付 / less", title=title
    )
    for label, line in _labelled(told):
        table.add_row(label, *_cells(line))
    console.print(table)
    if told.three_lines.with_next_grade is None:
        console.print("已经是最高等级 / this is the highest grade")
    console.print(f"{YEARLY_COST_WORDS.zh}\n{YEARLY_COST_WORDS.en}", style="dim", highlight=False)


def _labelled(told: OfferView) -> Iterator[tuple[str, GradeLine]]:
    lines = told.three_lines
    if lines is None:
        return
    yield "不加入 / without joining", lines.without_joining
    grade = lines.with_todays_grade.grade
    yield f"今天 / today: {'没有等级 / no grade' if grade == 'none' else grade}", lines.with_todays_grade
    if lines.with_next_grade is not None:
        yield f"再升一级 / next grade: {lines.with_next_grade.grade}", lines.with_next_grade


def _cells(line: GradeLine) -> tuple[str, ...]:
    amounts = (line.rate_bp * 100, line.interest_fen, line.saved_fen)
    return yuan_told(line.limit_fen), percent_told(line.rate_bp), *(yuan_told(amount) for amount in amounts)


def _ledgers(console: Console, told: OfferView) -> None:
    limit = _table("为什么是这个额度 / why this line", "元 / yuan", "", title="")
    for row in told.limit_ledger:
        limit.add_row(_rule(row), f"{row.amount / 100:+,.0f}", _KINDS[row.kind])
    limit.add_section()
    limit.add_row("额度 / line", yuan_told(told.limit_fen), "")
    rate = _table("为什么是这个利率 / why this rate", "基点 / bp", "", title="")
    for row in told.rate_ledger:
        rate.add_row(_rule(row), f"{row.amount:+d}", _KINDS[row.kind])
    rate.add_section()
    rate.add_row("年利率 / yearly rate", str(told.rate_bp), "")
    all_in = percent_told(told.all_in_annual_cost_bp)
    console.print(limit, rate, f"综合年化成本 / all-in annual cost: {all_in} · {told.term_months} 个月 / months")


def _rule(row: LedgerRow) -> str:
    """A row's name without its amount, which stands in a column of its own."""
    return f"{row.zh.partition('：')[0]}\n{row.en.partition(': ')[0]}"


def _risk(console: Console, told: OfferWhy) -> None:
    probability = f"{told.offer.default_probability:.3%}"
    if told.probability_interval is not None:
        low, high = told.probability_interval
        probability += f"（{low:.3%} … {high:.3%}）"
    band = told.offer.risk_band
    console.print(f"\n一年内还不上的可能 / probability of not repaying: {probability} · {band}", highlight=False)
    exposure = "未知 / unknown" if told.exposure_fen is None else f"{yuan_told(told.exposure_fen)} 元 / yuan"
    console.print(f"户内敞口 / household exposure: {exposure}", highlight=False)
    table = _table("与获批家庭相比 / beside households lent to", "风险 / risk", title="")
    for each in told.contributions:
        table.add_row(f"{each.zh} / {each.en}", _factor(each))
    console.print(table)


def _factor(each: Contribution) -> str:
    colour = "red" if each.odds_factor > 1 else "green"
    return f"[{colour}]× {each.odds_factor:.2f}[/{colour}]"


def _year(console: Console, told: OfferWhy) -> None:
    drawn = "，额度借满 / with the whole line drawn" if told.offer.decision == "offer" else ""
    title = f"年景差的一年 / a stressed year{drawn}（元 / yuan）"
    table = _table(
        "月 / month", "收入 / income", "生活 / living", "敞口还款 / exposure", "本笔 / due", "剩下 / left", title=title
    )
    for month in told.year:
        amounts = (month.income_fen, month.living_fen, month.debts_fen, month.due_fen)
        left = f"{month.left_fen / 100:,.0f}"
        shown = f"[red]{left}[/red]" if month.left_fen < 0 else left
        table.add_row(str(month.month), *(f"{amount / 100:,.0f}" for amount in amounts), shown)
    console.print(table)
    console.print(
        "某月不够，可用前几个月剩下的补 / a short month may be carried by what the months before it leave",
        style="dim",
        highlight=False,
    )


def _replay(console: Console, told: OfferWhy) -> None:
    replay = told.replay
    if replay.same_terms:
        console.print("[green]重算：结果完全一样 / made again: exactly the same terms[/green]")
    else:
        console.print("[red]重算：结果不同 / made again: something differs[/red]")
    for each in replay.differences:
        console.print(f"  {each.field}: {escape(each.then)} → {escape(each.now)}", highlight=False)
    if not replay.same_inputs:
        console.print(
            "输入的指纹不同：程序读的输入变了 / the inputs hash differently: the program reads more of them now"
        )


def _stamps(console: Console, told: OfferView) -> None:
    stamps = told.stamps
    labelled = {
        "模型 / model": stamps.model_version,
        "政策 / policy": stamps.policy_edition,
        "计分办法 / rulebook": stamps.index_edition or "-",
        "定价 / priced": told.priced_on,
        "至 / until": told.expires_on,
        "所知位置 / known position": stamps.known_position,
        "输入指纹 / inputs": stamps.input_hash,
    }
    console.print(" · ".join(f"{label} {value}" for label, value in labelled.items()), style="dim", highlight=False)
