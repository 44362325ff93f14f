"""Words that stand around a dossier's figures: sections, origins, kinds, states, measures, in both languages."""

from collections.abc import Mapping
from typing import Final, NamedTuple


class Section(NamedTuple):
    """One section: its number and its names."""

    number: int
    zh: str
    en: str


class Origin(NamedTuple):
    """What the origin of the data means for a reader."""

    name_zh: str
    name_en: str
    zh: str
    en: str


class Measure(NamedTuple):
    """A measure of performance and how it is read."""

    code: str
    name: str
    digits: int
    zh: str
    en: str


_SECTIONS: Final[Mapping[str, tuple[str, str]]] = {
    "purpose": ("用途", "Purpose"),
    "lineage": ("来历", "Lineage"),
    "assumptions": ("假设", "Assumptions"),
    "method": ("方法", "Method"),
    "shapes": ("逐个特征的表", "Every feature's table"),
    "interactions": ("逐个交互的表", "Every interaction's table"),
    "performance": ("表现", "Performance"),
    "calibration": ("校准", "Calibration"),
    "uncertainty": ("不确定性", "Uncertainty"),
    "stability": ("稳定性", "Stability"),
    "sensitivity": ("敏感性", "Sensitivity"),
    "stress": ("压力情景", "Stress"),
    "fairness": ("公平", "Fairness"),
    "index_worth": ("指数是否名副其实", "Does the index earn its place?"),
    "limits": ("使用限制", "Limits of use"),
    "monitoring": ("监测计划", "Monitoring plan"),
    "change_log": ("变更记录", "Change log"),
    "sign_offs": ("签批", "Sign-offs"),
    "validator": ("验证人的部分", "The validator's part"),
    "mapping": ("规则对照", "Mapping to rules"),
}

ORIGINS: Final[Mapping[str, Origin]] = {
    "simulated": Origin(
        "模拟",
        "simulated",
        "全部贷款、家庭和违约都由模拟器生成；数字只说明程序按设计运行，不说明任何人的信用。",
        "Every loan, household and default was made by a simulator; the figures show that the programs work as "
        "designed and nothing about anybody's credit.",
    ),
    "foreign": Origin(
        "外来",
        "foreign",
        "数据来自别处、别时的公开样本；与洞头及本行客户无关，只可用于研究方法。",
        "The data are a public sample from another place and time; they have nothing to do with Dongtou or this bank's "
        "customers and serve to study the method only.",
    ),
    "own": Origin(
        "本行",
        "own",
        "数据来自所列的本行过往贷款文件，覆盖本行全部区域；它们是否代表洞头的借款人未经任何人证实，故不得如此引用。",
        "The data are the named file of this bank's past loans in its whole area; nobody has verified that they "
        "represent borrowers of Dongtou, so they must not be quoted as if they did.",
    ),
    "none": Origin(
        "无（专家评分卡）",
        "none (expert scorecard)",
        "本卡由人写定，未从任何数据训练；检验数字只说明它在所列样本上的表现。",
        "This card was written by people and learned from no data; the test figures only tell how it does on the named "
        "sample.",
    ),
}

KINDS: Final[Mapping[str, str]] = {
    "baseline": "baseline 仅银行数据 bank data only",
    "full": "full 含等级 with the grade",
}

STATES: Final[Mapping[str, str]] = {
    "developed": "已开发 developed",
    "tested": "已测试 tested",
    "reviewed": "已复核 reviewed",
    "live": "在用 live",
    "retired": "已退役 retired",
    "shadow": "影子运行 shadow",
}

GATES: Final[Mapping[str, tuple[str, str]]] = {
    "calibration_ece": ("校准误差", "calibration error"),
    "calibration_slope": ("校准斜率", "calibration slope"),
    "calibration_mean": ("总体水平", "overall level"),
}

PAPERS: Final[Mapping[str, str]] = {
    "dossier": "模型档案 dossier",
    "impact_assessment": "个人信息保护影响评估 impact assessment",
}

CONSENTS: Final[Mapping[str, str]] = {
    "own_records": "本行记录 own records",
    "income": "收入授权 income",
    "bureau": "征信授权 bureau",
    "certificate": "凭证同意 certificate",
}

MEASURES: Final = (
    Measure(
        "auc",
        "AUC",
        4,
        "违约者排在正常者之上的概率；0.5为瞎猜",
        "probability that a default ranks above a non-default; 0.5 is guessing",
    ),
    Measure(
        "ks",
        "KS",
        4,
        "两类累计分布的最大差距",
        "largest gap between the two cumulative distributions",
    ),
    Measure(
        "h",
        "H",
        4,
        "可避免的误判成本中避免了多少（Hand，严重度按违约率）",
        "share of avoidable misclassification cost avoided (Hand, severity by prevalence)",
    ),
    Measure(
        "brier",
        "Brier",
        5,
        "概率与结果之差的平方均值，越小越好",
        "mean squared distance of probability and outcome; smaller is better",
    ),
    Measure(
        "log_loss",
        "log-loss 对数损失",
        5,
        "每笔的负对数似然，越小越好",
        "negative log-likelihood per loan; smaller is better",
    ),
    Measure(
        "ece",
        "ECE 校准误差",
        5,
        "十等分内预测与实际之差的均值",
        "mean gap of predicted and observed over tenths",
    ),
    Measure(
        "slope",
        "slope 斜率",
        3,
        "结果对对数几率的斜率，1为正确，小于1为过度自信",
        "slope of outcome on log-odds; 1 is right, below 1 is over-confident",
    ),
    Measure(
        "mean_observed",
        "observed 实际",
        5,
        "检验样本的违约占比",
        "share of defaults among test rows",
    ),
)


def sections() -> dict[str, Section]:
    """Every section by its code, numbered in the order of the pages."""
    return {code: Section(place, zh, en) for place, (code, (zh, en)) in enumerate(_SECTIONS.items(), start=1)}
