"""The frames scoring reads: sealed rows only, periods folded from acts, registers as they were known."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

from loan_service.district.store import tables
from loan_service.district.store.history import read_history
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal

if TYPE_CHECKING:
    from scoring import HistoryFrames
    from tests.loan_service.district.intake.conftest import Office


def known_at(office: Office, position: int) -> HistoryFrames:
    with transaction(office.wing.engine) as connection:
        return read_history(connection, position)


def sealed(office: Office) -> int:
    with transaction(office.wing.engine) as connection:
        return seal(connection, tables.log, office.wing.signer)


def test_nothing_unsealed_is_known(office: Office) -> None:
    office.consents(office.consent(office.chen, "enrolment"))
    office.deliver(*office.one(office.violation(office.chen)))
    office.load()
    frames = known_at(office, 10)
    assert [len(getattr(frames, name)) for name in ("events", "persons", "memberships")] == [0, 0, 0]


def test_a_replay_knows_what_was_known_then(office: Office) -> None:
    office.consents(office.consent(office.chen, "enrolment"))
    office.deliver("ebike_control", [office.violation(office.chen)[1]], "20260601")
    office.load()
    then = sealed(office)
    office.deliver("ebike_control", [office.violation(office.chen, "DD2")[1]], "20260602")
    office.deliver("resident_register", [office.stay(office.chen, 离户日期="2026-06-01", 离户原因="死亡")], "20260602")
    withdrawn = office.consent(office.chen, "enrolment", "2026-05-05", act="withdrawn") | {"act_no": "TY77"}
    office.deliver("consents", [withdrawn], "20260602")
    office.load()
    now = sealed(office)
    before, after = known_at(office, then), known_at(office, now)
    assert (len(before.events), len(after.events)) == (1, 2)
    assert set(before.events.position.tolist()) == {3}
    ((old,), (new,)) = before.persons.to_arrow().to_pylist(), after.persons.to_arrow().to_pylist()
    assert (old["died_on"], old["enrolled_until"]) == (None, None)
    assert (new["died_on"], new["enrolled_until"]) == (dt.date(2026, 6, 1), dt.date(2026, 5, 5))


def test_acts_fold_into_half_open_periods(office: Office) -> None:
    acts = [
        ("2021-09-01", "withdrawn"),
        ("2022-01-01", "given"),
        ("2022-02-01", "given"),
        ("2023-01-01", "withdrawn"),
        ("2023-02-01", "withdrawn"),
        ("2024-01-01", "given"),
    ]
    office.consents(*(office.consent(office.chen, "enrolment", on, act=act) for on, act in acts))
    office.load()
    rows = office.history().persons.to_arrow().to_pylist()
    assert [(row["enrolled_from"], row["enrolled_until"]) for row in rows] == [
        (dt.date(2022, 1, 1), dt.date(2023, 1, 1)),
        (dt.date(2024, 1, 1), None),
    ]


def test_a_consent_taken_back_the_same_day_never_was(office: Office) -> None:
    given = office.consent(office.chen, "enrolment", "2024-01-01")
    back = office.consent(office.chen, "enrolment", act="withdrawn") | {"acted_at": "2024-01-01T20:00:00+08:00"}
    office.consents(given, back)
    office.load()
    assert len(office.history().persons) == 0


def test_source_consents_stand_apart_from_enrolment(office: Office) -> None:
    office.consents(
        office.consent(office.chen, "enrolment"),
        office.consent(office.chen, "volunteering", "2022-01-01"),
        office.consent(office.chen, "provide_certificate", recipient="island_rural", binding_token="0" * 32),
    )
    office.load()
    (row,) = office.history().source_consents.to_arrow().to_pylist()
    assert (row["source_code"], row["from_on"], row["until_on"]) == ("volunteering", dt.date(2022, 1, 1), None)


def test_leaving_the_register_ends_an_enrolment(office: Office) -> None:
    office.deliver("resident_register", [office.stay(office.lin, 离户日期="2025-03-01", 离户原因="迁出")], "20260110")
    office.consents(office.consent(office.lin, "enrolment"))
    office.load()
    (row,) = office.history().persons.to_arrow().to_pylist()
    assert (row["enrolled_until"], row["died_on"]) == (dt.date(2025, 3, 1), None)


def test_a_move_within_the_district_ends_nothing_and_the_last_village_counts(office: Office) -> None:
    left = office.stay(office.lin, 离户日期="2025-03-01", 离户原因="分户")
    came = office.stay(office.lin, 户号="H777", 村社代码="V007", 入户日期="2025-03-01")
    office.deliver("resident_register", [came, left], "20260110")
    office.consents(office.consent(office.lin, "enrolment"))
    office.load()
    (row,) = office.history().persons.to_arrow().to_pylist()
    assert (row["enrolled_until"], row["village_code"]) == (None, "V007")


def test_absent_values_become_the_frames_nothing(office: Office) -> None:
    office.deliver(*office.one(office.hazard()))
    office.load()
    (row,) = office.history().events.to_arrow().to_pylist()
    assert (row["person_id"], row["household_id"], row["about_event_id"], row["level"]) == (0, 0, 0, "")
    assert (row["entity_id"], row["ends_on"]) == (office.entity_id(office.unit), dt.date(2026, 3, 1))
