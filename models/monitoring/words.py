"""What a figure of monitoring says in plain Chinese and English, and what is to be done about it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from models.feature_spec import FeatureSpec
from models.monitoring.alerts import Turn
from models.monitoring.figures import PROBABILITY, Figure, Kind


@dataclass(frozen=True)
class Told:
    """A text in both languages."""

    zh: str
    en: str


@dataclass(frozen=True)
class NextStep:
    """What is to be done: a stable name, and the sentence."""

    name: str
    told: Told


_SOURCE: Final = NextStep(
    "check_source_columns",
    Told(
        "请银行数据岗核对来源字段的口径、单位与缺失；属实则通知模型岗评估重训，不属实则退回重报。",
        "Ask the bank's data officer to check definition, unit and gaps of the source columns; if the change is real,"
        " have the model owner assess retraining, if not, send the file back.",
    ),
)
_REVIEW: Final = NextStep(
    "review_model",
    Told(
        "请模型岗在十个工作日内复核校准并向评审会提交结论：重新校准、重训或停用回退。",
        "Have the model owner review the calibration within ten working days and bring the committee a conclusion:"
        " recalibrate, retrain or roll back.",
    ),
)
_PRACTICE: Final = NextStep(
    "review_overrides",
    Told(
        "请审批负责人抽查偏离模型建议的决定，逐笔写明理由，并反馈给模型岗。",
        "Have the head of approval sample the decisions that differ, write down why, and tell the model owner.",
    ),
)
_FILE: Final = NextStep(
    "correct_file",
    Told(
        "请银行按文件约定更正被隔离的行后重报；新增取值须先修订约定与特征说明。",
        "Ask the bank to correct the rows set aside and deliver again; a new value needs the contract and the feature"
        " specification changed first.",
    ),
)
_RESEND: Final = NextStep(
    "resend_in_declared_unit",
    Told(
        "暂停使用该文件报价，请银行按分（人民币）重报。",
        "Stop pricing from this file and ask the bank to deliver it again in fen.",
    ),
)

STEPS: Final[Mapping[Kind, NextStep]] = {
    "stability": _SOURCE,
    "jump": _SOURCE,
    "missing_change": _SOURCE,
    "unseen_share": _SOURCE,
    "unit_factor": _RESEND,
    "quarantined_share": _FILE,
    "calibration_mean": _REVIEW,
    "calibration_slope": _REVIEW,
    "actual_to_expected": _REVIEW,
    "override_share": _PRACTICE,
    "override_direction": _PRACTICE,
    "override_reason": _PRACTICE,
    "near_cut_off": _PRACTICE,
}

ORIGINS: Final[Mapping[str, Told]] = {
    "same_month_last_year": Told("去年同月", "the same month last year"),
    "training_month": Told("训练样本同月", "the training rows of the same month"),
    "training": Told("训练样本", "the training rows"),
    "first_scored": Told("首次评估时的客户", "the first population it scored"),
    "file_before": Told("上一份文件", "the file before"),
    "predicted": Told("预测", "the prediction"),
    "our": Told("我方报价", "our offer"),
    "rows": Told("该文件全部行", "all rows of the file"),
}

DIRECTIONS: Final[Mapping[str, Told]] = {
    "all": Told("全部偏离", "all that differ"),
    "approved_though_declined": Told("我方拒绝而银行批准", "approved though we declined"),
    "declined_though_offered": Told("我方预授信而银行拒绝", "declined though we offered"),
    "limit_raised": Told("银行提高额度", "limit raised above the offer"),
    "limit_lowered": Told("银行压低额度", "limit lowered below the wish and the offer"),
    "reviewed_by_person": Told("临界个案经人工复核", "near a cut-off and seen by a person"),
}


SECTORS: Final[Mapping[str, Told]] = {
    "fishery": Told("渔业", "fishery"),
    "aquaculture": Told("养殖", "aquaculture"),
    "tourism": Told("旅游", "tourism"),
    "wage": Told("务工", "wage-earning"),
    "trade": Told("商贸", "trade"),
    "other": Told("其他", "other"),
}

KINDS: Final[Mapping[str, Told]] = {
    "stability": Told("分布偏移 PSI", "population stability"),
    "jump": Told("较上一份文件偏移 PSI", "against the file before"),
    "missing_change": Told("缺失率变化", "change of unknown values"),
    "unseen_share": Told("训练中未见的取值", "values new to the model"),
    "unit_factor": Told("疑似单位错误", "probably another unit"),
    "quarantined_share": Told("隔离行占比", "rows set aside"),
    "calibration_mean": Told("实际/预期违约", "actual to expected defaults"),
    "calibration_slope": Told("校准斜率", "calibration slope"),
    "actual_to_expected": Told("分批次实际/预期", "actual to expected by vintage"),
    "override_share": Told("偏离建议占比", "decisions that differ"),
    "override_direction": Told("偏离方向", "direction of difference"),
    "override_reason": Told("偏离理由", "reason of difference"),
    "near_cut_off": Told("临界个案", "near a cut-off"),
}


def kind_name(kind: str) -> Told:
    """What a kind of figure is called."""
    return KINDS[kind]


def subject_name(subject: str, spec: FeatureSpec) -> Told:
    """What a figure is about."""
    if subject == PROBABILITY:
        return Told("违约概率", "default probability")
    sector, slash, rest = subject.partition("/")
    if slash and sector in SECTORS:
        within = subject_name(rest, spec)
        return Told(f"{SECTORS[sector].zh}户·{within.zh}", f"{within.en} of {SECTORS[sector].en} households")
    if subject in spec.names:
        declared = spec.declaration(subject)
        return Told(declared.name_zh, declared.name_en)
    return DIRECTIONS.get(subject, Told(subject, subject))


def told_reference(reference: str) -> Told:
    """What a figure was compared with."""
    origin, _, rest = reference.partition(" ")
    name = ORIGINS.get(origin, Told(origin, origin))
    return name if origin == "our" else Told(f"{name.zh} {rest}".strip(), f"{name.en} {rest}".strip())


def sentence(figure: Figure, spec: FeatureSpec) -> Told:
    """One plain sentence about a figure."""
    return _SENTENCES[figure.kind](figure, subject_name(figure.subject, spec))


def turn_sentence(turn: Turn, spec: FeatureSpec) -> Told:
    """One plain sentence about what became of an alert."""
    if turn.figure is None:
        which, _, subject = turn.key.partition("/")
        name, kind = subject_name(subject, spec), kind_name(which)
        return Told(f"不再超出预警线：{name.zh}（{kind.zh}）。", f"No longer beyond its level: {name.en} ({kind.en}).")
    told = sentence(turn.figure, spec)
    if turn.turn == "closed":
        return Told(f"恢复正常：{told.zh}", f"Back to normal: {told.en}")
    return told


def _stability(figure: Figure, subject: Told) -> Told:
    reference, moved = told_reference(figure.reference), figure.detail.get("most_moved", "")
    before, now = (float(figure.detail.get(name, 0.0)) for name in ("share_before", "share_now"))
    return Told(
        f"“{subject.zh}”的分布与{reference.zh}相比偏移：PSI {figure.measured:.3f}，预警线 {figure.threshold or 0:.3f}；"
        f"变化最大的一组“{moved}”占比由 {before:.1%} 变为 {now:.1%}。",
        f"The distribution of {subject.en} moved against {reference.en}: PSI {figure.measured:.3f}, alert level"
        f" {figure.threshold or 0:.3f}; the group '{moved}' moved most, from {before:.1%} to {now:.1%}.",
    )


def _missing(figure: Figure, subject: Told) -> Told:
    before, now = (float(figure.detail[name]) for name in ("share_before", "share_now"))
    return Told(
        f"“{subject.zh}”未知的比例由 {before:.1%} 变为 {now:.1%}，预警线为变化 {figure.threshold or 0:.1%}。",
        f"{subject.en}: the share of unknown values went from {before:.1%} to {now:.1%}; alert level is a change of"
        f" {figure.threshold or 0:.1%}.",
    )


def _unseen(figure: Figure, subject: Told) -> Told:
    return Told(
        f"“{subject.zh}”有 {figure.measured:.2%} 的取值在训练样本中从未出现。",
        f"{subject.en}: {figure.measured:.2%} of the values never occurred in the training rows.",
    )


def _unit(figure: Figure, subject: Told) -> Told:
    return Told(
        f"“{subject.zh}”的中位数变为上一份文件的 {figure.measured:g} 倍，疑为单位错误（应为分）。",
        f"The median of {subject.en} is {figure.measured:g} times that of the file before: probably another unit"
        " (fen is declared).",
    )


def _quarantined(figure: Figure, subject: Told) -> Told:
    return Told(
        f"最新文件有 {figure.measured:.1%} 的行因“{subject.zh}”被隔离，预警线 {figure.threshold or 0:.1%}。",
        f"{figure.measured:.1%} of the newest file's rows were set aside for {subject.en}; alert level"
        f" {figure.threshold or 0:.1%}.",
    )


def _counted(figure: Figure, subject: Told) -> Told:
    actual, expected = figure.detail["actual"], float(figure.detail["expected"])
    which = Told("已满十二个月的贷款", "Matured loans")
    if figure.kind == "actual_to_expected":
        months = float(figure.detail["months_on_book"])
        which = Told(
            f"{subject.zh} 放款、账龄约 {months:.0f} 个月的贷款",
            f"Loans drawn in {subject.en}, about {months:.0f} months on book",
        )
    return Told(
        f"{which.zh}：实际违约 {actual} 笔，预期 {expected:.1f} 笔（{figure.measured:.2f} 倍，预期区间"
        f" {figure.low or 0:.2f} 至 {figure.high or 0:.2f} 倍）。",
        f"{which.en}: {actual} defaults, {expected:.1f} expected ({figure.measured:.2f} times; expected between"
        f" {figure.low or 0:.2f} and {figure.high or 0:.2f} times).",
    )


def _slope(figure: Figure, _: Told) -> Told:
    return Told(
        f"校准斜率 {figure.measured:.2f}（区间 {figure.low or 0:.2f} 至 {figure.high or 0:.2f}），应接近 1，"
        f"较近的界限为 {figure.threshold or 0:.1f}。",
        f"Calibration slope {figure.measured:.2f} (interval {figure.low or 0:.2f} to {figure.high or 0:.2f}); it should"
        f" lie near 1, the nearer limit is {figure.threshold or 0:.1f}.",
    )


def _override(figure: Figure, subject: Told) -> Told:
    return Told(
        f"{subject.zh}：{figure.detail['count']} 笔，占 {figure.rows} 笔决定的 {figure.measured:.1%}"
        f"（区间 {figure.low or 0:.1%} 至 {figure.high or 0:.1%}）。",
        f"{subject.en}: {figure.detail['count']} of {figure.rows} decisions, {figure.measured:.1%} (interval"
        f" {figure.low or 0:.1%} to {figure.high or 0:.1%}).",
    )


def _near(figure: Figure, _: Told) -> Told:
    reviewed, overridden = figure.detail["reviewed"], figure.detail["overridden"]
    return Told(
        f"临界个案 {figure.rows} 笔，其中人工复核 {reviewed} 笔，偏离我方报价 {overridden} 笔。",
        f"{figure.rows} decisions near a cut-off: {reviewed} seen by a person, {overridden} differ from our offer.",
    )


_SENTENCES: Final[Mapping[Kind, Callable[[Figure, Told], Told]]] = {
    "stability": _stability,
    "jump": _stability,
    "missing_change": _missing,
    "unseen_share": _unseen,
    "unit_factor": _unit,
    "quarantined_share": _quarantined,
    "calibration_mean": _counted,
    "calibration_slope": _slope,
    "actual_to_expected": _counted,
    "override_share": _override,
    "override_direction": _override,
    "override_reason": _override,
    "near_cut_off": _near,
}
