"""The compiled pass says of every household, to the last fen, what a plain reading of the policy says."""

from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.household_facts import household_facts
from models.lpr import LprTable
from models.offers import Offers
from models.policy import DECISIONS, GRADES, Policy
from models.preapproval import preapprove
from models.terms import LIMIT_RULES, RATE_RULES, Ledger
from models.terms_kernel import decide
from models.terms_rules import rules_of_the_day
from models.terms_run import Asked, run
from tests.models_terms.by_hand import Answer, Paper, Wish, read_by_hand
from tests.models_terms.drawing import (
    random_grades,
    random_policy,
    random_probabilities,
    random_village,
    random_wishes,
    soft_lpr,
)

Build = Callable[..., dict[str, Any]]
many = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
seeds = st.integers(0, 2**32 - 1)


def _rows(ledger: Ledger, row: int, unit: str) -> list[tuple[str, int]]:
    return [(one["rule"], one[unit]) for one in ledger.nested()[row].as_py()]


def _told(offers: Offers, row: int) -> Answer:
    """What an offer says, in the shape in which it is worked out by hand."""
    by_grade = offers.by_grade
    terms = zip(by_grade.limit_fen[row], by_grade.rate_bp[row], by_grade.all_in_annual_cost_bp[row], strict=True)
    return Answer(
        decision=DECISIONS[offers.decision[row]],
        band=offers.day.bands.codes[offers.band[row]],
        purpose=offers.day.purposes[offers.purpose[row]].code,
        term_months=int(offers.term_months[row]),
        affordability_fen=int(offers.affordability_fen[row]),
        worst_month=int(offers.worst_month[row]),
        baseline_limit_fen=int(offers.baseline_limit_fen[row]),
        base_rate_bp=int(offers.base_rate_bp[row]),
        left_after_repayment_fen=int(offers.left_after_repayment_fen[row]),
        incentive_gap_bp=int(offers.incentive_gap_bp[row]),
        by_grade=[(int(limit), int(rate), int(cost)) for limit, rate, cost in terms],
        limit_rows=_rows(offers.limit_ledger, row, "amount_fen"),
        rate_rows=_rows(offers.rate_ledger, row, "amount_bp"),
    )


def _found(village: dict[str, Any], probabilities: list[float], policy: Policy, day: date) -> list[list[Any]]:
    """The kernel's findings of each household, with their outcomes."""
    today, count = rules_of_the_day(policy, soft_lpr(), day), len(probabilities)
    nothing = np.zeros(count, np.int64)
    asked = Asked(
        nothing.astype(np.int8), nothing - 1, nothing, np.array(probabilities), np.zeros(count, dtype=np.uint8)
    )
    met = run(today, household_facts(village, today.day.rule_columns), asked, threads=1).decided.met
    return [[(today.codes[at], today.outcomes[at]) for at in np.flatnonzero(row)] for row in met]


@many
@given(seed=seeds)
def test_the_compiled_pass_agrees_with_the_policy_read_by_hand(plain: Policy, day: date, seed: int) -> None:
    chance, count = np.random.default_rng(seed), 6
    policy, village = random_policy(plain, chance), random_village(chance, count)
    wishes = random_wishes(chance, village, policy, day)
    grades, probabilities = random_grades(chance, count), random_probabilities(chance, count)
    offers = preapprove(village, grades, probabilities, policy, soft_lpr(), day, **wishes)
    refs = Counter(village["household_ref"])
    for row in range(count):
        house = {name: values[row] for name, values in village.items()}
        wish = Wish(wishes["purposes"][row], wishes["terms_months"][row])
        paper = Paper(policy, soft_lpr(), day, house, probabilities[row], wish)
        answer, _ = read_by_hand(paper, grades[row], alone=refs[house["household_ref"]] == 1)
        assert _told(offers, row) == answer


@many
@given(seed=seeds)
def test_what_is_found_is_what_a_reader_of_the_rules_finds(plain: Policy, day: date, seed: int) -> None:
    chance, count = np.random.default_rng(seed), 6
    policy, village = random_policy(plain, chance), random_village(chance, count)
    probabilities = random_probabilities(chance, count)
    refs = Counter(village["household_ref"])
    for row, found in enumerate(_found(village, probabilities, policy, day)):
        house = {name: values[row] for name, values in village.items()}
        paper = Paper(policy, soft_lpr(), day, house, probabilities[row], Wish())
        assert found == paper.findings(alone=refs[house["household_ref"]] == 1, uncertain=False)


def test_the_drawn_households_are_worth_comparing(plain: Policy, day: date) -> None:
    """Whatever is decided, cut or withheld occurs often enough among what is drawn."""
    decisions: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    for seed in range(150):
        chance = np.random.default_rng(seed)
        policy, village = random_policy(plain, chance), random_village(chance, 6)
        grades, probabilities = random_grades(chance, 6), random_probabilities(chance, 6)
        offers = preapprove(village, grades, probabilities, policy, soft_lpr(), day)
        decisions.update(DECISIONS[decision] for decision in offers.decision)
        for ledger in (offers.limit_ledger, offers.rate_ledger):
            rows.update(ledger.rules[rule].code for rule in ledger.rule)
    assert min(decisions[decision] for decision in DECISIONS) > 100
    assert min(rows[rule.code] for rule in (*LIMIT_RULES, *RATE_RULES)) > 3, rows


def test_threads_and_chunks_change_nothing(households: Build, plain: Policy, lpr: LprTable, day: date) -> None:
    count, chance = 10_000, np.random.default_rng(3)
    village = households(count, annual_income_fen=chance.integers(1_000_000, 40_000_000, count).astype(float))
    grades, probabilities = chance.choice(GRADES, count), chance.random(count) * 0.06
    one, two = (preapprove(village, grades, probabilities, plain, lpr, day, threads=threads) for threads in (1, 2))
    assert one.table().equals(two.table(), check_metadata=True)
    for row in (0, 4095, 4096, 9_999):
        alone = {name: values[row : row + 1] for name, values in village.items()}
        offer = preapprove(alone, grades[row : row + 1], probabilities[row : row + 1], plain, lpr, day)
        assert offer.table().to_pylist() == one.table().slice(row, 1).to_pylist()


def test_one_household_and_a_village_are_the_same_compiled_code(
    households: Build, plain: Policy, lpr: LprTable, day: date
) -> None:
    preapprove(households(), ["AA"], [0.005], plain, lpr, day)
    preapprove(households(5_000), ["AA"] * 5_000, np.full(5_000, 0.005), plain, lpr, day, threads=2)
    assert len(decide.signatures) == 1  # type: ignore[attr-defined]
