import dataclasses
import json
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from experiments.simulation import Behaviour, Simulation
from experiments.simulation.arrays import NONE
from experiments.simulation.behaviour import plans_of
from experiments.simulation.config import BANKS
from experiments.simulation.fitting import with_fitted

RowsOf: TypeAlias = Callable[[Path], list[dict[str, Any]]]

KEYS = [
    "household_ref",
    "applies_on",
    "wants_purpose",
    "wants_limit_share",
    "accepts",
    "signs",
    "takes_bonus",
    "draws",
    "repays",
    "arrears",
]


@pytest.mark.usefixtures("written")
@pytest.mark.parametrize("bank", BANKS)
def test_intentions_are_written_as_agreed(folder: Path, bank: str, rows_of: RowsOf) -> None:
    known = {row["household_ref"] for row in rows_of(folder / bank / "households_20260614.csv")}
    rows = rows_of(folder / "channel" / bank / "intentions.jsonl")
    assert len({row["household_ref"] for row in rows}) == len(rows) > 20
    for row in rows:
        assert list(row) == KEYS
        assert row["household_ref"] in known
        assert "2026-06-15" <= row["applies_on"] < "2026-09-13"
        assert 0 < row["wants_limit_share"] <= 1
        assert row["accepts"] or not row["signs"]
        assert row["signs"] or not (row["draws"] or row["repays"] or row["arrears"])
        assert 0 <= sum(draw["share_of_limit"] for draw in row["draws"]) <= 1 + 1e-9
        assert all(0 < draw["share_of_limit"] <= 1 and draw["on_day"] >= 1 for draw in row["draws"])
        assert all(0 < payment["share_of_outstanding"] <= 1 for payment in row["repays"])
        for plan in (row["draws"], row["repays"], row["arrears"]):
            assert [step["on_day"] for step in plan] == sorted({step["on_day"] for step in plan})


@pytest.mark.usefixtures("written")
def test_some_draw_twice_some_default_and_some_are_late_once(folder: Path, rows_of: RowsOf) -> None:
    rows = [row for bank in BANKS for row in rows_of(folder / "channel" / bank / "intentions.jsonl")]
    assert {len(row["draws"]) for row in rows} == {0, 1, 2}
    reported = Counter(json.dumps([step["days_past_due"] for step in row["arrears"]]) for row in rows)
    assert reported["[30, 60, 90]"] >= 1
    assert any(len(json.loads(steps)) == 1 for steps in reported)


def test_whoever_defaults_stops_paying(written: Simulation, behaviour: Behaviour) -> None:
    plans = plans_of(behaviour, written.chances)
    bad = plans.arrears_day[:, 2] != NONE
    assert bad.any()
    started = plans.arrears_day[bad, 0] - 30
    assert (plans.repay_day[bad].max(axis=1) < started).all()


def test_at_most_one_household_in_thirty_tries_a_second_bank(written: Simulation, behaviour: Behaviour) -> None:
    plans = plans_of(behaviour, written.chances)
    tries = Counter(plans.household.tolist())
    assert set(tries.values()) <= {1, 2}
    assert 0 < (~plans.first_choice).sum() / len(tries) < 1 / 30


def test_a_parameter_moves_plans_smoothly_because_chance_stays(written: Simulation, behaviour: Behaviour) -> None:
    plans = plans_of(behaviour, written.chances)
    more = plans_of(with_fitted(behaviour, sign_rate=behaviour.fitted.sign_rate * 1.05), written.chances)
    first, later = set(plans.household.tolist()), set(more.household.tolist())
    assert first < later
    assert len(later) < 1.1 * len(first)


def test_wishes_for_less_of_the_limit_are_the_same_wishes_scaled(written: Simulation, behaviour: Behaviour) -> None:
    plans = plans_of(behaviour, written.chances)
    less = plans_of(with_fitted(behaviour, limit_location=behaviour.fitted.limit_location - 0.2), written.chances)
    assert np.array_equal(plans.household, less.household)
    assert (less.limit_milli <= plans.limit_milli).all()
    assert (less.limit_milli < plans.limit_milli).any()


def test_a_bridging_loan_is_settled_with_its_first_payment(written: Simulation, behaviour: Behaviour) -> None:
    plans = plans_of(behaviour, written.chances)
    settled_first = plans.repay_milli[:, 0] == 1000
    assert settled_first.any()
    assert (plans.repay_day[settled_first, 1:] == NONE).all()


def test_most_would_choose_the_bonus_some_would_not_and_nothing_else_hangs_on_it(
    written: Simulation, behaviour: Behaviour
) -> None:
    plans = plans_of(behaviour, written.chances)
    share = plans.takes_bonus.mean()
    assert 0.8 < share < 1
    nobody = behaviour.model_copy(update={"fixed": behaviour.fixed.model_copy(update={"bonus_share": 0.0})})
    without = plans_of(nobody, written.chances)
    assert not without.takes_bonus.any()
    others = [field.name for field in dataclasses.fields(plans) if field.name != "takes_bonus"]
    assert all(np.array_equal(getattr(plans, name), getattr(without, name)) for name in others)
