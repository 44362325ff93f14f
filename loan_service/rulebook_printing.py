"""How rulebook findings, differences and comparisons are printed: tables a person reads."""

from collections import Counter
from collections.abc import Sequence
from datetime import date

from rich.console import Console
from rich.markup import escape
from rich.table import Column, Table

from loan_service import edition_printing
from loan_service.district.views.comparison import RuleImpact
from loan_service.district.views.rulebooks import Publication
from loan_service.printing import folding
from scoring import Rulebook
from scoring.behaviour import Behaviour
from scoring.case_coverage import Facet, lacking
from scoring.cases import CaseRun
from scoring.compare import Comparison, Moves
from scoring.difference import JUDGED, Change
from scoring.difference_values import plain
from scoring.edition_report import EditionReport
from scoring.recourse_answer import Plan, Recourse
from scoring.value_sheet import SheetValue

_COLOURS = {"kinder": "green", "stricter": "red", "mixed": "yellow", "neutral": "dim"}


def report(console: Console, name: str, checked: EditionReport) -> None:
    """What checking an edition found: findings, then how it behaves."""
    content = checked.rulebook.content_hash[:12] if checked.rulebook else "?"
    console.rule(f"{name} · {content}")
    for finding in checked.findings:
        colour, word = ("red", "错误 / error") if finding.severity == "error" else ("yellow", "提醒 / warning")
        console.print(
            f"[{colour}]{word}[/{colour}] {escape(str(finding))} [dim]({finding.check})[/dim]", highlight=False
        )
    if not checked.findings:
        console.print("[green]没有发现问题 / nothing found[/green]")
    if checked.behaviour is None:
        console.print("[red]有错误，未试运行 / not run: it has errors[/red]")
        return
    _ends(console, checked.behaviour)
    _paths(console, checked.behaviour)
    _single_deductions(console, checked.behaviour)


def _ends(console: Console, found: Behaviour) -> None:
    """The computed ends of the index, beside what a written history really comes to."""
    reach, base = found.reach, plain(found.rulebook.edition.base_milli)
    shown = plain(found.lowest_shown_milli), plain(found.highest_shown_milli)
    lowest = f"最低 / lowest [bold]{plain(reach.lowest_milli)}[/bold]（实证 / shown {shown[0]}）"
    highest = f"最高 / highest [bold]{plain(reach.highest_milli)}[/bold]（实证 / shown {shown[1]}）"
    console.print(f"{lowest} · {highest} · 起点 / base {base} {found.base_grade}")


def _paths(console: Console, found: Behaviour) -> None:
    promised = [f"{each.promise.grade} ≤ {each.promise.within_months}" for each in found.paths[0].reached]
    table = folding(
        "谁 / who", *promised, title="一个都不落下：第几个月到达 / nobody is shut out: month of reaching it"
    )
    for path in found.paths:
        months = [f"{'[green]' if each.in_time else '[red]'}{each.month or '—'}[/]" for each in path.reached]
        table.add_row(f"{path.archetype.name.zh}\n{path.archetype.name.en}", *months)
    console.print(table)


_SEVERITIES = {"minor": "轻微 / minor", "general": "一般 / general", "serious": "严重 / serious"}


def _single_deductions(console: Console, found: Behaviour) -> None:
    headers = ("轻重", "降到 / to", "等级", "月数")
    rule = Column("规则 / rule", no_wrap=True)
    table = Table(rule, *(Column(header, overflow="fold") for header in headers))
    table.title = "从起点只发生一次：最低到哪，几个月后不再计 / one event from the base, months until it stops"
    for each in found.deductions:
        colour = "" if each.grade == found.base_grade else "[yellow]"
        name = f"{each.indicator.indicator} {each.indicator.name.zh}\n{each.rule.rule}"
        severity = _SEVERITIES.get(each.rule.severity or "", "")
        table.add_row(name, severity, plain(each.lowest_milli), f"{colour}{each.grade}", str(each.months or "—"))
    console.print(table)


def values(console: Console, sheet: Sequence[SheetValue]) -> None:
    """Every number with its unit, origin and tag, ground, use, and for deductions document and catalogue id."""
    table = folding("值 / value", "", "来历 / origin", "依据 / ground", "用途 / use", title="全部数值 / every value")
    for each in sheet:
        ground = "\n".join(part for part in (each.ground, "、".join(each.documents), each.catalogue_item) if part)
        use = " ".join(each.usable_for)
        table.add_row(
            each.place, f"{each.value} {each.unit}", escape(f"{each.origin} [{each.tag}]"), escape(ground), use
        )
    console.print(table)


def case_runs(console: Console, rulebook: Rulebook, runs: Sequence[CaseRun], facets: Sequence[Facet]) -> None:
    """Which cases an edition does not answer as its owners wrote, and what no case asks about."""
    wrong = [mismatch for run in runs for mismatch in run.mismatches]
    for mismatch in wrong:
        console.print(f"[red]{escape(str(mismatch))}[/red]", highlight=False)
    unasked = lacking(facets)
    for facet in unasked:
        console.print(f"[yellow]没有案例 / no case[/yellow] {escape(str(facet))}", highlight=False)
    days = sum(len(run.asked) for run in runs)
    console.print(
        f"[bold]{rulebook.edition.edition}[/bold] · 案例 / cases {len(runs)} · 日子 / days {days} · "
        f"不符 / mismatches {len(wrong)} · 覆盖 / covered {len(facets) - len(unasked)}/{len(facets)}"
    )


def differences(console: Console, changes: tuple[Change, ...]) -> None:
    """What two editions differ in, one row per change."""
    table = folding("哪里 / where", "旧 / old", "新 / new", "对居民 / for citizens", title="两版差异 / difference")
    for each in changes:
        where = f"{' · '.join(name.zh for name in each.path)}\n{', '.join(name.en for name in each.path)}"
        judged, colour = JUDGED[each.direction], _COLOURS[each.direction]
        direction = f"[{colour}]{judged.zh}\n{judged.en}[/{colour}]"
        table.add_row(where, f"{each.old.zh}\n{each.old.en}", f"{each.new.zh}\n{each.new.en}", direction)
    if not changes:
        console.print("两版含义相同 / both editions mean the same")
        return
    console.print(table)
    counts = Counter(each.direction for each in changes)
    console.print(" · ".join(f"{JUDGED[which].zh} / {JUDGED[which].en}: {count}" for which, count in counts.items()))


_BREAKDOWNS = {
    "grade": "按旧等级 / by old grade",
    "village": "按村社 / by village",
    "age_band": "按年龄段 / by age band",
}


def comparison(console: Console, told: Comparison, impacts: list[RuleImpact]) -> None:
    """Who moves, how far and through which rule; `·` stands for what is hidden for small numbers."""
    console.print(
        f"[bold]{told.old_edition} → {told.new_edition}[/bold] · {told.as_of} · 位置 / position {told.known_position:,}"
    )
    console.print(
        f"人数 / persons {_count(told.moves.persons)} · 分数合计变化 / points in all {_change(told.points_milli)}"
    )
    _distribution(console, told)
    _grades(console, told)
    _by_rule(console, impacts)
    for name, groups in told.groups.items():
        table = folding("组 / group", *_MOVES, "分数变化 / points", title=_BREAKDOWNS.get(name, name))
        for each in groups:
            table.add_row(each.group or "?", *_moves(each.moves), _change(each.points_milli))
        console.print(table)
    least = told.smallest_group
    console.print(f"· 不足 {least} 人或为保护小群体而隐去 / hidden: below {least} persons, or beside such")


_MOVES = ("人数 / persons", "加分 / gain", "不变 / same", "减分 / lose")


def _moves(moves: Moves) -> tuple[str, ...]:
    return tuple(_count(count) for count in (moves.persons, moves.up, moves.same, moves.down))


def _count(count: int | None) -> str:
    return "·" if count is None else f"{count:,}"


def _change(milli: int | None) -> str:
    return "·" if milli is None else f"{'+' if milli > 0 else ''}{plain(milli)}"


def _distribution(console: Console, told: Comparison) -> None:
    table = folding("变化（分）/ change in points", "人数 / persons", title="变化分布 / distribution of change")
    for bar in told.change:
        ends = [_change(edge) for edge in (bar.from_milli, bar.until_milli)]
        open_end = bar.until_milli is None
        label = "0" if bar.from_milli == bar.until_milli else f"{ends[0]} …" if open_end else f"{ends[0]} … {ends[1]}"
        table.add_row(label, _count(bar.persons))
    console.print(table)
    console.print(" · ".join(f"{each.per_mille / 10:g}%: {_change(each.change_milli)}" for each in told.quantiles))


def _grades(console: Console, told: Comparison) -> None:
    names = list(told.grades.new)
    table = folding("旧＼新 / old＼new", *names, "合计 / total", title="等级变动 / grades before and after")
    cells = {(each.old, each.new): each.persons for each in told.grades.transitions}
    for name in names:
        table.add_row(name, *(_count(cells[name, other]) for other in names), _count(told.grades.old[name]))
    table.add_section()
    table.add_row("合计 / total", *(_count(told.grades.new[name]) for name in names), _count(told.moves.persons))
    console.print(table)


def _by_rule(console: Console, impacts: list[RuleImpact]) -> None:
    table = folding("规则 / rule", "涉及人数 / persons", "分数变化 / points", title="经由哪条规则 / through which rule")
    for each in impacts:
        table.add_row(f"{each.name.zh}\n{each.name.en}", _count(each.persons), _change(each.points_milli))
    console.print(table)


def recourse(console: Console, told: Recourse) -> None:
    """Plans to a grade, soonest first and each later one cheaper; or what is lost next."""
    aim = f" → {told.target}（差 / missing {plain(told.missing_milli)}）" if told.missing_milli else ""
    console.print(f"[bold]{told.grade} {plain(told.index_milli)}{aim}[/bold] · {told.as_of} · {told.edition}")
    for plan in told.plans:
        _plan(console, plan)
    if told.missing_milli and not told.plans:
        console.print(f"到 {told.horizon_on} 为止没有找到 / nothing found until {told.horizon_on}")
    for each in told.blocked:
        console.print(f"{each.kind}: {_WHY_NOT[each.reason].format(source=each.source)}")
    if told.falls:
        table = folding(
            "哪天 / on", "失去 / lost", "剩 / left", "等级 / grade", title="不做任何事会失去的 / what waiting loses"
        )
        for fall in told.falls:
            table.add_row(str(fall.on), plain(-fall.lost_milli), plain(fall.index_milli), fall.grade)
        console.print(table)
    console.print("投入时数为演示参数 / hours of effort are demonstration values")


_WHY_NOT = {
    "no_consent": "未同意使用 {source} 的记录 / records of {source} may not be used without consent",
    "no_rule": "这一版没有这条规则 / this edition has no such rule",
    "nothing_to_mend": "没有可以这样修复的 / nothing that is mended this way",
}


def _plan(console: Console, plan: Plan) -> None:
    hours = f"{plain(plan.effort_milli)} 小时 / hours"
    waiting = f"什么都不做 / waiting: {plain(plan.waiting_milli)}"
    if plan.holds_until:
        waiting += f" · 之后不再做则到 / then lost on {plan.holds_until}"
    title = f"{plan.on} · {plan.grade} {plain(plan.index_milli)} · {hours} · {waiting}"
    table = folding("做什么 / step", "何时 / when", "分 / points", "小时 / hours", "凭据 / evidence", title=title)
    for step in plan.steps:
        when = str(step.first_on) if step.first_on == step.last_on else f"{step.first_on}\n… {step.last_on}"
        said, shows = (f"{each.zh}\n{each.en}" for each in (step.sentence, step.evidence))
        table.add_row(said, when, _change(step.points_milli), plain(step.effort_milli), shows)
    if not plan.steps:
        table.add_row("等待即可\nwaiting is enough", str(plan.on), "", "0", "")
    console.print(table)


def publications(console: Console, lines: list[Publication], today: date) -> None:
    """Editions with how far their publication went, and what is to be done next."""
    edition_printing.publications(
        console,
        "计分办法 / rulebook",
        lines,
        today,
        lambda line: f"haixia rulebook approve {line.edition}",
        lambda line: f"\n{_DEMO_ONLY}" if line.placeholder_catalogue else "",
    )


_DEMO_ONLY = "示例目录编号，仅限演示 / invented catalogue ids, demo only"
