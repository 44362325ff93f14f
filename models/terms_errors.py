"""The named errors of policies, LPR tables and preapproval: one tree below `models.errors.ModelsError`.

TermsError
├── PolicyError               one thing wrong in one file: knows file, line, place, value and remedy
│   ├── PolicySyntaxError, DuplicateKeyError, WrongShapeError, WrongUnitError, MissingOriginError
│   ├── PeriodEmptyError, PeriodGapError, PeriodOverlapError, PolicyNotInForceError
│   ├── BandGapError, BandOverlapError, BandOrderError
│   ├── NegativeBonusError, BonusOrderError, BonusMissingError, BonusTwiceError, BonusBandError
│   ├── BonusBandOrderError, BonusNeedsBudgetError, PriceBelowCostError, PriceNeedsBudgetError
│   ├── CapAboveLegalError, CapBelowMinimumError, NotBankDataError, DuplicateCodeError, ReplacesItselfError
│   ├── SectorMissingError, PurposeMissingError, SharesOffTotalError
│   ├── PlanMissingError, BulletTooLongError, TermTooShortError
│   ├── PortfolioScopeError, PortfolioCapAboveProgrammeError
│   └── LprDayMissingError, LprTableEndsError
├── BrokenPolicyError         everything wrong in one file, as a tuple of PolicyErrors
├── CasesMissingError         a folder holds no policy cases
├── UnrepeatableQuoteError    the same row was quoted differently alone and among others
└── InputError                the caller's columns cannot be read
    ├── MissingHouseholdColumnError, UnequalLengthError, UnknownGradeError, BadProbabilityError
    └── UnknownPurposeError, TermOutsidePlanError, UnknownStandingError, MissingReasonTextError
"""

from __future__ import annotations

from typing import ClassVar, NamedTuple, Self

from models.errors import ModelsError


class Words(NamedTuple):
    """The same sentence for people, Chinese first."""

    zh: str
    en: str


Place = tuple[str | int, ...]
"""Where in a file a value stands: keys and list positions from the top."""


class TermsError(ModelsError):
    """Anything that stops terms from being computed."""


class PolicyError(TermsError):
    """One thing wrong in a policy or LPR file.

    Attributes:
        place: keys and positions from the top of the file.
        value: what stands there.
        file: the file's name, empty until a loader has located the error.
        line: the line counted from 1, 0 until located.
    """

    problem: ClassVar[Words] = Words("政策文件有误", "the policy file is wrong")
    remedy: ClassVar[Words] = Words("请更正该值", "correct the value")

    def __init__(self, place: Place, value: object, detail: str = "", *, file: str = "", line: int = 0) -> None:
        self.place, self.value, self.detail, self.file, self.line = place, value, detail, file, line
        super().__init__(place, value, detail)

    def located(self, file: str, line: int) -> Self:
        """Return the same error knowing its file and line."""
        return type(self)(self.place, self.value, self.detail, file=file, line=line)

    def __str__(self) -> str:
        place = ".".join(str(step) for step in self.place) or "(top)"
        detail = f" ({self.detail})" if self.detail else ""
        return (
            f"{self.file or '?'}:{self.line}: {type(self).__name__}: {place} = {self.value!r}{detail}. "
            f"{self.problem.zh}；{self.remedy.zh}。 / {self.problem.en}; {self.remedy.en}."
        )


class PolicySyntaxError(PolicyError):
    """The file is not YAML."""

    problem = Words("文件不是有效的YAML", "the file is not valid YAML")
    remedy = Words("请检查缩进和引号", "check indentation and quotes")


class DuplicateKeyError(PolicyError):
    """A mapping names a key twice, so one value would silently win."""

    problem = Words("同一项写了两次", "the same key stands twice")
    remedy = Words("请删去其中一个", "remove one of them")


class WrongShapeError(PolicyError):
    """A field is missing, unknown or of the wrong type."""

    problem = Words("字段缺失、多余或类型不符", "a field is missing, unknown or of the wrong type")
    remedy = Words("请按说明填写该字段", "write the field as documented in models.policy")


class WrongUnitError(PolicyError):
    """A value is given in a unit its rule does not use."""

    problem = Words("单位不符", "the unit is not the one this value is read in")
    remedy = Words("请换算后改写单位", "convert the value and write the expected unit")


class MissingOriginError(PolicyError):
    """A value has no tagged origin or legal basis."""

    problem = Words("未注明来源标记", "the origin carries no tag such as [P] or [V]")
    remedy = Words("请写明来源并加标记", "write where the value comes from and tag it")


class PeriodEmptyError(PolicyError):
    """A period ends on or before the day it begins."""

    problem = Words("期间为空", "the period ends before it begins")
    remedy = Words("请使until晚于from", "make `until` later than `from` (half-open)")


class PeriodGapError(PolicyError):
    """Days between two periods are covered by none."""

    problem = Words("期间之间有空档", "days between two periods are covered by none")
    remedy = Words("请使后一期间从前一期间结束日开始", "begin the period on the day the one before ends")


class PeriodOverlapError(PolicyError):
    """A day is covered by two periods."""

    problem = Words("期间重叠", "a day is covered by two periods")
    remedy = Words("请使后一期间从前一期间结束日开始", "begin the period on the day the one before ends")


class BandGapError(PolicyError):
    """Some probability lies in no risk band."""

    problem = Words("风险档之间有空档", "some probability lies in no risk band")
    remedy = Words("各档须首尾相接并覆盖0至1000000", "let the bands join and cover 0 to 1000000 ppm")


class BandOverlapError(PolicyError):
    """Some probability lies in two risk bands."""

    problem = Words("风险档重叠", "some probability lies in two risk bands")
    remedy = Words("各档须首尾相接", "begin each band where the one before ends")


class BandOrderError(PolicyError):
    """A riskier band is treated better than a safer one."""

    problem = Words("风险高的档条件反而更优", "a riskier band gets better terms than a safer one")
    remedy = Words("倍数应递减、加点应递增", "let multiples fall and spreads rise from band to band")


class NegativeBonusError(PolicyError):
    """A grade would lower a limit or raise a rate."""

    problem = Words("等级优惠不得为负", "a grade may only add, never take away")
    remedy = Words("请改为0或正数", "write 0 or a positive number")


class BonusOrderError(PolicyError):
    """A higher grade gets less than a lower one."""

    problem = Words("高等级的优惠低于低等级", "a higher grade gets less than a lower one")
    remedy = Words("优惠应随等级递增", "let the bonus rise with the grade")


class BonusMissingError(PolicyError):
    """A grade gets nothing stated in a band that is lent to: neither a bonus nor a zero."""

    problem = Words("该等级在某风险档没有规定", "the grade has no row for a band that is lent to")
    remedy = Words("请补上该档，没有优惠写0", "add a row that covers the band, with 0 for no bonus")


class BonusTwiceError(PolicyError):
    """Two rows speak of the same grade in the same band."""

    problem = Words("同一等级同一档规定了两次", "two rows speak of the same grade and band")
    remedy = Words("请删去其中一个", "keep one of them")


class BonusBandError(PolicyError):
    """A bonus is given in a band that does not exist or is not lent to."""

    problem = Words("风险档不存在或不放款", "the band does not exist or is not lent to")
    remedy = Words("请改用bands中放款的档", "name bands whose outcome is offer")


class BonusBandOrderError(PolicyError):
    """With a grade's bonus a riskier band is treated better than a safer one."""

    problem = Words("加上优惠后风险高的档反而更优", "with the bonus a riskier band gets better terms than a safer one")
    remedy = Words(
        "加额后倍数应递减、优惠后加点应递增", "let multiples with the bonus fall and spreads less the discount rise"
    )


class BonusNeedsBudgetError(PolicyError):
    """A grade adds to limits and no named budget says how much of that a year may bear."""

    problem = Words("有加额却没有年度加额预算", "a grade adds to limits and no bonus budget caps the year")
    remedy = Words("请设立bonus_budget", "name a `bonus_budget` with its annual_cap_yuan")


class PriceBelowCostError(PolicyError):
    """A band's own price is below its cost."""

    problem = Words("该档价格低于成本", "the band's price is below its cost")
    remedy = Words("请提高该档加点", "raise the band's spread")


class PriceNeedsBudgetError(PolicyError):
    """A grade's discount goes below cost and no named budget covers the gap."""

    problem = Words("优惠后价格低于成本且无预算", "the discounted price is below cost and no budget covers it")
    remedy = Words(
        "请设立有上限的激励预算", "name an incentive budget whose gap_cap_bp covers the gap, or discount less"
    )


class CapAboveLegalError(PolicyError):
    """A cap exceeds a legal or programme-wide cap."""

    problem = Words("上限超过法定或项目上限", "the cap exceeds the legal or programme cap")
    remedy = Words("请降低该上限", "lower the cap")


class CapBelowMinimumError(PolicyError):
    """A cap is below the smallest line, so that nothing could ever be offered under it."""

    problem = Words("上限低于最低额度", "the cap is below the smallest line")
    remedy = Words("请提高上限或降低最低额度", "raise the cap or lower minimum_limit")


class NotBankDataError(PolicyError):
    """An eligibility rule reads something other than the bank's own data on the household."""

    problem = Words("准入规则只能读取银行数据", "eligibility may read the bank's own data only")
    remedy = Words("请改用允许的字段", "use a column of models.household_facts.RULE_COLUMNS")


class DuplicateCodeError(PolicyError):
    """Two rows share one code."""

    problem = Words("代码重复", "two rows share one code")
    remedy = Words("请更名", "rename one of them")


class SectorMissingError(PolicyError):
    """A sector of the household file has no row."""

    problem = Words("缺少行业", "a sector of the household file has no row")
    remedy = Words("请补上该行业", "add the sector")


class PurposeMissingError(PolicyError):
    """A sector offers a purpose the policy does not know."""

    problem = Words("用途未定义", "the purpose is not defined")
    remedy = Words("请在purposes中补上", "add it to `purposes`")


class PlanMissingError(PolicyError):
    """A sector repays by a plan the policy does not know."""

    problem = Words("还款计划未定义", "the repayment plan is not defined")
    remedy = Words("请在repayment_plans中补上", "add it to `repayment_plans`")


class BulletTooLongError(PolicyError):
    """Principal that falls due all at once may wait a year at most."""

    problem = Words("到期一次还本不得超过12个月", "principal due at once may wait 12 months at most (L1)")
    remedy = Words("请缩短最长期限", "shorten longest_term_months")


class TermTooShortError(PolicyError):
    """A term may pass without any month in which the plan repays principal."""

    problem = Words("期限内可能没有还本月份", "the term may contain no month in which principal falls due")
    remedy = Words("请延长期限或增加还本月份", "lengthen the term or add principal months")


class PortfolioScopeError(PolicyError):
    """A portfolio cap names what its scope does not have."""

    problem = Words("组合上限的范围与代码不符", "the cap's code does not fit its scope")
    remedy = Words("全项目不写代码，行业须为六类之一", "no code for the programme; a sector must be one of the six")


class PortfolioCapAboveProgrammeError(PolicyError):
    """A village or a sector may carry more than the whole programme."""

    problem = Words("村或行业上限高于全项目上限", "a village or sector may carry more than the whole programme")
    remedy = Words("请降低该上限", "lower the cap")


class ReplacesItselfError(PolicyError):
    """An edition claims to replace itself."""

    problem = Words("版本不能替代自己", "an edition cannot replace itself")
    remedy = Words("请写被替代的旧版本或null", "name the edition before, or null")


class SharesOffTotalError(PolicyError):
    """Typical monthly shares do not make a whole year."""

    problem = Words("月度占比合计不为1000", "monthly shares do not sum to 1000")
    remedy = Words("请调整占比", "adjust the shares")


class LprDayMissingError(PolicyError):
    """The LPR table has no quote for a day."""

    problem = Words("该日没有LPR报价", "the LPR table has no quote for this day")
    remedy = Words("请补充LPR表", "add the quote to policies/lpr.yaml")


class LprTableEndsError(LprDayMissingError):
    """The LPR table ends before the pricing day."""

    problem = Words("LPR表在定价日前已结束", "the LPR table ends before the pricing day")


class PolicyNotInForceError(PolicyError):
    """No period of a value covers the day."""

    problem = Words("该日没有生效的值", "no period covers this day")
    remedy = Words("请补充生效期间", "add a period that covers it")


class BrokenPolicyError(TermsError):
    """Everything found wrong in one file."""

    def __init__(self, errors: tuple[PolicyError, ...]) -> None:
        self.errors = errors
        super().__init__(errors)

    def __str__(self) -> str:
        return "\n".join(str(error) for error in self.errors)


class CasesMissingError(TermsError):
    """A folder holds no policy cases."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        super().__init__(f"{folder}: 没有信贷政策用例，请指定文件夹 / no policy cases, name the folder that holds them")


class UnrepeatableQuoteError(TermsError):
    """The same row was quoted differently alone and among others."""

    def __init__(self, kind: str) -> None:
        self.kind = kind
        super().__init__(f"{kind}复算不一致 / the path {kind!r} is not quoted again as it was found")


class InputError(TermsError):
    """The caller's columns cannot be read."""


class MissingHouseholdColumnError(InputError):
    """A column the policy reads is absent."""

    def __init__(self, column: str) -> None:
        self.column = column
        super().__init__(f"缺少列{column} / the households have no column {column!r}")


class UnequalLengthError(InputError):
    """Two columns differ in length."""

    def __init__(self, column: str, expected: int, found: int) -> None:
        self.column, self.expected, self.found = column, expected, found
        super().__init__(f"{column}有{found}行，应为{expected}行 / {column} has {found} rows, expected {expected}")


class UnknownGradeError(InputError):
    """A grade is none of none, A, AA, AAA; anything else must never reach a bank."""

    def __init__(self, row: int, value: object) -> None:
        self.row, self.value = row, value
        super().__init__(f"第{row}行等级{value!r}无效 / row {row}: {value!r} is not one of none, A, AA, AAA")


class BadProbabilityError(InputError):
    """A probability is missing or outside 0 to 1."""

    def __init__(self, row: int, value: float) -> None:
        self.row, self.value = row, value
        super().__init__(f"第{row}行违约概率{value!r}无效 / row {row}: probability {value!r} is not within 0 to 1")


class UnknownPurposeError(InputError):
    """A wanted purpose is not in the policy of the day."""

    def __init__(self, row: int, value: object) -> None:
        self.row, self.value = row, value
        super().__init__(f"第{row}行用途{value!r}未定义 / row {row}: purpose {value!r} is not in the policy")


class TermOutsidePlanError(InputError):
    """A wanted term is longer than purpose and plan allow, or too short to contain a month that repays principal."""

    def __init__(self, row: int, value: object, shortest: int, longest: int) -> None:
        self.row, self.value, self.shortest, self.longest = row, value, shortest, longest
        super().__init__(
            f"第{row}行期限{value!r}须在{shortest}至{longest}个月 / "
            f"row {row}: a term of {value!r} months is not within {shortest} to {longest}"
        )


class UnknownStandingError(InputError):
    """What is said to be in a borrower's way is nothing the household rule knows."""

    def __init__(self, row: int, value: object) -> None:
        self.row, self.value = row, value
        super().__init__(
            f"第{row}行借款人状态{value!r}未定义 / row {row}: {value!r} is no standing of the household rule"
        )


class MissingReasonTextError(InputError):
    """A feature may become a reason but has no text."""

    def __init__(self, feature: str) -> None:
        self.feature = feature
        super().__init__(f"特征{feature}没有理由文字 / feature {feature!r} has no reason text")
