"""Static checks of a policy: small named checks, each yielding the errors it finds."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from typing import Final

from models.bonus_checks import bonus_errors
from models.check_places import duplicates, values_at
from models.dated import Dated, holds, overlap, period_errors
from models.expected_loss import expected_loss_bp
from models.household_facts import RULE_COLUMNS
from models.lpr import LprTable, lpr_errors
from models.plan_checks import plan_errors
from models.policy import (
    CERTAINTY_PPM,
    DECISIONS,
    SECTORS,
    EligibilityRule,
    Policy,
    Purpose,
    RiskBand,
)
from models.term_reasons import TERM_REASONS
from models.terms_errors import (
    BandGapError,
    BandOrderError,
    BandOverlapError,
    CapAboveLegalError,
    CapBelowMinimumError,
    DuplicateCodeError,
    NotBankDataError,
    Place,
    PolicyError,
    PolicyNotInForceError,
    PortfolioCapAboveProgrammeError,
    PortfolioScopeError,
    PriceBelowCostError,
    PriceNeedsBudgetError,
    ReplacesItselfError,
    WrongShapeError,
    WrongUnitError,
)

Check = Callable[[Policy], Iterator[PolicyError]]


def policy_errors(policy: Policy, lpr: LprTable, pricing_day: date) -> tuple[PolicyError, ...]:
    """Find everything wrong with a policy.

    Prices are compared with costs on every day from the pricing day on at which a price, a cost or the LPR changes.

    Args:
        policy: a policy of the right shape.
        lpr: the LPR table that will price its offers.
        pricing_day: first day on which offers are to be priced; an edition that takes effect later prices from then.
    """
    shape = tuple(error for check in _SHAPE_CHECKS for error in check(policy))
    first_day = max(pricing_day, policy.effective_from)
    dates = (*_not_in_force(policy, first_day), *lpr_errors(lpr, first_day))
    return shape or dates or tuple(_price_errors(policy, lpr, first_day))


def _not_in_force(policy: Policy, day: date) -> Iterator[PolicyError]:
    for name, parameter in policy.parameters().items():
        if not any(holds(period, day) for period in parameter.periods):
            yield PolicyNotInForceError((name, "periods"), day)


def _periods(policy: Policy) -> Iterator[PolicyError]:
    for name, parameter in policy.parameters().items():
        yield from period_errors(parameter.periods, (name, "periods"))


def _eligibility(policy: Policy) -> Iterator[PolicyError]:
    for place, rows in values_at("eligibility", policy.eligibility.periods):
        yield from duplicates([rule.code for rule in rows], place, "code")
        for position, rule in enumerate(rows):
            yield from _rule_errors(rule, (*place, position))


def _rule_errors(rule: EligibilityRule, place: Place) -> Iterator[PolicyError]:
    if rule.code in TERM_REASONS:
        yield DuplicateCodeError((*place, "code"), rule.code, "a reason of the interpreter itself")
    if rule.column not in RULE_COLUMNS:
        yield NotBankDataError((*place, "column"), rule.column)
    elif rule.unit != RULE_COLUMNS[rule.column]:
        yield WrongUnitError((*place, "unit"), rule.unit, f"{rule.column} is read in {RULE_COLUMNS[rule.column]}")
    if rule.at_least is not None and rule.at_most is not None and rule.at_least > rule.at_most:
        yield WrongShapeError((*place, "at_most"), rule.at_most, f"below at_least {rule.at_least}")
    try:
        _ = (rule.text_zh + rule.text_en).format(at_least=rule.at_least, at_most=rule.at_most)
    except (KeyError, IndexError, ValueError) as unreadable:
        yield WrongShapeError((*place, "text_zh"), rule.text_zh, f"text cannot be filled in: {unreadable}")


def _bands(policy: Policy) -> Iterator[PolicyError]:
    for place, rows in values_at("bands", policy.bands.periods):
        yield from duplicates([band.code for band in rows], place, "code")
        yield from _cover_errors(rows, place)
        for position, (safer, riskier) in enumerate(pairwise(rows), start=1):
            if DECISIONS.index(riskier.outcome) < DECISIONS.index(safer.outcome):
                yield BandOrderError((*place, position, "outcome"), riskier.outcome, f"{safer.code} is safer")
        lending = [(position, band) for position, band in enumerate(rows) if band.outcome == "offer"]
        for (_, safer), (position, riskier) in pairwise(lending):
            yield from _order_errors(safer, riskier, (*place, position))


def _widest_interval(policy: Policy) -> Iterator[PolicyError]:
    for place, widest in values_at("widest_interval", policy.widest_interval.periods if policy.widest_interval else ()):
        if widest.widest_at_cut_off_ppm > widest.widest_ppm:
            here = (*place, "widest_at_cut_off_ppm")
            yield WrongShapeError(here, widest.widest_at_cut_off_ppm, f"above widest_ppm {widest.widest_ppm}")


def _cover_errors(rows: tuple[RiskBand, ...], place: Place) -> Iterator[PolicyError]:
    reached = 0
    for position, band in enumerate(rows):
        here, detail = (*place, position, "from_ppm"), f"the bands before reach {reached}"
        if band.from_ppm > reached:
            yield BandGapError(here, band.from_ppm, detail)
        elif band.from_ppm < reached or band.until_ppm <= band.from_ppm:
            yield BandOverlapError(here, band.from_ppm, detail)
        reached = max(reached, band.until_ppm)
    if reached < CERTAINTY_PPM:
        yield BandGapError((*place, len(rows) - 1, "until_ppm"), reached, "the last band must reach 1000000")


def _order_errors(safer: RiskBand, riskier: RiskBand, place: Place) -> Iterator[PolicyError]:
    if riskier.income_multiple_milli > safer.income_multiple_milli:
        yield BandOrderError((*place, "income_multiple_milli"), riskier.income_multiple_milli, f"{safer.code} is safer")
    if riskier.spread_bp < safer.spread_bp:
        yield BandOrderError((*place, "spread_bp"), riskier.spread_bp, f"{safer.code} is safer")


def _caps(policy: Policy) -> Iterator[PolicyError]:
    for period, (place, rows) in zip(
        policy.purposes.periods, values_at("purposes", policy.purposes.periods), strict=True
    ):
        yield from duplicates([purpose.code for purpose in rows], place, "code")
        for position, purpose in enumerate(rows):
            yield from _cap_errors(policy, purpose, period, (*place, position, "cap_yuan"))


def _cap_errors(policy: Policy, purpose: Purpose, during: Dated, place: Place) -> Iterator[PolicyError]:
    online = purpose.channel == "consumer_online"
    highest = policy.online_consumer_cap if online else policy.hard_cap
    if any(overlap(period, during) and purpose.cap_yuan > period.value for period in highest.periods):
        yield CapAboveLegalError(place, purpose.cap_yuan, "online_consumer_cap" if online else "hard_cap")
    least = max((period.value for period in policy.minimum_limit.periods if overlap(period, during)), default=0)
    if purpose.cap_yuan < least:
        yield CapBelowMinimumError(place, purpose.cap_yuan, f"minimum_limit {least}")


def _portfolio_caps(policy: Policy) -> Iterator[PolicyError]:
    for place, rows in values_at("portfolio_caps", policy.portfolio_caps.periods if policy.portfolio_caps else ()):
        yield from duplicates([f"{row.scope} {row.code}".rstrip() for row in rows], place, "code")
        programme = min((row.cap_yuan for row in rows if row.scope == "programme"), default=None)
        for position, row in enumerate(rows):
            if row.code and (row.scope == "programme" or (row.scope == "sector" and row.code not in SECTORS)):
                yield PortfolioScopeError((*place, position, "code"), row.code, f"scope {row.scope}")
            if programme is not None and row.cap_yuan > programme:
                here = (*place, position, "cap_yuan")
                yield PortfolioCapAboveProgrammeError(here, row.cap_yuan, f"the programme's cap is {programme}")


def _replaces(policy: Policy) -> Iterator[PolicyError]:
    if policy.replaces == policy.edition:
        yield ReplacesItselfError(("replaces",), policy.replaces)


_SHAPE_CHECKS: Final[tuple[Check, ...]] = (
    _replaces,
    _periods,
    _eligibility,
    _bands,
    _widest_interval,
    bonus_errors,
    _caps,
    plan_errors,
    _portfolio_caps,
)


def _price_errors(policy: Policy, lpr: LprTable, pricing_day: date) -> Iterator[PolicyError]:
    seen: set[Place] = set()
    for day in _change_days(policy, lpr, pricing_day):
        for error in _price_errors_on(policy, lpr, day):
            if error.place not in seen:
                seen.add(error.place)
                yield error


def _change_days(policy: Policy, lpr: LprTable, pricing_day: date) -> list[date]:
    starts = {period.since for parameter in policy.parameters().values() for period in parameter.periods}
    starts |= {quote.since for quote in lpr.quotes}
    last = lpr.quotes[-1].until
    return [pricing_day, *sorted(day for day in starts if pricing_day < day < last)]


def _price_errors_on(policy: Policy, lpr: LprTable, day: date) -> Iterator[PolicyError]:
    rate_bp = lpr.rate_bp(policy.lpr_tenor.on(day), day)
    position = next(at for at, period in enumerate(policy.bands.periods) if holds(period, day))
    for at, band in enumerate(policy.bands.periods[position].value):
        if band.outcome == "offer":
            place = ("bands", "periods", position, "value", at, "spread_bp")
            yield from _band_price_errors(policy, band, rate_bp + band.spread_bp, day, place)


def _band_price_errors(policy: Policy, band: RiskBand, price_bp: int, day: date, place: Place) -> Iterator[PolicyError]:
    cost_bp = policy.fixed_cost_bp_on(day) + expected_loss_bp(band.until_ppm - 1, policy.loss_given_default.on(day))
    if price_bp < cost_bp:
        yield PriceBelowCostError(place, band.spread_bp, f"on {day} price {price_bp} bp, cost up to {cost_bp} bp")
        return
    largest_bp = max(row.rate_discount_bp for row in policy.grade_bonuses.on(day) if row.holds_in(band))
    gap_bp = cost_bp - (price_bp - largest_bp)
    covered_bp = policy.incentive_budget.on(day).gap_cap_bp if policy.incentive_budget else 0
    if gap_bp > covered_bp:
        detail = f"on {day} with {largest_bp} bp off it falls {gap_bp} bp below cost, covered {covered_bp} bp"
        yield PriceNeedsBudgetError(place, band.spread_bp, detail)
