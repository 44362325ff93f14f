"""Pictures of what probabilities were worth: reliability, separation, quarters, stability, intervals."""

from collections.abc import Mapping
from typing import Any

from models.dossier.drawing import FALL, MARK, QUIET, RISE, STEP, Rows, chart_of


def reliability(measured: Mapping[str, Any]) -> Any:
    """Predicted against observed share by tenths of probability, on log axes."""
    import altair as alt

    least = 1e-4
    rows = [
        {
            "predicted": one["mean_predicted"],
            "observed": max(one["mean_observed"], least),
            "low": max(one["observed_low"], least),
            "high": one["observed_high"],
        }
        for one in measured["reliability"]
    ]
    lowest = min([least * 10, *(row["low"] for row in rows), *(row["predicted"] for row in rows)])
    highest = max([0.1, *(row["high"] for row in rows)])
    scale = alt.Scale(type="log", domain=[lowest, highest])
    axis = alt.Axis(format=".2~%", tickCount=6)
    x = alt.X("predicted:Q", scale=scale, axis=axis, title="预测概率均值 · mean predicted")
    y = alt.Y("low:Q", scale=scale, axis=axis, title="实际违约占比 · observed share")
    line = chart_of([{"predicted": lowest, "low": lowest}, {"predicted": highest, "low": highest}])
    return alt.layer(
        line.mark_line(color=QUIET, strokeDash=[4, 3]).encode(x=x, y=y),
        chart_of(rows).mark_rule(color=MARK, strokeWidth=1.5).encode(x=x, y=y, y2="high:Q"),
        chart_of(rows).mark_circle(color=MARK, size=55, opacity=1).encode(x=x, y=alt.Y("observed:Q", scale=scale)),
    ).properties(width=290, height=250)


def separation(measured: Mapping[str, Any]) -> Any:
    """The ROC curve."""
    import altair as alt

    curves = measured["separation"]
    rows = [{"good": 1.0, "bad": 1.0, "order": -1}] + [
        {"good": 1.0 - good, "bad": 1.0 - bad, "order": place}
        for place, (good, bad) in enumerate(zip(curves["good_below"], curves["bad_below"], strict=True))
    ]
    axis = alt.Axis(format="%", tickCount=5)
    x = alt.X("good:Q", axis=axis, title="被拒的正常借款人 · good borrowers above")
    y = alt.Y("bad:Q", axis=axis, title="被识别的违约 · defaults above")
    chance = chart_of([{"good": 0, "bad": 0}, {"good": 1, "bad": 1}]).mark_line(color=QUIET, strokeDash=[4, 3])
    curve = chart_of(rows).mark_line(color=MARK, strokeWidth=2).encode(x=x, y=y, order="order:Q")
    return alt.layer(chance.encode(x=x, y=y), curve).properties(width=250, height=250)


def quarters(stability: Mapping[str, Any]) -> Any:
    """Observed share of defaults by quarter of drawing, and what was predicted."""
    import altair as alt

    rows: Rows = [
        {
            "quarter": one["quarter"],
            "predicted": one["predicted"],
            "observed": one["observed"],
            "low": one["observed_interval"][0],
            "high": one["observed_interval"][1],
            "part": "检验 test" if one["test_share"] >= 0.5 else "训练 training",  # noqa: PLR2004 - the larger part
        }
        for one in stability["quarters"]
    ]
    order = [row["quarter"] for row in rows]
    base = chart_of(rows).encode(
        x=alt.X("quarter:N", sort=order, title="放款季度 · quarter of drawing", axis=alt.Axis(labelAngle=-45))
    )
    colour = alt.Color("part:N", title=None, scale=alt.Scale(domain=["训练 training", "检验 test"], range=[MARK, RISE]))
    y_title = "违约占比 · share of defaults（线 line：预测 predicted）"
    return alt.layer(
        base.mark_line(color=QUIET, strokeWidth=1.5).encode(
            y=alt.Y("predicted:Q", title=y_title, axis=alt.Axis(format=".1%"))
        ),
        base.mark_rule(strokeWidth=1.5).encode(y="low:Q", y2="high:Q", color=colour),
        base.mark_circle(size=50, opacity=1).encode(y="observed:Q", color=colour),
    ).properties(width=520, height=190)


def drifts(stability: Mapping[str, Any], levels: Mapping[str, float], names: Mapping[str, str]) -> Any:
    """Population stability of the probability and of every feature, beside chance and the alert levels."""
    import altair as alt

    rows = [{"feature": "违约概率 default probability", **stability["probability"]}]
    rows += [{**one, "feature": names[one["feature"]]} for one in stability["features"]]
    for row in rows:
        row["psi"], row["noise"] = max(row["psi"], 1e-5), max(row["noise"], 1e-5)
    order = [row["feature"] for row in rows]
    scale = alt.Scale(type="log", domain=[1e-5, 1])
    axis = alt.Axis(values=[1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1], format="~g")
    base = chart_of(rows).encode(y=alt.Y("feature:N", sort=order, title=None))
    colour = alt.condition("datum.psi > datum.noise", alt.value(RISE), alt.value(FALL))
    title = "PSI（竖线：偶然性上限；虚线：预警线）· PSI (tick: chance alone; dashed: alert levels)"
    lines = chart_of([{"at": levels["watch"]}, {"at": levels["act"]}])
    return alt.layer(
        lines.mark_rule(color=RISE, strokeDash=[4, 3]).encode(x=alt.X("at:Q", scale=scale, axis=axis, title=title)),
        base.mark_tick(color=QUIET, thickness=2).encode(x=alt.X("noise:Q", scale=scale)),
        base.mark_circle(size=50, opacity=1).encode(x=alt.X("psi:Q", scale=scale), color=colour),
    ).properties(width=330, height=STEP * len(rows))


def intervals(uncertainty: Mapping[str, Any]) -> Any:
    """Mean interval, prediction and outcome by tenths of probability."""
    import altair as alt

    rows = [
        {
            "bin": place,
            "low": max(one["mean_low"], 1e-4),
            "high": one["mean_high"],
            "predicted": one["predicted"],
            "observed": max(one["observed"], 1e-4),
        }
        for place, one in enumerate(uncertainty["bins"], start=1)
    ]
    scale = alt.Scale(type="log")
    base = chart_of(rows).encode(
        x=alt.X("bin:O", title="按概率十等分 · tenths by probability", axis=alt.Axis(labelAngle=0))
    )
    return alt.layer(
        base.mark_bar(color="#cdd6ea", size=14).encode(
            y=alt.Y(
                "low:Q",
                scale=scale,
                title="概率 · probability",
                axis=alt.Axis(format=".2~%", tickCount=6, titleLimit=240),
            ),
            y2="high:Q",
        ),
        base.mark_circle(color=MARK, size=45, opacity=1).encode(y=alt.Y("predicted:Q", scale=scale)),
        base.mark_point(color=RISE, shape="diamond", size=55).encode(y=alt.Y("observed:Q", scale=scale)),
    ).properties(width=420, height=220)
