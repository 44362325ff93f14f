"""One bank's policy as it stands on one business date: plain numbers and small arrays, ready to interpret."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from models.lpr import LprTable, LprTenor
from models.policy import (
    CERTAINTY_PPM,
    DECISIONS,
    GRADES,
    LONGEST_TERM_MONTHS,
    SECTORS,
    EligibilityRule,
    GradeBonus,
    Policy,
    Purpose,
    RepaymentPlan,
    RiskBand,
    SectorTerms,
    WidestInterval,
)
from models.probability_interval import WidthPolicy
from models.repayment_plans import fewest_parts, months_due
from models.terms_errors import PolicyNotInForceError

Int = NDArray[np.int64]


@dataclass(frozen=True)
class Bands:
    """Risk bands as parallel arrays, safest first; `from_ppm[0]` is 0 and the last band ends at 1,000,000."""

    codes: tuple[str, ...]
    from_ppm: Int
    outcome: Int
    multiple_milli: Int
    spread_bp: Int


@dataclass(frozen=True)
class Sectors:
    """Sectors in the order of `models.policy.SECTORS`; month arrays are (sectors, 12), January first."""

    purpose: Int
    plan: Int
    stress_milli: Int
    typical_share_ppm: Int


@dataclass(frozen=True)
class Plans:
    """Repayment plans of the day.

    Attributes:
        codes: their codes.
        at_once: whether principal falls due all at once, in the last of its months (plans).
        principal_due: 1 where principal may fall due, (plans, 12), January first.
        longest_term_months: (plans).
        parts: in how many parts principal falls due at least, by plan and term in months,
            (plans, LONGEST_TERM_MONTHS + 1); 0 where the term is too short for the plan.
    """

    codes: tuple[str, ...]
    at_once: NDArray[np.bool_]
    principal_due: Int
    longest_term_months: Int
    parts: Int


@dataclass(frozen=True)
class Affordability:
    """The parameters of the month-by-month test, money in fen a month."""

    adult_fen: int
    minor_fen: int
    debt_service_milli: int
    repayment_share_milli: int
    carry_months: int


@dataclass(frozen=True)
class DayPolicy:
    """Everything the interpreter needs, resolved for a business date; caps in fen, rates in basis points."""

    bank_code: str
    edition: str
    business_date: date
    valid_until: date
    rules: tuple[EligibilityRule, ...]
    bands: Bands
    widest_interval: WidthPolicy | None
    unstable_income_milli: int
    assumed_stability_milli: int
    assumed_debt_milli: int
    hard_cap_fen: int
    household_cap_fen: int
    household_cap_unknown_debt_fen: int
    minimum_limit_fen: int
    limit_step_fen: int
    purposes: tuple[Purpose, ...]
    purpose_cap_fen: Int
    purpose_term_months: Int
    plans: Plans
    sectors: Sectors
    affordability: Affordability
    lpr_tenor: LprTenor
    lpr_bp: int
    fixed_cost_bp: int
    loss_given_default_milli: int
    limit_bonus_milli: Int  # (bands, grades)
    rate_discount_bp: Int  # (bands, grades)
    budget_code: str
    gap_cap_bp: int

    @property
    def lowest_rate_bp(self) -> int:
        """The rate without a grade of the safest band at no risk at all: nobody without a grade pays less."""
        return max(self.lpr_bp + int(self.bands.spread_bp[0]), self.fixed_cost_bp)

    @property
    def rule_columns(self) -> frozenset[str]:
        """Columns the eligibility rules read."""
        return frozenset(rule.column for rule in self.rules)


@lru_cache(maxsize=64)
def policy_on(policy: Policy, lpr: LprTable, day: date) -> DayPolicy:
    """Resolve a policy and the LPR for a business date.

    Raises:
        PolicyNotInForceError: a value has no period covering the day.
        LprDayMissingError: the LPR table has no quote for the day (`LprTableEndsError` when it stops before).
    """
    if day < policy.effective_from:
        raise PolicyNotInForceError(("effective_from",), policy.effective_from, f"asked for {day}")
    purposes, plans = policy.purposes.on(day), policy.repayment_plans.on(day)
    budget = policy.incentive_budget.on(day) if policy.incentive_budget else None
    tenor = policy.lpr_tenor.on(day)
    bands, widest = _bands(policy.bands.on(day)), policy.widest_interval
    bonuses = [_in_band(band, policy.grade_bonuses.on(day)) for band in policy.bands.on(day)]
    return DayPolicy(
        bank_code=policy.bank_code,
        edition=policy.edition,
        business_date=day,
        valid_until=day + timedelta(days=policy.offer_validity.on(day)),
        rules=policy.eligibility.on(day),
        bands=bands,
        widest_interval=_width_policy(widest.on(day), bands) if widest else None,
        unstable_income_milli=policy.unstable_income_counted.on(day),
        assumed_stability_milli=policy.assumed_stability.on(day),
        assumed_debt_milli=policy.assumed_debt_share.on(day),
        hard_cap_fen=policy.hard_cap.fen_on(day),
        household_cap_fen=policy.household_cap.fen_on(day),
        household_cap_unknown_debt_fen=policy.household_cap_unknown_debt.fen_on(day),
        minimum_limit_fen=policy.minimum_limit.fen_on(day),
        limit_step_fen=policy.limit_step.fen_on(day),
        purposes=purposes,
        purpose_cap_fen=_array(purpose.cap_yuan * 100 for purpose in purposes),
        purpose_term_months=_array(purpose.term_months for purpose in purposes),
        plans=_plans(plans),
        sectors=_sectors(policy.sectors.on(day), purposes, plans),
        affordability=_affordability(policy, day),
        lpr_tenor=tenor,
        lpr_bp=lpr.rate_bp(tenor, day),
        fixed_cost_bp=policy.fixed_cost_bp_on(day),
        loss_given_default_milli=policy.loss_given_default.on(day),
        limit_bonus_milli=_array([row.limit_bonus_milli if row else 0 for row in rows] for rows in bonuses),
        rate_discount_bp=_array([row.rate_discount_bp if row else 0 for row in rows] for rows in bonuses),
        budget_code=budget.code if budget else "",
        gap_cap_bp=budget.gap_cap_bp if budget else 0,
    )


def _array(numbers: Iterable[int] | Iterable[Sequence[int]]) -> Int:
    array = np.array(list(numbers), dtype=np.int64)
    array.setflags(write=False)
    return array


def _bands(rows: tuple[RiskBand, ...]) -> Bands:
    return Bands(
        codes=tuple(row.code for row in rows),
        from_ppm=_array(row.from_ppm for row in rows),
        outcome=_array(DECISIONS.index(row.outcome) for row in rows),
        multiple_milli=_array(row.income_multiple_milli for row in rows),
        spread_bp=_array(row.spread_bp for row in rows),
    )


def _in_band(band: RiskBand, rows: tuple[GradeBonus, ...]) -> list[GradeBonus | None]:
    """Return what each grade adds in a band, in the order of GRADES; None where nothing is lent."""
    held = {row.grade: row for row in rows if row.holds_in(band)}
    return [held[grade] if band.outcome == "offer" else None for grade in GRADES]


def _plans(rows: tuple[RepaymentPlan, ...]) -> Plans:
    return Plans(
        codes=tuple(row.code for row in rows),
        at_once=np.array([row.kind == "interest_only" for row in rows]),
        principal_due=_array(months_due(row.principal_months) for row in rows),
        longest_term_months=_array(row.longest_term_months for row in rows),
        parts=_array(_parts(row) for row in rows),
    )


def _parts(plan: RepaymentPlan) -> list[int]:
    """Return in how many parts principal falls due at least, by term."""
    due = months_due(plan.principal_months)
    parts = [fewest_parts(due, term) for term in range(LONGEST_TERM_MONTHS + 1)]
    return [min(one, 1) for one in parts] if plan.kind == "interest_only" else parts


def _width_policy(widest: WidestInterval, bands: Bands) -> WidthPolicy:
    declining = bands.from_ppm[bands.outcome == DECISIONS.index("decline")]
    return WidthPolicy(
        widest=widest.widest_ppm / CERTAINTY_PPM,
        cut_off=float(declining[0]) / CERTAINTY_PPM if len(declining) else None,
        widest_at_cut_off=widest.widest_at_cut_off_ppm / CERTAINTY_PPM,
    )


def _sectors(rows: tuple[SectorTerms, ...], purposes: tuple[Purpose, ...], plans: tuple[RepaymentPlan, ...]) -> Sectors:
    by_sector = {row.sector: row for row in rows}
    ordered = [by_sector[sector] for sector in SECTORS]
    purpose_codes, plan_codes = [purpose.code for purpose in purposes], [plan.code for plan in plans]
    return Sectors(
        purpose=_array(purpose_codes.index(row.offered_purpose) for row in ordered),
        plan=_array(plan_codes.index(row.repayment_plan) for row in ordered),
        stress_milli=_array(row.stress_milli for row in ordered),
        typical_share_ppm=_array(row.typical_share_milli for row in ordered) * 1000,
    )


def _affordability(policy: Policy, day: date) -> Affordability:
    return Affordability(
        adult_fen=policy.living_cost_adult_monthly.fen_on(day),
        minor_fen=policy.living_cost_minor_monthly.fen_on(day),
        debt_service_milli=policy.debt_service_monthly.on(day),
        repayment_share_milli=policy.repayment_share.on(day),
        carry_months=policy.carry.on(day),
    )
