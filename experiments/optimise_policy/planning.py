"""One bank's problem, made of its policy, its households and the declared limits; and what was chosen."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

import numpy as np

from experiments.optimise_policy.cells import Assumptions, Cells, expected, tabulated
from experiments.optimise_policy.households import Portfolio, offers_on
from experiments.optimise_policy.problem import Amounts, Choice, Limit, Problem
from experiments.optimise_policy.settings import BankLimits, Economics, OptimiserConfig
from experiments.optimise_policy.solving import solve
from experiments.optimise_policy.worlds import GradeWorth, planning_risks
from experiments.optimise_policy.yearly import Risks
from experiments.simulation.arrays import Flags, Floats, Ints
from models.expected_loss import expected_loss_bp
from models.policy import Policy, RiskBand
from models.policy_loader import PolicyEdition

_BP: Final = 10_000
_NO_LIMIT: Final = float("inf")
_LEAST_GENEROUS_YUAN: Final = 1.0
"""A step of bonus or discount that hardly changes anything costs this much: of near equals the smallest is chosen."""

_SMALLER: Final = ("提高限额或减少加额菜单", "raise the limit, or take the larger items off the menus")
_BUDGET: Final = ("提高政策中的年度预算", "raise the yearly budget in the policy")
_FEWER: Final = (
    "放宽户数下限、放宽其他限额或扩大菜单",
    "ask for fewer households, raise other limits or widen the menus",
)


@dataclass(frozen=True, eq=False, slots=True)
class Plan:
    """One bank's choice, ready to be made.

    Attributes:
        cells: What each choice brings.
        problem: What the solver is told, of which only the objective and a floor under households are still open.
        hand_written: Every measure under the policy that stands, by grade (4 each).
        risks: What was planned with (n).
        optimality_gap: Share of the objective by which a better choice may be missed.
    """

    cells: Cells
    problem: Problem
    hand_written: dict[str, Floats]
    risks: Risks
    optimality_gap: float

    @property
    def signers_now(self) -> float:
        """Included households under the policy that stands."""
        return float(self.hand_written["signers"].sum())

    def best(self, household_worth_yuan: float, *, least_signers: float = 0.0) -> Choice:
        """The best choice for a worth of one more included household, with at least so many of them.

        Raises:
            UnmeetableConstraintsError: the limits cannot all be kept.
        """
        return solve(self.valued(household_worth_yuan, least_signers=least_signers), self.optimality_gap)

    def valued(self, household_worth_yuan: float, *, least_signers: float = 0.0) -> Problem:
        """The problem with its objective: profit, and what included households are worth."""
        steps = np.indices(self.problem.shape)[2:].sum(axis=0)
        worth = self.cells.chosen["profit_yuan"] + household_worth_yuan * self.cells.chosen["signers"]
        floor = (self._no_fewer(least_signers),) if least_signers else ()
        return replace(self.problem, worth=worth - _LEAST_GENEROUS_YUAN * steps, limits=(*self.problem.limits, *floor))

    def totals(self, choice: Choice) -> dict[str, float]:
        """Every measure under a choice."""
        return {name: self.amounts(name).of(choice) for name in self.cells.chosen}

    def amounts(self, name: str) -> Amounts:
        """One measure of every choice."""
        return Amounts(self.cells.chosen[name], self.cells.without[name])

    def _no_fewer(self, least: float) -> Limit:
        return Limit("纳入户数 included households", self.amounts("signers"), least, "at_least", _FEWER)


def economics_on(policy: Policy, day: date) -> Economics:
    """Costs of the policy on a day."""
    return Economics(policy.fixed_cost_bp_on(day), policy.loss_given_default.on(day) / 1000)


def assumptions_of(config: OptimiserConfig, policy: Policy, day: date) -> Assumptions:
    """What is planned with."""
    return Assumptions(config.responses.assumed, economics_on(policy, day), config.capital)


def plan_for(
    config: OptimiserConfig, portfolio: Portfolio, edition: PolicyEdition, day: date, worth: GradeWorth
) -> Plan:
    """Make one bank's problem.

    Args:
        config: the declared numbers.
        portfolio: households to plan on.
        edition: the policy that stands, with the LPR.
        day: the pricing day.
        worth: what training showed of the grade.
    """
    given, policy = assumptions_of(config, edition.policy, day), edition.policy
    risks = planning_risks(portfolio.probability, portfolio.grade, worth)
    bonuses = config.menus.limit_bonus_milli if policy.bonus_budget else np.zeros(1, dtype=np.int64)
    menus = (bonuses, config.menus.rate_discount_bp)
    cells = tabulated(portfolio, edition, day, risks, given, menus=menus)
    limits = tuple(limits_of(cells, policy, day, config.limits[policy.bank_code]))
    bands = [band for band in policy.bands.on(day) if band.outcome == "offer"]
    problem = Problem(
        bands=tuple(band.code for band in bands),
        multiple_milli=np.array([band.income_multiple_milli for band in bands]),
        spread_bp=np.array([band.spread_bp for band in bands]),
        limit_bonus_milli=menus[0],
        rate_discount_bp=menus[1],
        allowed=allowed_discounts(edition, day, bands, menus[1]),
        most_brackets=config.menus.most_brackets,
        least_grade_steps=config.menus.least_grade_steps,
        worth=cells.chosen["profit_yuan"],
        limits=limits,
    )
    hand_written = expected(portfolio, offers_on(portfolio, edition, day), risks, given)
    return Plan(cells, problem, hand_written, risks, config.optimality_gap)


def limits_of(cells: Cells, policy: Policy, day: date, limits: BankLimits) -> Iterator[Limit]:
    """Every limit of a bank: its own, and the budgets and the cap of its policy; a budget not there is none."""
    incentive = policy.incentive_budget.on(day).annual_cap_yuan if policy.incentive_budget else 0
    bonus = policy.bonus_budget.on(day).annual_cap_yuan if policy.bonus_budget else 0

    def sums(name: str, times: float = 1.0) -> Amounts:
        return Amounts(times * cells.chosen[name], times * cells.without[name])

    yield Limit(
        "预期损失 expected loss in a bad year (of the drawn balance)",
        sums("loss_yuan", limits.loss_prudence),
        limits.expected_loss_bp / _BP,
        "at_most",
        _SMALLER,
        per=sums("drawn_yuan"),
    )
    capital = sums("capital_yuan", limits.capital_prudence)
    yield Limit("资本 capital in a busy year (yuan)", capital, limits.capital_yuan, "at_most", _SMALLER)
    yield Limit("激励预算 incentive budget (yuan)", sums("incentive_yuan"), incentive, "at_most", _BUDGET)
    yield Limit("低于成本 below cost (yuan)", sums("below_cost_yuan"), incentive, "at_most", _BUDGET)
    yield Limit("加额预算 bonus budget (yuan)", sums("bonus_line_yuan"), bonus, "at_most", _BUDGET)
    cap = programme_cap_yuan(policy, day)
    if cap < _NO_LIMIT:
        yield Limit("项目总额 programme cap (yuan)", sums("baseline_line_yuan"), cap, "at_most", _SMALLER)


def programme_cap_yuan(policy: Policy, day: date) -> float:
    """The cap on baseline lines of the whole programme; infinite without one."""
    rows = policy.portfolio_caps.on(day) if policy.portfolio_caps else ()
    return min((float(row.cap_yuan) for row in rows if row.scope == "programme"), default=_NO_LIMIT)


def allowed_discounts(edition: PolicyEdition, day: date, bands: list[RiskBand], menu_bp: Ints) -> Flags:
    """Which discounts each band may have (bands, discounts): what falls below cost, at the worst the gap cap covers.

    The worst are the band's riskiest household and the lowest LPR from the day on, as `models.policy_checks` has it.
    """
    policy, tenor = edition.policy, edition.policy.lpr_tenor.on(day)
    lowest = min(quote.rate_bp(tenor) for quote in edition.lpr.quotes if quote.until > day)
    covered = policy.incentive_budget.on(day).gap_cap_bp if policy.incentive_budget else 0
    loss = [expected_loss_bp(band.until_ppm - 1, policy.loss_given_default.on(day)) for band in bands]
    spreads = np.array([band.spread_bp for band in bands])
    most: Floats = lowest + spreads - policy.fixed_cost_bp_on(day) - np.array(loss) + covered
    return np.asarray(menu_bp[None, :] <= most[:, None])
