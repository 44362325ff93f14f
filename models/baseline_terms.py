"""Baseline terms from bank data alone: decision, limit and rate of every household before any grade is read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.affordability import CashYear, TightestStretch, tightest_stretch
from models.columns import Column
from models.day_policy import DayPolicy
from models.expected_loss import expected_loss_bp
from models.household_facts import HouseholdFacts
from models.policy import DECISIONS, EligibilityRule
from models.term_reasons import Finding, Findings, severest

Int = NDArray[np.int64]
Flag = NDArray[np.bool_]

_OFFER = DECISIONS.index("offer")


@dataclass(frozen=True)
class Prices:
    """Band, cost and rate of n households in basis points, before any discount."""

    band: Int
    spread_bp: Int
    cost_bp: Int
    cost_floor_bp: Int
    base_rate_bp: Int


@dataclass(frozen=True)
class Line:
    """How n baseline limits come about, in fen.

    Attributes:
        carried_fen: band multiple x stable income (n).
        known_debt_fen: household exposure elsewhere, 0 where unknown (n).
        assumed_debt_fen: what the policy assumes where it is unknown, else 0 (n).
        caps_fen: the caps in the order of `terms.CAP_RULES` (4, n).
        capped_fen: the lowest of income line and caps (n), before rounding; may be negative.
        limit_fen: that, down to whole steps (n); 0 where it stays below the minimum.
    """

    carried_fen: Int
    known_debt_fen: Int
    assumed_debt_fen: Int
    caps_fen: Int
    capped_fen: Int
    limit_fen: Int

    @property
    def income_line_fen(self) -> Int:
        """What income carries, less debts (n)."""
        return self.carried_fen - self.known_debt_fen - self.assumed_debt_fen


@dataclass(frozen=True)
class BaselineTerms:
    """Decision and terms of n households without any grade."""

    decision: Int
    findings: Findings
    purpose: Int
    term_months: Int
    line: Line
    prices: Prices
    stretch: TightestStretch
    assumptions: dict[str, Flag]

    @property
    def offered(self) -> Flag:
        """Households that get an offer (n)."""
        offered: Flag = self.decision == _OFFER
        return offered


def baseline_terms(
    facts: HouseholdFacts, probability_ppm: Int, purpose: Int, term_months: Int, day: DayPolicy, uncertain: Flag
) -> BaselineTerms:
    """Decide, limit and price n households.

    base = min(purpose cap, household cap, affordability, hard cap, band multiple x stable income - unsecured debt);
    below the minimum it is a decline. Rate = LPR + spread of the band, raised to cost where cost is higher.

    Args:
        facts: the bank's own data.
        probability_ppm: baseline probability in millionths (n).
        purpose: position in `day.purposes` (n).
        term_months: term of the line (n).
        day: the policy of the day.
        uncertain: whose probability is not known closely enough for a machine to decide (n).
    """
    prices = _prices(probability_ppm, day)
    income = _stable_income_fen(facts, day)
    debt = facts.numbers["unsecured_debt_fen"]
    assumed_debt = np.where(debt.known, 0, np.maximum(income, 0) * day.assumed_debt_milli // 1000)
    cash = _cash_year(facts, income, debt.values + assumed_debt, day)
    stretch = tightest_stretch(cash, term_months, prices.base_rate_bp, day)
    carried = income * day.bands.multiple_milli[prices.band] // 1000
    caps = _caps_fen(debt, purpose, stretch.affordable_fen, day)
    line = _line(carried, debt.values, assumed_debt, caps, day)
    found = [*_rule_findings(facts, day), *_data_findings(facts), *_band_findings(prices.band, day, uncertain)]
    sound = severest(Findings.of(found)) == _OFFER
    findings = Findings.of([*found, *_line_findings(line, sound, debt.known, day)])
    return BaselineTerms(
        decision=severest(findings),
        findings=findings,
        purpose=purpose,
        term_months=term_months,
        line=line,
        prices=prices,
        stretch=stretch,
        assumptions=_assumptions(facts),
    )


def _prices(probability_ppm: Int, day: DayPolicy) -> Prices:
    band = np.searchsorted(day.bands.from_ppm, probability_ppm, side="right") - 1
    spread = day.bands.spread_bp[band]
    cost = day.fixed_cost_bp + expected_loss_bp(probability_ppm, day.loss_given_default_milli)
    floor = np.maximum(cost - day.lpr_bp - spread, 0)
    return Prices(band, spread, cost, floor, day.lpr_bp + spread + floor)


def _stable_income_fen(facts: HouseholdFacts, day: DayPolicy) -> Int:
    """Count the stable part of income in full and the rest by the policy's share."""
    stability = facts.stability_milli
    stable = np.where(stability.known, stability.values, day.assumed_stability_milli)
    counted = stable * 1000 + (1000 - stable) * day.unstable_income_milli
    income: Int = facts.numbers["annual_income_fen"].values * counted // 1_000_000
    return income


def _cash_year(facts: HouseholdFacts, income: Int, debt: Int, day: DayPolicy) -> CashYear:
    own = facts.shares_known & facts.shares_consistent
    typical = day.sectors.typical_share_ppm[facts.sector]
    return CashYear(
        stable_income_fen=income,
        share_ppm=np.where(own[:, None], facts.share_ppm, typical),
        sector=facts.sector,
        plan=day.sectors.plan[facts.sector],
        adults=facts.numbers["adults"].values,
        minors=facts.numbers["minors"].values,
        debt_fen=debt,
    )


def _caps_fen(debt: Column, purpose: Int, affordable: Int, day: DayPolicy) -> Int:
    household = np.where(debt.known, day.household_cap_fen - debt.values, day.household_cap_unknown_debt_fen)
    hard = np.full(len(purpose), day.hard_cap_fen)
    return np.stack([day.purpose_cap_fen[purpose], household, affordable, hard])


def _line(carried: Int, known_debt: Int, assumed_debt: Int, caps: Int, day: DayPolicy) -> Line:
    capped = np.minimum(carried - known_debt - assumed_debt, caps.min(axis=0))
    whole = capped // day.limit_step_fen * day.limit_step_fen
    limit = np.where(capped >= day.minimum_limit_fen, whole, 0)
    return Line(carried, known_debt, assumed_debt, caps, capped, limit)


def _rule_findings(facts: HouseholdFacts, day: DayPolicy) -> Iterator[Finding]:
    """Yield each rule's failures and, where its outcome differs, its unknowns as a finding of their own."""
    for rule in day.rules:
        column = facts.numbers[rule.column]
        failed = column.known & ~_within(column.values, rule)
        unknown = ~column.known if rule.unknown != "pass" else np.zeros(facts.count, dtype=bool)
        if rule.unknown == rule.otherwise:
            yield Finding(rule.code, rule.otherwise, failed | unknown)
            continue
        yield Finding(rule.code, rule.otherwise, failed)
        if rule.unknown != "pass":
            yield Finding(rule.code, rule.unknown, unknown)


def _within(values: Int, rule: EligibilityRule) -> Flag:
    scale = 100 if rule.unit == "yuan" else 1
    within = np.ones(len(values), dtype=bool)
    if rule.at_least is not None:
        within &= values >= rule.at_least * scale
    if rule.at_most is not None:
        within &= values <= rule.at_most * scale
    return within


def _data_findings(facts: HouseholdFacts) -> Iterator[Finding]:
    """Refer what the bank's data cannot answer: nothing unknown is read as zero."""
    numbers = facts.numbers
    adults, minors = numbers["adults"], numbers["minors"]
    income, debt = numbers["annual_income_fen"], numbers["unsecured_debt_fen"]
    impossible = (adults.known & (adults.values < 1)) | (minors.values < 0) | (income.values < 0) | (debt.values < 0)
    yield Finding("two_borrowers", "refer", ~facts.one_borrower)
    yield Finding("sector_unknown", "refer", ~facts.sector_known)
    yield Finding("members_unknown", "refer", ~(adults.known & minors.known))
    yield Finding("income_unknown", "refer", ~income.known)
    yield Finding("income_months_inconsistent", "refer", ~facts.shares_consistent)
    yield Finding("figures_implausible", "refer", impossible)


def _band_findings(band: Int, day: DayPolicy, uncertain: Flag) -> Iterator[Finding]:
    """A person looks at a risk that is not known closely enough, whatever the band that it happens to fall into."""
    outcome = day.bands.outcome[band]
    yield Finding("risk_uncertain", "refer", uncertain)
    yield Finding("risk_above_appetite", "decline", (outcome == DECISIONS.index("decline")) & ~uncertain)
    yield Finding("risk_needs_a_person", "refer", outcome == DECISIONS.index("refer"))


def _line_findings(line: Line, sound: Flag, debt_known: Flag, day: DayPolicy) -> Iterator[Finding]:
    """Decline a line below the minimum by whatever holds it there; where debts are only assumed, ask instead."""
    small = sound & (line.limit_fen == 0)
    yield Finding("debt_unknown", "refer", small & ~debt_known)
    limits = {
        "income_line_below_minimum": line.income_line_fen,
        "household_exposure": line.caps_fen[1],
        "repayment_beyond_means": line.caps_fen[2],
    }
    for code, limit in limits.items():
        yield Finding(code, "decline", small & debt_known & (limit < day.minimum_limit_fen))


def _assumptions(facts: HouseholdFacts) -> dict[str, Flag]:
    return {
        "debt_assumed": ~facts.numbers["unsecured_debt_fen"].known,
        "stability_assumed": ~facts.stability_milli.known,
        "monthly_shares_assumed": ~facts.shares_known,
    }
