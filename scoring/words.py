"""What kinds of event, levels, methods and units are called in both languages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from scoring.rulebook import Indicator, Name, Rule


def _names(pairs: Mapping[str, tuple[str, str]]) -> Mapping[str, Name]:
    return {key: Name(zh=zh, en=en) for key, (zh, en) in pairs.items()}


EVENTS: Final = _names(
    {
        "ebike_violation": ("电动自行车违法", "e-bike violation"),
        "safety_course_completed": ("完成安全课程", "safety course completed"),
        "administrative_penalty": ("行政处罚", "administrative penalty"),
        "maritime_violation": ("涉渔涉海违法", "maritime violation"),
        "uncivil_conduct": ("不文明行为", "uncivil conduct"),
        "civil_honour": ("文明荣誉", "civil honour"),
        "bravery": ("见义勇为", "bravery"),
        "hazard_overdue": ("隐患逾期", "overdue hazard"),
        "hazard_fixed": ("隐患改好", "hazard fixed"),
        "commitment_broken": ("承诺没兑现", "broken commitment"),
        "commitment_fulfilled": ("承诺已兑现", "commitment fulfilled"),
        "malicious_ring": ("恶意呈会", "malicious ring"),
        "debtor_listed": ("列入失信名单", "listed as debtor"),
        "debtor_delisted": ("移出失信名单", "delisted as debtor"),
        "false_litigation": ("虚假诉讼", "false litigation"),
        "clean_quarter": ("季度守约", "clean quarter"),
        "breached_quarter": ("季度违约", "breached quarter"),
        "volunteering": ("志愿服务", "volunteering"),
        "hygiene_inspection": ("庭院卫生检查", "yard inspection"),
        "compact_review": ("村规民约评议", "village compact review"),
        "mutual_aid": ("互助帮扶", "mutual aid"),
        "neighborhood_points": ("邻里积分", "neighbour points"),
        "neighborhood_conversion": ("邻里积分换算表", "conversion table"),
        "deliberation": ("议事", "deliberation"),
        "patrol": ("巡防", "patrol"),
        "grid_help": ("网格协助", "grid help"),
        "revocation": ("撤销", "revocation"),
        "restoration": ("信用修复", "restoration"),
        "appeal_opened": ("申诉受理", "appeal opened"),
        "appeal_closed": ("申诉办结", "appeal closed"),
    }
)

LEVELS: Final = _names(
    {
        "general": ("一般", "general"),
        "serious": ("严重", "serious"),
        "minor": ("轻微", "minor"),
        "district": ("区级", "district"),
        "city": ("市级", "city"),
        "province": ("省级", "province"),
        "nation": ("国家级", "nation"),
        "family_district": ("家庭·区级", "family, district"),
        "family_city": ("家庭·市级", "family, city"),
        "family_province": ("家庭·省级", "family, province"),
        "family_nation": ("家庭·国家级", "family, nation"),
        "unfulfilled": ("未兑现", "unfulfilled"),
        "false": ("虚假承诺", "false"),
        "organiser": ("会首", "organiser"),
        "defaulter": ("恶意不还", "defaulter"),
        "member": ("普通会员", "member"),
    }
)

WORDS: Final = _names(
    {
        "fixed": ("每次固定分", "fixed points"),
        "per_unit": ("按数量计分", "points per unit"),
        "ordinal": ("按第几次计分", "points by occurrence"),
        "escalation": ("逾期逐步加重", "steps while overdue"),
        "streak": ("连续累计", "run of good periods"),
        "converted": ("按换算表折算", "converted by a table"),
        "quantity": ("按总量分档", "bands over the total"),
        "sum": ("全部相加", "all add up"),
        "strongest": ("只算最高", "only the highest counts"),
        "concave": ("分档递减", "bands that pay less and less"),
        "indicator": ("整项之内", "within the indicator"),
        "quarter": ("每季度之内", "within each quarter"),
        "month": ("每月之内", "within each month"),
        "award": ("加分", "award"),
        "deduction": ("减分", "deduction"),
        "occurred_on": ("事发当日", "day of the event"),
        "ends_on": ("期限届满日", "day of the deadline"),
        "loan": ("贷款", "loan"),
        "permit": ("审批", "permit"),
        "merchant": ("商户权益", "merchant"),
    }
)

UNITS: Final = _names(
    {
        "points": ("分", "points"),
        "months": ("个月", "months"),
        "days": ("天", "days"),
        "years": ("岁", "years"),
        "steps": ("步", "steps"),
        "share": ("成", "tenths"),
    }
)

QUANTITIES: Final = _names(
    {
        "volunteering": ("小时", "hours"),
        "hygiene_inspection": ("星", "stars"),
        "compact_review": ("评议分", "panel points"),
        "neighborhood_points": ("邻里积分", "neighbour points"),
    }
)
"""What an event's quantity counts; other kinds of event have none worth naming."""


def word(code: str) -> Name:
    """The words of an event type, level, method or usage; a code nobody named speaks for itself."""
    for table in (EVENTS, LEVELS, WORDS):
        if code in table:
            return table[code]
    return Name(zh=code, en=code)


def quantity_unit(event_type: str) -> Name:
    """What the quantity of this kind of event is counted in."""
    return QUANTITIES.get(event_type, Name(zh="单位", en="units"))


def rule_name(rule: Rule, indicator: Indicator) -> Name | None:
    """What tells a rule from the others of its indicator: levels or kind of event; None if there are no others."""
    if len(indicator.rules) == 1:
        return None
    words = [word(level) for level in rule.levels] or [word(rule.event_type)]
    return Name(zh="、".join(each.zh for each in words), en=", ".join(each.en for each in words))
