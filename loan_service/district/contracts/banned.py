"""Subjects that must never land: refused before anything of the row is kept but where it stood."""

import re
from collections.abc import Sequence
from typing import Final

from pydantic import BaseModel, ConfigDict


class BannedSubject(BaseModel):
    """A subject no indicator may ever read, and the words that give it away.

    Attributes:
        rule: the name kept with the row number and the file's hash.
        legal_basis: the law where one is known; [P] marks the district's own rule.
        words: refused wherever they stand in a screened column (class, document, level, activity).
    """

    model_config = ConfigDict(frozen=True)

    rule: str
    chinese: str
    english: str
    legal_basis: str
    words: tuple[str, ...]


JUVENILE_RULE: Final = "juvenile_records"

BANNED: Final = (
    BannedSubject(
        rule="public_security",
        chinese="治安处罚记录",
        english="sealed public-security penalties",
        legal_basis="治安管理处罚法第136条",
        words=("治安处罚", "治安管理", "治安拘留", "治安案件", "行政拘留"),
    ),
    BannedSubject(
        rule="petitioning",
        chinese="信访",
        english="petitioning",
        legal_basis="[P] 绝不作为指标",
        words=("信访", "上访", "缠访", "petition"),
    ),
    BannedSubject(
        rule="speech",
        chinese="言论",
        english="speech",
        legal_basis="[P] 绝不作为指标",
        words=("言论", "发帖", "网络评论", "speech"),
    ),
    BannedSubject(
        rule="religion",
        chinese="宗教信仰",
        english="religion",
        legal_basis="征信业管理条例第14条 [M]",
        words=("宗教", "信教", "教徒", "religion"),
    ),
    BannedSubject(
        rule="ethnicity",
        chinese="民族",
        english="ethnicity",
        legal_basis="[P] 绝不作为指标",
        words=("民族成分", "族别", "ethnic"),
    ),
    BannedSubject(
        rule="marriage_and_birth",
        chinese="婚育",
        english="marital and birth status",
        legal_basis="[P] 绝不作为指标",
        words=("婚姻状况", "离婚", "未婚", "生育", "超生", "marital"),
    ),
    BannedSubject(
        rule="health",
        chinese="健康、病史、血型、基因、指纹",
        english="health, medical history, blood, genes, fingerprints",
        legal_basis="征信业管理条例第14条 [M]",
        words=(
            "病史",
            "患病",
            "疾病",
            "传染病",
            "精神障碍",
            "残疾",
            "血型",
            "献血",
            "基因",
            "指纹",
            "medical",
            "blood",
        ),
    ),
    BannedSubject(
        rule="occupation",
        chinese="职业与职业变动",
        english="occupation and job changes",
        legal_basis="[P] 剔除职业等传统评价因素",
        words=("职业变动", "跳槽", "辞职", "失业", "occupation"),
    ),
    BannedSubject(
        rule="assets",
        chinese="资产",
        english="assets",
        legal_basis="[P] 剔除资产等传统评价因素",
        words=("资产", "存款", "房产", "纳税", "assets"),
    ),
    BannedSubject(
        rule="relatives",
        chinese="亲属的记录",
        english="records of relatives",
        legal_basis="[P] 绝不作为指标",
        words=("亲属", "家属违法", "relatives"),
    ),
    BannedSubject(
        rule=JUVENILE_RULE,
        chinese="未成年人封存记录",
        english="sealed juvenile records: also every negative about a deed done before the age of 18",
        legal_basis="[P] 绝不作为指标",
        words=("未成年", "少年犯", "juvenile"),
    ),
)

PATTERN: Final = "(?i)" + "|".join(re.escape(word) for subject in BANNED for word in subject.words)
"""Finds any banned word; the same text works for Python's `re` and for RE2."""


def rule_of(texts: Sequence[str | None]) -> str:
    """The first rule that one of the texts falls under, '' if none does."""
    joined = " ".join(text for text in texts if text).lower()
    return next((s.rule for s in BANNED if any(word in joined for word in s.words)), "")
