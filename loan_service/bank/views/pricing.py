"""Figures become features, features a baseline probability, and both, with the grade, priced offers."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

import pyarrow as pa

from loan_service.bank.store.household_figures import with_figures
from loan_service.bank.store.promotions import Promotion
from models.compiled_card import CompiledCard
from models.day_policy import DayPolicy
from models.feature_spec import Kind, declared_features
from models.features import Floats, make_features
from models.offers import Offers
from models.policy_loader import PolicyEdition
from models.preapproval import preapprove
from models.proven_reasons import ProvenReasons
from models.scorecard import Scorecard


@dataclass(frozen=True)
class Priced:
    """Offers of n households with the probabilities behind them.

    Attributes:
        offers: Decisions, terms, ledgers, reasons.
        default_probability: Of the baseline, which alone decides (n).
        full_default_probability: With the grade, for risk reporting only (n), or None.
        interval: Lower and upper end of each baseline probability (n each), or None where the card knows none.
        contributions: What the card says for and against a household that is asked about, with the words for it; None
            where no reasons were wanted.
    """

    offers: Offers
    default_probability: Floats
    full_default_probability: Floats | None
    interval: tuple[Floats, Floats] | None
    contributions: ProvenReasons | None


def price(
    inputs: pa.Table,
    promotions: Mapping[str, Promotion],
    edition: PolicyEdition,
    day: DayPolicy,
    *,
    reasons: bool = True,
) -> Priced:
    """Prices households as they stand.

    Args:
        inputs: rows of `store.households.OFFER_INPUTS`.
        promotions: the live scorecards; `baseline` must be among them.
        edition: the bank's policy and the LPR.
        day: the same, resolved for the business date.
        reasons: see `price_figures`.
    """
    return price_figures(with_figures(inputs), promotions, edition, day, reasons=reasons)


def price_figures(
    households: pa.Table,
    promotions: Mapping[str, Promotion],
    edition: PolicyEdition,
    day: DayPolicy,
    *,
    purposes: pa.Array | None = None,
    terms_months: pa.Array | None = None,
    reasons: bool = True,
) -> Priced:
    """Prices households by figures that may be theirs or only supposed; otherwise as `price`.

    Args:
        households: the columns of `store.household_figures.with_figures`.
        promotions: see `price`.
        edition: see `price`.
        day: see `price`.
        purposes: what each would use the money for; null or None: what the policy offers its sector.
        terms_months: the term each would ask for; null or None: the longest.
        reasons: whether the model is asked for its reasons; proving them takes longer than pricing.
    """
    card = _card(promotions["baseline"].scorecard)
    values = card.check_features(make_features(households, declared_features("baseline")))
    assessed = card.assess(values, reasons=reasons)
    probability = assessed.default_probability
    interval = card.interval_of(assessed) if card.card.intervals else None
    contributions = ProvenReasons(card, households, values, assessed) if reasons else None
    offers = preapprove(
        households,
        households["grade"],
        probability,
        edition.policy,
        edition.lpr,
        day.business_date,
        purposes=purposes,
        terms_months=terms_months,
        contributions=contributions,
        intervals=interval,
    )
    full = default_probability(households, promotions["full"], "full") if "full" in promotions else None
    return Priced(offers, probability, full, interval, contributions)


def default_probability(households: pa.Table, promotion: Promotion, kind: Kind) -> Floats:
    """What one scorecard says of households, shape (n,).

    Args:
        households: the columns of `store.household_figures.with_figures`.
        promotion: the scorecard.
        kind: its features.
    """
    card = _card(promotion.scorecard)
    return card.default_probability(card.check_features(make_features(households, declared_features(kind))))


@lru_cache(maxsize=16)
def _card(text: str) -> CompiledCard:
    return CompiledCard(Scorecard.from_json(text))
