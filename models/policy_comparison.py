"""What another policy would do to the same households on the same day: whose decision, limit and rate change, and why.

Pure, over two `Offers` of the same households in the same order. Money is what a year would bring if every line were
drawn in full: no behaviour is guessed, so both policies are held against the same yardstick.

Figures of everybody are always told, however few they count: decisions, the books, whose baseline falls and why. Groups
with fewer than the fewest households are left out, and so are groups from which those could be found by subtracting;
means, and counts of a group's offers, among fewer are None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from models.arrays import Booleans, Floats, Integers
from models.equal_risk_spread import EqualRiskSpread, Priced, spread_at_equal_risk, spread_gate
from models.expected_loss import expected_loss_bp
from models.fairness_groups import shown_groups
from models.gates import GateResult
from models.offers import Offers
from models.policy import CERTAINTY_PPM, DECISIONS, GRADES
from models.terms import LIMIT_RULES
from models.terms_fairness_levels import TermsFairnessLevels

_BONUS_RULE: Final = next(place for place, rule in enumerate(LIMIT_RULES) if rule.kind == "bonus")
_BP: Final = 10_000
_FEN: Final = 100


@dataclass(frozen=True)
class Moved:
    """How many of some households have less, the same, more, and the mean before and after among all of them."""

    lower: int | None
    same: int | None
    higher: int | None
    mean_before: float | None
    mean_after: float | None


@dataclass(frozen=True)
class Books:
    """What a year would bring with every line drawn in full, in yuan; `incentive_yuan` pays rates below cost.

    Attributes:
        offered: Households with an offer.
        limits_yuan: Their limits together.
        bonus_yuan: The part of the limits that grades add.
        discount_yuan: What grades' discounts forgo in a year.
        incentive_yuan: The part of that below cost, which the incentive budget pays.
        profit_yuan: Interest less funding, operation, capital and expected loss.
    """

    offered: int
    limits_yuan: int
    bonus_yuan: int
    discount_yuan: int
    incentive_yuan: int
    profit_yuan: int


@dataclass(frozen=True)
class GroupChange:
    """One group of households under both policies; limits in yuan and rates in basis points among those offered."""

    group: str
    households: int
    offered_before: int | None
    offered_after: int | None
    limit: Moved
    rate: Moved


@dataclass(frozen=True)
class BaselineFall:
    """Whose baseline falls: a smaller limit by bank data alone, or an offer that is none any more.

    Attributes:
        households: How many.
        no_longer_offered: How many of them lose the offer.
        reasons: How many by reason: the ledger row that cuts most more than before, or the first reason why there is no
            offer any more.
    """

    households: int
    no_longer_offered: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class PolicyComparison:
    """Everything an approver reads before saying yes; limits in yuan, rates in basis points a year."""

    households: int
    decisions: dict[str, dict[str, int]]
    limit: Moved
    baseline_limit: Moved
    rate: Moved
    before: Books
    after: Books
    baseline_fall: BaselineFall
    groups: dict[str, tuple[GroupChange, ...]]
    spread: EqualRiskSpread
    gates: tuple[GateResult, ...]

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        return asdict(self) | {"spread": self.spread.to_content()}


def compare_policies(
    before: Offers,
    after: Offers,
    probability: Floats,
    groups: Mapping[str, list[str]],
    levels: TermsFairnessLevels,
    *,
    reference_bp: int,
) -> PolicyComparison:
    """Compare two policies over n households.

    Args:
        before: their offers under the policy that stands.
        after: the same households' under the policy to come, on the same day.
        probability: baseline probability (n), the same for both.
        groups: group of each household (n) by name of the grouping, such as sector; the grade is added.
        levels: fewest households, and the gate on what non-participants pay.
        reference_bp: the rate a spread is told over.
    """
    least = levels.fewest_households
    by_name = {**groups, "grade": [GRADES[place] for place in before.grade]}
    both = before.offered & after.offered
    spread = _spread(before, after, probability, levels, reference_bp)
    return PolicyComparison(
        households=len(before.decision),
        decisions=_decisions(before, after),
        limit=_moved(before.limit_fen / _FEN, after.limit_fen / _FEN, both, least),
        baseline_limit=_moved(before.baseline_limit_fen / _FEN, after.baseline_limit_fen / _FEN, both, least),
        rate=_moved(before.rate_bp, after.rate_bp, both, least),
        before=_books(before, probability),
        after=_books(after, probability),
        baseline_fall=_baseline_fall(before, after),
        groups={name: _group_changes(before, after, np.array(words), least) for name, words in by_name.items()},
        spread=spread,
        gates=(spread_gate(spread, levels),),
    )


def _spread(
    before: Offers, after: Offers, probability: Floats, levels: TermsFairnessLevels, reference_bp: int
) -> EqualRiskSpread:
    old, new = (Priced(offers.base_rate_bp, offers.offered) for offers in (before, after))
    participates = before.grade != GRADES.index("none")
    return spread_at_equal_risk(old, new, participates, probability, levels, reference_bp=reference_bp)


def _decisions(before: Offers, after: Offers) -> dict[str, dict[str, int]]:
    counts = np.zeros((len(DECISIONS), len(DECISIONS)), dtype=np.int64)
    np.add.at(counts, (before.decision, after.decision), 1)
    return {old: dict(zip(DECISIONS, map(int, row), strict=True)) for old, row in zip(DECISIONS, counts, strict=True)}


def _moved(before: Floats | Integers, after: Floats | Integers, among: Booleans, least: int) -> Moved:
    old, new = before[among], after[among]
    if len(old) < least:
        return Moved(None, None, None, None, None)
    lower, higher = int((new < old).sum()), int((new > old).sum())
    return Moved(lower, len(old) - lower - higher, higher, round(float(old.mean()), 2), round(float(new.mean()), 2))


def _books(offers: Offers, probability: Floats) -> Books:
    day, limit = offers.day, offers.limit_fen.astype(np.float64)
    ppm = np.rint(probability * CERTAINTY_PPM).astype(np.int64)
    cost_bp = day.fixed_cost_bp + expected_loss_bp(ppm, day.loss_given_default_milli)
    return Books(
        offered=int(offers.offered.sum()),
        limits_yuan=round(float(limit.sum()) / _FEN),
        bonus_yuan=round(float(offers.limit_bonus_fen.sum()) / _FEN),
        discount_yuan=_yearly_yuan(limit, offers.rate_discount_bp),
        incentive_yuan=_yearly_yuan(limit, offers.incentive_gap_bp),
        profit_yuan=_yearly_yuan(limit, offers.rate_bp - cost_bp),
    )


def _yearly_yuan(limit_fen: Floats, rate_bp: Integers) -> int:
    return round(float((limit_fen * rate_bp).sum()) / _BP / _FEN)


def _baseline_fall(before: Offers, after: Offers) -> BaselineFall:
    lost = before.offered & ~after.offered
    smaller = before.offered & after.offered & (after.baseline_limit_fen < before.baseline_limit_fen)
    causes = [*_rows_that_cut(before, after, smaller), *_reasons_of(after, lost)]
    names, counts = np.unique(np.array(causes, dtype=str), return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return BaselineFall(
        households=len(causes),
        no_longer_offered=int(lost.sum()),
        reasons={str(names[place]): int(counts[place]) for place in order},
    )


def _rows_that_cut(before: Offers, after: Offers, who: Booleans) -> list[str]:
    """Of each household the baseline row that takes most more than it did."""
    change = (_baseline_rows(after) - _baseline_rows(before))[who]
    return [LIMIT_RULES[place].code for place in change.argmin(axis=1)]


def _baseline_rows(offers: Offers) -> Integers:
    ledger = offers.limit_ledger
    rows = np.zeros((len(offers.decision), len(LIMIT_RULES)), dtype=np.int64)
    np.add.at(rows, (ledger.household_row, ledger.rule), ledger.amount)
    return rows[:, :_BONUS_RULE]


def _reasons_of(offers: Offers, who: Booleans) -> list[str]:
    first = offers.reasons.slots[who, 0]
    return [offers.reasons.codes[slot] if slot >= 0 else "no_reason" for slot in first]


def _group_changes(before: Offers, after: Offers, group: np.ndarray[Any, Any], least: int) -> tuple[GroupChange, ...]:
    names, sizes = np.unique(group, return_counts=True)
    shown = names[shown_groups(sizes, 0, least)]
    return tuple(_group_change(before, after, str(name), group == name, least) for name in shown)


def _shown(who: Booleans, least: int) -> int | None:
    count = int(who.sum())
    return count if count >= least else None


def _group_change(before: Offers, after: Offers, name: str, inside: Booleans, least: int) -> GroupChange:
    both = inside & before.offered & after.offered
    return GroupChange(
        group=name,
        households=int(inside.sum()),
        offered_before=_shown(inside & before.offered, least),
        offered_after=_shown(inside & after.offered, least),
        limit=_moved(before.limit_fen / _FEN, after.limit_fen / _FEN, both, least),
        rate=_moved(before.rate_bp, after.rate_bp, both, least),
    )
