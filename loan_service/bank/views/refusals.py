"""Why our own checks stopped something before it went to the bank, hold it up, or changed its terms, in words."""

from collections.abc import Mapping
from typing import Final

from pydantic import BaseModel, ConfigDict

from models.household_rule import STANDINGS
from models.term_reasons import TERM_REASONS


class Refusal(BaseModel):
    """A stable code and its sentence in both languages."""

    model_config = ConfigDict(frozen=True)

    code: str
    zh: str
    en: str


_SENTENCES: Final[Mapping[str, tuple[str, str]]] = {
    "offer_unknown": ("没有这份预授信", "There is no such offer"),
    "offer_of_another_household": ("这份预授信属于另一户", "The offer is another household's"),
    "nothing_offered": ("本户没有可申请的额度", "Nothing was offered to this household"),
    "offer_expired": ("预授信已过期", "The offer has expired"),
    "limit_above_offer": ("申请额度高于预授信", "More is asked for than was offered"),
    "bonus_not_chosen": (
        "申请高于基础额度；请选择加额，或减少金额",
        "More than the baseline limit is asked for: choose the bonus, or ask for less",
    ),
    "purpose_unknown": ("没有这种用途", "There is no such purpose"),
    "limit_above_purpose_cap": ("申请额度高于该用途上限", "More is asked for than this purpose allows"),
    "authorisation_missing": ("缺少必要授权", "A necessary authorisation is missing"),
    "application_open": ("本户已有申请在办", "The household's earlier application is still open"),
    "household_has_contract": (
        "本户或视同一户者已有合同（一户一贷）",
        "The household, or one that counts as one with it, already holds a contract of the programme",
    ),
    **{code: TERM_REASONS[code] for code in STANDINGS},
    "decision_above_offer": ("银行批复高于预授信", "The bank's decision is above the offer"),
    "programme_cap_reached": (
        "项目额度已满，正在排队，无需再申请",
        "The programme's cap has no room: the approval waits, nothing need be done",
    ),
    "village_cap_reached": (
        "本村额度已满，正在排队，无需再申请",
        "The village's cap has no room: the approval waits, nothing need be done",
    ),
    "sector_cap_reached": (
        "本行业额度已满，正在排队，无需再申请",
        "The sector's cap has no room: the approval waits, nothing need be done",
    ),
    "bonus_budget_spent": (
        "今年加额预算不足，加额减少，基础额度不变",
        "This year's bonus budget no longer holds the whole bonus; the baseline limit stays",
    ),
    "incentive_budget_spent": (
        "优惠预算已用完，利率优惠只到成本为止",
        "The incentive budget is spent: the discount ends at cost",
    ),
    "contract_closed": ("合同已结清", "The contract is closed"),
    "contract_matured": ("合同已到期", "The contract has matured"),
    "above_available": ("高于可用额度", "More than is available"),
    "reference_used": ("流水号已用于另一笔", "The reference stands for something else already"),
}


def refusal_of(code: str | None) -> Refusal | None:
    """The refusal behind a code; None where nothing was refused, the code itself where it is not ours."""
    if code is None:
        return None
    chinese, english = _SENTENCES.get(code, (code, code))
    return Refusal(code=code, zh=chinese, en=english)
