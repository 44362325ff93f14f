"""Policies side by side on the simulator's truth: the same households, chances and year under each, seed by seed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import numpy as np
from scipy.stats import t as student

from experiments.optimise_policy.cells import Assumptions, risks_of, sums_by_grade, use_of
from experiments.optimise_policy.households import Chance, Portfolio, decided, draw_portfolio, offers_on
from experiments.optimise_policy.planning import economics_on, programme_cap_yuan
from experiments.optimise_policy.settings import BankLimits, Economics, OptimiserConfig
from experiments.optimise_policy.worlds import BankView, with_grade
from experiments.optimise_policy.yearly import Risks, terms_of, yearly
from experiments.simulation.arrays import Floats
from experiments.simulation.behaviour import Behaviour
from experiments.simulation.config import SimulationConfig
from models.policy import GRADES, Policy
from models.policy_loader import PolicyEdition

Sums = Mapping[str, Floats]
"""Every measure by grade (4 each)."""

_BP: Final = 10_000
_LEVEL: Final = 0.975


@dataclass(frozen=True, slots=True)
class Spread:
    """A mean over seeds with its 95 % interval (Student's t)."""

    mean: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> "Spread":
        """Of one value per seed; a single seed has no interval."""
        known = np.array([value for value in values if np.isfinite(value)])
        if not len(known):
            return cls(np.nan, np.nan, np.nan)
        mean, count = float(known.mean()), len(known)
        if count == 1:
            return cls(mean, np.nan, np.nan)
        half = float(student.ppf(_LEVEL, count - 1) * known.std(ddof=1) / count**0.5)
        return cls(mean, mean - half, mean + half)

    def content(self) -> dict[str, float | None]:
        """For JSON, which knows no NaN."""
        return {
            name: value if np.isfinite(value) else None
            for name, value in (("mean", self.mean), ("low", self.low), ("high", self.high))
        }


@dataclass(frozen=True, eq=False, slots=True)
class Trial:
    """What each policy brought in each seed.

    Attributes:
        sums: By policy, one mapping per seed: measures by grade, and `truly_saved_yuan`, what the grade's true risk
            saves on signed lines at equal bank risk.
        seeds: The seeds.
    """

    sums: Mapping[str, Sequence[Sums]]
    seeds: tuple[int, ...]


FIGURES: Final[Mapping[str, tuple[str, str, str | None, float]]] = {
    "offers": ("有报价户数 households with an offer", "offers", None, 1),
    "signers": ("签约户数 households signing", "signers", None, 1),
    "profit": ("年利润（元） yearly profit (yuan)", "profit_yuan", None, 1),
    "loss": ("预期损失（元） expected loss (yuan)", "loss_yuan", None, 1),
    "loss_bp": ("损失率 loss of the drawn balance (bp)", "loss_yuan", "drawn_yuan", _BP),
    "capital": ("资本占用（元） capital (yuan)", "capital_yuan", None, 1),
    "discount": ("利率优惠（元） discount given (yuan)", "discount_yuan", None, 1),
    "bonus_cost": ("加成成本（元） cost of the bonus (yuan)", "bonus_cost_yuan", None, 1),
    "incentive": ("计入激励（元） booked as incentive (yuan)", "incentive_yuan", None, 1),
    "incentive_share": ("激励占加成 incentive part of the bonus", "incentive_yuan", "bonus_cost_yuan", 1),
    "truly_paid_share": ("真实风险抵补 part its true risk pays for", "truly_saved_yuan", "bonus_cost_yuan", 1),
    "bonus_share": ("到手加额 bonus reached, of the baseline line", "bonus_line_yuan", "baseline_line_yuan", 1),
    "mean_line": ("平均额度（元） mean line (yuan)", "line_yuan", "signers", 1),
    "mean_rate": ("平均利率 mean rate (bp, by drawn balance)", "interest_yuan", "drawn_yuan", _BP),
}
"""Figures of the comparison: words, measure, what it is divided by, unit."""


def trial(
    config: OptimiserConfig,
    world: SimulationConfig,
    behaviour: Behaviour,
    view: BankView,
    policies: Mapping[str, tuple[PolicyEdition, date]],
    told: Callable[[str], None],
) -> Trial:
    """Let every policy meet the truth of every seed.

    Args:
        config: how many seeds and households, and how households answer terms in truth.
        world: the simulated world.
        behaviour: how households use offers.
        view: the bank's models, learned before and not again.
        policies: by name, each with the day on which it prices.
        told: takes progress.
    """
    plan = config.comparison
    seeds = tuple(range(plan.first_seed, plan.first_seed + plan.seeds))
    sums: dict[str, list[Sums]] = {name: [] for name in policies}
    for seed in seeds:
        portfolio = draw_portfolio(world, behaviour, view, seed, plan.households)
        for name, (edition, day) in policies.items():
            sums[name].append(outcome(config, portfolio, edition, day, view))
        told(f"种子 seed {seed}: " + ", ".join(f"{name} {_total(sums[name][-1]):,.0f}" for name in policies))
    return Trial(sums, seeds)


def outcome(
    config: OptimiserConfig, portfolio: Portfolio, edition: PolicyEdition, day: date, view: BankView
) -> dict[str, Floats]:
    """What one policy brings on one portfolio in truth, by grade (4 each)."""
    given = Assumptions(config.responses.actual, economics_on(edition.policy, day), config.capital)
    offers = offers_on(portfolio, edition, day)
    kept, terms = offers.offered, terms_of(offers)
    shown = with_grade(portfolio.probability, portfolio.grade, view.worth.shown)
    risks, grade = (
        risks_of(Risks(portfolio.probability, shown, portfolio.true_probability), kept),
        portfolio.grade[kept],
    )
    chance = Chance(portfolio.chance.signs[kept], portfolio.chance.draws[kept])
    use = decided(use_of(portfolio.use, kept), chance, terms, given.responses)
    measures = yearly(terms, risks, use, given.responses, given.economics, given.capital)
    saved = truly_saved_yuan(measures["line_yuan"], risks, given.economics) * (grade > 0)
    return sums_by_grade({**measures, "truly_saved_yuan": saved}, grade, portfolio.weight)


def truly_saved_yuan(line_yuan: Floats, risks: Risks, economics: Economics) -> Floats:
    """What lower true risk at equal bank risk saves on signed lines; what all signers err alike is nobody's merit."""
    everybody = (line_yuan @ risks.actual) / max(float(line_yuan @ risks.priced), 1e-9)
    saved: Floats = line_yuan * (everybody * risks.priced - risks.actual) * economics.loss_given_default
    return saved


def table_of(one: Trial, policy: str, against: str | None = None) -> dict[str, dict[str, dict[str, float | None]]]:
    """Every figure of a policy, for all and by grade, with intervals over seeds.

    Args:
        one: the trial.
        policy: whose figures.
        against: with this policy taken off, seed by seed: the interval is that of the paired difference.
    """
    groups: dict[str, Any] = {"all": slice(None), **{grade: [at] for at, grade in enumerate(GRADES)}}
    told: dict[str, dict[str, dict[str, float | None]]] = {}
    for name in FIGURES:
        told[name] = {}
        for group, rows in groups.items():
            values = [_figure(name, sums, rows) for sums in one.sums[policy]]
            if against:
                values = [
                    value - _figure(name, sums, rows) for value, sums in zip(values, one.sums[against], strict=True)
                ]
            told[name][group] = Spread.of(values).content()
    return told


def broken_shares(one: Trial, policy: str, rules: Policy, day: date, limits: BankLimits) -> dict[str, float]:
    """Share of seeds in which a policy breaks each limit, and any of them."""
    broken = [dict(_broken(sums, rules, day, limits)) for sums in one.sums[policy]]
    shares = {name: float(np.mean([seed[name] for seed in broken])) for name in broken[0]}
    return {**shares, "any": float(np.mean([any(seed.values()) for seed in broken]))}


def _broken(sums: Sums, rules: Policy, day: date, limits: BankLimits) -> Iterator[tuple[str, bool]]:
    total = {name: float(values.sum()) for name, values in sums.items()}
    incentive = rules.incentive_budget.on(day).annual_cap_yuan if rules.incentive_budget else 0
    bonus = rules.bonus_budget.on(day).annual_cap_yuan if rules.bonus_budget else 0
    yield "expected_loss", total["loss_yuan"] * _BP > limits.expected_loss_bp * total["drawn_yuan"]
    yield "capital", total["capital_yuan"] > limits.capital_yuan
    yield "incentive_budget", max(total["incentive_yuan"], total["below_cost_yuan"]) > incentive
    yield "bonus_budget", total["bonus_line_yuan"] > bonus
    yield "programme_cap", total["baseline_line_yuan"] > programme_cap_yuan(rules, day)


def _figure(name: str, sums: Sums, rows: Any) -> float:
    _, measure, per, unit = FIGURES[name]
    above = float(sums[measure][rows].sum())
    if per is None:
        return above
    below = float(sums[per][rows].sum())
    return unit * above / below if below else np.nan


def _total(sums: Sums) -> float:
    return float(sums["profit_yuan"].sum())
