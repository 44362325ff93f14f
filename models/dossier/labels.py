"""Names that people can read: cells of a feature, units, sectors, grades; Chinese with English beside it."""

import math
from collections.abc import Mapping, Sequence
from typing import Any, Final

from models.fairness_groups import SECTORS_ZH
from models.feature_spec import GRADES, SECTORS

WHOLE_UNITS: Final = frozenset(
    ("months", "lenders", "queries", "loans", "days", "years", "0 or 1", "months of the trailing 12",
     "months with less than half of an average month's income")
)  # fmt: skip
"""Units that are counted: their intervals are told as whole numbers."""

UNITS_ZH: Final[Mapping[str, str]] = {
    "code": "类别",
    "fen per trailing 12 months": "元（近12个月）",
    "fen per person and trailing 12 months": "元/人（近12个月）",
    "fen, average of 12 months": "元（12个月平均）",
    "fen, household exposure": "元（全户）",
    "share 0..1": "比例0至1",
    "share 0 (even) .. 1 (one month)": "0（均匀）至1（集中于一个月）",
    "months with less than half of an average month's income": "收入不足月均一半的月数",
    "months": "月",
    "months of the trailing 12": "近12个月中的月数",
    "years of income": "年收入的倍数",
    "ratio": "比率",
    "months of income held as deposits": "相当于几个月收入的存款",
    "lenders": "家",
    "days": "天",
    "queries": "次",
    "years": "年",
    "0 or 1": "0或1",
    "loans": "笔",
    "share 0..1 of earlier loans": "既往贷款的比例0至1",
    "position in none, A, AA, AAA": "等级",
}
NOTHING: Final = 1e-20
"""What is smaller stands for zero: trees write 1e-35 for "not above zero"."""
_GRADE_UNIT: Final = "position in none, A, AA, AAA"
_SECTOR_NAMES: Final = dict(zip(SECTORS, SECTORS_ZH, strict=True))


def unit_label(unit: str) -> str:
    """The unit as values are shown: money in yuan."""
    return f"{UNITS_ZH.get(unit, unit)} · {unit.replace('fen', 'yuan', 1)}"


def sector_label(sector: str) -> str:
    """A sector, Chinese and English; any other level as it is."""
    return f"{_SECTOR_NAMES[sector]} {sector}" if sector in _SECTOR_NAMES else sector


def cell_label(part: Mapping[str, Any], unit: str) -> str:
    """What a cell stands for."""
    if "level" in part:
        return sector_label(part["level"])
    if part.get("missing"):
        return "缺失 missing"
    if "code" in part:
        return f"特殊值 code {part['code']:g}"
    if unit == _GRADE_UNIT:
        return _grades_between(part["from"], part["to"])
    return (
        _whole_interval(part["from"], part["to"]) if unit in WHOLE_UNITS else _interval(part["from"], part["to"], unit)
    )


def group_label(parts: Sequence[Mapping[str, Any]], unit: str) -> str:
    """What a row of an interaction stands for."""
    return "; ".join(cell_label(part, unit) for part in parts)


def _grades_between(low: float | None, high: float | None) -> str:
    least, most = -math.inf if low is None else low, math.inf if high is None else high
    return ", ".join(grade for code, grade in enumerate(GRADES) if least < code <= most) or "—"


def _whole_interval(low: float | None, high: float | None) -> str:
    first = None if low is None else math.floor(low) + 1
    last = None if high is None else math.floor(high)
    if first is None or last is None:
        return "全部 all" if first is last else _up_to(last) if last is not None else f"≥ {first:,}"
    return f"{first:,}" if first >= last else f"{first:,}–{last:,}"


def _up_to(last: int) -> str:
    """Counts begin at nothing."""
    return "0" if last == 0 else f"0–{last:,}" if last > 0 else f"≤ {last:,}"


def _interval(low: float | None, high: float | None, unit: str) -> str:
    least, most = _told(low, unit), _told(high, unit)
    if not least or not most:
        return "全部 all" if least == most else f"≤ {most}" if not least else f"> {least}"
    return f"{least}–{most}"


def _told(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    if abs(value) < NOTHING:
        return "0"
    return f"{value / 100:,.0f}" if unit.startswith("fen") else f"{value:.3g}"
