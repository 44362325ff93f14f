"""Pictures of what happens when life, data or groups differ: sensitivity, stress, fairness."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from models.dossier.drawing import FALL, INK, MARK, QUIET, RISE, STEP, Rows, chart_of
from models.dossier.labels import sector_label

KINDS: Final = {"step": "生活变动 life", "error": "数据差错 data error", "missing": "缺失 missing"}
TIMES: Final = (0.1, 0.25, 0.5, 1, 2, 4, 8, 16)
PANEL: Final = 185
SMALL: Final = "small"


def sensitivity(changes: Sequence[Mapping[str, Any]]) -> Any:
    """How many times the mean probability before stands after every change."""
    import altair as alt

    rows = [
        {
            "change": f"{one['title_zh']} {one['title_en']}",
            "kind": KINDS[one["kind"]],
            "times": one["mean_after"] / one["mean_before"],
            "told": f"×{one['mean_after'] / one['mean_before']:.2f}",
        }
        for one in changes
        if one["mean_before"]
    ]
    times = [row["times"] for row in rows]
    scale = alt.Scale(type="log", domain=[min([0.4, *times]) * 0.85, max([2.5, *times]) * 1.5])
    axis = alt.Axis(labelLimit=340, labelFontSize=9)
    base = chart_of(rows).encode(y=alt.Y("change:N", sort=[row["change"] for row in rows], title=None, axis=axis))
    title = "平均概率变为原来的几倍 · mean probability, times before"
    x = alt.X("times:Q", scale=scale, title=title, axis=alt.Axis(format="~g", values=list(TIMES)))
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(KINDS.values()), range=[MARK, RISE, QUIET]))
    return alt.layer(
        chart_of([{"times": 1.0}]).mark_rule(color=QUIET).encode(x=alt.X("times:Q", scale=scale)),
        base.mark_circle(size=55, opacity=1).encode(x=x, color=colour),
        base.mark_text(align="left", dx=7, fontSize=9, color=INK).encode(x=x, text="told:N"),
    ).properties(width=230, height=STEP * len(rows))


def stress(facts: Mapping[str, Any]) -> Any:
    """Mean probability of every sector before and in each scenario."""
    import altair as alt

    highest = max(sector["mean_after"] for one in facts["scenarios"] for sector in one["sectors"]) * 1.1
    panels = [_scenario(one, highest, labelled=place == 0) for place, one in enumerate(facts["scenarios"])]
    return alt.hconcat(*panels, spacing=10)


def _scenario(scenario: Mapping[str, Any], highest: float, *, labelled: bool) -> Any:
    import altair as alt

    rows = [
        {"sector": sector_label(one["sector"]), "before": one["mean_before"], "after": one["mean_after"]}
        for one in scenario["sectors"]
    ]
    axis = alt.Axis(labelFontSize=9) if labelled else None
    base = chart_of(rows).encode(y=alt.Y("sector:N", sort=[row["sector"] for row in rows], title=None, axis=axis))
    scale = alt.Scale(domain=[0, highest])
    x = alt.X("after:Q", scale=scale, title="平均概率 · mean", axis=alt.Axis(format="%", tickCount=4))
    ticks = base.mark_tick(color=INK, thickness=2, size=13).encode(x=alt.X("before:Q", scale=scale))
    title = alt.Title(scenario["title_zh"].split("（")[0], fontSize=10, limit=130)
    bars = base.mark_bar(color=RISE, opacity=0.75).encode(x=x)
    return alt.layer(bars, ticks).properties(width=118, height=22 * len(rows), title=title)


def fairness(facts: Mapping[str, Any]) -> Any:
    """Both ratios of every group that is large enough, with simultaneous intervals and what is allowed."""
    import altair as alt

    groups = [
        (f"{one['name_zh'].split('（')[0]} · {group['name_zh']} {group['name_en']}", group)
        for one in facts["groupings"]
        for group in one["groups"]
        if group["verdict"] != SMALL
    ]
    over = _ratios(groups, "overprediction", facts["overprediction_at_most"], "相对高估 · relative over-prediction")
    selected = _ratios(groups, "selection", facts["selection_at_least"], "守约者获授信 · offers to repaying")
    return alt.hconcat(over, selected, spacing=14)


def _ratios(groups: Sequence[tuple[str, Mapping[str, Any]]], name: str, allowed: float, title: str) -> Any:
    import altair as alt

    rows: Rows = [
        {
            "group": label,
            "value": group[name],
            "low": group[f"{name}_interval"][0],
            "high": group[f"{name}_interval"][1],
        }
        for label, group in groups
    ]
    labelled, outside = (True, "datum.value > ") if name == "overprediction" else (False, "datum.value < ")
    axis = alt.Axis(labelFontSize=9, labelLimit=230) if labelled else None
    base = chart_of(rows).encode(y=alt.Y("group:N", sort=[row["group"] for row in rows], title=None, axis=axis))
    ends = [*(row["low"] for row in rows), *(row["high"] for row in rows), allowed, 1.0]
    scale = alt.Scale(type="log", zero=False, nice=False, domain=[min(ends) * 0.97, max(ends) * 1.03])
    colour = alt.condition(f"{outside}{allowed}", alt.value(RISE), alt.value(FALL))
    x = alt.X(
        "value:Q", scale=scale, title=title, axis=alt.Axis(format="~g", values=[0.25, 0.5, 0.8, 0.9, 1, 1.25, 2, 4])
    )
    rules = ((1.0, QUIET, [1, 0]), (allowed, RISE, [4, 3]))
    lines = [chart_of([{"at": at}]).mark_rule(color=ink, strokeDash=dash) for at, ink, dash in rules]
    return alt.layer(
        *(line.encode(x=alt.X("at:Q", scale=scale)) for line in lines),
        base.mark_rule(strokeWidth=1.5).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", color=colour),
        base.mark_circle(size=45, opacity=1).encode(x=x, color=colour),
    ).properties(width=PANEL, height=STEP * len(rows))
