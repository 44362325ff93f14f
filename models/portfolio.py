"""Portfolio caps and yearly budgets: what decided terms still get of them, first decided first served.

Baseline limits are held against caps of the programme, a village and a sector; bonus limits against a yearly budget of
their own, so that nobody's bonus ever takes a baseline's place; discounts below cost against the incentive budget. A
budget that is spent cuts what the index adds, never the baseline. Pure arithmetic in fen; whoever calls holds the lock.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final, Literal, NamedTuple

from models.policy import Policy

Scope = Literal["programme", "village", "sector", "bonus", "incentive"]
WaitCode = Literal["programme_cap_reached", "village_cap_reached", "sector_cap_reached"]
CutCode = Literal["bonus_budget_spent", "incentive_budget_spent"]

_REACHED: Final[Mapping[Scope, WaitCode]] = {
    "programme": "programme_cap_reached",
    "village": "village_cap_reached",
    "sector": "sector_cap_reached",
}
_BP: Final = 10_000


class Pot(NamedTuple):
    """One sum that may be capped.

    Attributes:
        scope: what is summed: baseline limits of the programme, a village or a sector; bonus limits signed in a year;
            the yearly cost of rates below cost.
        code: the village, the sector, or the budget; empty for the programme.
        year: the calendar year of a bonus budget, else 0.
    """

    scope: Scope
    code: str = ""
    year: int = 0


@dataclass(frozen=True)
class Budget:
    """A named sum of money a year, in fen; a policy that names none has none to spend."""

    code: str = ""
    cap_fen: int = 0


@dataclass(frozen=True)
class PortfolioLimits:
    """What one bank's policy allows on the day of signing, in fen.

    Attributes:
        caps_fen: by scope and code of village or sector; the empty code holds for each without one of its own.
        bonus: bonus limits signed in a calendar year.
        incentive: what rates below cost may cost a year, all contracts that have not ended together.
        step_fen: limits are whole multiples of it.
        year: the calendar year.
    """

    caps_fen: Mapping[tuple[Scope, str], int]
    bonus: Budget
    incentive: Budget
    step_fen: int
    year: int

    def cap_fen(self, pot: Pot) -> int | None:
        """The cap of a pot; None where there is none."""
        budgets = {self.bonus_pot: self.bonus, self.incentive_pot: self.incentive}
        if pot in budgets:
            return budgets[pot].cap_fen
        own = self.caps_fen.get((pot.scope, pot.code))
        return self.caps_fen.get((pot.scope, "")) if own is None else own

    @property
    def bonus_pot(self) -> Pot:
        """This year's bonus limits."""
        return Pot("bonus", self.bonus.code, self.year)

    @property
    def incentive_pot(self) -> Pot:
        """The yearly cost of all rates below cost."""
        return Pot("incentive", self.incentive.code)


@dataclass(frozen=True)
class Candidate:
    """Decided terms that are to be put before a household.

    Attributes:
        candidate_id: the application.
        decided_on: the bank's business date of the decision.
        village_code: where the household lives.
        sector: what it lives on.
        baseline_fen: the part of the decided limit that needs no grade.
        bonus_fen: the part above.
        gap_bp: the part of the offered discount that lies below cost.
    """

    candidate_id: str
    decided_on: date
    village_code: str
    sector: str
    baseline_fen: int
    bonus_fen: int
    gap_bp: int


class Cut(NamedTuple):
    """What a spent budget took back of what the index had added, in the unit of its code: fen, or basis points."""

    code: CutCode
    budget: str
    asked: int
    given: int


class Reservation(NamedTuple):
    """An amount taken of a pot, with the cap that was looked at."""

    pot: Pot
    amount_fen: int
    cap_fen: int | None


@dataclass(frozen=True)
class Grant:
    """What a candidate gets; one that waits gets nothing yet, and loses nothing by it.

    Attributes:
        candidate: whose terms.
        waits_at: the cap of baseline limits that has no room left; None where the baseline is granted in full.
        bonus_fen: of the bonus.
        gap_bp: of the discount below cost: all of it or nothing.
        cuts: what was taken back, and by which budget.
        reservations: what to write down.
    """

    candidate: Candidate
    waits_at: WaitCode | None = None
    bonus_fen: int = 0
    gap_bp: int = 0
    cuts: tuple[Cut, ...] = ()
    reservations: tuple[Reservation, ...] = ()

    @property
    def limit_fen(self) -> int:
        """The limit to sign; 0 while waiting."""
        return 0 if self.waits_at else self.candidate.baseline_fen + self.bonus_fen

    @property
    def rate_rise_bp(self) -> int:
        """How much of the offered discount is taken back; the rate never rises above cost, nor above the baseline's."""
        return 0 if self.waits_at else self.candidate.gap_bp - self.gap_bp


def limits_on(policy: Policy, day: date) -> PortfolioLimits:
    """Resolve a policy's caps and budgets for the day of signing.

    Raises:
        PolicyNotInForceError: a value has no period covering the day.
    """
    caps = policy.portfolio_caps.on(day) if policy.portfolio_caps else ()
    bonus = policy.bonus_budget.on(day) if policy.bonus_budget else None
    incentive = policy.incentive_budget.on(day) if policy.incentive_budget else None
    return PortfolioLimits(
        caps_fen={(cap.scope, cap.code): cap.cap_yuan * 100 for cap in caps},
        bonus=Budget(bonus.code, bonus.annual_cap_yuan * 100) if bonus else Budget(),
        incentive=Budget(incentive.code, incentive.annual_cap_yuan * 100) if incentive else Budget(),
        step_fen=policy.limit_step.fen_on(day),
        year=day.year,
    )


def gap_cost_fen(limit_fen: int, gap_bp: int) -> int:
    """What a rate below cost costs in a year when the line is drawn in full, rounded up to the fen."""
    return -(-limit_fen * gap_bp // _BP)


def baseline_pots(village_code: str, sector: str) -> tuple[Pot, Pot, Pot]:
    """The pots a baseline limit counts in."""
    return Pot("programme"), Pot("village", village_code), Pot("sector", sector)


def allot(candidates: Iterable[Candidate], limits: PortfolioLimits, held_fen: Mapping[Pot, int]) -> list[Grant]:
    """Grant candidates what caps and budgets still hold, in the order of decision, then of id.

    Whether a baseline is granted depends on baselines alone. A baseline that does not fit waits as a whole, and a later
    one that does fit is not held up by it.

    Args:
        candidates: decided terms, in any order.
        limits: caps and budgets of the day.
        held_fen: what is reserved or signed already, by pot.

    Returns:
        One grant per candidate, in the order in which they were served.
    """
    desk = _Desk(limits, dict(held_fen))
    return [desk.serve(one) for one in sorted(candidates, key=lambda one: (one.decided_on, one.candidate_id))]


class _Desk:
    """Serves one candidate after the other and remembers what is left."""

    def __init__(self, limits: PortfolioLimits, held_fen: dict[Pot, int]) -> None:
        self._limits = limits
        self._held_fen = held_fen

    def serve(self, candidate: Candidate) -> Grant:
        pots = baseline_pots(candidate.village_code, candidate.sector)
        full = next((pot for pot in pots if not self._fits(pot, candidate.baseline_fen)), None)
        if full is not None:
            return Grant(candidate, waits_at=_REACHED[full.scope])
        bonus_fen = self._bonus_fen(candidate.bonus_fen)
        cost_fen = gap_cost_fen(candidate.baseline_fen + bonus_fen, candidate.gap_bp)
        gap_bp = candidate.gap_bp if self._fits(self._limits.incentive_pot, cost_fen) else 0
        taken = [
            *((pot, candidate.baseline_fen) for pot in pots),
            (self._limits.bonus_pot, bonus_fen),
            (self._limits.incentive_pot, cost_fen if gap_bp else 0),
        ]
        return Grant(
            candidate=candidate,
            bonus_fen=bonus_fen,
            gap_bp=gap_bp,
            cuts=tuple(self._cuts(candidate, bonus_fen, gap_bp)),
            reservations=tuple(self._take(pot, amount_fen) for pot, amount_fen in taken if amount_fen),
        )

    def _bonus_fen(self, wanted_fen: int) -> int:
        """The bonus, or the whole steps of it that the budget still holds."""
        free_fen = self._limits.bonus.cap_fen - self._held_fen.get(self._limits.bonus_pot, 0)
        if wanted_fen <= free_fen:
            return wanted_fen
        return max(0, free_fen) // self._limits.step_fen * self._limits.step_fen

    def _cuts(self, candidate: Candidate, bonus_fen: int, gap_bp: int) -> Iterator[Cut]:
        if bonus_fen < candidate.bonus_fen:
            yield Cut("bonus_budget_spent", self._limits.bonus.code, candidate.bonus_fen, bonus_fen)
        if gap_bp < candidate.gap_bp:
            yield Cut("incentive_budget_spent", self._limits.incentive.code, candidate.gap_bp, gap_bp)

    def _fits(self, pot: Pot, amount_fen: int) -> bool:
        cap_fen = self._limits.cap_fen(pot)
        return cap_fen is None or amount_fen <= cap_fen - self._held_fen.get(pot, 0)

    def _take(self, pot: Pot, amount_fen: int) -> Reservation:
        self._held_fen[pot] = self._held_fen.get(pot, 0) + amount_fen
        return Reservation(pot, amount_fen, self._limits.cap_fen(pot))
