import dataclasses

import numpy as np
import pyarrow as pa
import pytest

from experiments.simulation import Behaviour, Case, Simulation, solve, totals
from experiments.simulation.behaviour import BEHAVIOUR_FILE, load_behaviour, plans_of
from experiments.simulation.config import BANKS
from experiments.simulation.fitting import (
    KEYS,
    OutOfReachError,
    Totals,
    differences,
    limits_by_row,
    with_fitted,
    with_values,
    within_tolerance,
)

TARGETS = {
    "households_signed": 120,
    "signed_fen": 120 * 7_388_000,
    "households_drew": 72,
    "drawn_cumulative_fen": 72 * 5_435_000,
}


@pytest.fixture(scope="module")
def case(written: Simulation) -> Case:
    """Every household is offered 100,000 yuan by every bank."""
    limits = tuple(np.full(len(refs), 10_000_000) for refs in written.household_refs.values())
    return Case(6, written.chances, limits, tuple(row * 8 // 10 for row in limits))


@pytest.fixture(scope="module")
def small(behaviour: Behaviour) -> Behaviour:
    """Targets a small district can reach."""
    return behaviour.model_copy(update={"targets": behaviour.targets.model_copy(update=TARGETS)})


def test_solving_brings_every_total_to_its_target(small: Behaviour, case: Case) -> None:
    result = totals(solve(small, [case]), case)
    for key in KEYS:
        assert getattr(result, key) == pytest.approx(TARGETS[key], rel=0.02), key


def test_a_target_beyond_all_offers_is_named_with_what_could_be_reached(small: Behaviour, case: Case) -> None:
    beggarly = dataclasses.replace(case, limits_fen=tuple(np.full(len(row), 100_000) for row in case.limits_fen))
    with pytest.raises(OutOfReachError) as raised:
        solve(small, [beggarly])
    assert raised.value.parameter == "limit_location"
    assert 0 < raised.value.reached < raised.value.target


def test_without_offers_nobody_signs(behaviour: Behaviour, case: Case) -> None:
    nothing = dataclasses.replace(case, limits_fen=tuple(np.zeros_like(row) for row in case.limits_fen))
    assert totals(behaviour, nothing) == Totals(0, 0, 0, 0, 0)


def test_a_second_contract_of_a_household_never_counts(behaviour: Behaviour, case: Case) -> None:
    eager = with_fitted(behaviour, sign_rate=0.9)
    plans = plans_of(eager, case.chances)
    signers = {int(household) for household in plans.household[plans.signing]}
    assert (~plans.first_choice & plans.signing).any()
    assert totals(eager, case).households_signed == len(signers)


def test_a_second_bank_helps_whoever_the_first_turns_down(behaviour: Behaviour, case: Case) -> None:
    eager = with_fitted(behaviour, sign_rate=0.9)
    plans = plans_of(eager, case.chances)
    second = np.flatnonzero(~plans.first_choice & plans.signing)[0]
    first_bank = case.chances.first_bank[plans.household[second]]
    limits = [row.copy() for row in case.limits_fen]
    limits[first_bank][:] = 0
    refused = totals(eager, dataclasses.replace(case, limits_fen=tuple(limits)))
    without = [row.copy() for row in limits]
    without[plans.bank[second]][plans.file_row[second]] = 0
    assert (
        refused.households_signed
        == totals(eager, dataclasses.replace(case, limits_fen=tuple(without))).households_signed + 1
    )


def test_the_balance_is_what_was_drawn_less_what_came_back(behaviour: Behaviour, case: Case) -> None:
    result = totals(behaviour, case)
    assert 0.5 * result.drawn_cumulative_fen < result.outstanding_fen < result.drawn_cumulative_fen
    patient = behaviour.model_copy(
        update={"fixed": behaviour.fixed.model_copy(update={"repayment_speed": 0.0, "bridging_share": 0.0})}
    )
    assert totals(patient, case).outstanding_fen > result.outstanding_fen


def test_offers_are_matched_by_reference_and_only_real_offers_count() -> None:
    refs = {code: pa.array([f"{code}-{row}" for row in range(3)]) for code in BANKS}
    offers = pa.table(
        {
            "bank_code": [BANKS[1], BANKS[1], BANKS[0]],
            "household_ref": [f"{BANKS[1]}-2", f"{BANKS[1]}-0", f"{BANKS[0]}-1"],
            "decision": ["offer", "refer", "offer"],
            "limit_fen": [500, 700, 900],
        }
    )
    assert [row.tolist() for row in limits_by_row(offers, refs)] == [[0, 900, 0], [0, 0, 500], [0, 0, 0]]


def test_medians_within_five_percent_pass_and_others_do_not(behaviour: Behaviour) -> None:
    exact = Totals(5914, 43_692_000_000, 3572, 19_414_000_000, 0)
    near = dataclasses.replace(exact, signed_fen=45_800_000_000)
    far = dataclasses.replace(exact, signed_fen=46_000_000_000)
    assert within_tolerance(behaviour, [near])
    assert not within_tolerance(behaviour, [far])
    assert within_tolerance(behaviour, [exact, near, far])  # the median decides
    assert differences(behaviour, [far])["signed_fen"] == pytest.approx(0.0528, abs=1e-3)


def test_saving_changes_the_numbers_and_keeps_every_comment() -> None:
    text = BEHAVIOUR_FILE.read_text(encoding="utf-8")
    changed = with_values(text, {"  sign_rate": 0.5} | {"sign_rate": 0.123456789})
    assert "sign_rate: 0.123457  # [fitted]" in changed
    assert changed.count("#") == text.count("#")
    assert changed.splitlines()[:8] == text.splitlines()[:8]


def test_the_configured_targets_are_the_published_figures() -> None:
    targets = load_behaviour().targets
    assert (targets.households_signed, targets.households_drew) == (5914, 3572)
    assert (targets.signed_fen, targets.drawn_cumulative_fen) == (43_692_000_000, 19_414_000_000)


def test_who_does_not_choose_the_bonus_signs_no_more_than_the_baseline(behaviour: Behaviour, case: Case) -> None:
    nobody = behaviour.model_copy(update={"fixed": behaviour.fixed.model_copy(update={"bonus_share": 0.0})})
    all_of_it = dataclasses.replace(case, baseline_limits_fen=case.limits_fen)
    assert totals(nobody, all_of_it) == totals(behaviour, all_of_it)
    with_bonus, without = totals(behaviour, case), totals(nobody, case)
    assert without.households_signed == with_bonus.households_signed
    assert without.signed_fen < with_bonus.signed_fen
