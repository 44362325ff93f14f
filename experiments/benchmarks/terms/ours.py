"""Our side: one call of the interpreter, its Arrow table included; and all of a bank's node from its raw columns on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from experiments.benchmarks.asking import THREADS
from experiments.benchmarks.speaking import Run
from experiments.benchmarks.terms.answers import (
    ASSUMPTIONS,
    GRADE_COSTS,
    GRADE_LIMITS,
    GRADE_RATES,
    LIMIT_LEDGER,
    RATE_LEDGER,
    REASONS,
    TERMS,
    WITHOUT_REASONS,
)
from experiments.benchmarks.terms.contest import Task, contend
from models.acted_features import SPEC
from models.compiled_card import CompiledCard
from models.expert_card_loader import load_expert_card
from models.feature_spec import MONTHLY_SHARES
from models.features import make_features
from models.offers import Offers
from models.policy_loader import PolicyEdition, load_policy
from models.preapproval import preapprove
from models.proven_reasons import ProvenReasons
from models.term_reasons import Contributions, SpeakingAgainst
from models.terms import Ledger
from models.terms_errors import Words

BANK: Final = "island_rural"
DAY: Final = date(2026, 6, 15)


def prepare(task: Task) -> tuple[Mapping[str, Run], pa.Table]:
    """The policy with and without reasons."""
    given, edition = pq.read_table(task.households), load_policy(BANK, DAY)
    households, contributions = bank_columns(given), contributions_of(given, tuple(task.rules.contributions))
    probability = given["probability_ppm"].to_numpy() / 1_000_000

    def offers(reasons: Contributions | None) -> Offers:
        return priced(households, given["grade"], probability, edition, reasons)

    rows: dict[str, Run] = {
        "reasons": lambda: offers(contributions).table(),
        "terms": lambda: offers(None).table(),
        "whole": whole(households, given["grade"], edition),
    }
    return rows, answered(offers(contributions))


def whole(households: pa.Table, grades: Any, edition: PolicyEdition) -> Run:
    """Features, the bank's expert card, reasons proven by acting upon them, offers."""
    card = CompiledCard(load_expert_card(BANK).scorecard)

    def run() -> pa.Table:
        values = card.check_features(make_features(households, SPEC))
        assessed = card.assess(values, THREADS, reasons=True)
        reasons = ProvenReasons(card, households, values, assessed)
        return priced(households, grades, assessed.default_probability, edition, reasons).table()

    return run


def priced(
    households: pa.Table,
    grades: Any,
    probability: NDArray[np.float64],
    edition: PolicyEdition,
    contributions: SpeakingAgainst | None,
) -> Offers:
    """What a bank's node does once it knows the probability."""
    return preapprove(
        households, grades, probability, edition.policy, edition.lpr, DAY, contributions=contributions, threads=THREADS
    )


def bank_columns(given: pa.Table) -> pa.Table:
    """The columns as a bank's file has them: shares as fractions."""
    fractions = {"income_stability": ("income_stability_milli", 1000)}
    fractions |= {name: (f"{name}_ppm", 1_000_000) for name in MONTHLY_SHARES}
    for name, (source, whole) in fractions.items():
        given = given.append_column(name, pc.divide(given[source].cast(pa.float64()), float(whole)))
    return given


def contributions_of(given: pa.Table, names: tuple[str, ...]) -> Contributions:
    """What a card would say, as one matrix."""
    values = np.stack([given[name].to_numpy() for name in names], axis=1)
    return Contributions(values, names, {name: Words(name, name) for name in names})


def answered(offers: Offers) -> pa.Table:
    """Offers as whole numbers, ledgers and grades side by side."""
    shown = offers.offered
    columns = {name: getattr(offers, name) for name in TERMS}
    columns |= side_by_side(offers.limit_ledger, LIMIT_LEDGER) | side_by_side(offers.rate_ledger, RATE_LEDGER)
    columns |= {name: offers.assumptions[name] for name in ASSUMPTIONS}
    grades = offers.by_grade
    tables = {GRADE_LIMITS: grades.limit_fen, GRADE_RATES: grades.rate_bp, GRADE_COSTS: grades.all_in_annual_cost_bp}
    for names, table in tables.items():
        columns |= dict(zip(names, (table * shown[:, None]).T, strict=True))
    numbers = {name: pa.array(np.asarray(columns[name], np.int64)) for name in WITHOUT_REASONS}
    codes = np.array([*offers.reasons.codes, ""])
    return pa.table(numbers | dict(zip(REASONS, map(pa.array, codes[offers.reasons.slots.T]), strict=True)))


def side_by_side(ledger: Ledger, names: tuple[str, ...]) -> dict[str, NDArray[np.int64]]:
    """A ledger's rows as one column per rule."""
    amounts = np.zeros((len(names), ledger.households), np.int64)
    amounts[ledger.rule, ledger.household_row] = ledger.amount
    return dict(zip(names, amounts, strict=True))


if __name__ == "__main__":
    contend(prepare)
