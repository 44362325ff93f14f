import datetime as dt
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeAlias

import numpy as np
import pytest

from experiments.simulation import District, Simulation, SimulationConfig
from experiments.simulation.archetypes import RESTORED_DEBTOR, WITHDRAWN_CONSENT
from experiments.simulation.arrays import NEVER, NONE
from experiments.simulation.config import BANKS

Delivered: TypeAlias = Callable[[str], list[dict[str, Any]]]
RowsOf: TypeAlias = Callable[[Path], list[dict[str, Any]]]


def test_three_in_five_adults_enrol(full: District, config: SimulationConfig) -> None:
    adults = full.world.persons.adults(config.history.end_day - 1)
    assert (full.enrolment.enrolled_on[adults] != NONE).mean() == pytest.approx(0.60, abs=0.02)


def test_nobody_enrols_before_coming_of_age_or_being_registered(full: District) -> None:
    enrolled = full.enrolment.enrolled_on != NONE
    day = full.enrolment.enrolled_on[enrolled]
    assert (day >= full.world.persons.adult_on[enrolled]).all()
    assert (day > full.world.persons.registered_on[enrolled]).all()


def test_nearly_half_of_the_enrolled_consent_to_a_certificate_at_one_or_two_banks(full: District) -> None:
    certificates = full.enrolment.certificates
    banks = np.bincount(certificates.person, minlength=full.world.persons.count)
    assert (banks > 0).sum() / full.enrolment.live.sum() == pytest.approx(0.45, abs=0.03)
    assert set(banks.tolist()) == {0, 1, 2}
    assert len(set(certificates.token.to_pylist())) == len(certificates.person)


def test_some_change_their_mind(full: District) -> None:
    archetype, withdrawn = full.archetype, full.enrolment.withdrawn_on != NEVER
    assert withdrawn.sum() > 500
    assert np.isin(archetype[withdrawn], (WITHDRAWN_CONSENT, RESTORED_DEBTOR)).all()
    assert 0 < (~full.enrolment.certificates.live).sum() < 0.05 * len(full.enrolment.certificates.person)


def test_the_active_consent_before_their_first_record(full: District) -> None:
    rows, enrolled = full.behaviours.self_discipline, full.enrolment
    given = enrolled.source_from[3, rows.person]
    known = given != NONE
    assert known.mean() > 0.85
    assert (given[known] <= rows.occurred[known]).mean() > 0.99


@pytest.mark.usefixtures("written")
def test_acts_are_numbered_and_told_in_the_order_of_acting(folder: Path, rows_of: RowsOf) -> None:
    (path,) = (folder / "district").glob("consents_*.jsonl")
    acts = rows_of(path)
    moments = [dt.datetime.fromisoformat(act["acted_at"]) for act in acts]
    assert moments == sorted(moments)
    assert all(moment.utcoffset() == dt.timedelta(hours=8) for moment in moments)
    assert len({act["act_no"] for act in acts}) == len(acts)


@pytest.mark.usefixtures("written")
def test_every_act_fills_what_its_purpose_needs_and_nothing_else(folder: Path, rows_of: RowsOf) -> None:
    (path,) = (folder / "district").glob("consents_*.jsonl")
    filled = {
        (act["purpose"], act["source_code"] is not None, act["recipient"] is not None, act["binding_token"] is not None)
        for act in rows_of(path)
    }
    assert filled == {
        ("enrolment", False, False, False),
        ("source", True, False, False),
        ("provide_certificate", False, True, True),
    }


@pytest.mark.usefixtures("written")
def test_a_withdrawal_follows_a_consent_of_the_same_kind(folder: Path, rows_of: RowsOf) -> None:
    (path,) = (folder / "district").glob("consents_*.jsonl")
    standing: Counter[tuple[str, ...]] = Counter()
    for act in rows_of(path):
        key = (act["id_number"], act["purpose"], act["source_code"] or "", act["recipient"] or "")
        standing[key] += 1 if act["act"] == "given" else -1
        assert standing[key] in (0, 1)


@pytest.mark.usefixtures("written")
def test_a_banks_token_is_one_that_a_member_of_the_household_gave_for_this_bank(
    folder: Path, rows_of: RowsOf, delivered: Delivered
) -> None:
    (path,) = (folder / "district").glob("consents_*.jsonl")
    given = {act["binding_token"]: act for act in rows_of(path) if act["act"] == "given"}
    homes = {row["身份证号"]: row["户号"] for row in delivered("resident_register") if not row["离户日期"]}
    for bank in BANKS:
        rows = rows_of(folder / bank / "households_20260614.csv")
        tokens = [row[name] for row in rows for name in ("borrower_binding_token", "spouse_binding_token") if row[name]]
        assert len(tokens) > 20
        assert {given[token]["recipient"] for token in tokens} == {bank}
        assert len(set(tokens)) == len(tokens)
        for row in rows:
            pair = [
                given[row[name]]["id_number"]
                for name in ("borrower_binding_token", "spouse_binding_token")
                if row[name]
            ]
            assert len({homes[person] for person in pair}) <= 1


def test_files_are_there(written: Simulation) -> None:
    assert len(written.files) > 80
