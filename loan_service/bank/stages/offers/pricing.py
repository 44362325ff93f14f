"""Figures become features, features a baseline probability, and both, with the grade, priced offers."""

import io
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import pyarrow as pa
import pyarrow.json as pajson

from loan_service.bank.store.promotions import Promotion
from models.day_policy import DayPolicy
from models.feature_spec import MONTHLY_SHARES, FeatureSpec, declared_features
from models.features import Floats, make_features
from models.offers import Offers
from models.policy_loader import PolicyEdition
from models.preapproval import preapprove
from models.scorecard import Scorecard
from models.term_reasons import Contributions
from models.terms_errors import Words

WHOLE: Final = (
    "adults", "minors", "annual_income_fen", "months_with_bank", "deposit_average_12m_fen",
    "settlement_inflow_12m_fen", "months_inflow_positive_12m", "unsecured_debt_fen", "other_lenders",
    "max_days_past_due_24m", "bureau_queries_6m", "years_in_trade", "owns_vessel", "prior_loans",
    "prior_loans_repaid_on_time", "authorised_bureau", "authorised_income",
)  # fmt: skip
SHARES: Final = ("income_stability", *MONTHLY_SHARES)
FIGURES: Final = pa.schema({**dict.fromkeys(WHOLE, pa.int64()), **dict.fromkeys(SHARES, pa.float64())})
"""The figures of a household as they stand in its JSON."""


@dataclass(frozen=True)
class Priced:
    """Offers of n households with the probabilities behind them.

    Attributes:
        offers: Decisions, terms, ledgers, reasons.
        default_probability: Of the baseline, which alone decides (n).
        full_default_probability: With the grade, for risk reporting only (n), or None.
        contributions: What spoke against each household, with the words for it.
    """

    offers: Offers
    default_probability: Floats
    full_default_probability: Floats | None
    contributions: Contributions


def price(inputs: pa.Table, promotions: dict[str, Promotion], edition: PolicyEdition, day: DayPolicy) -> Priced:
    """Prices households.

    Args:
        inputs: rows of `store.households.OFFER_INPUTS`.
        promotions: the live scorecards; `baseline` must be among them.
        edition: the bank's policy and the LPR.
        day: the same, resolved for the business date.
    """
    households = with_figures(inputs)
    spec = declared_features("baseline")
    card = _card(promotions["baseline"].scorecard)
    values = card.check_features(make_features(households, spec))
    probability = card.default_probability(values)
    contributions = Contributions(card.contributions(values), card.names, _texts(spec))
    offers = preapprove(
        households,
        households["grade"],
        probability,
        edition.policy,
        edition.lpr,
        day.business_date,
        contributions=contributions,
    )
    return Priced(offers, probability, _full_probability(households, promotions.get("full")), contributions)


def with_figures(inputs: pa.Table) -> pa.Table:
    """The households' columns beside their figures, read from JSON."""
    lines = "\n".join(inputs["data"].to_pylist()).encode()
    figures = pajson.read_json(
        io.BytesIO(lines),
        read_options=pajson.ReadOptions(block_size=1 << 22),
        parse_options=pajson.ParseOptions(explicit_schema=FIGURES, unexpected_field_behavior="error"),
    )
    columns = {
        name: inputs[name] for name in ("household_ref", "household_key", "sector", "borrower_birth_on", "grade")
    }
    return pa.table({**columns, **{name: figures[name] for name in FIGURES.names}})


def _full_probability(households: pa.Table, promotion: Promotion | None) -> Floats | None:
    if promotion is None:
        return None
    card = _card(promotion.scorecard)
    return card.default_probability(card.check_features(make_features(households, declared_features("full"))))


@lru_cache(maxsize=16)
def _card(text: str) -> Scorecard:
    return Scorecard.from_json(text)


def _texts(spec: FeatureSpec) -> dict[str, Words]:
    return {one.name: Words(one.reason_zh, one.reason_en) for one in spec.declarations}
