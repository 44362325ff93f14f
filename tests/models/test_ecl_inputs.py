"""Credit inputs for the books: every trigger that holds is told, and nothing unknown is read as zero."""

import itertools
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from pydantic import ValidationError

from models.ecl_inputs import CONTRACTS, FLAGS, TRIGGERS, ecl_inputs, residual_months, stage_of
from models.ecl_parameters import EclParameters, ecl_parameters_on
from models.errors import MissingColumnError
from models.lifetime_probability import probability_within

DAY = date(2026, 6, 15)
EDITION = ecl_parameters_on(DAY)
HELD = EDITION.parameters
SOUND: dict[str, Any] = {
    "contract_id": "island_rural/C-1",
    "limit_fen": 10_000_000,
    "outstanding_fen": 6_000_000,
    "matures_on": date(2028, 6, 15),
    "closed": False,
    "days_past_due": 0,
    "days_past_due_on": DAY,
    "worst_in_cure": 0,
    "restructured_on": None,
    "written_off": False,
    "default_probability_12m": 0.012,
    "default_probability_at_signing": 0.010,
    "default_probability_at_signing_now": 0.010,
    "model_version": "m/1",
    "model_version_at_signing": "m/1",
    "policy_edition": "island_rural/2026-06",
    "snapshot_on": DAY - timedelta(days=3),
    "snapshot_at_signing_on": date(2026, 1, 1),
}


def inputs(**changes: Any) -> dict[str, Any]:
    table = pa.Table.from_pylist([SOUND | changes], schema=CONTRACTS)
    row: dict[str, Any] = ecl_inputs(table, EDITION, DAY).to_pylist()[0]
    return row


def names(joined: str) -> set[str]:
    return set(filter(None, joined.split("|")))


def test_a_sound_contract_is_in_stage_1_without_trigger_or_flag() -> None:
    row = inputs()
    assert (row["stage"], row["triggers"], row["flags"]) == (1, "", "")


@pytest.mark.parametrize(
    ("changes", "trigger", "stage"),
    [
        ({"days_past_due": 29}, "", 1),
        ({"days_past_due": 30}, "days_past_due_stage_2", 2),
        ({"days_past_due": 90}, "days_past_due_stage_3", 3),
        ({"worst_in_cure": 91}, "days_past_due_in_cure", 3),
        ({"written_off": True}, "written_off", 3),
        ({"restructured_on": date(2024, 6, 16)}, "restructured", 3),
        ({"restructured_on": date(2024, 6, 15)}, "", 1),
        ({"matures_on": DAY}, "past_maturity", 2),
        ({"matures_on": DAY, "outstanding_fen": 0}, "", 1),
        ({"default_probability_12m": 0.025}, "significant_increase", 2),
    ],
)
def test_each_trigger_by_itself(changes: dict[str, Any], trigger: str, stage: int) -> None:
    row = inputs(**changes)
    assert trigger in names(row["triggers"]) or not trigger
    assert row["stage"] == stage


def test_every_trigger_that_holds_is_told() -> None:
    row = inputs(days_past_due=95, worst_in_cure=95, default_probability_12m=0.08, matures_on=DAY)
    assert names(row["triggers"]) == {
        "days_past_due_stage_2",
        "days_past_due_stage_3",
        "days_past_due_in_cure",
        "significant_increase",
        "past_maturity",
    }


def test_an_increase_counts_by_ratio_and_by_amount() -> None:
    small = {"default_probability_at_signing": 0.001, "default_probability_12m": 0.009}
    large = {"default_probability_at_signing": 0.05, "default_probability_12m": 0.09}
    assert [inputs(**one)["stage"] for one in (small, large)] == [1, 1]


def test_a_new_model_is_no_change_of_the_household() -> None:
    """The new card reads the data of then as 0.02 as well: nothing happened but the card."""
    changed = {"model_version": "m/2", "default_probability_12m": 0.026}
    row = inputs(**changed, default_probability_at_signing_now=0.02)
    assert (row["stage"], names(row["flags"])) == (1, {"model_changed_since_signing"})
    assert inputs(**changed, default_probability_at_signing_now=0.01)["stage"] == 2


def test_what_is_not_known_is_a_flag_and_empty_never_zero() -> None:
    unknown = inputs(
        days_past_due=None,
        days_past_due_on=None,
        worst_in_cure=None,
        default_probability_12m=None,
        default_probability_at_signing_now=None,
        snapshot_on=None,
        snapshot_at_signing_on=None,
    )
    assert names(unknown["flags"]) == {"days_past_due_unknown", "probability_unknown"}
    empty = ("default_probability_12m", "default_probability_lifetime", "snapshot_age_days", "days_past_due")
    assert [unknown[name] for name in empty] == [None] * 4


def test_a_count_of_yesterday_is_not_todays_but_still_stages() -> None:
    row = inputs(days_past_due=45, days_past_due_on=DAY - timedelta(days=1))
    assert (row["stage"], names(row["flags"])) == (2, {"days_past_due_unknown"})


def test_old_household_data_are_told_with_their_age() -> None:
    row = inputs(snapshot_on=DAY - timedelta(days=HELD.snapshot_old_days + 1))
    assert (row["snapshot_age_days"], names(row["flags"])) == (HELD.snapshot_old_days + 1, {"snapshot_old"})


def test_exposure_is_what_is_drawn_and_a_share_of_what_is_not_rounded_up() -> None:
    row = inputs(limit_fen=10_000_001, outstanding_fen=6_000_000)
    assert (row["undrawn_fen"], row["exposure_fen"]) == (4_000_001, 6_000_000 + 2_000_001)


@pytest.mark.parametrize("changes", [{"closed": True}, {"matures_on": DAY}, {"outstanding_fen": 11_000_000}])
def test_what_can_no_longer_be_drawn_is_no_exposure(changes: dict[str, Any]) -> None:
    row = inputs(**changes)
    assert (row["undrawn_fen"], row["exposure_fen"]) == (0, row["outstanding_fen"])


def test_every_row_says_what_it_rests_on() -> None:
    row = inputs()
    assert (row["model_version"], row["policy_edition"], row["parameters_edition"]) == (
        "m/1",
        "island_rural/2026-06",
        EDITION.edition,
    )
    assert (row["as_of"], row["snapshot_on"], row["loss_given_default_milli"]) == (DAY, SOUND["snapshot_on"], 600)


def test_a_missing_column_is_an_error() -> None:
    with pytest.raises(MissingColumnError, match="written_off"):
        ecl_inputs(CONTRACTS.empty_table().drop_columns(["written_off"]), EDITION, DAY)


def test_no_contracts_give_no_rows() -> None:
    assert ecl_inputs(CONTRACTS.empty_table(), EDITION, DAY).num_rows == 0


def test_what_is_no_declared_column_moves_nothing() -> None:
    """A grade beside the rows is not even carried along."""
    table = pa.Table.from_pylist([SOUND], schema=CONTRACTS)
    poisoned = table.append_column("grade", pa.array(["AAA"])).append_column("civility_index", pa.array([0.0]))
    assert ecl_inputs(poisoned, EDITION, DAY) == ecl_inputs(table, EDITION, DAY)
    assert not any("grade" in name or "civility" in name for name in CONTRACTS.names)


def test_the_stage_is_the_gravest_of_all_combinations() -> None:
    for held in itertools.product([False, True], repeat=len(TRIGGERS)):
        flags = {name: np.array([up]) for name, up in zip(TRIGGERS, held, strict=True)}
        stages = [TRIGGERS[name] for name, up in zip(TRIGGERS, held, strict=True) if up]
        assert stage_of(flags, 1)[0] == max(stages, default=1)


def test_twelve_months_give_the_twelve_month_probability_back() -> None:
    probability = np.array([0.0, 0.01, 0.4])
    assert probability_within(np.full(3, 12), probability, (1000, 800)) == pytest.approx(probability)


def test_a_lifetime_is_survived_year_by_year() -> None:
    """30 months at 1 % a year, the second year at half the hazard, from then on at double."""
    found = probability_within(np.array([30]), np.array([0.01]), (1000, 500, 2000))[0]
    assert found == pytest.approx(1 - 0.99 ** (1 + 0.5 + 0.5 * 2.0))


def test_the_last_years_hazard_holds_on() -> None:
    found = probability_within(np.array([48]), np.array([0.02]), (1000,))[0]
    assert found == pytest.approx(1 - 0.98**4)


def test_past_its_last_day_a_debt_is_looked_at_over_twelve_months() -> None:
    row = inputs(matures_on=DAY - timedelta(days=40))
    assert row["residual_months"] == 0
    assert row["default_probability_lifetime"] == pytest.approx(row["default_probability_12m"])


@pytest.mark.parametrize(
    ("today", "last", "months"),
    [
        (date(2026, 6, 15), date(2026, 6, 15), 0),
        (date(2026, 6, 15), date(2026, 6, 16), 1),
        (date(2026, 6, 15), date(2026, 7, 15), 1),
        (date(2026, 6, 15), date(2026, 7, 16), 2),
        (date(2026, 1, 31), date(2026, 2, 28), 1),
        (date(2026, 1, 31), date(2026, 3, 1), 2),
        (date(2026, 6, 15), date(2029, 6, 15), 36),
        (date(2026, 6, 15), date(2025, 1, 1), 0),
    ],
)
def test_a_part_of_a_month_counts_whole(today: date, last: date, months: int) -> None:
    start = date(1970, 1, 1)
    assert residual_months(np.array([(last - start).days]), (today - start).days)[0] == months


def test_stage_3_cannot_begin_before_stage_2() -> None:
    with pytest.raises(ValidationError, match="stage 3 begins after stage 2"):
        EclParameters(**{**HELD.model_dump(), "stage_3_days_past_due": 30})


def test_every_flag_can_be_raised() -> None:
    raised = [
        inputs(days_past_due_on=None, default_probability_12m=None, snapshot_on=date(2025, 1, 1), closed=True),
        inputs(default_probability_at_signing_now=None, model_version="m/2", outstanding_fen=20_000_000),
    ]
    assert set().union(*(names(row["flags"]) for row in raised)) == set(FLAGS)
