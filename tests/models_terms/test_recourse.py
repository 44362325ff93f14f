"""Bank-side steps: the least that reaches something, as the bank's own path quotes it, whatever the grade."""

from datetime import date
from typing import Any, SupportsInt, get_args

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.feature_spec import MONTHLY_SHARES
from models.offers import Offers
from models.policy import DECISIONS, GRADES
from models.policy_loader import load_policy
from models.preapproval import preapprove
from models.recourse import Candidates, Quote, bank_recourse
from models.recourse_answer import BankRecourse, Kind, Path, Terms, Wish
from models.recourse_moves import STEP_FEN, moves_of
from models.terms_errors import UnrepeatableQuoteError
from models.yearly_cost import yearly_interest_fen

DAY = date(2026, 6, 15)
BANKS = ("island_rural", "harbour_city", "coast_village")
EDITIONS = {bank: load_policy(bank, DAY) for bank in BANKS}
PURPOSES = ("vessel_engine", "guesthouse")
many = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

WHOLE = ("adults", "minors", "annual_income_fen", "unsecured_debt_fen", "other_lenders", "max_days_past_due_24m")


def row_of(**changes: Any) -> pa.Table:
    """One wage household of two adults and a child who earn 120,000 yuan, evenly, and owe nothing."""
    typical = {
        "sector": "wage",
        "borrower_birth_on": date(1986, 3, 4),
        "adults": 2,
        "minors": 1,
        "annual_income_fen": 12_000_000,
        "income_stability": 1.0,
        "unsecured_debt_fen": 0,
        "max_days_past_due_24m": 0,
        "bureau_queries_6m": 1,
        "other_lenders": 0,
        **dict.fromkeys(MONTHLY_SHARES, 1 / 12),
    }
    kinds = {
        **dict.fromkeys((*WHOLE, "bureau_queries_6m"), pa.int64()),
        **dict.fromkeys(("income_stability", *MONTHLY_SHARES), pa.float64()),
        "sector": pa.string(),
        "borrower_birth_on": pa.date32(),
    }
    return pa.table({name: pa.array([value], kinds[name]) for name, value in (typical | changes).items()})


def path_to_terms(bank: str = "island_rural", grade: str = "none") -> Quote:
    """A bank's whole path with a risk that rises with debts, arrears and with what is not known."""

    def quote(candidates: Candidates) -> Offers:
        rows = candidates.households
        income = _numbers(rows, "annual_income_fen", 1.0)
        debts = np.nan_to_num(_numbers(rows, "unsecured_debt_fen") / np.maximum(income, 1.0), nan=0.4)
        risk = 0.003 + 0.04 * debts + 0.0008 * _numbers(rows, "max_days_past_due_24m", 5.0)
        edition = EDITIONS[bank]
        return preapprove(
            rows,
            [grade] * len(risk),
            np.clip(risk, 0, 1),
            edition.policy,
            edition.lpr,
            DAY,
            purposes=candidates.purposes,
            terms_months=candidates.terms_months,
        )

    return quote


def _numbers(rows: pa.Table, name: str, unknown: float = float("nan")) -> Any:
    values = rows[name].to_numpy().astype(float)
    return np.where(np.isnan(values), unknown, values)


def alone(quote: Quote, household: pa.Table, path: Path) -> Offers:
    """The step done and asked for by itself, built without `models.recourse`."""
    for name, value in path.move.changes.items():
        place = household.column_names.index(name)
        household = household.set_column(place, name, pa.array([value], pa.int64()))
    wish = path.move.wish
    return quote(Candidates(household, pa.array([wish.purpose], pa.string()), pa.array([wish.term_months], pa.int64())))


def kinds(told: BankRecourse) -> list[str]:
    return [path.move.kind for path in told.paths]


def one(told: BankRecourse, kind: str) -> Path:
    (path,) = [path for path in told.paths if path.move.kind == kind]
    return path


# --- single households ------------------------------------------------------------------------------------------------
def test_a_household_that_can_better_nothing_may_wait() -> None:
    told = bank_recourse(row_of(), path_to_terms())
    assert kinds(told) == ["wait", "smaller_line"]
    assert told.paths[0].terms == told.today
    assert (told.paths[0].saved_fen, told.longest_term) == (0, True)


def test_the_least_debt_whose_repayment_makes_the_loan_cheaper_is_named() -> None:
    household = row_of(unsecured_debt_fen=6_000_000)
    told = bank_recourse(household, path_to_terms())
    path = one(told, "debt_repaid")
    assert path.better[0] == "rate"
    before = row_of(unsecured_debt_fen=6_000_000 - path.move.amount + STEP_FEN)
    assert bank_recourse(before, path_to_terms()).today.rate_bp == told.today.rate_bp > path.terms.rate_bp
    used = told.today.baseline_limit_fen
    saved = yearly_interest_fen(used, told.today.rate_bp) - yearly_interest_fen(used, path.terms.rate_bp)
    assert path.saved_fen == saved > 0


def test_debts_that_keep_the_line_too_small_are_named_with_what_becomes_possible() -> None:
    told = bank_recourse(row_of(unsecured_debt_fen=14_000_000), path_to_terms())
    path = one(told, "debt_repaid")
    assert (told.today.decision, path.terms.decision) == ("decline", "offer")
    assert path.terms.limit_fen >= 1_000_000
    assert path.saved_fen is None
    assert not path.worth_little


def test_a_step_that_saves_little_says_so() -> None:
    told = bank_recourse(row_of(annual_income_fen=4_000_000, unsecured_debt_fen=800_000), path_to_terms())
    path = one(told, "debt_repaid")
    assert path.saved_fen is not None
    assert 0 < path.saved_fen < 10_000
    assert path.worth_little


def test_debts_nobody_knows_are_no_promise_and_the_bound_is_exact() -> None:
    household = row_of(unsecured_debt_fen=None, other_lenders=None, bureau_queries_6m=None)
    told = bank_recourse(household, path_to_terms())
    path = one(told, "bureau_authorised")
    assert not path.certain
    assert path.terms.rate_bp < told.today.rate_bp
    for debt_fen, helps in ((path.holds_until_fen, True), (path.holds_until_fen + STEP_FEN, False)):
        found = bank_recourse(
            row_of(unsecured_debt_fen=debt_fen, other_lenders=0, bureau_queries_6m=0), path_to_terms()
        )
        better = found.today.rate_bp < told.today.rate_bp or found.today.limit_fen > told.today.limit_fen
        no_worse = found.today.rate_bp <= told.today.rate_bp and found.today.limit_fen >= told.today.limit_fen
        assert (better and no_worse) == helps


def test_an_income_nobody_knows_is_named_from_where_on_it_helps() -> None:
    told = bank_recourse(row_of(annual_income_fen=None), path_to_terms())
    path = one(told, "income_authorised")
    assert (path.certain, told.today.decision, path.terms.decision) == (False, "refer", "offer")
    poorer = bank_recourse(row_of(annual_income_fen=path.move.amount - STEP_FEN), path_to_terms())
    assert poorer.today.decision != "offer"


def test_arrears_lapse_with_the_window() -> None:
    told = bank_recourse(row_of(max_days_past_due_24m=40), path_to_terms())
    path = one(told, "arrears_lapsed")
    assert (path.move.amount, path.terms.decision) == (24, "offer")


def test_a_longer_term_is_looked_for_only_where_a_shorter_was_asked_for() -> None:
    household = row_of(annual_income_fen=4_000_000)
    assert "longer_term" not in kinds(bank_recourse(household, path_to_terms()))
    told = bank_recourse(household, path_to_terms(), Wish(term_months=12))
    path = one(told, "longer_term")
    assert not told.longest_term
    assert path.terms.term_months == path.move.amount > 12
    assert path.terms.limit_fen > told.today.limit_fen


def test_the_longest_term_is_among_those_looked_at_however_the_steps_fall() -> None:
    def looked_at(term_months: int, longest: int) -> list[int]:
        moves = moves_of(row_of(), Wish(term_months=term_months), term_months, longest)
        return [move.amount for move in moves if move.kind == "longer_term"]

    assert looked_at(10, 12) == [12]
    assert looked_at(12, 36) == [18, 24, 30, 36]
    assert looked_at(36, 36) == []


def test_no_purpose_is_proposed_that_was_not_named() -> None:
    household = row_of(annual_income_fen=4_000_000)
    assert "other_purpose" not in kinds(bank_recourse(household, path_to_terms()))
    told = bank_recourse(household, path_to_terms(), purposes=["guesthouse", "household_consumption"])
    assert one(told, "other_purpose").terms.purpose == "guesthouse"


def test_borrowing_less_leaves_more_in_the_tightest_month_and_changes_nothing_else() -> None:
    told = bank_recourse(row_of(), path_to_terms())
    path = one(told, "smaller_line")
    assert (path.move.amount, path.better, path.worse) == (1_000_000, ("left",), ("line",))
    assert path.terms == told.today._replace(limit_fen=told.today.limit_fen - 1_000_000)
    # A thirty-sixth of 10,000 yuan and a month of interest on what is owed then.
    assert 27_700 <= path.left_more_fen <= 27_800 + yearly_interest_fen(1_000_000, told.today.base_rate_bp) // 12 + 1


def test_what_is_not_quoted_again_as_it_was_found_is_not_told() -> None:
    quote, asked = path_to_terms(), []

    def forgetful(candidates: Candidates) -> Offers:
        asked.append(candidates)
        again = len(asked) == 3
        debts = pa.array([5_900_000] * candidates.households.num_rows, pa.int64())
        place = candidates.households.column_names.index("unsecured_debt_fen")
        rows = candidates.households.set_column(place, "unsecured_debt_fen", debts) if again else candidates.households
        return quote(candidates._replace(households=rows))

    with pytest.raises(UnrepeatableQuoteError):
        bank_recourse(row_of(unsecured_debt_fen=6_000_000), forgetful)
    assert len(asked) == 3


# --- any household ----------------------------------------------------------------------------------------------------
def drawn(seed: int) -> dict[str, Any]:
    """A household such as a bank knows them: most figures known, some debts, some arrears."""
    draw = np.random.default_rng(seed)

    def maybe(value: SupportsInt) -> int | None:
        return None if draw.random() < 0.15 else int(value)

    return {
        "sector": str(draw.choice(["fishery", "aquaculture", "tourism", "wage", "trade", "other"])),
        "adults": maybe(draw.integers(1, 4)),
        "minors": int(draw.integers(0, 3)),
        "annual_income_fen": maybe(draw.lognormal(np.log(11_000_000), 0.6)),
        "income_stability": float(draw.random()) if draw.random() < 0.8 else None,
        "unsecured_debt_fen": maybe(draw.choice([0, 1, 1]) * draw.integers(0, 16_000_000)),
        "max_days_past_due_24m": maybe(draw.choice([0, 0, 5, 25, 45])),
        "bureau_queries_6m": maybe(draw.integers(0, 10)),
        "other_lenders": maybe(draw.integers(0, 6)),
    }


HOUSEHOLDS = st.integers(0, 2**32 - 1).map(drawn)


def test_the_households_drawn_meet_every_kind_of_step() -> None:
    seen = set()
    for seed in range(200):
        household = drawn(seed)
        wish = Wish(term_months=None if household["sector"] == "aquaculture" else 12)
        seen |= set(kinds(bank_recourse(row_of(**household), path_to_terms(), wish, PURPOSES)))
    assert seen == set(get_args(Kind))


def _better(aspect: str, then: Terms, now: Terms) -> int:
    """How a person would compare, by the figures told: 1 better, 0 the same, -1 worse."""
    pairs = {
        "decision": (DECISIONS.index(now.decision), DECISIONS.index(then.decision)),
        "rate": (now.rate_bp, then.rate_bp),
        "line": (then.limit_fen, now.limit_fen),
        "carried": (then.carried_fen, now.carried_fen),
        "left": (now.limit_fen, then.limit_fen),
    }
    ours, theirs = pairs[aspect]
    return int(np.sign(ours - theirs))


@many
@given(
    changes=HOUSEHOLDS,
    bank=st.sampled_from(BANKS),
    grade=st.sampled_from(GRADES),
    months=st.sampled_from([None, None, 12, 24]),
)
def test_every_path_is_quoted_as_told_and_worsens_nothing_it_claims_to_better(
    changes: dict[str, Any], bank: str, grade: str, months: int | None
) -> None:
    household, quote = row_of(**changes), path_to_terms(bank, grade)
    wish = Wish(term_months=None if changes["sector"] == "aquaculture" else months)
    told = bank_recourse(household, quote, wish, PURPOSES)
    assert kinds(told)[0] == "wait"
    for path in told.paths:
        if path.move.kind == "smaller_line":
            continue
        fresh = alone(quote, household, path)
        assert DECISIONS[fresh.decision[0]] == path.terms.decision
        assert (fresh.limit_fen[0], fresh.rate_bp[0]) == (path.terms.limit_fen, path.terms.rate_bp)
        assert fresh.affordability_fen[0] == path.terms.carried_fen
        assert all(_better(aspect, path.terms, told.today) > 0 for aspect in path.better)
        assert all(_better(aspect, path.terms, told.today) >= 0 for aspect in ("decision", *path.better))
        assert not {"rate", "line", "decision"} & set(path.worse)
        if path.move.kind != "wait":
            assert {"rate", "line", "decision"} & set(path.better)
        assert path.saved_fen is None or path.saved_fen >= 0


@many
@given(changes=HOUSEHOLDS, bank=st.sampled_from(BANKS))
def test_a_poisoned_grade_changes_nothing_of_a_step_but_what_the_bonus_adds(changes: dict[str, Any], bank: str) -> None:
    household, without = row_of(**changes), path_to_terms(bank)
    decided = bank_recourse(household, without)
    for grade in GRADES[1:]:
        told = bank_recourse(household, path_to_terms(bank, grade))
        assert told.today.decision == decided.today.decision
        for path in told.paths:
            if path.move.kind == "smaller_line":
                continue
            plain = alone(without, household, path)
            assert DECISIONS[plain.decision[0]] == path.terms.decision
            assert plain.baseline_limit_fen[0] == path.terms.baseline_limit_fen
            assert plain.base_rate_bp[0] == path.terms.base_rate_bp
            assert plain.limit_fen[0] <= path.terms.limit_fen
            assert plain.rate_bp[0] >= path.terms.rate_bp


@many
@given(changes=HOUSEHOLDS, bank=st.sampled_from(BANKS), reached=st.sampled_from(["decision", "rate"]))
def test_no_smaller_repayment_reaches_as_much(changes: dict[str, Any], bank: str, reached: str) -> None:
    household, quote = row_of(**changes), path_to_terms(bank)
    told = bank_recourse(household, quote)
    for path in told.paths:
        if path.move.kind != "debt_repaid" or path.better[0] != reached:
            continue
        owed = changes["unsecured_debt_fen"]
        for repaid in range(STEP_FEN, path.move.amount, STEP_FEN):
            less = bank_recourse(row_of(**changes | {"unsecured_debt_fen": owed - repaid}), quote).today
            assert _better(reached, less, told.today) <= 0
