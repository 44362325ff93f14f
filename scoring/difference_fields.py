"""Every field of an edition that two editions may differ in: its words, its unit, and which way is kinder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from scoring.rulebook import Name

Lean = Literal["more", "less", "more_of_it", "less_of_it", "either", "none"]
"""Which way a field is kinder to the citizen.

`more` / `less`: the larger / smaller value is kinder. `more_of_it` / `less_of_it`: a larger value makes the rule weigh
more / less, which is kinder / stricter for awards and the other way round for deductions. `either`: a change helps some
citizens and costs others. `none`: it moves no point by itself.
"""


@dataclass(frozen=True, slots=True)
class Field:
    """One field in words.

    Attributes:
        unit: 'points', 'months', 'days', 'years', 'steps', 'share' and 'quantity' are numbers; 'code' is looked up in
            `words`, 'codes' and 'levels' are sets of such, 'text' stands as it is, 'sentence' is in both languages.
    """

    name: Name
    unit: str
    lean: Lean


def _field(zh: str, en: str, unit: str = "text", lean: Lean = "none") -> Field:
    return Field(Name(zh=zh, en=en), unit, lean)


IDENTITY: Final = frozenset(
    {
        ("Edition", "edition"),
        ("Edition", "replaces"),
        ("Edition", "summary"),
        ("Dimension", "code"),
        ("Indicator", "code"),
        ("Rule", "rule"),
        ("SeverityPeriod", "severity"),
        ("Grade", "grade"),
    }
)
"""Fields that say which thing it is, not what it is like."""

PARTS: Final = frozenset(
    {
        ("Edition", "severities"),
        ("Edition", "grades"),
        ("Edition", "adjusting"),
        ("Dimension", "indicators"),
        ("Indicator", "rules"),
        ("Indicator", "combine"),
        ("Rule", "method"),
        ("OrdinalPoints", "ladder_milli"),
        ("Concave", "bands"),
    }
)
"""Fields that hold further things, which `difference` compares one by one."""

FIELDS: Final[Mapping[tuple[str, str], Field]] = {
    ("Edition", "effective_from"): _field("施行日期", "effective from"),
    ("Edition", "placeholder_catalogue"): _field("目录编号为占位", "placeholder catalogue ids"),
    ("Edition", "tag"): _field("数值来历", "origin of the numbers"),
    ("Edition", "base_milli"): _field("基础分", "base", "points", "more"),
    ("Edition", "lowest_milli"): _field("总分下限", "lowest total", "points", "more"),
    ("Edition", "highest_milli"): _field("总分上限", "highest total", "points", "more"),
    ("Edition", "rounding_milli"): _field("取整单位", "rounding step", "points", "either"),
    ("Edition", "adult_years"): _field("成年年龄", "adult age", "years", "either"),
    ("Edition", "look_through_factor_milli"): _field(
        "法定代表人计入比例", "share of the representative", "share", "either"
    ),
    ("Edition", "look_through_sentence"): _field("指标穿透说明", "sentence on look-through", "sentence"),
    ("Edition", "negative_limit_months"): _field("减分使用期限", "limit on using deductions", "months", "less"),
    ("Edition", "negative_limit_basis"): _field("减分使用期限的依据", "basis of the limit on deductions", "basis"),
    ("SeverityPeriod", "longest_months"): _field("最长期限", "longest period", "months", "less"),
    ("SeverityPeriod", "legal_basis"): _field("最长期限的依据", "basis of the longest period", "basis"),
    ("Grade", "from_milli"): _field("起点分", "begins at", "points", "less"),
    ("Grade", "name"): _field("名称", "name", "sentence"),
    ("AdjustingSentences", "indicator_cap"): _field("单项封顶说明", "sentence on indicator caps", "sentence"),
    ("AdjustingSentences", "dimension_cap"): _field("方面封顶说明", "sentence on dimension caps", "sentence"),
    ("AdjustingSentences", "overall_clip"): _field("总分封顶说明", "sentence on the overall clip", "sentence"),
    ("AdjustingSentences", "rounding"): _field("取整说明", "sentence on rounding", "sentence"),
    ("Dimension", "dimension"): _field("编号", "number"),
    ("Dimension", "name"): _field("名称", "name", "sentence"),
    ("Dimension", "tag"): _field("数值来历", "origin of the numbers"),
    ("Dimension", "lowest_milli"): _field("下限", "lowest sum", "points", "more"),
    ("Dimension", "highest_milli"): _field("上限", "highest sum", "points", "more"),
    ("Indicator", "indicator"): _field("编号", "number"),
    ("Indicator", "name"): _field("名称", "name", "sentence"),
    ("Indicator", "origin"): _field("来历", "origin"),
    ("Indicator", "tag"): _field("数值来历", "origin of the numbers"),
    ("Indicator", "source_agencies"): _field("数源部门", "source agencies", "codes"),
    ("Indicator", "admissibility"): _field("认定类别", "admissibility class"),
    ("Indicator", "legal_basis"): _field("依据", "legal basis", "basis"),
    ("Indicator", "consent_source"): _field("需同意的数源", "source that needs consent", "text", "either"),
    ("Indicator", "usable_for"): _field("用途", "usable for", "codes"),
    ("Indicator", "direction"): _field("加减方向", "direction", "code", "more"),
    ("Indicator", "unit"): _field("计分单位", "unit"),
    ("Indicator", "cap_milli"): _field("上限", "cap", "points", "more"),
    ("Rule", "event_type"): _field("所指事件", "kind of event", "code", "either"),
    ("Rule", "levels"): _field("所指等级", "levels", "levels", "more_of_it"),
    ("Rule", "validity_months"): _field("有效期", "validity", "months", "more_of_it"),
    ("Rule", "ended_by"): _field("由何事终止", "ended by", "codes", "less_of_it"),
    ("Rule", "ended_by_own"): _field("由本人何事终止", "ended by one's own", "codes", "less_of_it"),
    ("Rule", "severity"): _field("严重程度", "severity", "code"),
    ("Rule", "document_classes"): _field("认可的文书", "accepted documents", "codes", "more_of_it"),
    ("Rule", "catalogue_item"): _field("目录编号", "catalogue item", "text", "either"),
    ("Rule", "look_through"): _field("穿透到法定代表人", "looks through to the representative", "code", "more_of_it"),
    ("Rule", "shared_with_household"): _field("全家共享", "shared with the household", "flag", "more_of_it"),
    ("Rule", "sentence"): _field("说明", "sentence", "sentence"),
    ("FixedPoints", "points_milli"): _field("分值", "points", "points", "more"),
    ("FixedPoints", "fade_months"): _field("递减期", "fading period", "months", "less_of_it"),
    ("PointsPerUnit", "points_milli"): _field("每单位分值", "points per unit", "points", "more"),
    ("PointsPerUnit", "quantity_max_milli"): _field("每次最多计入", "most that counts", "quantity", "more_of_it"),
    ("OrdinalPoints", "window_months"): _field("累计次数的期间", "window of occurrences", "months", "more_of_it"),
    ("EscalatingPoints", "first_milli"): _field("首步分值", "first step", "points", "more"),
    ("EscalatingPoints", "then_milli"): _field("以后每步分值", "each further step", "points", "more"),
    ("EscalatingPoints", "grace_days"): _field("宽限", "grace", "days", "less_of_it"),
    ("EscalatingPoints", "every_days"): _field("每步间隔", "days between steps", "days", "less_of_it"),
    ("EscalatingPoints", "steps"): _field("步数", "number of steps", "steps", "more_of_it"),
    ("StreakPoints", "points_milli"): _field("每期分值", "points per period", "points", "more"),
    ("StreakPoints", "broken_by"): _field("由何事中断", "broken by", "code", "either"),
    ("ConvertedPoints", "table_event"): _field("换算表", "conversion table", "code", "either"),
    ("ConvertedPoints", "needed_without_table_milli"): _field(
        "无表时每分所需", "needed per point without a table", "quantity", "less_of_it"
    ),
    ("Quantity", "daily_limit_milli"): _field("每天最多计入", "most per day", "quantity", "more_of_it"),
}
