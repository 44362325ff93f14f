"""The candidate of a small bank: what it may not touch, what it keeps, and that it loads."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from experiments.optimise_policy.candidate import LPR_FILE, candidate_text, checked_candidate, source_of
from experiments.optimise_policy.cells import expected
from experiments.optimise_policy.errors import UnmeetableConstraintsError
from experiments.optimise_policy.frontier import frontier, hand_written_point
from experiments.optimise_policy.households import offers_on
from experiments.optimise_policy.planning import allowed_discounts, assumptions_of, plan_for
from experiments.optimise_policy.problem import Choice, Problem, is_ordered
from experiments.optimise_policy.running import Proposal, Setting, drawn_frontier, proposed
from experiments.simulation.config import load_config
from models.policy_loader import PolicyEdition, load_policy
from models.terms_errors import BrokenPolicyError

BONUS_TERMS = {"edition", "effective_from", "replaces", "grade_bonuses"}


def loaded(setting: Setting, proposal: Proposal, folder: Path) -> PolicyEdition:
    (folder / f"{setting.bank_code}.yaml").write_text(proposal.text, encoding="utf-8")
    day = setting.config.candidate.effective_from
    return load_policy(setting.bank_code, day, folder=folder, lpr_path=LPR_FILE)


def test_baseline_terms_of_every_household_are_equal_under_both_policies(setting: Setting, proposal: Proposal) -> None:
    now = offers_on(proposal.portfolio, setting.edition, setting.day)
    then = offers_on(proposal.portfolio, proposal.edition, setting.config.candidate.effective_from)
    for name in ("decision", "purpose", "band", "term_months", "baseline_limit_fen", "base_rate_bp"):
        assert np.array_equal(getattr(now, name), getattr(then, name)), name
    assert now.offered.sum() > 1000


def test_the_candidate_only_adds(setting: Setting, proposal: Proposal) -> None:
    offers = offers_on(proposal.portfolio, proposal.edition, setting.config.candidate.effective_from)
    assert (offers.limit_fen >= offers.baseline_limit_fen).all()
    assert (offers.rate_bp <= offers.base_rate_bp).all()
    none = offers.offered & (proposal.portfolio.grade == 0)
    assert (offers.limit_fen == offers.baseline_limit_fen)[none].all()
    assert (offers.rate_bp == offers.base_rate_bp)[none].all()
    assert (offers.limit_bonus_fen > 0).any()


def test_the_candidate_loads_and_differs_in_nothing_but_bonus_terms(
    setting: Setting, proposal: Proposal, tmp_path: Path
) -> None:
    candidate = loaded(setting, proposal, tmp_path).policy
    written = setting.edition.policy
    assert candidate.replaces == written.edition
    assert candidate.edition == f"{written.edition}-optimised-{setting.run[:8]}"
    assert candidate.effective_from == setting.config.candidate.effective_from
    assert candidate.model_dump(exclude=BONUS_TERMS) == written.model_dump(exclude=BONUS_TERMS)
    assert setting.run in candidate.grade_bonuses.origin
    assert candidate.grade_bonuses.origin.startswith("[P] proposed by experiments/optimise_policy")


def test_the_hand_written_comments_stay(setting: Setting, proposal: Proposal) -> None:
    comments = [line for line in source_of(setting.bank_code).splitlines() if line.lstrip().startswith("#")]
    kept = proposal.text.splitlines()
    assert len(comments) > 10
    assert [line for line in kept if line in comments] == comments


def test_grades_and_bands_stay_in_order_and_better_grades_get_more(proposal: Proposal) -> None:
    problem, choice = proposal.plan.problem, proposal.choice
    assert is_ordered(problem, choice)
    assert (np.diff(choice.bonus + choice.discount, axis=1) >= problem.least_grade_steps).all()
    assert len(choice.brackets()) <= problem.most_brackets


def test_every_limit_is_kept_and_no_household_is_lost(proposal: Proposal) -> None:
    plan = proposal.plan
    assert [limit.name for limit in plan.problem.limits if limit.excess(proposal.choice) > 1e-6] == []
    assert plan.totals(proposal.choice)["signers"] >= plan.signers_now * (1 - 1e-6)


def test_what_was_planned_is_what_the_interpreter_gives(setting: Setting, proposal: Proposal) -> None:
    """The cells' sums and the candidate's own offers are two ways to the same yuan."""
    given = assumptions_of(setting.config, setting.edition.policy, setting.day)
    offers = offers_on(proposal.portfolio, proposal.edition, setting.config.candidate.effective_from)
    outcome = expected(proposal.portfolio, offers, proposal.plan.risks, given)
    for name, total in proposal.plan.totals(proposal.choice).items():
        assert outcome[name].sum() == pytest.approx(total, rel=1e-9, abs=1e-6), name


def test_the_same_inputs_give_the_same_bytes(setting: Setting, proposal: Proposal) -> None:
    again = proposed(setting, load_config(), lambda _: None)
    assert again.text == proposal.text
    pictures = [drawn_frontier(setting, one, lambda _: None) for one in (proposal, again)]
    assert pictures[0] == pictures[1]


def test_along_the_frontier_more_households_cost_profit(setting: Setting, proposal: Proposal) -> None:
    points = frontier(proposal.plan, setting.config.frontier_worths_yuan, lambda _: None)
    profits = [point.totals["profit_yuan"] for point in points]
    signers = [point.totals["signers"] for point in points]
    assert 2 <= len(points) <= 3
    assert profits == sorted(profits, reverse=True)
    assert signers == sorted(signers)
    assert profits[0] >= hand_written_point(proposal.plan).totals["profit_yuan"]


def test_the_picture_names_both_axes_and_both_policies(setting: Setting, proposal: Proposal) -> None:
    _, picture = drawn_frontier(setting, proposal, lambda _: None)
    for words in ("included households", "yearly profit", "纳入户数", "年利润", "现行 hand-written", "候选 candidate"):
        assert words in picture.decode(), words


def test_a_capital_limit_nobody_can_keep_is_named(setting: Setting, proposal: Proposal) -> None:
    limits = setting.config.limits[setting.bank_code].model_copy(update={"capital_yuan": 1_000})
    config = setting.config.model_copy(update={"limits": {setting.bank_code: limits}})
    plan = plan_for(config, proposal.portfolio, setting.edition, setting.day, proposal.view.worth)
    with pytest.raises(UnmeetableConstraintsError, match="资本 capital") as caught:
        plan.best(0)
    assert [shortfall.limit for shortfall in caught.value.shortfalls] == [1_000]


def test_a_smaller_incentive_budget_buys_less(setting: Setting, proposal: Proposal) -> None:
    """An incentive budget of a tenth of what the candidate books holds it to that tenth."""
    plan = proposal.plan
    booked = plan.amounts("incentive_yuan")
    limits = tuple(
        replace(limit, bound=booked.of(proposal.choice) / 10) if limit.name.startswith("激励") else limit
        for limit in plan.problem.limits
    )
    held = replace(plan, problem=replace(plan.problem, limits=limits)).best(1_000)
    assert booked.of(held) <= booked.of(proposal.choice) / 10 * (1 + 1e-6)


def test_a_discount_is_allowed_as_far_as_the_policys_own_checks_allow_it(setting: Setting, proposal: Proposal) -> None:
    """Five basis points beyond what the worst household's cost and the gap cap bear, the file would be refused."""
    problem, day = proposal.plan.problem, setting.config.candidate.effective_from
    menu = np.arange(0, 201, 5)
    bands = [band for band in setting.edition.policy.bands.on(day) if band.outcome == "offer"]
    most = allowed_discounts(setting.edition, day, bands, menu).sum(axis=1).min() - 1
    for discount, refused in ((most, False), (most + 1, True)):
        shape = proposal.choice.discount.shape
        choice = Choice(np.zeros(shape, dtype=np.int64), np.full(shape, discount))
        text = written(setting, replace(problem, rate_discount_bp=menu), choice)
        if refused:
            with pytest.raises(BrokenPolicyError, match="PriceNeedsBudgetError"):
                checked_candidate(text, setting.bank_code, day)
        else:
            assert checked_candidate(text, setting.bank_code, day).policy.replaces == setting.edition.policy.edition


def written(setting: Setting, problem: Problem, choice: Choice) -> str:
    return candidate_text(
        source_of(setting.bank_code),
        problem,
        choice,
        replaces=setting.edition.policy.edition,
        edition="tried",
        effective_from=setting.config.candidate.effective_from,
        run="tried",
    )
