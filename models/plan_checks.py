"""Checks of sectors, their purposes and their repayment plans: every name known, every term repaid within itself."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, TypeVar

from models.check_places import duplicates, values_at
from models.dated import Dated, Table, overlap
from models.policy import SECTORS, WHOLE_MILLI, Policy, Purpose, RepaymentPlan, SectorTerms
from models.repayment_plans import shortest_term_months
from models.terms_errors import (
    BulletTooLongError,
    Place,
    PlanMissingError,
    PolicyError,
    PurposeMissingError,
    SectorMissingError,
    SharesOffTotalError,
    TermTooShortError,
)

Row = TypeVar("Row", Purpose, RepaymentPlan)

LONGEST_BULLET_MONTHS: Final = 12
"""CBIRC order 9/2020 art. 6 (L1): repayment all at once within a year."""


def plan_errors(policy: Policy) -> Iterator[PolicyError]:
    """Find everything wrong with plans and with what sectors are offered."""
    for period, (place, rows) in zip(
        policy.repayment_plans.periods, values_at("repayment_plans", policy.repayment_plans.periods), strict=True
    ):
        yield from duplicates([row.code for row in rows], place, "code")
        for position, row in enumerate(rows):
            yield from _plan_errors(row, (*place, position), [*_lists(policy.purposes, period)])
    for during, (place, terms) in zip(
        policy.sectors.periods, values_at("sectors", policy.sectors.periods), strict=True
    ):
        yield from duplicates([row.sector for row in terms], place, "sector")
        for missing in sorted(set(SECTORS) - {row.sector for row in terms}):
            yield SectorMissingError(place, missing)
        purposes, plans = (_always(table, during) for table in (policy.purposes, policy.repayment_plans))
        for position, sector in enumerate(terms):
            yield from _sector_errors(sector, purposes, plans, (*place, position))


def _lists(table: Table[tuple[Row, ...]], during: Dated) -> Iterator[tuple[Row, ...]]:
    return (period.value for period in table.periods if overlap(period, during))


def _always(table: Table[tuple[Purpose, ...]] | Table[tuple[RepaymentPlan, ...]], during: Dated) -> set[str]:
    """Codes that the table knows on every day of a period."""
    known = [{row.code for row in period.value} for period in table.periods if overlap(period, during)]
    return set.intersection(*known) if known else set()


def _plan_errors(plan: RepaymentPlan, place: Place, purposes: list[tuple[Purpose, ...]]) -> Iterator[PolicyError]:
    if plan.kind == "interest_only" and plan.longest_term_months > LONGEST_BULLET_MONTHS:
        yield BulletTooLongError((*place, "longest_term_months"), plan.longest_term_months)
    shortest = shortest_term_months(plan.principal_months)
    offered = min((purpose.term_months for rows in purposes for purpose in rows), default=plan.longest_term_months)
    if min(offered, plan.longest_term_months) < shortest:
        at = "longest_term_months" if plan.longest_term_months <= offered else "principal_months"
        detail = f"begun in some month, {min(offered, plan.longest_term_months)} months may miss them all"
        yield TermTooShortError((*place, at), getattr(plan, at), detail)


def _sector_errors(row: SectorTerms, purposes: set[str], plans: set[str], place: Place) -> Iterator[PolicyError]:
    if row.offered_purpose not in purposes:
        yield PurposeMissingError((*place, "offered_purpose"), row.offered_purpose)
    if row.repayment_plan not in plans:
        yield PlanMissingError((*place, "repayment_plan"), row.repayment_plan)
    if sum(row.typical_share_milli) != WHOLE_MILLI:
        yield SharesOffTotalError((*place, "typical_share_milli"), sum(row.typical_share_milli))
