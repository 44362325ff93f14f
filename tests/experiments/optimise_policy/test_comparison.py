"""Policies on the simulator's truth: paired, repeatable, and honest about what the index earns."""

import json

import numpy as np
import pytest

from experiments.optimise_policy.comparison import Spread, broken_shares, table_of, trial, truly_saved_yuan
from experiments.optimise_policy.report import MAIN_WORLD, figure_told, page
from experiments.optimise_policy.running import Proposal, Setting, compared, files_of, numbers_of
from experiments.optimise_policy.settings import Economics
from experiments.optimise_policy.yearly import Risks
from experiments.simulation.config import load_config


def quiet(_: str) -> None:
    """Nobody listens."""


def test_a_policy_differs_in_nothing_from_itself(setting: Setting, proposal: Proposal) -> None:
    same = (setting.edition, setting.day)
    one = trial(setting.config, load_config(), setting.behaviour, proposal.view, {"a": same, "b": same}, quiet)
    assert one.seeds == (1, 2)
    for figures in table_of(one, "a", "b").values():
        assert figures["all"]["mean"] in (0.0, None)
    assert table_of(one, "a")["signers"]["all"]["mean"] > 100


def test_an_offer_is_the_same_household_under_every_policy(setting: Setting, proposal: Proposal) -> None:
    policies = {
        "hand_written": (setting.edition, setting.day),
        "candidate": (proposal.edition, setting.config.candidate.effective_from),
    }
    one = trial(setting.config, load_config(), setting.behaviour, proposal.view, policies, quiet)
    assert table_of(one, "candidate", "hand_written")["offers"]["all"]["mean"] == 0
    for group in ("none",):
        assert table_of(one, "candidate", "hand_written")["profit"][group]["mean"] == 0


def test_a_limit_is_broken_in_the_share_of_seeds_that_break_it(setting: Setting, proposal: Proposal) -> None:
    policies = {"hand_written": (setting.edition, setting.day)}
    one = trial(setting.config, load_config(), setting.behaviour, proposal.view, policies, quiet)
    limits, policy = setting.config.limits[setting.bank_code], setting.edition.policy
    binds = [float(seed["capital_yuan"].sum()) for seed in one.sums["hand_written"]]
    between = limits.model_copy(update={"capital_yuan": int(np.mean(binds))})
    shares = broken_shares(one, "hand_written", policy, setting.day, between)
    assert shares["capital"] == 0.5
    assert shares["any"] >= 0.5


def test_in_truth_a_lower_risk_at_equal_bank_risk_saves_and_a_common_error_does_not() -> None:
    line, priced = np.full(4, 100.0), np.full(4, 0.01)
    common = truly_saved_yuan(line, Risks(priced, priced, priced * 1.3), Economics(350, 0.6))
    assert common == pytest.approx(0)
    apart = truly_saved_yuan(line, Risks(priced, priced, np.array([0.02, 0.02, 0.0, 0.0])), Economics(350, 0.6))
    assert apart[2] == pytest.approx(100 * 0.01 * 0.6)
    assert apart.sum() == pytest.approx(0)


def test_an_interval_is_students() -> None:
    spread = Spread.of([1.0, 2.0, 3.0])
    assert spread.mean == 2
    assert spread.high - spread.mean == pytest.approx(4.302652729749464 / 3**0.5)
    assert Spread.of([5.0]).content() == {"mean": 5.0, "low": None, "high": None}
    assert figure_told("profit", Spread.of([]).content()) == "-"


def test_where_the_index_predicts_nothing_the_whole_bonus_is_incentive(setting: Setting, proposal: Proposal) -> None:
    facts = compared(setting, proposal, quiet, (MAIN_WORLD, "worthless_index"))
    worthless = facts["worlds"]["worthless_index"]
    assert worthless["grade_worth"]["conclusion"] == "not_shown"
    for figures in worthless["policies"].values():
        assert figures["incentive_share"]["all"]["mean"] >= 0.95
    told = page(facts)
    assert "未见差别" in told or "高于现行" in told or "低于现行" in told
    assert "计入激励" in told
    assert dict(numbers_of(facts))


@pytest.mark.slow
def test_a_run_leaves_the_same_bytes_twice(setting: Setting) -> None:
    _, one = files_of(setting, quiet)
    facts, other = files_of(setting, quiet)
    assert one == other
    assert set(one) == {"candidate.yaml", "frontier.svg", "frontier.json", "comparison.json", "comparison.md"}
    assert json.loads(one["comparison.json"]) == facts
