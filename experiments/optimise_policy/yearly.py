"""What lines bring and cost in a year, household by household, when probability and demand answer rate and line.

Every figure is linear in `Use`: with chances it is an expectation, with what chance decided it is an outcome.
"""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from scipy.special import expit, logit

from experiments.optimise_policy.settings import Capital, Economics, Responses
from experiments.simulation.arrays import Flags, Floats
from models.offers import Offers

MEASURES: Final = (
    "offers",
    "signers",
    "line_yuan",
    "baseline_line_yuan",
    "bonus_line_yuan",
    "drawn_yuan",
    "interest_yuan",
    "loss_yuan",
    "profit_yuan",
    "capital_yuan",
    "discount_yuan",
    "bonus_cost_yuan",
    "risk_based_yuan",
    "incentive_yuan",
    "below_cost_yuan",
)
"""What is counted of every household; all of it adds up."""

_BP: Final = 10_000.0
_RARE, _SURE = 1e-9, 1 - 1e-9


@dataclass(frozen=True, slots=True)
class Terms:
    """Terms of n households with an offer: lines in yuan, rates in basis points, gap below cost in basis points."""

    baseline_yuan: Floats
    line_yuan: Floats
    base_rate_bp: Floats
    rate_bp: Floats
    gap_bp: Floats


@dataclass(frozen=True, slots=True)
class Risks:
    """Yearly default probabilities of n households.

    Attributes:
        priced: By the bank's own data: what the price covers (n).
        shown: With the grade, as far as the data show it: what the bonus may be charged to risk with (n).
        actual: At baseline terms: what is planned with, or the truth (n).
    """

    priced: Floats
    shown: Floats
    actual: Floats


@dataclass(frozen=True, slots=True)
class Use:
    """What n households do with an offer: chances, or what chance decided.

    Attributes:
        signs: Chance of signing (n).
        draws: Chance of drawing, once signed (n).
        line_share: Share of the offered line that is asked for (n).
        drawn_share: Share of the signed line that drawers draw (n).
        takes_bonus: Whether the bonus is chosen where more than the baseline line is asked for (n).
    """

    signs: Floats
    draws: Floats
    line_share: Floats
    drawn_share: Floats
    takes_bonus: Flags


def terms_of(offers: Offers) -> Terms:
    """The terms of the households that have an offer, in their order."""
    kept = offers.offered
    return Terms(
        baseline_yuan=offers.baseline_limit_fen[kept] / 100,
        line_yuan=offers.limit_fen[kept] / 100,
        base_rate_bp=offers.base_rate_bp[kept].astype(np.float64),
        rate_bp=offers.rate_bp[kept].astype(np.float64),
        gap_bp=offers.incentive_gap_bp[kept].astype(np.float64),
    )


def wanted_yuan(terms: Terms, use: Use) -> Floats:
    """The line each household signs, if it signs: without choosing the bonus never more than the baseline line."""
    asked = use.line_share * terms.line_yuan
    return np.where(use.takes_bonus, asked, np.minimum(asked, terms.baseline_yuan))


def answered(chance: Floats, terms: Terms, use: Use, per_100_bp: float, per_log_line: float) -> Floats:
    """A chance at baseline terms as it stands at these: its log-odds moved by rate and line.

    Args:
        chance: at baseline terms (n).
        terms: rate and line now, and at baseline.
        use: what is asked for.
        per_100_bp: log-odds per 100 bp off the rate.
        per_log_line: log-odds per natural logarithm of the signed line over what it would be at baseline.
    """
    off = (terms.base_rate_bp - terms.rate_bp) / 100
    growth = np.log(wanted_yuan(terms, use) / (use.line_share * terms.baseline_yuan))
    changed: Floats = expit(logit(np.clip(chance, _RARE, _SURE)) + per_100_bp * off + per_log_line * growth)
    return changed


def probability_at(chance: Floats, terms: Terms, use: Use, responses: Responses) -> Floats:
    """Default probability at these terms: a lower rate lowers it, a larger line raises it."""
    return answered(chance, terms, use, -responses.default_per_100_bp, responses.default_per_log_line)


def demand_at(use: Use, terms: Terms, responses: Responses) -> Use:
    """Chances of signing and drawing at these terms, from those at baseline terms."""
    return replace(
        use,
        signs=answered(use.signs, terms, use, responses.signing_per_100_bp, responses.signing_per_log_line),
        draws=answered(use.draws, terms, use, responses.drawing_per_100_bp, responses.drawing_per_log_line),
    )


def yearly(
    terms: Terms, risks: Risks, use: Use, responses: Responses, economics: Economics, capital: Capital
) -> dict[str, Floats]:
    """Every measure of n households.

    Profit = drawn x (rate - funding, operation, capital cost) - expected loss. What a bonus costs is the discount on
    the line and the expected loss, at the bank's own probability, of the additional line; the lower expected loss that
    the data show for the grade pays for as much of it as it reaches, the rest is booked as incentive. Budgets are
    charged on signed lines, as a policy charges them, since a signed line may be drawn.

    Args:
        terms: of households with an offer.
        risks: their probabilities.
        use: what they do at these terms (`demand_at`, or what chance decided).
        responses: how probability answers.
        economics: costs of a yuan.
        capital: capital a yuan binds.
    """
    loss_rate = economics.loss_given_default
    wanted = wanted_yuan(terms, use)
    line, baseline = wanted * use.signs, np.minimum(wanted, terms.baseline_yuan) * use.signs
    drawn = line * use.draws * use.drawn_share
    loss = drawn * probability_at(risks.actual, terms, use, responses) * loss_rate
    discount = line * (terms.base_rate_bp - terms.rate_bp) / _BP
    cost = discount + (line - baseline) * risks.priced * loss_rate
    risk_based = np.minimum(cost, line * np.maximum(risks.priced - risks.shown, 0) * loss_rate)
    interest = drawn * terms.rate_bp / _BP
    return {
        "offers": np.ones(len(line)),
        "signers": use.signs,
        "line_yuan": line,
        "baseline_line_yuan": baseline,
        "bonus_line_yuan": line - baseline,
        "drawn_yuan": drawn,
        "interest_yuan": interest,
        "loss_yuan": loss,
        "profit_yuan": interest - drawn * economics.fixed_cost_bp / _BP - loss,
        "capital_yuan": capital.per_drawn_yuan * (drawn + capital.undrawn_factor * (line - drawn)),
        "discount_yuan": discount,
        "bonus_cost_yuan": cost,
        "risk_based_yuan": risk_based,
        "incentive_yuan": cost - risk_based,
        "below_cost_yuan": line * terms.gap_bp / _BP,
    }
