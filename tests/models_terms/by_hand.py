"""The same policy read one household at a time, in plain whole numbers, from the words of the programme alone.

It knows nothing of how `models` computes: bands, months and ledger rows are worked out here as a banker would on paper.
"""

from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from math import isfinite
from typing import Any, NamedTuple

from models.lpr import LprTable
from models.policy import GRADES, SECTORS, EligibilityRule, GradeBonus, Policy, RepaymentPlan

MOST = 10**12
SEVERITY = {"offer": 0, "refer": 1, "decline": 2}
MONTHS = range(12)


@dataclass
class Answer:
    """What one household is told."""

    decision: str = "offer"
    band: str = ""
    purpose: str = ""
    term_months: int = 0
    affordability_fen: int = 0
    worst_month: int = 0
    baseline_limit_fen: int = 0
    base_rate_bp: int = 0
    left_after_repayment_fen: int = 0
    incentive_gap_bp: int = 0
    by_grade: list[tuple[int, int, int]] = field(default_factory=lambda: [(0, 0, 0)] * 4)
    limit_rows: list[tuple[str, int]] = field(default_factory=list)
    rate_rows: list[tuple[str, int]] = field(default_factory=list)


class Wish(NamedTuple):
    """What a household would rather have than what its sector is offered."""

    purpose: str | None = None
    term: int | None = None


def number(raw: Any, scale: int = 1) -> int | None:
    """A figure as a whole number, None where nobody knows it."""
    if raw is None or not isfinite(raw):
        return None
    return max(-MOST, min(MOST, round(raw * scale)))


def ceil(numerator: int, denominator: int) -> int:
    return -(-numerator // denominator)


def age_on(born: int, day: date) -> int:
    birth = date.fromordinal(date(1970, 1, 1).toordinal() + born)
    leap_born = (birth.month, birth.day) == (2, 29)
    leap_year = day.year % 4 == 0 and (day.year % 100 != 0 or day.year % 400 == 0)
    birthday = (2, 28) if leap_born and not leap_year else (birth.month, birth.day)
    return day.year - birth.year - ((day.month, day.day) < birthday)


def parts_of(plan: RepaymentPlan, term: int) -> int:
    """In how many parts principal falls due at least, whichever month the line is drawn in."""
    if plan.kind == "interest_only":
        return 1
    return min(sum((start + step) % 12 + 1 in plan.principal_months for step in range(term)) for start in MONTHS)


def tightest(paper: "Paper", months: list[int]) -> tuple[int, ...]:
    """Last month of the stretch that can repay least, what it can repay, what is free in it, what falls due in it."""
    carry, share = paper.policy.carry.on(paper.day), paper.policy.repayment_share.on(paper.day)
    part = ceil(10**6, parts_of(paper.plan, paper.term))
    found = []
    for last in MONTHS:
        stretch = [(last - back) % 12 for back in range(carry)]
        free = sum(months[month] for month in stretch)
        principal = sum(month + 1 in paper.plan.principal_months for month in stretch) * part
        due = max(min(principal, 10**6), 1) + ceil(paper.base_rate * 100 * carry, 12)
        usable = min(max(free, 0), MOST) * share // 1000
        found.append((Fraction(usable, due), last, usable * 10**6 // due, free, due))
    return min(found)[1:]


def rule_findings(rule: EligibilityRule, value: int | None) -> list[tuple[str, str]]:
    if value is None:
        return [] if rule.unknown == "pass" else [(rule.code, rule.unknown)]
    scale = 100 if rule.unit == "yuan" else 1
    low = rule.at_least is not None and value < rule.at_least * scale
    high = rule.at_most is not None and value > rule.at_most * scale
    return [(rule.code, rule.otherwise)] if low or high else []


class Paper:
    """One household's sheet: figures first, then its year, then its line."""

    def __init__(
        self, policy: Policy, lpr: LprTable, day: date, house: dict[str, Any], probability: float, wish: Wish
    ) -> None:
        self.policy, self.day, self.house = policy, day, house
        self.adults, self.minors = number(house["adults"]), number(house["minors"])
        self.yearly, self.debt = number(house["annual_income_fen"]), number(house["unsecured_debt_fen"])
        self.group = number(house.get("group_contracts_fen"))
        self.sector_known = house["sector"] in SECTORS
        sector = house["sector"] if self.sector_known else "other"
        self.sector = next(row for row in policy.sectors.on(day) if row.sector == sector)
        wanted = wish.purpose or self.sector.offered_purpose
        self.purpose = next(row for row in policy.purposes.on(day) if row.code == wanted)
        self.plan = next(row for row in policy.repayment_plans.on(day) if row.code == self.sector.repayment_plan)
        self.term = wish.term or min(self.purpose.term_months, self.plan.longest_term_months)
        self._price(lpr, min(round(probability * 10**6), 999_999))
        self._earn()
        self._live()
        self._draw()

    def _price(self, lpr: LprTable, ppm: int) -> None:
        policy, day = self.policy, self.day
        self.band = next(row for row in policy.bands.on(day) if row.from_ppm <= ppm < row.until_ppm)
        fixed = policy.funding_cost.on(day) + policy.operation_cost.on(day) + policy.capital_cost.on(day)
        self.cost = fixed + ceil(ppm * policy.loss_given_default.on(day), 100_000)
        self.lpr_bp = lpr.rate_bp(policy.lpr_tenor.on(day), day)
        self.base_rate = max(self.lpr_bp + self.band.spread_bp, self.cost)

    def _earn(self) -> None:
        policy, day, stability = self.policy, self.day, number(self.house["income_stability"], 1000)
        counted = policy.assumed_stability.on(day) if stability is None else min(max(stability, 0), 1000)
        counted = counted * 1000 + (1000 - counted) * policy.unstable_income_counted.on(day)
        self.income = (self.yearly or 0) * counted // 10**6
        self.assumed = max(self.income, 0) * policy.assumed_debt_share.on(day) // 1000 if self.debt is None else 0
        self.carried = self.income * self.band.income_multiple_milli // 1000
        self.line = self.carried - (self.debt or 0) - self.assumed

    def _live(self) -> None:
        policy, day, sector = self.policy, self.day, self.sector
        raw = [self.house[f"monthly_income_share_{month:02d}"] for month in range(1, 13)]
        known = all(isfinite(share) for share in raw)
        shares = [round(share * 10**6) for share in raw] if known else []
        a_year = known and all(0 <= one <= 10**6 for one in shares) and abs(sum(shares) - 10**6) <= 20_000
        self.inconsistent = known and not a_year
        own = shares if a_year else [one * 1000 for one in sector.typical_share_milli]
        spent = (self.adults or 0) * policy.living_cost_adult_monthly.fen_on(day)
        spent += (self.minors or 0) * policy.living_cost_minor_monthly.fen_on(day)
        spent += ((self.debt or 0) + self.assumed) * policy.debt_service_monthly.on(day) // 1000
        stressed = [self.income * (own[month] * sector.stress_milli[month] // 1000) // 10**6 for month in MONTHS]
        self.last, self.affordable, self.free, self.due = tightest(self, [one - spent for one in stressed])

    def _draw(self) -> None:
        policy, day = self.policy, self.day
        household = policy.household_cap_unknown_debt.fen_on(day)
        if self.debt is not None:
            household = policy.household_cap.fen_on(day) - self.debt
        self.caps = {
            "purpose_cap": self.purpose.cap_yuan * 100,
            "household_cap": household - (self.group or 0),
            "affordability": self.affordable,
            "hard_cap": policy.hard_cap.fen_on(day),
        }
        self.least, self.step = policy.minimum_limit.fen_on(day), policy.limit_step.fen_on(day)
        self.base = min(self.line, *self.caps.values())
        self.limit = self.base // self.step * self.step if self.base >= self.least else 0

    def findings(self, *, alone: bool, uncertain: bool) -> list[tuple[str, str]]:
        """Everything that stands in the household's way, in the order in which it is told."""
        policy, day, house = self.policy, self.day, self.house
        rules = policy.eligibility.on(day)
        figures = {rule.column: number(house.get(rule.column)) for rule in rules}
        figures["borrower_age_years"] = age_on(int(house["borrower_birth_on"]), day)
        found = [one for rule in rules for one in rule_findings(rule, figures[rule.column])]
        counted = (self.adults, self.minors, self.yearly, self.debt, self.group)
        doubts = {
            "two_borrowers": not alone,
            house.get("borrower_standing") or "": bool(house.get("borrower_standing")),
            "sector_unknown": not self.sector_known,
            "members_unknown": self.adults is None or self.minors is None,
            "income_unknown": self.yearly is None,
            "income_months_inconsistent": self.inconsistent,
            "figures_implausible": self.adults == 0 or any(one is not None and not 0 <= one < MOST for one in counted),
            "risk_uncertain": uncertain,
        }
        found += [(code, "refer") for code, doubtful in doubts.items() if doubtful]
        if self.band.outcome == "decline" and not uncertain:
            found.append(("risk_above_appetite", "decline"))
        if self.band.outcome == "refer":
            found.append(("risk_needs_a_person", "refer"))
        if self.limit == 0 and all(outcome == "offer" for _, outcome in found):
            return [*found, *self._too_small()]
        return found

    def _too_small(self) -> list[tuple[str, str]]:
        if self.debt is None:
            return [("debt_unknown", "refer")]
        low = {
            "income_line_below_minimum": self.line,
            "household_exposure": self.caps["household_cap"],
            "repayment_beyond_means": self.affordable,
        }
        below = [code for code, amount in low.items() if amount < self.least]
        return [(code, "decline") for code in below or ["caps_below_minimum"]]

    def bonus(self, grade: str) -> GradeBonus:
        """What the policy gives to a grade in this household's band."""
        rows = (row for row in self.policy.grade_bonuses.on(self.day) if row.grade == grade)
        return next(row for row in rows if row.bands is None or self.band.code in row.bands)

    def terms(self, grade: str) -> tuple[int, int, int]:
        """Limit, rate and yearly cost with a grade."""
        bonus, budget = self.bonus(grade), self.policy.incentive_budget
        gap = budget.on(self.day).gap_cap_bp if budget else 0
        lifted = min(self.line * (1000 + bonus.limit_bonus_milli) // 1000, *self.caps.values())
        rate = self.base_rate - min(bonus.rate_discount_bp, self.base_rate - self.cost + gap, self.base_rate)
        yearly_cost = (1 + Fraction(rate, 120_000)) ** 12 - 1
        return lifted // self.step * self.step, rate, int(yearly_cost * 10_000 + Fraction(1, 2))

    def limit_rows(self, grade: str) -> list[tuple[str, int]]:
        """How the limit is told."""
        rows = [("income_multiple", self.carried), ("unsecured_debt", -(self.debt or 0))]
        rows.append(("assumed_debt", -self.assumed))
        running = self.line
        for code, cap in self.caps.items():
            rows.append((code, min(running, cap) - running))
            running = min(running, cap)
        rows.append(("whole_thousands", self.limit - running))
        running = self.base + self.line * self.bonus(grade).limit_bonus_milli // 1000
        running = running // self.step * self.step
        rows.append(("grade_bonus", running - self.limit))
        for code, cap in self.caps.items():
            lowered = min(running, cap // self.step * self.step)
            rows.append((f"bonus_{code}", lowered - running))
            running = lowered
        return [(code, amount) for code, amount in rows if amount]

    def rate_rows(self, grade: str, rate: int) -> list[tuple[str, int]]:
        """How the rate is told."""
        discount, spread = self.bonus(grade).rate_discount_bp, self.band.spread_bp
        rows = [("lpr", self.lpr_bp), ("band_spread", spread), ("cost_floor", self.base_rate - self.lpr_bp - spread)]
        rows += [("grade_discount", -discount), ("discount_cost_floor", discount - (self.base_rate - rate))]
        return [(code, amount) for code, amount in rows if amount]


def read_by_hand(
    paper: Paper, grade: str, *, alone: bool = True, uncertain: bool = False
) -> tuple[Answer, list[tuple[str, str]]]:
    """What the household is told, and everything that was found about it."""
    found = paper.findings(alone=alone, uncertain=uncertain)
    answer = Answer(
        decision=max((outcome for _, outcome in found), key=SEVERITY.__getitem__, default="offer"),
        band=paper.band.code,
        purpose=paper.purpose.code,
        term_months=paper.term,
        affordability_fen=paper.affordable,
        worst_month=paper.last + 1,
    )
    if answer.decision != "offer":
        return answer, found
    answer.by_grade = [paper.terms(one) for one in GRADES]
    offered, rate, _ = answer.by_grade[GRADES.index(grade)]
    answer.baseline_limit_fen, answer.base_rate_bp = paper.limit, paper.base_rate
    answer.incentive_gap_bp = max(paper.cost - rate, 0)
    left = paper.free - offered * paper.due // 10**6
    answer.left_after_repayment_fen = left // paper.policy.carry.on(paper.day)
    answer.limit_rows, answer.rate_rows = paper.limit_rows(grade), paper.rate_rows(grade, rate)
    return answer, found
