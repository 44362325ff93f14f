"""A scorecard on paper: points that add up by hand, one table per feature and per interaction, in two languages."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

import numpy as np

from models.arrays import Integers, Positions
from models.card_tables import FeatureTable, InteractionTable
from models.cell_groups import distinct
from models.exports.labels import cells_label
from models.exports.points import CardPoints, PointsScale, points_of
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard

_CONVERSIONS: Final = 40
_STYLE: Final = (
    "body{font:14px/1.5 'Noto Sans CJK SC','PingFang SC','Microsoft YaHei',sans-serif;max-width:60em;margin:2em auto;"
    "padding:0 1em;color:#222}table{border-collapse:collapse;margin:.5em 0 1.5em}caption{text-align:left;"
    "font-weight:600;padding:.3em 0}th,td{border:1px solid #bbb;padding:.15em .6em;text-align:right;"
    "font-variant-numeric:tabular-nums}th{background:#f3f3f3;font-weight:500}tbody th{text-align:left}"
    "tbody th,td{white-space:nowrap}"
    ".wide{overflow-x:auto}.quiet{color:#666}@page{size:A4 landscape;margin:1cm}"
    "@media print{body{max-width:none;margin:0}tr{break-inside:avoid}.wide{overflow:visible;font-size:70%}}"
)

_DIRECTED: Final = {
    1: '<p class="quiet">已证明：连同全部组合表，数值升高时风险只升不降 / '
    "proven, all tables together: risk never falls as the value rises</p>",
    -1: '<p class="quiet">已证明：连同全部组合表，数值升高时风险只降不升 / '
    "proven, all tables together: risk never rises with the value</p>",
}

Names = Mapping[str, tuple[str, str]]


def printed(card: Scorecard, scale: PointsScale, names: Names | None = None) -> str:
    """The scorecard as one HTML page that needs nothing else.

    Args:
        card: The scorecard.
        scale: Anchor, odds, points that double them, decimals.
        names: Chinese and English name per feature; a feature without one stands under its own name.

    Raises:
        FlatScorecardError: The calibration never reaches the odds of the anchor.
    """
    return "\n".join(_Page(card, points_of(card, scale), names or {}).lines()) + "\n"


class _Page:
    def __init__(self, card: Scorecard, points: CardPoints, names: Names) -> None:
        self._card = card
        self._points = points
        self._names = names

    def lines(self) -> Iterator[str]:
        title = "评分卡 / Scorecard"
        yield '<!doctype html>\n<html lang="zh">\n<head>\n<meta charset="utf-8">'
        yield f"<title>{title} {escape(self._card.kind)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>"
        yield f"<h1>{title} {escape(self._card.kind)}</h1>"
        yield from self._introduction()
        yield f"<h2>起点 / Start</h2>\n<p><b>{self._told(self._points.start)}</b></p>"
        yield "<h2>单项 / One feature each</h2>"
        for table, points in zip(self._card.features, self._points.features, strict=True):
            yield from self._feature(table, points)
            if table.direction:
                yield _DIRECTED[table.direction]
        yield "<h2>组合 / Features together</h2>"
        for together, points in zip(self._card.interactions, self._points.interactions, strict=True):
            yield from self._interaction(together, points)
        yield "<h2>换算 / From points to probability</h2>"
        yield from self._conversions()
        yield from self._notes()
        yield "</body>\n</html>"

    def _introduction(self) -> Iterator[str]:
        scale, error = self._points.scale, self._points.largest_error
        log_odds = error / self._points.points_per_log_odds
        factor = math.exp(min(log_odds * self._slope(), 700.0))
        anchor, odds, double = f"{scale.anchor_points:g}", f"{scale.anchor_odds:g}", f"{scale.points_to_double:g}"
        yield _paragraph(
            "总分 = 起点 + 每张表各取一格。分数越高，违约可能越低。"
            f"{anchor} 分对应好坏比 {odds} : 1；每增加 {double} 分，好坏比翻一倍{self._bend('zh')}。",
            "Total = start + one cell of every table. More points, less risk. "
            f"{anchor} points stand for odds of {odds} to 1; {double} more points double them{self._bend('en')}.",
        )
        yield _paragraph(
            f"取整误差：总分与精确值相差不超过 {error:.2f} 分（好坏比至多相差 {factor:.3f} 倍）；系统按精确分表计算。",
            f"Rounding: a total is at most {error:.2f} points from the exact one (the odds by a factor of {factor:.3f} "
            "at most); the service computes with the exact tables.",
        )
        yield f'<p class="quiet">SHA-256 {self._card.content_hash()}</p>'

    def _bend(self, language: str) -> str:
        if self._card.calibration.is_line:
            return ""
        words = {"zh": "（在基准处；其他处以换算表为准）", "en": " (at the anchor; elsewhere see the conversion table)"}
        return words[language]

    def _slope(self) -> float:
        """Largest slope of the calibration: what one raw log-odds can be worth at most."""
        return max(self._card.calibration.low_slope, self._card.calibration.high_slope)

    def _feature(self, table: FeatureTable, points: Integers) -> Iterator[str]:
        members = max(int(table.reference_rows.sum()), 1)
        head = ["取值 / value", "分 / points", "参照人群占比 / share of the reference population"]
        rows = [
            [
                cells_label(table, cells),
                self._told(int(points[cells[0]])),
                f"{int(table.reference_rows[cells].sum()) / members:.1%}",
            ]
            for cells in _alike(table, points)
        ]
        yield from _table(self._name(table.name), head, rows)

    def _interaction(self, table: InteractionTable, points: Integers) -> Iterator[str]:
        """Two features make one table; a third makes a table for each group of its cells."""
        caption = " × ".join(self._name(self._card.features[feature].name) for feature in table.features)
        if not points.any():
            yield f'<p class="quiet">{escape(caption)}：取整后为 0 / rounds to 0</p>'
        elif points.ndim == len(("rows", "columns")):
            yield from self._pair(caption, table.features, table.groups, points)
        else:
            first = self._card.features[table.features[0]]
            for places, cells in _groups(points, 0, table.groups[0]):
                label = f"{caption}; {self._name(first.name)}: {cells_label(first, cells)}"
                yield from self._pair(label, table.features[1:], table.groups[1:], points[places[0]])

    def _pair(
        self, caption: str, features: Sequence[int], groups: Sequence[Positions], points: Integers
    ) -> Iterator[str]:
        rows, columns = (list(_groups(points, axis, groups[axis])) for axis in (0, 1))
        if len(columns) > len(rows):  # paper is longer than wide
            points, features, groups, rows, columns = points.T, features[::-1], groups[::-1], columns, rows
        first, second = (self._card.features[feature] for feature in features)
        corner = f"{self._name(first.name)} ＼ {self._name(second.name)}"
        body = [
            [cells_label(first, cells), *(self._told(int(points[places[0], other[0]])) for other, _ in columns)]
            for places, cells in rows
        ]
        yield '<div class="wide">'
        yield from _table(caption, [corner, *(cells_label(second, cells) for _, cells in columns)], body)
        yield "</div>"

    def _conversions(self) -> Iterator[str]:
        scale, (least, most) = self._points.scale, self._points.range
        step = scale.points_to_double / 2.0
        step *= max(1, math.ceil((most - least) * self._points.step / step / _CONVERSIONS))
        first = math.floor((least * self._points.step - scale.anchor_points) / step)
        last = math.ceil((most * self._points.step - scale.anchor_points) / step)
        totals = scale.anchor_points + np.arange(first, last + 1, dtype=np.float64) * step
        probability = self._points.probability_at(totals, self._card.calibration)
        head = ["总分 / total", "违约概率 / default probability"]
        pairs = zip(totals.tolist(), probability.tolist(), strict=True)
        yield from _table("", head, [[f"{total:g}", f"{risk:.4%}"] for total, risk in pairs])

    def _notes(self) -> Iterator[str]:
        curve = self._card.calibration
        raw = self._card.intercept / UNITS_PER_LOG_ODDS
        yield (
            f'<p class="quiet">原始对数几率 / raw log-odds s: {raw:.6f} + …; 校准 / calibrated: '
            f"{curve.high_slope:.6f}·ln(1+e<sup>s</sup>) − {curve.low_slope:.6f}·ln(1+e<sup>−s</sup>) "
            f"+ {curve.offset:.6f}</p>"
        )
        for name, text in sorted(self._card.notes.items()):
            yield f'<p class="quiet">{escape(name)}: {escape(text)}</p>'

    def _name(self, feature: str) -> str:
        return " / ".join(self._names[feature]) if feature in self._names else feature

    def _told(self, points: int) -> str:
        return f"{points * self._points.step:.{self._points.scale.decimals}f}".replace("-", "−")


def _alike(table: FeatureTable, points: Integers) -> Iterator[list[int]]:
    """Neighbouring intervals with equal points together; everything else alone."""
    run = [0]
    for cell in range(1, len(points)):
        if not table.levels and cell < table.intervals and points[cell] == points[run[-1]]:
            run.append(cell)
        else:
            yield run
            run = [cell]
    yield run


def _groups(points: Integers, axis: int, groups: Positions) -> Iterator[tuple[list[int], list[int]]]:
    """Rows of a table that hold equal points throughout: their places, and the feature's cells that stand there."""
    rows = np.moveaxis(points, axis, 0).reshape(points.shape[axis], -1)
    merged = distinct(rows)[1]
    of_cells = merged[groups]
    for group in dict.fromkeys(of_cells.tolist()):
        yield np.flatnonzero(merged == group).tolist(), np.flatnonzero(of_cells == group).tolist()


def _paragraph(chinese: str, english: str) -> str:
    return f'<p>{escape(chinese)}<br><span lang="en">{escape(english)}</span></p>'


def _table(caption: str, head: Iterable[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"<table>\n<caption>{escape(caption)}</caption>"
    yield "<thead><tr>" + "".join(f"<th>{escape(text)}</th>" for text in head) + "</tr></thead>\n<tbody>"
    for label, *cells in rows:
        yield f"<tr><th>{escape(label)}</th>" + "".join(f"<td>{escape(text)}</td>" for text in cells) + "</tr>"
    yield "</tbody>\n</table>"
