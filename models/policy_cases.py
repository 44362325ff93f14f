"""Cases in a credit officer's language: a household in yuan, its probability and grade, and what it must be offered.

What a case does not say of the household is ordinary: a wage earner born in March 1981, two adults and a child, 120,000
yuan a year in twelve equal months, no debt, no arrears, one query at the bureau. Deposits and inflows are unknown where
no case tells them, and so is what none can tell: months with the bank, years in trade, prior loans. `null` means
unknown. Pure: rows in, answers out.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from typing import Annotated, Any, Final

import numpy as np
import pyarrow as pa
from pydantic import Field

from models.dated import Frozen
from models.feature_spec import MONTHLY_SHARES
from models.lpr import LprTable
from models.policy import Decision, Grade, Policy
from models.preapproval import preapprove

Share = Annotated[float, Field(ge=0, le=1)]

_FEN: Final = 100
_EVEN_YEAR: Final = (1 / 12,) * 12
_OTHER_COLUMNS: Final = (
    "months_with_bank",
    "months_inflow_positive_12m",
    "years_in_trade",
    "prior_loans",
    "prior_loans_repaid_on_time",
)


class CaseHousehold(Frozen):
    """One household; money in yuan, the year's shares as fractions, January first."""

    sector: str = "wage"
    born_on: date | None = date(1981, 3, 4)
    adults: int | None = 2
    minors: int | None = 1
    income: int | None = 120_000
    income_stability: Share | None = 1.0
    income_by_month: Annotated[tuple[Share, ...], Field(min_length=12, max_length=12)] | None = _EVEN_YEAR
    debt: int | None = 0
    arrears_days: int | None = 0
    other_lenders: int | None = 0
    bureau_queries: int | None = 1
    deposit_average: int | None = None
    settlement_inflow: int | None = None


class Expected(Frozen):
    """What a case asks; what is left out is not asked. Money in yuan, rates in percent a year, ledger rates in bp."""

    decision: Decision
    band: str | None = None
    limit: int | None = None
    baseline_limit: int | None = None
    rate: float | None = None
    all_in_cost: float | None = None
    purpose: str | None = None
    repayment_plan: str | None = None
    term_months: int | None = None
    worst_month: int | None = None
    incentive_gap_bp: int | None = None
    valid_until: date | None = None
    reasons: tuple[str, ...] | None = None
    rows: dict[str, float] = Field(default={})
    rate_rows: dict[str, int] = Field(default={})


class PolicyCase(Frozen):
    """One household on one day, and what it must be told.

    Attributes:
        probability: baseline probability of default.
        interval: how closely it is known, lower and upper end; None: as closely as one could wish.
        editions: names of the editions the case holds for; empty: every one.
    """

    case: str
    day: date
    probability: Share
    interval: tuple[Share, Share] | None = None
    grade: Grade = "none"
    purpose: str | None = None
    wished_months: int | None = None
    household: CaseHousehold = CaseHousehold()
    expected: Expected
    editions: tuple[str, ...] = ()


class CaseFile(Frozen):
    """The cases of one bank."""

    bank_code: str
    cases: Annotated[tuple[PolicyCase, ...], Field(min_length=1)]


@dataclass(frozen=True)
class FiledCase:
    """A case, whose it is and where it stands."""

    bank_code: str
    file: str
    line: int
    case: PolicyCase


@dataclass(frozen=True)
class Mismatch:
    """An answer that is not the one its owners wrote."""

    filed: FiledCase
    edition: str
    what: str
    expected: object
    found: object

    def __str__(self) -> str:
        place = f"{self.filed.file}:{self.filed.line} 「{self.filed.case.case}」"
        return f"{place} {self.edition} {self.what}: 应为 / expected {self.expected}, 实为 / found {self.found}"


def cases_of(cases: Iterable[FiledCase], policy: Policy) -> list[FiledCase]:
    """The cases that hold for a policy."""
    return [
        filed
        for filed in cases
        if filed.bank_code == policy.bank_code and policy.edition in (filed.case.editions or (policy.edition,))
    ]


def run_policy_cases(cases: Sequence[FiledCase], policy: Policy, lpr: LprTable) -> list[Mismatch]:
    """Every answer that differs from what the cases expect.

    Args:
        cases: cases that hold for the policy (`cases_of`).
        policy: the policy.
        lpr: prices their days.
    """
    return list(_mismatches(cases, policy, lpr))


def _mismatches(cases: Sequence[FiledCase], policy: Policy, lpr: LprTable) -> Iterator[Mismatch]:
    by_day = sorted(cases, key=lambda filed: filed.case.day)
    for day, group in groupby(by_day, key=lambda filed: filed.case.day):
        together = list(group)
        answers = _answers([filed.case for filed in together], policy, lpr, day)
        for filed, answer in zip(together, answers, strict=True):
            for what, expected, found in _differing(filed.case.expected, answer):
                yield Mismatch(filed, policy.edition, what, expected, found)


def _answers(cases: Sequence[PolicyCase], policy: Policy, lpr: LprTable, day: date) -> list[dict[str, Any]]:
    """What each household is told, in the cases' own units."""
    probabilities = np.array([case.probability for case in cases])
    ends = [case.interval or (case.probability, case.probability) for case in cases]
    offers = preapprove(
        _households([case.household for case in cases]),
        [case.grade for case in cases],
        probabilities,
        policy,
        lpr,
        day,
        purposes=pa.array([case.purpose for case in cases], pa.string()),
        terms_months=pa.array([case.wished_months for case in cases], pa.int64()),
        intervals=(np.array([low for low, _ in ends]), np.array([high for _, high in ends])),
    )
    return [_told(row) for row in offers.table().to_pylist()]


def _households(households: Sequence[CaseHousehold]) -> pa.Table:
    def column(name: str, scale: int = 1) -> pa.Array:
        values = [getattr(one, name) for one in households]
        return pa.array([None if value is None else value * scale for value in values], pa.float64())

    months = [one.income_by_month or (None,) * 12 for one in households]
    nothing = pa.nulls(len(households), pa.float64())
    return pa.table(
        {
            "household_ref": pa.array([str(number) for number in range(len(households))]),
            "sector": pa.array([one.sector for one in households]),
            "borrower_birth_on": pa.array([one.born_on for one in households], pa.date32()),
            "adults": column("adults"),
            "minors": column("minors"),
            "annual_income_fen": column("income", _FEN),
            "income_stability": column("income_stability"),
            "unsecured_debt_fen": column("debt", _FEN),
            "max_days_past_due_24m": column("arrears_days"),
            "other_lenders": column("other_lenders"),
            "bureau_queries_6m": column("bureau_queries"),
            "deposit_average_12m_fen": column("deposit_average", _FEN),
            "settlement_inflow_12m_fen": column("settlement_inflow", _FEN),
            **dict.fromkeys(_OTHER_COLUMNS, nothing),
            **{
                name: pa.array([shares[month] for shares in months], pa.float64())
                for month, name in enumerate(MONTHLY_SHARES)
            },
        }
    )


def _told(row: Mapping[str, Any]) -> dict[str, Any]:
    limits = {one["rule"]: one["amount_fen"] / _FEN for one in row["limit_ledger"]}
    rates = {one["rule"]: one["amount_bp"] for one in row["rate_ledger"]}
    return {
        **{name: row[name] for name in ("decision", "purpose", "repayment_plan", "term_months", "worst_month")},
        **{name: row[name] for name in ("incentive_gap_bp", "valid_until")},
        "band": row["risk_band"],
        "limit": _in_hundreds(row["limit_fen"]),
        "baseline_limit": _in_hundreds(row["baseline_limit_fen"]),
        "rate": _in_hundreds(row["rate_bp"]),
        "all_in_cost": _in_hundreds(row["all_in_annual_cost_bp"]),
        "reasons": tuple(row["reasons"]),
        "rows": limits,
        "rate_rows": rates,
    }


def _in_hundreds(amount: int | None) -> float | None:
    """Yuan of fen, per cent of basis points."""
    return None if amount is None else amount / _FEN


def _differing(expected: Expected, answer: Mapping[str, Any]) -> Iterator[tuple[str, object, object]]:
    for name in expected.model_fields_set:
        wanted, found = getattr(expected, name), answer[name]
        if name in ("rows", "rate_rows"):
            for rule, amount in wanted.items():
                if found.get(rule, 0) != amount:
                    yield f"{name}.{rule}", amount, found.get(rule, 0)
        elif wanted != found:
            yield name, wanted, found
