"""What a bad year would do: scenarios on the raw columns of every household, through the serving code, to the books.

A scenario takes income of named months from named sectors; part of what is lost is drawn from deposits, part is
borrowed, and steadiness falls. Households whose income is not known are moved by what the bank itself sees: account
inflow and deposits. The model tells only what its features show, so the effect of a common shock that no feature shows
is given beside it (one systematic factor, Vasicek 2002).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from statistics import NormalDist
from typing import Annotated, Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from pydantic import Field

from models.dated import Frozen
from models.feature_spec import MONTHLY_SHARES, SECTORS, declared_features
from models.features import Floats, make_features
from models.policy import DECISIONS
from models.policy_loader import PolicyEdition
from models.preapproval import preapprove
from models.scorecard import Scorecard
from models.sensitivity import numbers, with_numbers

MONTHS: Final = 12
PRICING_KIND: Final = "baseline"
"""Eligibility, limits and rates read the baseline's probability alone."""

Months = Annotated[tuple[Annotated[float, Field(ge=0.0, le=2.0)], ...], Field(min_length=MONTHS, max_length=MONTHS)]


class Blow(Frozen):
    """What a scenario does to one sector.

    Attributes:
        income: Each month's income is multiplied by this, January first.
        stability_change: Added to the steadiness of income (0 to 1).
        drawn_from_deposits: Share of the lost income that is taken from deposits, as far as they go.
        borrowed: Share of the lost income that is borrowed unsecured.
    """

    income: Months
    stability_change: Annotated[float, Field(ge=-1.0, le=0.0)] = 0.0
    drawn_from_deposits: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    borrowed: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0


class Scenario(Frozen):
    """A named bad year; sectors that are not named go on as before."""

    code: str
    title_zh: str
    title_en: str
    told_zh: str
    told_en: str
    origin: str
    blows: Mapping[str, Blow]


@dataclass(frozen=True)
class SectorStrain:
    """One sector before and after; money in fen, losses in hundredths of a percent of the principal."""

    sector: str
    rows: int
    mean_before: float
    mean_after: float


@dataclass(frozen=True)
class Strain:
    """What a scenario does to a portfolio.

    Attributes:
        rows: Loans.
        moved_rows: Loans whose household is hit.
        mean_before: Mean probability.
        mean_after: The same in the scenario.
        loss_before_fen: Expected loss of a year: probability x loss given default x principal.
        loss_after_fen: The same in the scenario.
        principal_fen: Money lent.
        decisions_before: Households by the policy's answer (offer, refer, decline), repriced; None for a model that
            prices nothing.
        decisions_after: The same in the scenario.
        limit_before_fen: Sum of baseline limits offered; likewise.
        limit_after_fen: The same in the scenario.
        sectors: By sector.
    """

    rows: int
    moved_rows: int
    mean_before: float
    mean_after: float
    loss_before_fen: int
    loss_after_fen: int
    principal_fen: int
    decisions_before: tuple[int, ...] | None
    decisions_after: tuple[int, ...] | None
    limit_before_fen: int | None
    limit_after_fen: int | None
    sectors: tuple[SectorStrain, ...]


@dataclass(frozen=True, eq=False)
class Book:
    """A portfolio to be stressed.

    Attributes:
        loans: Raw columns of the past-loan file, the grade under its serving name.
        edition: The bank's policy, for losses, limits and the usual months of a sector.
        priced_on: Business date of the policy.
        born_on: Birth date that stands for every borrower, because the file carries none.
    """

    loans: pa.Table
    edition: PolicyEdition
    priced_on: date
    born_on: date


def strain_of(card: Scorecard, book: Book, scenario: Scenario) -> Strain:
    """Reprice a portfolio in a scenario."""
    hit = struck(book, scenario)
    before, after = _probability(card, book.loans), _probability(card, hit)
    given_default = book.edition.policy.loss_given_default.on(book.priced_on) / 1000.0
    principal = numbers(book.loans, "principal_fen")
    prices = card.kind == PRICING_KIND
    old, new = (
        _priced(book, table, chance) if prices else (None, None)
        for table, chance in ((book.loans, before), (hit, after))
    )
    return Strain(
        rows=len(before),
        moved_rows=int((_lost_share(book, scenario) > 0).sum()),
        mean_before=float(before.mean()),
        mean_after=float(after.mean()),
        loss_before_fen=round(float(before @ principal) * given_default),
        loss_after_fen=round(float(after @ principal) * given_default),
        principal_fen=int(principal.sum()),
        decisions_before=old[0],
        decisions_after=new[0],
        limit_before_fen=old[1],
        limit_after_fen=new[1],
        sectors=_by_sector(book.loans, before, after),
    )


def struck(book: Book, scenario: Scenario) -> pa.Table:
    """The portfolio's raw columns after the scenario's year."""
    loans, lost = book.loans, _lost_share(book, scenario)
    income = numbers(loans, "annual_income_fen")
    gone = np.where(np.isnan(income), numbers(loans, "settlement_inflow_12m_fen"), income) * lost
    columns = {
        "annual_income_fen": income * (1.0 - lost),
        "settlement_inflow_12m_fen": numbers(loans, "settlement_inflow_12m_fen") * (1.0 - lost),
        "months_inflow_positive_12m": _months_with_inflow(loans, scenario),
        "income_stability": np.clip(
            numbers(loans, "income_stability") + _of_sector(loans, scenario, "stability_change"), 0, 1
        ),
        "deposit_average_12m_fen": np.maximum(
            numbers(loans, "deposit_average_12m_fen") - gone * _of_sector(loans, scenario, "drawn_from_deposits"), 0
        ),
        "unsecured_debt_fen": numbers(loans, "unsecured_debt_fen") + gone * _of_sector(loans, scenario, "borrowed"),
        **_shares_after(loans, scenario),
    }
    for name, values in columns.items():
        loans = with_numbers(loans, name, values)
    return loans


def systematic_probability(mean: float, correlation: float, quantile: float) -> float:
    """Default rate of a large portfolio in the year of the common factor's quantile (Vasicek 2002, one factor)."""
    normal = NormalDist()
    shifted = normal.inv_cdf(mean) + correlation**0.5 * normal.inv_cdf(quantile)
    return normal.cdf(shifted / (1.0 - correlation) ** 0.5)


def _factors(loans: pa.Table, scenario: Scenario) -> Floats:
    """Factor of every month's income, shape (rows, 12)."""
    by_sector = np.ones((len(SECTORS), MONTHS))
    for sector, blow in scenario.blows.items():
        by_sector[SECTORS.index(sector)] = blow.income
    return np.asarray(by_sector[_sectors(loans)], dtype=np.float64)


def _of_sector(loans: pa.Table, scenario: Scenario, name: str) -> Floats:
    by_sector = np.zeros(len(SECTORS))
    for sector, blow in scenario.blows.items():
        by_sector[SECTORS.index(sector)] = getattr(blow, name)
    return np.asarray(by_sector[_sectors(loans)], dtype=np.float64)


def _sectors(loans: pa.Table) -> npt.NDArray[np.intp]:
    return np.array([SECTORS.index(text) for text in loans["sector"].to_pylist()], dtype=np.intp)


def _shares(loans: pa.Table) -> Floats:
    """Monthly shares as they stand in the file, shape (rows, 12), NaN where not known."""
    return np.stack([numbers(loans, name) for name in MONTHLY_SHARES], axis=1)


def _lost_share(book: Book, scenario: Scenario) -> Floats:
    """Share of the year's income that is lost; the sector's usual months stand for unknown ones."""
    typical = {one.sector: one.typical_share_milli for one in book.edition.policy.sectors.on(book.priced_on)}
    usual = np.array([typical[sector] for sector in SECTORS], dtype=np.float64)
    usual /= usual.sum(axis=1, keepdims=True)
    own = _shares(book.loans)
    months = np.where(np.isnan(own).any(axis=1, keepdims=True), usual[_sectors(book.loans)], own)
    return np.asarray((months * (1.0 - _factors(book.loans, scenario))).sum(axis=1), dtype=np.float64)


def _months_with_inflow(loans: pa.Table, scenario: Scenario) -> Floats:
    silent = (_factors(loans, scenario) == 0).sum(axis=1)
    return np.asarray(np.maximum(numbers(loans, "months_inflow_positive_12m") - silent, 0), dtype=np.float64)


def _shares_after(loans: pa.Table, scenario: Scenario) -> dict[str, Floats]:
    left = _shares(loans) * _factors(loans, scenario)
    total = left.sum(axis=1, keepdims=True)
    after = np.divide(left, total, out=np.full_like(left, np.nan), where=total > 0)
    return {name: after[:, month] for month, name in enumerate(MONTHLY_SHARES)}


def _probability(card: Scorecard, loans: pa.Table) -> Floats:
    spec = declared_features("full" if card.kind == "full" else "baseline")
    return card.default_probability(card.check_features(make_features(loans, spec)))


def _priced(book: Book, loans: pa.Table, probability: Floats) -> tuple[tuple[int, ...], int]:
    """Households by decision and the sum of baseline limits, all of them asking alone in their household."""
    households, no_grades = households_of(loans, book.born_on), pa.nulls(loans.num_rows, pa.string())
    offers = preapprove(households, no_grades, probability, book.edition.policy, book.edition.lpr, book.priced_on)
    counts = np.bincount(offers.decision, minlength=len(DECISIONS))
    return tuple(int(count) for count in counts), int(offers.baseline_limit_fen.sum())


def households_of(loans: pa.Table, born_on: date) -> pa.Table:
    """Loans as households that ask anew, each alone in its household, its borrower born on the given day."""
    kept = [name for name in loans.column_names if name not in ("household_key", "household_ref", "borrower_birth_on")]
    born = pa.array([born_on] * loans.num_rows, pa.date32())
    return loans.select(kept).append_column("borrower_birth_on", born)


def _by_sector(loans: pa.Table, before: Floats, after: Floats) -> tuple[SectorStrain, ...]:
    sectors = _sectors(loans)
    present = [place for place in range(len(SECTORS)) if (sectors == place).any()]
    return tuple(
        SectorStrain(
            SECTORS[place],
            int((sectors == place).sum()),
            float(before[sectors == place].mean()),
            float(after[sectors == place].mean()),
        )
        for place in present
    )
