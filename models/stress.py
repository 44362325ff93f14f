"""What a bad year would do: scenarios on the raw columns of every household, through the serving code, to the books.

A scenario takes income of named months from named sectors; part of what is lost is drawn from deposits, part is
borrowed, and steadiness falls. Households whose income is not known are moved by what the bank itself sees: account
inflow and deposits. The model tells only what its features show, so the effect of a common shock that no feature shows
is given beside it (one systematic factor, Vasicek 2002).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from statistics import NormalDist
from typing import Annotated, Final, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import Field

from models.arrays import Floats, Positions
from models.dated import Frozen
from models.feature_spec import MONTHLY_SHARES, SECTORS
from models.policy import DECISIONS
from models.policy_loader import PolicyEdition
from models.preapproval import preapprove
from models.rescoring import Rescored, Rescorer
from models.scorecard import Scorecard
from models.sensitivity import numbers, with_numbers

MONTHS: Final = 12
PRICING_KIND: Final = "baseline"
"""Eligibility, limits and rates read the baseline's probability alone."""

STRUCK_COLUMNS: Final = frozenset(
    ("annual_income_fen", "settlement_inflow_12m_fen", "months_inflow_positive_12m", "income_stability",
     "deposit_average_12m_fen", "unsecured_debt_fen", *MONTHLY_SHARES)
)  # fmt: skip
"""Columns a scenario may change."""

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
    """Mean probability of one sector before and after."""

    sector: str
    rows: int
    mean_before: float
    mean_after: float


class Priced(NamedTuple):
    """Households by the policy's answer, and the sum of baseline limits."""

    decisions: tuple[int, ...]
    limit_fen: int


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

    @cached_property
    def sectors(self) -> Positions:
        """Position of each loan's sector in `SECTORS`."""
        found = pc.index_in(self.loans["sector"], value_set=pa.array(SECTORS))
        return np.asarray(found.to_numpy(), dtype=np.intp)

    @cached_property
    def usual_months(self) -> Floats:
        """Usual share of each month by sector, shape (sectors, 12)."""
        typical = {one.sector: one.typical_share_milli for one in self.edition.policy.sectors.on(self.priced_on)}
        shares = np.array([typical[sector] for sector in SECTORS], dtype=np.float64)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True))

    def by_sector(self, scenario: Scenario, name: str, otherwise: float) -> Floats:
        """One number (or twelve) of each loan's blow; `otherwise` for sectors that go on as before."""
        known = {sector: getattr(blow, name) for sector, blow in scenario.blows.items()}
        length = MONTHS if name == "income" else 1
        table = np.array(
            [np.broadcast_to(known.get(sector, otherwise), length) for sector in SECTORS], dtype=np.float64
        )
        chosen = table[self.sectors]
        return np.asarray(chosen if length > 1 else chosen[:, 0])


def strains_of(card: Scorecard, book: Book, scenarios: Sequence[Scenario]) -> tuple[Strain, ...]:
    """Reprice a portfolio in every scenario; as it is, it is priced once."""
    scored = Rescorer(card, book.loans)
    priced = _priced(book, book.loans, scored.before) if card.kind == PRICING_KIND else None
    return tuple(_strain(scored, book, one, priced) for one in scenarios)


def _strain(scored: Rescorer, book: Book, scenario: Scenario, old: Priced | None) -> Strain:
    hit = struck(book, scenario)
    rescored = scored.after(hit, STRUCK_COLUMNS)
    new = _priced(book, hit, rescored) if old else None
    before, after = scored.before.probability, rescored.probability
    given_default = book.edition.policy.loss_given_default.on(book.priced_on) / 1000.0
    principal = numbers(book.loans, "principal_fen")
    return Strain(
        rows=len(before),
        moved_rows=int((_lost_share(book, scenario) > 0).sum()),
        mean_before=float(before.mean()),
        mean_after=float(after.mean()),
        loss_before_fen=round(float(before @ principal) * given_default),
        loss_after_fen=round(float(after @ principal) * given_default),
        principal_fen=int(principal.sum()),
        decisions_before=old.decisions if old else None,
        decisions_after=new.decisions if new else None,
        limit_before_fen=old.limit_fen if old else None,
        limit_after_fen=new.limit_fen if new else None,
        sectors=_by_sector(book, before, after),
    )


def struck(book: Book, scenario: Scenario) -> pa.Table:
    """The portfolio's raw columns after the scenario's year."""
    loans, lost = book.loans, _lost_share(book, scenario)
    income, inflow = numbers(loans, "annual_income_fen"), numbers(loans, "settlement_inflow_12m_fen")
    gone = np.where(np.isnan(income), inflow, income) * lost
    steadiness = numbers(loans, "income_stability") + book.by_sector(scenario, "stability_change", 0.0)
    drawn = gone * book.by_sector(scenario, "drawn_from_deposits", 0.0)
    columns = {
        "annual_income_fen": income * (1.0 - lost),
        "settlement_inflow_12m_fen": inflow * (1.0 - lost),
        "months_inflow_positive_12m": _months_with_inflow(book, scenario),
        "income_stability": np.clip(steadiness, 0.0, 1.0),
        "deposit_average_12m_fen": np.maximum(numbers(loans, "deposit_average_12m_fen") - drawn, 0.0),
        "unsecured_debt_fen": numbers(loans, "unsecured_debt_fen") + gone * book.by_sector(scenario, "borrowed", 0.0),
        **_shares_after(book, scenario),
    }
    for name, values in columns.items():
        loans = with_numbers(loans, name, values)
    return loans


def systematic_probability(mean: float, correlation: float, quantile: float) -> float:
    """Default rate of a large portfolio in the year of the common factor's quantile (Vasicek 2002, one factor)."""
    normal = NormalDist()
    shifted = normal.inv_cdf(mean) + correlation**0.5 * normal.inv_cdf(quantile)
    return normal.cdf(shifted / (1.0 - correlation) ** 0.5)


def _shares(loans: pa.Table) -> Floats:
    """Monthly shares as they stand in the file, shape (rows, 12), NaN where not known."""
    return np.stack([numbers(loans, name) for name in MONTHLY_SHARES], axis=1)


def _lost_share(book: Book, scenario: Scenario) -> Floats:
    """Share of the year's income that is lost; the sector's usual months stand for unknown ones."""
    own = _shares(book.loans)
    months = np.where(np.isnan(own).any(axis=1, keepdims=True), book.usual_months[book.sectors], own)
    return np.asarray((months * (1.0 - book.by_sector(scenario, "income", 1.0))).sum(axis=1), dtype=np.float64)


def _months_with_inflow(book: Book, scenario: Scenario) -> Floats:
    silent = (book.by_sector(scenario, "income", 1.0) == 0.0).sum(axis=1)
    return np.asarray(np.maximum(numbers(book.loans, "months_inflow_positive_12m") - silent, 0.0), dtype=np.float64)


def _shares_after(book: Book, scenario: Scenario) -> dict[str, Floats]:
    left = _shares(book.loans) * book.by_sector(scenario, "income", 1.0)
    total = left.sum(axis=1, keepdims=True)
    after = np.divide(left, total, out=np.full_like(left, np.nan), where=total > 0)
    return {name: after[:, month] for month, name in enumerate(MONTHLY_SHARES)}


def _priced(book: Book, loans: pa.Table, rescored: Rescored) -> Priced:
    """The policy's answers as serving gives them, every loan a household that asks for itself."""
    offers = preapprove(
        households_of(loans, book.born_on),
        pa.nulls(loans.num_rows, pa.string()),
        rescored.probability,
        book.edition.policy,
        book.edition.lpr,
        book.priced_on,
        intervals=rescored.interval,
    )
    counts = np.bincount(offers.decision, minlength=len(DECISIONS))
    return Priced(tuple(int(count) for count in counts), int(offers.baseline_limit_fen.sum()))


def households_of(loans: pa.Table, born_on: date) -> pa.Table:
    """Loans as households that ask anew, each alone in its household, its borrower born on the given day."""
    kept = [name for name in loans.column_names if name not in ("household_key", "household_ref", "borrower_birth_on")]
    born = pa.array([born_on] * loans.num_rows, pa.date32())
    return loans.select(kept).append_column("borrower_birth_on", born)


def _by_sector(book: Book, before: Floats, after: Floats) -> tuple[SectorStrain, ...]:
    inside = {sector: book.sectors == place for place, sector in enumerate(SECTORS)}
    return tuple(
        SectorStrain(sector, int(rows.sum()), float(before[rows].mean()), float(after[rows].mean()))
        for sector, rows in inside.items()
        if rows.any()
    )
