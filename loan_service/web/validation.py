"""What Pydantic finds, in Chinese."""

from collections.abc import Mapping
from typing import Final

_CHINESE: Final[Mapping[str, str]] = {
    "missing": "缺少此项",
    "extra_forbidden": "不认识的项目",
    "string_pattern_mismatch": "格式不符",
    "string_too_short": "太短",
    "string_too_long": "太长",
    "too_short": "条数太少",
    "too_long": "条数太多",
    "int_parsing": "须为整数",
    "int_type": "须为整数",
    "int_from_float": "须为整数",
    "greater_than": "数值太小",
    "greater_than_equal": "数值太小",
    "less_than": "数值太大",
    "less_than_equal": "数值太大",
    "literal_error": "不在可选范围内",
    "enum": "不在可选范围内",
    "date_parsing": "须为日期，如 2026-06-15",
    "date_from_datetime_parsing": "须为日期，如 2026-06-15",
    "datetime_from_date_parsing": "须为带时区的时间",
    "timezone_aware": "须带时区",
    "json_invalid": "不是有效的 JSON",
    "model_attributes_type": "须为对象",
    "string_type": "须为文字",
    "bool_parsing": "须为是或否",
}


def chinese_of(fault: str) -> str:
    """The sentence for a fault; a rare one is told in general words."""
    return _CHINESE.get(fault, "内容不符合约定")
