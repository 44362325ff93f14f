"""A bank's lending policy as dated data: who is eligible, how far, at what price and what a grade adds.

Every value is a parameter with unit, origin and half-open periods (see `models.dated`). The policy holds numbers and
texts only; `models.preapproval` interprets them, `models.policy_checks` finds what is wrong with them and
`models.policy_loader` opens the files.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Final, Literal, get_args

from pydantic import Field

from models.dated import BasisPoints, Days, Frozen, Milli, Months, Origin, Parameter, Table, Yuan
from models.lpr import LprTenor

Grade = Literal["none", "A", "AA", "AAA"]
GRADES: Final[tuple[Grade, ...]] = get_args(Grade)
"""The only grades a bank can see, lowest first; B, C, not enrolled and withdrawn are all `none`."""

Sector = Literal["fishery", "aquaculture", "tourism", "wage", "trade", "other"]
SECTORS: Final[tuple[Sector, ...]] = get_args(Sector)

Decision = Literal["offer", "refer", "decline"]
DECISIONS: Final[tuple[Decision, ...]] = get_args(Decision)
"""Mildest first: a household gets the severest outcome of the rules it fails."""

LONGEST_TERM_MONTHS: Final = 120
"""No personal loan runs longer (personal-loan rules, 10 years [S])."""

CERTAINTY_PPM: Final = 1_000_000
WHOLE_MILLI: Final = 1000

NonNegative = Annotated[int, Field(ge=0)]
Year = Annotated[tuple[Annotated[int, Field(ge=0, le=5000)], ...], Field(min_length=12, max_length=12)]
"""Twelve monthly numbers, January first."""


class EligibilityRule(Frozen):
    """One knockout on one column of the bank's own data.

    `text_zh` and `text_en` may quote `{at_least}` and `{at_most}`, so that a number stands once.
    """

    code: str
    column: str
    unit: str
    at_least: int | None = None
    at_most: int | None = None
    otherwise: Literal["refer", "decline"]
    unknown: Literal["pass", "refer", "decline"]
    text_zh: str
    text_en: str
    origin: Origin


class RiskBand(Frozen):
    """Probabilities from `from_ppm` (included) to `until_ppm` (excluded) in millionths, and what they get."""

    code: str
    from_ppm: Annotated[int, Field(ge=0, le=1_000_000)]
    until_ppm: Annotated[int, Field(ge=0, le=1_000_000)]
    outcome: Decision
    income_multiple_milli: NonNegative = 0
    spread_bp: int = 0


class WidestInterval(Frozen):
    """How closely a probability must be known for a machine to decide; beyond that a person does.

    `widest_at_cut_off_ppm` binds where the interval reaches from below the first declining band into it: there the
    doubt itself decides.
    """

    widest_ppm: Annotated[int, Field(gt=0, le=1_000_000)]
    widest_at_cut_off_ppm: Annotated[int, Field(gt=0, le=1_000_000)]


class GradeBonus(Frozen):
    """What one grade adds in some bands: thousandths of the income line, and basis points off the rate.

    Without `bands` the row holds for every band that is lent to.
    """

    grade: Grade
    bands: Annotated[tuple[str, ...], Field(min_length=1)] | None = None
    limit_bonus_milli: int
    rate_discount_bp: int

    def holds_in(self, band: RiskBand) -> bool:
        """Say whether the row speaks of a band."""
        return band.outcome == "offer" and (self.bands is None or band.code in self.bands)


class Purpose(Frozen):
    """What the money may be used for, how much and for how long."""

    code: str
    title_zh: str
    title_en: str
    channel: Literal["production", "consumer_online", "consumer_branch"]
    cap_yuan: NonNegative
    term_months: Annotated[int, Field(gt=0, le=LONGEST_TERM_MONTHS)]
    origin: Origin


class RepaymentPlan(Frozen):
    """When principal falls due: in equal parts in every one of its months, or all at once in the last of them.

    Interest on what is owed falls due every month. `principal_months` are calendar months, January is 1.
    """

    code: str
    title_zh: str
    title_en: str
    kind: Literal["equal_principal", "interest_only"]
    principal_months: Annotated[tuple[Annotated[int, Field(ge=1, le=12)], ...], Field(min_length=1)]
    longest_term_months: Annotated[int, Field(gt=0, le=LONGEST_TERM_MONTHS)]
    origin: Origin


class SectorTerms(Frozen):
    """How a sector earns and repays: its plan, its stressed and its typical year.

    `stress_milli` multiplies a household's own monthly income; `typical_share_milli` stands in, declared as an
    assumption on the offer, when the household's own monthly shares are unknown.
    """

    sector: Sector
    offered_purpose: str
    repayment_plan: str
    stress_milli: Year
    typical_share_milli: Year
    origin: Origin


class IncentiveBudget(Frozen):
    """A named, capped sum that pays for rates below cost.

    `gap_cap_bp` binds each offer; `annual_cap_yuan` binds the year and is checked under lock when a contract is signed,
    so that an offer never depends on who asked before.
    """

    code: str
    title_zh: str
    title_en: str
    gap_cap_bp: NonNegative
    annual_cap_yuan: NonNegative


PortfolioScope = Literal["programme", "village", "sector"]


class PortfolioCap(Frozen):
    """How much of baseline limits a bank signs in the programme, a village or a sector, contracts not ended.

    `code` names one village or sector; empty, the cap holds for each of them, and always for the whole programme.
    """

    scope: PortfolioScope
    code: str = ""
    cap_yuan: NonNegative
    origin: Origin


class BonusBudget(Frozen):
    """A named sum of bonus limits that may be signed in a calendar year; baseline limits never draw on it."""

    code: str
    title_zh: str
    title_en: str
    annual_cap_yuan: NonNegative


class Tenor(Parameter[LprTenor]):
    """The LPR tenor that prices the line."""

    unit: Literal["tenor"]


class Policy(Frozen):
    """One edition of one bank's policy; `models.day_policy.policy_on` resolves it for a business date.

    It prices from `effective_from` on; `replaces` names the edition of the same bank it was written against.
    """

    bank_code: str
    edition: str
    effective_from: date
    replaces: str | None = None
    title_zh: str
    title_en: str

    eligibility: Table[tuple[EligibilityRule, ...]]

    bands: Table[tuple[RiskBand, ...]]
    widest_interval: Table[WidestInterval] | None = None
    unstable_income_counted: Milli
    assumed_stability: Milli
    assumed_debt_share: Milli

    hard_cap: Yuan
    online_consumer_cap: Yuan
    household_cap: Yuan
    household_cap_unknown_debt: Yuan
    minimum_limit: Yuan
    limit_step: Yuan
    purposes: Table[tuple[Purpose, ...]]

    repayment_plans: Table[tuple[RepaymentPlan, ...]]
    sectors: Table[tuple[SectorTerms, ...]]
    living_cost_adult_monthly: Yuan
    living_cost_minor_monthly: Yuan
    debt_service_monthly: Milli
    repayment_share: Milli
    carry: Months

    lpr_tenor: Tenor
    funding_cost: BasisPoints
    operation_cost: BasisPoints
    capital_cost: BasisPoints
    loss_given_default: Milli
    grade_bonuses: Table[tuple[GradeBonus, ...]]
    incentive_budget: Table[IncentiveBudget] | None = None
    bonus_budget: Table[BonusBudget] | None = None
    portfolio_caps: Table[tuple[PortfolioCap, ...]] | None = None

    offer_validity: Days

    def parameters(self) -> dict[str, Parameter[object]]:
        """Return every dated parameter by its name in the file."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        return {name: value for name, value in values.items() if isinstance(value, Parameter)}

    def fixed_cost_bp_on(self, day: date) -> int:
        """Return funding, operation and capital cost of a day in basis points (domain.md section 4)."""
        return self.funding_cost.on(day) + self.operation_cost.on(day) + self.capital_cost.on(day)
