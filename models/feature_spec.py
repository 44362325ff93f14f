"""The declared features of a bank's household file: what each means, which way it may push, and what we tell people.

A feature that is not declared here does not exist for training or serving. Sex, birth date and civility are absent by
choice; household size enters only through income per head. `full` adds the index grade and nothing else.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Final, Literal

Kind = Literal["baseline", "full"]
Consent = Literal["own_records", "income", "bureau", "certificate"]
"""Which permission a value rests on: the bank's own records, authorised income data, authorised bureau query, or the
consent to hand an index certificate to this bank."""

GRADES: Final = ("none", "A", "AA", "AAA")
"""The ordinal of the certificate's grade; no certificate, B, C and withdrawn are one value, `none`."""

SECTORS: Final = ("fishery", "aquaculture", "tourism", "wage", "trade", "other")

MONTHLY_SHARES: Final = tuple(f"monthly_income_share_{month:02d}" for month in range(1, 13))


@dataclass(frozen=True)
class Declaration:
    """One feature.

    Attributes:
        name: Name in the feature matrix and on the scorecard.
        columns: Columns of the bank's household file it is made from.
        unit: Unit of the value; "code" for the position in `levels`.
        direction: +1 when the probability may only rise with the value, -1 when it may only fall, 0 when undeclared.
        levels: Names of the categories, in the order of their codes; empty for numbers.
        special_codes: Values that are no magnitudes, with their meaning; each gets a cell of its own.
        other_reasons: What an applicant is told where there is no magnitude, Chinese and English, by what is appended
            to the feature's name: `unknown`, `unauthorised` or `none`. A feature made of others has none of its own:
            what is told is which of them is not known.
        window_months: Months the value looks back over; 0 for a state of the day or all of the past.
        seasonal: Whether the months of the year move what it counts. Then its window holds whole years, so that a
            household is told apart by its affairs and not by the month it is asked in; `SHORT_WINDOWS` has the
            exceptions.
        missing_means: What an absent value says.
        consents: Permissions the value rests on, all of them needed.
        name_zh: Name shown to Chinese readers.
        name_en: Name shown to English readers.
        reason_zh: What an applicant is told when the feature's magnitude speaks against them; empty where it never may.
        reason_en: The same in English.
    """

    name: str
    columns: tuple[str, ...]
    unit: str
    direction: Literal[-1, 0, 1]
    consents: tuple[Consent, ...]
    missing_means: str
    name_zh: str
    name_en: str
    reason_zh: str
    reason_en: str
    levels: tuple[str, ...] = ()
    special_codes: Mapping[float, str] = field(default_factory=dict)
    other_reasons: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    window_months: int = 0
    seasonal: bool = False


@dataclass(frozen=True)
class FeatureSpec:
    """The ordered features of one kind of model."""

    kind: Kind
    declarations: tuple[Declaration, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """Names in matrix order."""
        return tuple(declaration.name for declaration in self.declarations)

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns of the bank's file that are read, each once, in order of first use."""
        return tuple(dict.fromkeys(column for declaration in self.declarations for column in declaration.columns))

    def declaration(self, name: str) -> Declaration:
        """The declaration called `name`; KeyError when there is none."""
        return {declaration.name: declaration for declaration in self.declarations}[name]

    def reason_texts(self) -> dict[str, tuple[str, str]]:
        """What an applicant is told, Chinese and English, by code: a feature's name, or that with `.unknown`."""
        magnitudes = {one.name: (one.reason_zh, one.reason_en) for one in self.declarations if one.reason_zh}
        others = {f"{one.name}.{kind}": words for one in self.declarations for kind, words in one.other_reasons.items()}
        return magnitudes | others

    def content_hash(self) -> str:
        """SHA-256 (hex) over every declared word, so that any change of the specification shows."""
        content = json.dumps([asdict(one) for one in self.declarations], sort_keys=True, ensure_ascii=False)
        return hashlib.sha256(content.encode()).hexdigest()


NO_INCOME: Final = -1.0
NO_PRIOR_LOAN: Final = -1.0

_NO_INCOME_CODE: Final = {NO_INCOME: "authorised income is zero: no ratio exists"}
_INCOME_UNKNOWN: Final = "income not authorised or not known"
_BUREAU_UNKNOWN: Final = "bureau query not authorised"

SHORT_WINDOWS: Final[Mapping[str, tuple[str, str]]] = {
    "bureau_queries_6m": (
        "征信机构只提供近6个月查询次数；旺季（年关、夏季）申请较多，故其季节影响须在监控中按同月比较",
        "the bureau counts six months; demand peaks in summer and at New Year: monitoring compares the same months",
    ),
}
"""Seasonal features whose window is no whole year, and why they are kept nevertheless: Chinese, English."""

BASELINE_DECLARATIONS: Final = (
    Declaration(
        name="sector",
        columns=("sector",),
        unit="code",
        direction=0,
        consents=("own_records",),
        missing_means="sector not recorded",
        name_zh="主要行业",
        name_en="main line of work",
        reason_zh="所在行业整体还款风险高于平均",
        reason_en="repayment is riskier than average in this line of work",
        other_reasons={"unknown": ("主要行业未登记", "the main line of work is not recorded")},
        levels=SECTORS,
    ),
    Declaration(
        name="annual_income_fen",
        columns=("annual_income_fen",),
        unit="fen per trailing 12 months",
        direction=-1,
        consents=("income",),
        missing_means=_INCOME_UNKNOWN,
        name_zh="家庭年收入",
        name_en="household income",
        reason_zh="家庭年收入较低",
        reason_en="household income is low",
        other_reasons={
            "unknown": ("家庭收入未知", "household income is not known"),
            "unauthorised": ("未授权查询家庭收入", "looking up household income is not authorised"),
        },
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="income_per_head_fen",
        columns=("annual_income_fen", "adults", "minors"),
        unit="fen per person and trailing 12 months",
        direction=-1,
        consents=("income",),
        missing_means=_INCOME_UNKNOWN,
        name_zh="人均收入",
        name_en="income per head",
        reason_zh="家庭人均收入较低",
        reason_en="income per head is low",
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="income_stability",
        columns=("income_stability",),
        unit="share 0..1",
        direction=-1,
        consents=("income",),
        missing_means=_INCOME_UNKNOWN,
        name_zh="收入稳定性",
        name_en="stability of income",
        reason_zh="收入不够稳定",
        reason_en="income is unsteady",
        other_reasons={
            "unknown": ("收入稳定性未知", "how steady income is is not known"),
            "unauthorised": ("未授权查询收入稳定性", "looking up how steady income is is not authorised"),
        },
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="seasonal_concentration",
        columns=MONTHLY_SHARES,
        unit="share 0 (even) .. 1 (one month)",
        direction=0,
        consents=("income",),
        missing_means=_INCOME_UNKNOWN,
        name_zh="收入季节集中度",
        name_en="seasonal concentration of income",
        reason_zh="收入集中在少数月份",
        reason_en="income is concentrated in few months",
        other_reasons={
            "unknown": ("各月收入未知", "which months bring income is not known"),
            "unauthorised": ("未授权查询各月收入", "looking up which months bring income is not authorised"),
        },
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="lean_months",
        columns=MONTHLY_SHARES,
        unit="months with less than half of an average month's income",
        direction=0,
        consents=("income",),
        missing_means=_INCOME_UNKNOWN,
        name_zh="淡季月数",
        name_en="lean months",
        reason_zh="全年收入偏低的月份较多",
        reason_en="many months of the year bring little income",
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="months_with_bank",
        columns=("months_with_bank",),
        unit="months",
        direction=-1,
        consents=("own_records",),
        missing_means="no account with this bank",
        name_zh="在本行开户月数",
        name_en="months with this bank",
        reason_zh="与本行往来时间较短",
        reason_en="short history with this bank",
        other_reasons={"unknown": ("尚未在本行开户", "no account with this bank yet")},
    ),
    Declaration(
        name="deposit_average_12m_fen",
        columns=("deposit_average_12m_fen",),
        unit="fen, average of 12 months",
        direction=-1,
        consents=("own_records",),
        missing_means="no deposit account with this bank",
        name_zh="近12个月平均存款",
        name_en="average deposits",
        reason_zh="近12个月平均存款较低",
        reason_en="average deposits of the last 12 months are low",
        other_reasons={"unknown": ("尚无本行存款账户", "no deposit account with this bank yet")},
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="settlement_inflow_12m_fen",
        columns=("settlement_inflow_12m_fen",),
        unit="fen per trailing 12 months",
        direction=-1,
        consents=("own_records",),
        missing_means="no settlement account with this bank",
        name_zh="近12个月结算流入",
        name_en="account inflow",
        reason_zh="近12个月账户结算流入较低",
        reason_en="account inflow of the last 12 months is low",
        other_reasons={"unknown": ("尚无本行结算账户", "no settlement account with this bank yet")},
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="months_inflow_positive_12m",
        columns=("months_inflow_positive_12m",),
        unit="months of the trailing 12",
        direction=-1,
        consents=("own_records",),
        missing_means="no settlement account with this bank",
        name_zh="有流入的月数",
        name_en="months with inflow",
        reason_zh="近12个月有结算流入的月份较少",
        reason_en="few of the last 12 months had account inflow",
        other_reasons={"unknown": ("账户流入月份未登记", "the months with account inflow are not recorded")},
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="unsecured_debt_fen",
        columns=("unsecured_debt_fen",),
        unit="fen, household exposure",
        direction=1,
        consents=("bureau",),
        missing_means=_BUREAU_UNKNOWN,
        name_zh="户内敞口",
        name_en="household exposure",
        reason_zh="户内敞口较高",
        reason_en="household exposure is high",
        other_reasons={
            "unknown": ("户内敞口未知", "household exposure is not known"),
            "unauthorised": ("未授权查询户内敞口", "looking up household exposure is not authorised"),
        },
    ),
    Declaration(
        name="debt_to_income",
        columns=("unsecured_debt_fen", "annual_income_fen"),
        unit="years of income",
        direction=1,
        consents=("bureau", "income"),
        missing_means="debt or income not known",
        name_zh="户内敞口收入比",
        name_en="household exposure to income",
        reason_zh="户内敞口相对收入较高",
        reason_en="household exposure is high for the income",
        special_codes=_NO_INCOME_CODE,
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="inflow_to_income",
        columns=("settlement_inflow_12m_fen", "annual_income_fen"),
        unit="ratio",
        direction=0,
        consents=("income",),
        missing_means="inflow or income not known",
        name_zh="流入收入比",
        name_en="inflow to income",
        reason_zh="账户流入占收入的比例较低",
        reason_en="little of the income is seen on the account",
        special_codes=_NO_INCOME_CODE,
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="deposit_cover_months",
        columns=("deposit_average_12m_fen", "annual_income_fen"),
        unit="months of income held as deposits",
        direction=-1,
        consents=("income",),
        missing_means="deposits or income not known",
        name_zh="存款可覆盖收入月数",
        name_en="months of income held as deposits",
        reason_zh="存款相对收入较少",
        reason_en="deposits are small for the income",
        special_codes=_NO_INCOME_CODE,
        window_months=12,
        seasonal=True,
    ),
    Declaration(
        name="other_lenders",
        columns=("other_lenders",),
        unit="lenders",
        direction=1,
        consents=("bureau",),
        missing_means=_BUREAU_UNKNOWN,
        name_zh="户内敞口分布（处）",
        name_en="places of household exposure",
        reason_zh="户内敞口较为分散",
        reason_en="household exposure is spread out",
        other_reasons={
            "unknown": ("户内敞口的分布未知", "how household exposure is spread is not known"),
            "unauthorised": (
                "未授权查询户内敞口的分布",
                "looking up how household exposure is spread is not authorised",
            ),
        },
    ),
    Declaration(
        name="max_days_past_due_24m",
        columns=("max_days_past_due_24m",),
        unit="days",
        direction=1,
        consents=("own_records",),
        missing_means="no repayment history of 24 months",
        name_zh="近24个月最长逾期天数",
        name_en="longest delay in 24 months",
        reason_zh="近24个月在本行还款有延迟",
        reason_en="payments to this bank were late in the last 24 months",
        other_reasons={"unknown": ("近24个月没有还款记录", "no repayment record of the last 24 months")},
        window_months=24,
        seasonal=True,
    ),
    Declaration(
        name="bureau_queries_6m",
        columns=("bureau_queries_6m",),
        unit="queries",
        direction=1,
        consents=("bureau",),
        missing_means=_BUREAU_UNKNOWN,
        name_zh="近6个月征信查询次数",
        name_en="bureau queries in 6 months",
        reason_zh="近6个月征信查询较多",
        reason_en="many credit enquiries in the last 6 months",
        other_reasons={
            "unknown": ("征信查询次数未知", "the number of credit enquiries is not known"),
            "unauthorised": ("未授权查询征信", "looking up credit enquiries is not authorised"),
        },
        window_months=6,
        seasonal=True,
    ),
    Declaration(
        name="years_in_trade",
        columns=("years_in_trade",),
        unit="years",
        direction=-1,
        consents=("own_records",),
        missing_means="years in trade not recorded",
        name_zh="从业年限",
        name_en="years in trade",
        reason_zh="从业年限较短，会随时间增加",
        reason_en="few years in this line of work, which time will add to",
        other_reasons={"unknown": ("从业年限未登记", "years in this line of work are not recorded")},
    ),
    Declaration(
        name="owns_vessel",
        columns=("owns_vessel",),
        unit="0 or 1",
        direction=0,
        consents=("own_records",),
        missing_means="vessel not recorded",
        name_zh="自有渔船",
        name_en="owns a vessel",
        reason_zh="渔船情况对应的风险高于平均",
        reason_en="the vessel situation goes with a risk above average",
        other_reasons={"unknown": ("渔船情况未登记", "whether there is a vessel is not recorded")},
    ),
    Declaration(
        name="prior_loans",
        columns=("prior_loans",),
        unit="loans",
        direction=0,
        consents=("own_records",),
        missing_means="loan history not recorded",
        name_zh="既往贷款笔数",
        name_en="earlier loans",
        reason_zh="按时结清的既往贷款较少",
        reason_en="few earlier loans were repaid on time",
        other_reasons={"unknown": ("既往贷款情况未登记", "earlier loans are not recorded")},
    ),
    Declaration(
        name="repaid_on_time_share",
        columns=("prior_loans_repaid_on_time", "prior_loans"),
        unit="share 0..1 of earlier loans",
        direction=-1,
        consents=("own_records",),
        missing_means="loan history not recorded",
        name_zh="既往贷款按时结清比例",
        name_en="earlier loans repaid on time",
        reason_zh="既往贷款按时结清比例较低",
        reason_en="a small share of earlier loans was repaid on time",
        other_reasons={"none": ("尚无既往贷款记录", "no earlier loan yet")},
        special_codes={NO_PRIOR_LOAN: "no earlier loan"},
    ),
)

GRADE_DECLARATION: Final = Declaration(
    name="grade",
    columns=("grade",),
    unit="position in none, A, AA, AAA",
    direction=-1,
    consents=("certificate",),
    missing_means="never missing: no certificate is `none`",
    name_zh="诚信文明等级",
    name_en="index grade",
    reason_zh="",
    reason_en="",
)

_SPECS: Final[Mapping[Kind, FeatureSpec]] = {
    "baseline": FeatureSpec("baseline", BASELINE_DECLARATIONS),
    "full": FeatureSpec("full", (*BASELINE_DECLARATIONS, GRADE_DECLARATION)),
}


def declared_features(kind: Kind) -> FeatureSpec:
    """The features of one kind of model: `baseline` (bank data only) or `full` (with the grade)."""
    return _SPECS[kind]
