"""What a household can do at its bank for better terms, each step quoted by the path that prices offers, in words."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Final, Self

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store.household_figures import with_figures
from loan_service.bank.store.households import offer_inputs
from loan_service.bank.store.promotions import live
from loan_service.bank.store.tables import log
from loan_service.bank.views.offer_inputs import without_grades
from loan_service.bank.views.policies import policy_in_force
from loan_service.bank.views.pricing import price_figures
from loan_service.bank.views.recourse_words import outcome_of, sentence_of
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.connection import Connection
from loan_service.foundation.transparency import sealed_position
from models.day_policy import DayPolicy, policy_on
from models.offers import Offers
from models.recourse import Candidates, bank_recourse
from models.recourse_answer import Aspect, BankRecourse, Path, Terms, Wish
from models.terms_errors import TermOutsidePlanError, Words

_KEYS: Final = frozenset({"household_ref", "household_key"})


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Said(_Read):
    """A sentence in both languages."""

    zh: str
    en: str

    @classmethod
    def of(cls, words: Words) -> Self:
        """The same words, with names where they leave the house."""
        return cls(zh=words.zh, en=words.en)


class BankStep(_Read):
    """One thing a household can do at its bank, as the bank's own path quotes it today."""

    kind: str = Field(description="wait, debt_repaid, longer_term, other_purpose, bureau_authorised ...")
    sentence: Said = Field(description="what is done")
    outcome: tuple[Said, ...] = Field(description="what comes of it, and what it does not change")
    certain: bool = Field(description="whether it follows from what the bank knows")
    amount: int = Field(description="fen, or months where months are counted")
    decision: str
    limit_fen: int
    rate_bp: int
    saved_fen: int | None = Field(
        description="yearly interest saved on today's line without grade; null: no offer now or then, or less borrowed"
    )
    better: tuple[Aspect, ...]
    same: tuple[Aspect, ...]
    worse: tuple[Aspect, ...]


class HouseholdRecourse(_Read):
    """What a household's bank-side steps would bring today; waiting is always the first of them."""

    bank_code: str
    household_ref: str
    as_of: date
    decision: str
    limit_fen: int
    rate_bp: int
    longest_term: bool = Field(description="whether the term is the longest there is for this purpose")
    steps: tuple[BankStep, ...]


def household_recourse(
    connection: Connection,
    bank_code: str,
    household_ref: str,
    as_of: date,
    *,
    wish: Wish,
    purposes: Sequence[str] = (),
    civility_input: bool = True,
) -> HouseholdRecourse:
    """Steps for one household, priced by what is in force and known today.

    Args:
        connection: an open transaction of the bank wing.
        bank_code: the bank.
        household_ref: the bank's own key.
        as_of: the business date.
        wish: what the household would ask for.
        purposes: what else it would really use the money for.
        civility_input: whether grades are looked at here.

    Raises:
        NotFoundError: the bank's files do not know the household (`household.unknown`).
        RefusedError: two rows stand for it (`household.two_borrowers`), the bank has no live baseline model
            (`model.none_live`) or no policy in force (`policy.none_in_force`), or does not lend for such a purpose or
            term (`recourse.unknown`).
    """
    edition = policy_in_force(connection, bank_code, as_of)
    day = policy_on(edition.policy, edition.lpr, as_of)
    promotions = live(connection, bank_code, as_of)
    if "baseline" not in promotions:
        raise RefusedError(
            "model.none_live", f"{bank_code} has no live baseline model", f"{bank_code}没有在用的基础模型"
        )
    row = _row(connection, bank_code, household_ref, as_of)
    household = with_figures(row if civility_input else without_grades(row))

    def quote(candidates: Candidates) -> Offers:
        # Rows that are only supposed stand for themselves: by their keys they would seem to be many borrowers of one
        # household.
        supposed = candidates.households.drop_columns(sorted(_KEYS))
        return price_figures(
            supposed,
            {"baseline": promotions["baseline"]},
            edition,
            day,
            purposes=candidates.purposes,
            terms_months=candidates.terms_months,
            reasons=False,
        ).offers

    try:
        found = bank_recourse(household, quote, wish, _known_purposes(purposes, day))
    except TermOutsidePlanError as error:
        raise RefusedError(
            "recourse.unknown",
            f"a term is {error.shortest} to {error.longest} months here, not {error.value}",
            f"期限须为{error.shortest}至{error.longest}个月，不能是{error.value}个月",
            "ask for a term within these months",
        ) from error
    return _told(bank_code, household_ref, as_of, found, day)


def _row(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> pa.Table:
    inputs = offer_inputs(connection, bank_code, as_of, sealed_position(connection, log), household_ref)
    rows = inputs.filter(pc.equal(inputs["household_ref"], household_ref))
    if not rows.num_rows:
        raise NotFoundError("household.unknown", f"no household {household_ref}", f"无此户 {household_ref}")
    if rows["shared"][0].as_py():
        raise RefusedError(
            "household.two_borrowers",
            "two rows of the bank stand for this household; nothing the household does changes that",
            "银行里有两条记录指向这一户，先要理清",
            "ask the bank which of them is the borrower",
        )
    return rows


def _known_purposes(purposes: Collection[str], day: DayPolicy) -> list[str]:
    codes = [purpose.code for purpose in day.purposes]
    unknown = sorted(set(purposes) - set(codes))
    if unknown:
        raise RefusedError(
            "recourse.unknown", f"no such purpose: {unknown[0]}", f"没有这种用途：{unknown[0]}", ", ".join(codes)
        )
    return list(purposes)


def _told(bank_code: str, household_ref: str, as_of: date, found: BankRecourse, day: DayPolicy) -> HouseholdRecourse:
    titles = {purpose.code: Words(purpose.title_zh, purpose.title_en) for purpose in day.purposes}
    today = found.today
    return HouseholdRecourse(
        bank_code=bank_code,
        household_ref=household_ref,
        as_of=as_of,
        decision=today.decision,
        limit_fen=today.limit_fen,
        rate_bp=today.rate_bp,
        longest_term=found.longest_term,
        steps=tuple(_step(path, today, titles) for path in found.paths),
    )


def _step(path: Path, today: Terms, titles: Mapping[str, Words]) -> BankStep:
    return BankStep(
        kind=path.move.kind,
        sentence=Said.of(sentence_of(path, titles)),
        outcome=tuple(map(Said.of, outcome_of(path, today))),
        certain=path.certain,
        amount=path.move.amount,
        decision=path.terms.decision,
        limit_fen=path.terms.limit_fen,
        rate_bp=path.terms.rate_bp,
        saved_fen=path.saved_fen,
        better=path.better,
        same=path.same,
        worse=path.worse,
    )
