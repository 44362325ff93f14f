"""What a change of edition does to a person's index: on its day, in an explanation asked ahead, and when taken back."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from loan_service.district import pipeline
from loan_service.district.stages.rulebooks import back_out
from loan_service.district.views.explanation import IndexExplanation, explanation
from loan_service.errors import NotFoundError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from loan_service.settings import Deployment

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office

TODAY = dt.date(2026, 6, 15)
EVE, NEW_YEAR = dt.date(2026, 12, 31), dt.date(2027, 1, 1)


@pytest.fixture
def volunteer(office: Office) -> Office:
    """Chen gave forty hours, which the edition of 2027 pays better."""
    office.register(office.chen)
    office.consents(office.consent(office.chen, "enrolment"), office.consent(office.chen, "volunteering"))
    days = [f"2026-05-{number:02d}" for number in range(1, 6)]
    sessions = [
        office.session(office.chen, f"ZY{day}", 签到时间=f"{day} 08:00", 签退时间=f"{day} 16:00") for day in days
    ]
    office.deliver("volunteering", [row for _, row in sessions])
    office.load()
    return office


def told(office: Office, day: dt.date) -> IndexExplanation:
    with transaction(office.wing.engine) as connection:
        return explanation(connection, office.person_id(office.chen), day)


def test_everybody_moves_to_the_new_edition_on_its_first_day(volunteer: Office) -> None:
    before = pipeline.evaluate(volunteer.wing, EVE)
    after = pipeline.evaluate(volunteer.wing, NEW_YEAR)
    assert (before.edition, after.edition, after.changed) == ("2026-01", "2027-01", 1)
    assert pipeline.evaluate(volunteer.wing, NEW_YEAR).changed == 0
    old, new = told(volunteer, EVE), told(volunteer, NEW_YEAR)
    assert (old.edition, new.edition) == ("2026-01", "2027-01")
    assert old.index_milli < new.index_milli


def test_an_explanation_asked_ahead_stands_under_the_edition_of_its_day(volunteer: Office) -> None:
    pipeline.evaluate(volunteer.wing, TODAY)
    ahead = told(volunteer, NEW_YEAR)
    pipeline.evaluate(volunteer.wing, NEW_YEAR)
    assert ahead.edition == "2027-01"
    assert ahead.index_milli == told(volunteer, NEW_YEAR).index_milli


def test_after_a_back_out_the_index_returns_and_the_days_between_keep_theirs(volunteer: Office) -> None:
    pipeline.evaluate(volunteer.wing, NEW_YEAR)
    between, out = dt.date(2027, 1, 9), dt.date(2027, 1, 10)
    under_new = told(volunteer, between)
    back_out(volunteer.wing, "2027-01", "Cy", "pays twice", out)
    assert pipeline.evaluate(volunteer.wing, out).edition == "2026-01"
    assert told(volunteer, out).edition == "2026-01"
    assert told(volunteer, out).index_milli < under_new.index_milli
    assert told(volunteer, between) == under_new


def test_before_the_first_edition_nobody_has_an_index(volunteer: Office) -> None:
    pipeline.evaluate(volunteer.wing, TODAY)
    with pytest.raises(NotFoundError, match=r"index\.none"):
        told(volunteer, dt.date(2025, 12, 31))


def test_outside_the_demonstration_nothing_is_evaluated_without_an_edition_in_force(volunteer: Office) -> None:
    wing = volunteer.wing
    declared = {"operator": "o", "role_of_parties": "r", "agreement_reference": "a"}
    settings = wing.settings.model_copy(update={"deployment": Deployment.DISTRICT, **declared})
    deployed = Wing(wing.name, wing.engine, wing.signer, wing.blind_key, settings)
    with pytest.raises(NotFoundError, match=r"rulebook\.none_in_force"):
        pipeline.evaluate(deployed, TODAY)
