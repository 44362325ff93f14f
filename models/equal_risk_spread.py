"""What those without a grade pay at equal risk, before and after a policy changes: it may not rise.

A programme can be paid for by those who stay outside. Both policies price the same households on the same day, and the
same household is the same risk: the rise is the mean over the non-participants whom both policies offer to. It is a
count of everybody concerned, not a sample, so nothing is left to chance. By risk bin it is told as well, for a mean can
hide that some pay for others.
"""

from dataclasses import asdict, dataclass
from typing import Any, Final

import numpy as np

from models.arrays import Booleans, Floats, Integers
from models.equal_risk import risk_bins
from models.gates import GateResult, Outcome
from models.terms_fairness_levels import TermsFairnessLevels

GATE: Final = "non_participants_spread"


@dataclass(frozen=True)
class Priced:
    """What one policy says to n households.

    Attributes:
        rate_bp: Yearly rate, shape (n,); not looked at where nothing is offered.
        offered: Who is offered, shape (n,).
    """

    rate_bp: Integers
    offered: Booleans


@dataclass(frozen=True)
class BinSpread:
    """One risk bin: mean probability, households, their mean spread before and its rise, in basis points."""

    mean_probability: float
    households: int
    before_bp: float
    rise_bp: float


@dataclass(frozen=True)
class EqualRiskSpread:
    """Mean spread of non-participants before and after, over the same households.

    Attributes:
        households: Non-participants whom both policies offer to.
        before_bp: Their mean spread over the reference rate before; None below the fewest households.
        rise_bp: How much it rises, the mean of each household's own rise.
        no_longer_offered: Non-participants who lose their offer: a price they cannot get is no lower price.
        newly_offered: Non-participants who gain one.
        bins: The same by risk, safest first; bins below the fewest households are left out.
    """

    households: int
    before_bp: float | None
    rise_bp: float | None
    no_longer_offered: int
    newly_offered: int
    bins: tuple[BinSpread, ...]

    @property
    def after_bp(self) -> float | None:
        """Their mean spread under the policy to come."""
        return None if self.before_bp is None or self.rise_bp is None else self.before_bp + self.rise_bp

    @property
    def steepest_rise_bp(self) -> float | None:
        """Of the risk bin in which it rises most."""
        return max((one.rise_bp for one in self.bins), default=None)

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        return asdict(self) | {"after_bp": self.after_bp, "steepest_rise_bp": self.steepest_rise_bp}


def spread_at_equal_risk(
    before: Priced,
    after: Priced,
    participates: Booleans,
    probability: Floats,
    levels: TermsFairnessLevels,
    *,
    reference_bp: int,
) -> EqualRiskSpread:
    """Compare what the same non-participants pay under two policies.

    Args:
        before: The policy that stands, priced for n households.
        after: The policy to come, priced for the same households on the same day.
        participates: Whose grade is A, AA or AAA, shape (n,).
        probability: Baseline probability, shape (n,), for the bins.
        levels: How many bins, and how few households are never shown.
        reference_bp: The rate a spread is told over, such as the one-year LPR of the day; the same for both, so that
            a policy cannot lower its spread by naming a longer tenor.
    """
    outside = ~participates
    both = outside & before.offered & after.offered
    spread, rise = before.rate_bp[both] - reference_bp, after.rate_bp[both] - before.rate_bp[both]
    shown = len(rise) >= levels.fewest_households
    return EqualRiskSpread(
        households=len(rise),
        before_bp=float(spread.mean()) if shown else None,
        rise_bp=float(rise.mean()) if shown else None,
        no_longer_offered=int((outside & before.offered & ~after.offered).sum()),
        newly_offered=int((outside & after.offered & ~before.offered).sum()),
        bins=_bins(spread, rise, probability[both], levels),
    )


def spread_gate(spread: EqualRiskSpread, levels: TermsFairnessLevels) -> GateResult:
    """The written gate of a policy change.

    Fails where the mean rises; undecided where it does not but some risk bin pays more, somebody loses the offer, or
    too few households are there: then a second person has to accept it in writing.
    """
    rise = spread.rise_bp
    outcome = _outcome(spread, levels.spread_rise_bp)
    told = "—" if rise is None else f"{rise:+.1f}"
    steepest = "—" if spread.steepest_rise_bp is None else f"{spread.steepest_rise_bp:+.1f}"
    return GateResult(
        GATE,
        outcome,
        rise,
        f"mean spread of those without a grade rises by at most {levels.spread_rise_bp:g} bp",
        f"未参加的{spread.households}户平均加点变化{told}个基点；风险段内最大{steepest}；不再报价{spread.no_longer_offered}户",
        f"{spread.households} households without a grade: mean spread {told} bp, steepest risk bin {steepest} bp,"
        f" {spread.no_longer_offered} no longer offered",
    )


def _outcome(spread: EqualRiskSpread, at_most_bp: float) -> Outcome:
    if spread.rise_bp is None:
        return "undecided"
    if spread.rise_bp > at_most_bp:
        return "failed"
    hidden = spread.no_longer_offered > 0 or (spread.steepest_rise_bp or 0.0) > at_most_bp
    return "undecided" if hidden else "passed"


def _bins(spread: Integers, rise: Integers, probability: Floats, levels: TermsFairnessLevels) -> tuple[BinSpread, ...]:
    places = risk_bins(probability, levels.risk_bins)
    rows = [np.flatnonzero(places == place) for place in range(int(places.max(initial=-1)) + 1)]
    return tuple(
        BinSpread(float(probability[one].mean()), len(one), float(spread[one].mean()), float(rise[one].mean()))
        for one in rows
        if len(one) >= levels.fewest_households
    )
