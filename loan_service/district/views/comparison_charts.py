"""Pictures of a comparison of editions: Vega-Lite drawn to SVG; the drawing libraries load with the first picture."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from loan_service.district.views.comparison import RuleImpact
from scoring.compare import Bar, Comparison, Count
from scoring.difference_values import plain

FONT: Final = "Noto Sans CJK SC"
HIDDEN: Final = "—"
GAIN, KEEP, LOSE, INK = "#2b7a78", "#b8bcc2", "#b3541e", "#222222"
SIDES: Final = {"up": "加分 gain", "same": "不变 same", "down": "减分 lose"}
NOTE: Final = "— 不足10人，或为不致推出小群体而隐去 / below 10 persons, or hidden so that no small group follows"
WIDTH, HEIGHT = 560, 300


def charts(comparison: Comparison, impacts: Iterable[RuleImpact]) -> Mapping[str, str]:
    """Name -> SVG: distribution of change, grade transitions, by rule, by age band."""
    return {
        "change": _drawn(_distribution(comparison), comparison, "每人分数变化 · change of the index"),
        "grades": _drawn(_transitions(comparison), comparison, "等级变动 · grades before and after"),
        "rules": _drawn(_by_rule(impacts), comparison, "经由哪条规则 · through which rule"),
        "age_bands": _drawn(_by_age(comparison), comparison, "按年龄段 · by age band"),
    }


def _drawn(chart: Any, comparison: Comparison, title: str) -> str:
    """The chart as SVG in a plain theme and a font that has Chinese."""
    import altair as alt
    import vl_convert

    persons = f"{_count(comparison.moves.persons)} 人 / persons"
    told = f"{comparison.old_edition} → {comparison.new_edition} · {comparison.as_of} · {persons}"
    titled = chart.properties(title=alt.Title(title, subtitle=[told, NOTE])).configure(font=FONT)
    plainly = (
        titled.configure_title(anchor="start", fontSize=16, subtitleFontSize=11, subtitleColor="#666666", offset=14)
        .configure_view(stroke=None)
        .configure_axis(labelFontSize=11, titleFontSize=11, titleFontWeight="normal", grid=False, domainColor="#999999")
        .configure_legend(labelFontSize=11, titleFontSize=11, orient="bottom")
    )
    # The theme is the library's own plain one; altair's registered themes would depend on the process.
    return str(vl_convert.vegalite_to_svg(plainly.to_dict()))


def _count(count: Count) -> str:
    return HIDDEN if count is None else f"{count:,}"


def _signed(milli: int) -> str:
    return f"{'+' if milli > 0 else ''}{plain(milli)}"


def _distribution(comparison: Comparison) -> Any:
    import altair as alt

    rows = [_bar_row(bar) for bar in comparison.change]
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X(
            "label:N",
            sort=[row["label"] for row in rows],
            title="变化（分）/ change in points",
            axis=alt.Axis(labelAngle=-45),
        ),
        y=alt.Y("persons:Q", title="人数 / persons"),
    )
    colour = alt.Color("side:N", title=None, scale=_side_colours())
    bars = base.mark_bar().encode(color=colour)
    return (bars + base.mark_text(dy=-7, fontSize=10, color=INK).encode(text="text:N")).properties(
        width=WIDTH, height=HEIGHT
    )


def _side_colours() -> Any:
    import altair as alt

    return alt.Scale(domain=list(SIDES.values()), range=[GAIN, KEEP, LOSE])


def _bar_row(bar: Bar) -> dict[str, Any]:
    """Label, height and side of one bar; the label runs from the lower to the higher edge."""
    edges = ["" if edge is None else _edge(edge, bar) for edge in (bar.from_milli, bar.until_milli)]
    if bar.from_milli == bar.until_milli:
        label, side = "0", "same"
    elif (bar.until_milli or bar.from_milli or 0) > 0:
        label, side = "～".join(edges) if all(edges) else f">{edges[0]}", "up"
    else:
        label, side = "～".join(reversed(edges)) if all(edges) else f"<{edges[0]}", "down"
    return {"label": label, "persons": bar.persons or 0, "text": _count(bar.persons), "side": SIDES[side]}


def _edge(milli: int, bar: Bar) -> str:
    sign = "" if milli == 0 else "−" if (bar.from_milli or bar.until_milli or 0) < 0 else "+"
    return sign + plain(abs(milli))


def _transitions(comparison: Comparison) -> Any:
    import altair as alt

    rows: list[dict[str, Any]] = [
        {"old": each.old, "new": each.new, "persons": each.persons or 0, "text": _count(each.persons)}
        for each in comparison.grades.transitions
    ]
    order = list(comparison.grades.new)
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        x=alt.X("new:N", sort=order, title="新等级 / new grade", axis=alt.Axis(labelAngle=0, orient="top")),
        y=alt.Y("old:N", sort=order, title="旧等级 / old grade"),
    )
    largest = max([row["persons"] for row in rows] + [1])
    shade = alt.Color(
        "persons:Q",
        legend=None,
        scale=alt.Scale(type="symlog", range=["#f4f6f6", GAIN], interpolate="rgb", domain=[0, largest]),
    )
    cells = base.mark_rect(stroke="#dddddd").encode(color=shade)
    ink = alt.condition(f"datum.persons > {largest // 20}", alt.value("#ffffff"), alt.value(INK))
    return (cells + base.mark_text(fontSize=13).encode(text="text:N", color=ink)).properties(width=420, height=260)


def _by_rule(impacts: Iterable[RuleImpact]) -> Any:
    import altair as alt

    rows: list[dict[str, Any]] = [
        {
            "rule": f"{each.name.zh}\n{each.name.en}",
            "points": (each.points_milli or 0) / 1000,
            "text": HIDDEN
            if each.points_milli is None
            else f"{_signed(each.points_milli)} 分 · {_count(each.persons)} 人",
            "side": SIDES["down" if (each.points_milli or 0) < 0 else "up"],
        }
        for each in impacts
    ]
    reach = max([abs(row["points"]) for row in rows] + [1.0])
    two_lines = alt.Axis(labelExpr="split(datum.label, '\\n')", labelLimit=440, labelBaseline="line-bottom")
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("rule:N", sort=[row["rule"] for row in rows], title=None, axis=two_lines),
        x=alt.X(
            "points:Q",
            title="全体分数变化合计 / sum of changes in points",
            scale=alt.Scale(domain=[-1.9 * reach, 1.9 * reach]),
        ),
    )
    bars = base.mark_bar().encode(color=alt.Color("side:N", title=None, scale=_side_colours(), legend=None))
    texts = _beside(base, "datum.points < 0")
    return alt.layer(bars, *texts).properties(width=460, height=max(40 * len(rows), 60))


def _by_age(comparison: Comparison) -> Any:
    import altair as alt

    rows: list[dict[str, Any]] = []
    for group in comparison.groups["age_band"]:
        for side, sign in (("up", 1), ("down", -1)):
            count: Count = getattr(group.moves, side)
            label = f"{group.group or '?'}（{_count(group.moves.persons)} 人）"
            rows.append(
                {"band": label, "persons": sign * (count or 0), "text": _count(count), "side": SIDES[side], "at": side}
            )
    reach = max([abs(row["persons"]) for row in rows] + [1])
    base = alt.Chart(alt.InlineData(values=rows)).encode(
        y=alt.Y("band:N", sort=list(dict.fromkeys(row["band"] for row in rows)), title="年龄 / age"),
        x=alt.X(
            "persons:Q",
            title="减分人数 · 加分人数 / persons who lose · gain",
            scale=alt.Scale(domain=[-1.25 * reach, 1.25 * reach]),
            axis=alt.Axis(labelExpr="format(abs(datum.value), ',')"),
        ),
    )
    scale = alt.Scale(domain=[SIDES["up"], SIDES["down"]], range=[GAIN, LOSE])
    bars = base.mark_bar().encode(color=alt.Color("side:N", title=None, scale=scale))
    texts = _beside(base, "datum.at == 'down'")
    return alt.layer(bars, *texts).properties(width=WIDTH - 60, height=max(44 * len(rows) // 2, 80))


def _beside(base: Any, leftward: str) -> tuple[Any, Any]:
    """Numbers at the outer ends of bars that grow to both sides."""
    right = base.mark_text(align="left", dx=5, fontSize=10, color=INK).transform_filter(f"!({leftward})")
    left = base.mark_text(align="right", dx=-5, fontSize=10, color=INK).transform_filter(leftward)
    return right.encode(text="text:N"), left.encode(text="text:N")
