"""Offers beside the simulator's truth: the right borrower, the right twelve months, and unfair terms are found."""

from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from experiments.evaluate.fairness import (
    FairnessEvaluation,
    all_groupings,
    evaluate_fairness,
    kept_promises,
)
from experiments.evaluate.fairness_printing import show
from experiments.evaluate.joined import enrolled_for, joined_households
from experiments.evaluate.same_grade import with_grade
from experiments.simulation import load_behaviour, load_config, write_simulation
from experiments.simulation.config import BANKS
from experiments.simulation.drift import newest_file, read_households
from models.household_groups import at_least_months_ago
from models.terms_fairness_levels import terms_fairness_levels_on

SEED = 6
SCALE = 0.02


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small district with its truth."""
    folder = tmp_path_factory.mktemp("evaluate")
    write_simulation(load_config(), load_behaviour(), SEED, folder, SCALE)
    return folder


def offers_of(files: Path, *, unfair: bool) -> pa.Table:
    """Everybody is offered the same, but for women where it is unfair; every tenth household has no living offer."""
    parts = []
    for code in BANKS:
        file = read_households(newest_file(files / code)[0])
        count = len(file)
        women = np.array([one == "female" for one in file["borrower_sex"].to_pylist()])
        rows = {
            "household_ref": file["household_ref"],
            "decision": pa.array(["offer"] * count),
            "grade": pa.array(["A"] * count),
            "baseline_limit_fen": pa.array(np.full(count, 5_000_000)),
            "limit_bonus_fen": pa.array(np.zeros(count, dtype=np.int64)),
            "rate_discount_bp": pa.array(np.where(women & unfair, 0, 30)),
            "rate_bp": pa.array(np.full(count, 455)),
            "default_probability": pa.array(np.linspace(0.001, 0.05, count)),
        }
        parts.append(pa.table(rows).filter(pa.array(np.arange(count) % 10 > 0)))
    return pa.concat_tables(parts)


@pytest.fixture(scope="module")
def households(files: Path) -> pa.Table:
    return joined_households(files, offers_of(files, unfair=False))


def test_every_offer_finds_its_household_and_its_borrower(files: Path, households: pa.Table) -> None:
    assert len(households) == len(offers_of(files, unfair=False))
    persons = pq.read_table(files / "truth" / "persons.parquet", columns=["id_number", "birth_on"])
    born = dict(zip(persons["id_number"].to_pylist(), persons["birth_on"].to_pylist(), strict=True))
    told = households.select(["borrower_id_number", "borrower_birth_on"]).to_pylist()
    assert all(born[one["borrower_id_number"]] == one["borrower_birth_on"] for one in told)


def test_twelve_months_of_enrolment_are_those_of_the_truth(households: pa.Table) -> None:
    chosen = households.filter(pa.array(enrolled_for(households, 12)))
    assert 0 < len(chosen) < len(households)
    assert pc.max(chosen["enrolled_on"]).as_py() <= date(2025, 6, 14)
    assert all(one is None or one > date(2026, 6, 14) for one in chosen["withdrawn_on"].to_pylist())
    rest = households.filter(pa.array(~at_least_months_ago(households, "enrolled_on", 12)))
    assert all(one is None or one > date(2025, 6, 14) for one in rest["enrolled_on"].to_pylist())


def test_situations_no_bank_knows_of_are_compared(households: pa.Table) -> None:
    situation = all_groupings(households, terms_fairness_levels_on(date(2026, 6, 15)))[-1]
    told = households["situation"].to_pylist()
    assert [situation.codes[place] for place in situation.places] == told
    assert "seafarer" in told


@pytest.fixture(scope="module", params=[False, True], ids=["fair", "unfair"])
def evaluated(request: pytest.FixtureRequest, files: Path) -> tuple[bool, FairnessEvaluation]:
    return request.param, evaluate_fairness(joined_households(files, offers_of(files, unfair=request.param)), SEED)


def test_unfair_terms_fail_and_fair_ones_pass(evaluated: tuple[bool, FairnessEvaluation]) -> None:
    unfair, told = evaluated
    gates: dict[str, Any] = {one.name: one.gate for one in told.populations}
    assert gates["enrolled"].outcome == ("failed" if unfair else "passed")
    assert ("sex of the borrower: female" in gates["enrolled"].told_en) == unfair


def test_the_discount_tells_sex_only_where_it_is_unfair(evaluated: tuple[bool, FairnessEvaluation]) -> None:
    unfair, told = evaluated
    (sex,) = [one for one in told.proxies if one.grouping == "sex"]
    assert sex.auc_terms["rate_discount_bp"] == (pytest.approx(1.0) if unfair else pytest.approx(0.5, abs=0.05))


def test_a_bonus_that_caps_take_back_is_told(households: pa.Table) -> None:
    """Every fourth AA gets 20 points, the others nothing; nine AAA are too few to show."""
    grade = np.where(np.arange(len(households)) < 9, "AAA", "AA")
    bonus = np.where(np.arange(len(households)) % 4, 0, 1_000_000)
    place = [households.column_names.index(name) for name in ("grade", "limit_bonus_fen")]
    changed = households.set_column(place[0], "grade", pa.array(grade.tolist()))
    changed = changed.set_column(place[1], "limit_bonus_fen", pa.array(bonus))
    (kept,) = kept_promises(changed, terms_fairness_levels_on(date(2026, 6, 15)))
    assert (kept.grade, kept.households, kept.mean_discount_bp) == ("AA", len(households) - 9, 30.0)
    assert kept.no_bonus_share == pytest.approx(0.75, abs=0.01)
    assert kept.mean_bonus_points == pytest.approx(5.0, abs=0.2)


def test_under_one_grade_the_policies_are_asked_and_not_the_offers(
    evaluated: tuple[bool, FairnessEvaluation],
) -> None:
    """Whatever the offers said, everybody's discount is AAA's 60 basis points: no gap is left in it."""
    alike = evaluated[1].populations[-1]
    assert alike.name == "same_grade"
    gaps = [group.measured[0].gap for grouping in alike.compared.groupings for group in grouping.groups]
    assert {(gap.mean, gap.gap) for gap in gaps if gap} == {(60.0, 0.0)}


def test_a_better_grade_changes_terms_and_no_decision(households: pa.Table) -> None:
    none, best = (with_grade(households, grade) for grade in ("none", "AAA"))
    assert best["decision"] == none["decision"]
    assert best["baseline_limit_fen"] == none["baseline_limit_fen"]
    assert pc.sum(none["limit_bonus_fen"]).as_py() == 0 < pc.sum(best["limit_bonus_fen"]).as_py()


def test_the_tables_name_population_limit_and_outcome(evaluated: tuple[bool, FairnessEvaluation]) -> None:
    out = Console(record=True, width=200)
    show(out, evaluated[1])
    printed = out.export_text()
    for words in (
        "borrowers enrolled for twelve months",
        "discount, bp (±10)",
        "proxy scan",
        "decisions at equal risk",
    ):
        assert words in printed
