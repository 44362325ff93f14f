"""Pictures of a model's tables: mean effects, every feature's shape, every interaction as a heat map."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from models.dossier.drawing import FALL, INK, MARK, QUIET, RISE, STEP, chart_of
from models.dossier.labels import cell_label, group_label

WIDEST: Final = 540
CELL: Final = 52
ROOMY: Final = 34
"""Cells narrower than so many pixels get smaller figures."""
LETTER: Final = 5.2
"""Width of a letter of an axis, pixels; Chinese ones count twice."""
LEAST_REACH: Final = 0.2
"""Colours of a heat map are full at this many log-odds at least, so that small effects look small."""
EMPTY: Final = "#efece4"
MANY: Final = 16
"""Features with more cells are drawn with narrower bars."""
DENSE: Final = 10


def effects(shapes: Sequence[Mapping[str, Any]]) -> Any:
    """Mean absolute contribution of every feature, largest first."""
    import altair as alt

    ordered = sorted(shapes, key=lambda one: -one["mean_effect"])
    rows = [{"feature": f"{one['name_zh']} {one['name_en']}", "effect": one["mean_effect"]} for one in ordered]
    for row in rows:
        row["told"] = f"{row['effect']:.3f}"
    base = chart_of(rows).encode(
        y=alt.Y("feature:N", sort=[row["feature"] for row in rows], title=None),
        x=alt.X("effect:Q", title="平均绝对贡献（对数几率）· mean absolute contribution (log-odds)"),
    )
    told = base.mark_text(align="left", dx=4, fontSize=10, color=INK).encode(text="told:N")
    return (base.mark_bar(color=MARK) + told).properties(width=340, height=STEP * len(rows))


def shape(table: Mapping[str, Any]) -> Any:
    """Points of every cell of a feature, and how the reference population is spread over them."""
    import altair as alt

    total = sum(cell["reference_rows"] for cell in table["cells"]) or 1
    rows = [
        {
            "cell": cell_label(cell, table["unit"]),
            "points": cell["points"],
            "told": signed(cell["points"], 3),
            "share": cell["reference_rows"] / total,
            "portion": f"{cell['reference_rows'] / total:.1%}",
        }
        for cell in table["cells"]
    ]
    order, dense = [row["cell"] for row in rows], len(rows) > MANY
    height = (DENSE if dense else STEP) * len(rows)
    axis = alt.Axis(labelLimit=170, labelFontSize=7 if dense else 10)
    base = chart_of(rows).encode(y=alt.Y("cell:N", sort=order, title=None, axis=axis))
    bare = base.encode(y=alt.Y("cell:N", sort=order, title=None, axis=None))
    size = 7 if dense else 9
    reach = max([abs(row["points"]) for row in rows] + [0.05])
    points = _points(base, reach, size).properties(width=230, height=height)
    return alt.hconcat(points, _spread(bare, size).properties(width=90, height=height), spacing=8)


def _points(base: Any, reach: float, size: int) -> Any:
    import altair as alt

    scale = alt.Scale(domain=[-1.35 * reach, 1.35 * reach])
    x = alt.X("points:Q", scale=scale, title="分值（对数几率）· points (log-odds)")
    colour = alt.condition("datum.points > 0", alt.value(RISE), alt.value(FALL))
    text = base.encode(x=x, text="told:N")
    right, left = (
        text.mark_text(align=side, dx=dx, fontSize=size, color=INK) for side, dx in (("left", 3), ("right", -3))
    )
    return alt.layer(
        base.mark_bar().encode(x=x, color=colour),
        right.transform_filter("datum.points >= 0"),
        left.transform_filter("datum.points < 0"),
        chart_of([{"zero": 0}]).mark_rule(color=QUIET).encode(x="zero:Q"),
    )


def _spread(base: Any, size: int) -> Any:
    import altair as alt

    share = alt.X("share:Q", title="人群占比 · share", axis=alt.Axis(format="%", tickCount=3))
    told = base.mark_text(align="left", dx=3, fontSize=size, color=INK).encode(x=share, text="portion:N")
    return alt.layer(base.mark_bar(color="#b8bcc2").encode(x=share), told)


@dataclass(frozen=True)
class _Heat:
    """One heat map: points and rows of training in every cell, labels and names of rows and columns."""

    points: Any
    rows: Any
    labels: Sequence[Sequence[str]]
    names: Sequence[str]
    reach: float
    within: str = ""


def interaction(table: Mapping[str, Any], units: Mapping[str, str], names: Mapping[str, str]) -> Iterator[Any]:
    """A heat map of a pair; of a triple one per cell of its shortest axis."""
    labels = [
        [group_label(parts, units[feature]) for parts in axis]
        for feature, axis in zip(table["features"], table["axes"], strict=True)
    ]
    told = [names[feature] for feature in table["features"]]
    reach = max([LEAST_REACH, *(abs(one) for one in _leaves(table["points"]))])
    if len(labels) == 2:  # noqa: PLR2004 - a pair
        yield _drawn(_Heat(table["points"], table["rows"], labels, told, reach))
        return
    sliced = min(range(len(labels)), key=lambda axis: len(labels[axis]))
    rest = [axis for axis in range(len(labels)) if axis != sliced]
    for place, label in enumerate(labels[sliced]):
        points, rows = (_slice(table[name], sliced, place) for name in ("points", "rows"))
        kept = [labels[axis] for axis in rest], [told[axis] for axis in rest]
        yield _drawn(_Heat(points, rows, *kept, reach, f"{told[sliced]}：{label}"))


def _slice(cells: Any, axis: int, place: int) -> Any:
    return cells[place] if axis == 0 else [_slice(part, axis - 1, place) for part in cells]


def _leaves(cells: Any) -> Iterator[float]:
    if isinstance(cells, list):
        for part in cells:
            yield from _leaves(part)
    else:
        yield cells


def _drawn(heat: _Heat) -> Any:
    import altair as alt

    columns = heat.labels[1]
    width = min(CELL, WIDEST // max(len(columns), 1))
    angle = 0 if max(map(_letters, columns)) * LETTER < width else -35
    base = chart_of(_heat_rows(heat)).encode(
        x=alt.X("x:N", sort=list(columns), title=None, axis=_axis(labelAngle=angle, orient="bottom")),
        y=alt.Y("y:N", sort=list(heat.labels[0]), title=None, axis=_axis()),
    )
    scale = alt.Scale(domain=[-heat.reach, 0, heat.reach], range=[FALL, "#ffffff", RISE], interpolate="rgb")
    shade = alt.Color("points:Q", scale=scale, legend=None)
    full, empty = (base.transform_filter(f"datum.rows {how} 0") for how in (">", "=="))
    size = 9 if width > ROOMY else 7
    return (
        alt.layer(
            full.mark_rect(stroke="#e6e2d8").encode(color=shade),
            empty.mark_rect(stroke="#e6e2d8", color=EMPTY),
            full.mark_text(fontSize=size, color=INK).encode(text="told:N"),
            empty.mark_text(fontSize=size, color=QUIET).encode(text="told:N"),
        )
        .properties(title=_title(heat), width=width * len(columns), height=20 * len(heat.labels[0]))
        .resolve_scale(color="independent")
    )


def _axis(**settings: Any) -> Any:
    import altair as alt

    return alt.Axis(labelLimit=240, labelFontSize=9, ticks=False, domain=False, **settings)


def _title(heat: _Heat) -> Any:
    """What stands where; for a slice of a triple also which slice it is."""
    import altair as alt

    lines = [f"↓ {heat.names[0]}", f"→ {heat.names[1]}"]
    return alt.Title(heat.within or lines[0], subtitle=lines if heat.within else lines[1:], subtitleFontSize=10,
                     fontSize=10, anchor="start", frame="group", offset=6, subtitlePadding=1)  # fmt: skip


def _heat_rows(heat: _Heat) -> list[dict[str, Any]]:
    return [
        {"y": y, "x": x, "points": points, "told": signed(points, 2), "rows": rows}
        for y, line, counts in zip(heat.labels[0], heat.points, heat.rows, strict=True)
        for x, points, rows in zip(heat.labels[1], line, counts, strict=True)
    ]


def _letters(label: str) -> int:
    return sum(2 if ord(letter) > 0x2E80 else 1 for letter in label)  # noqa: PLR2004 - where wide letters begin


def signed(value: float, digits: int) -> str:
    """A figure with its sign; what rounds to nothing has none."""
    told = f"{value:+.{digits}f}"
    return told[1:] if float(told) == 0.0 else told.replace("-", "−")
