"""Acts of consent: landed once, tokens become pseudonyms and are forgotten."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pytest

from loan_service.foundation.identifiers import pseudonym

if TYPE_CHECKING:
    from tests.loan_service.district.intake.conftest import Office

TOKEN = "0123456789abcdef" * 2


def test_a_certificate_consent_keeps_the_pseudonym_and_forgets_the_token(office: Office) -> None:
    act = office.consent(office.chen, "provide_certificate", recipient="island_rural", binding_token=TOKEN)
    office.consents(act)
    office.load()
    (row,) = office.rows_of("consent_acts")
    assert row["pseudonym"] == pseudonym("island_rural", TOKEN)
    assert TOKEN not in str(row)
    assert (row["person_id"], row["acted_on"]) == (office.person_id(office.chen), dt.date(2021, 8, 1))


def test_an_act_belongs_to_its_day_in_shanghai(office: Office) -> None:
    office.consents(office.consent(office.chen, "enrolment") | {"acted_at": "2024-12-31T16:30:00+00:00"})
    office.load()
    assert [row["acted_on"] for row in office.rows_of("consent_acts")] == [dt.date(2025, 1, 1)]


@pytest.mark.parametrize(
    ("purpose", "wrong", "code", "field"),
    [
        ("provide_certificate", {"recipient": "island_rural"}, "consent.no_token", "binding_token"),
        ("provide_certificate", {"binding_token": TOKEN}, "value.missing", "recipient"),
        ("volunteering", {"source_code": None}, "value.missing", "source_code"),
        ("volunteering", {"source_code": "petitions"}, "value.unknown", "source_code"),
        ("enrolment", {"act": "perhaps"}, "value.unknown", "act"),
        ("enrolment", {"acted_at": "2024-01-01T10:00:00"}, "date.invalid", "acted_at"),
        ("enrolment", {"acted_at": "2027-01-01T10:00:00+08:00"}, "date.future", "acted_at"),
        ("enrolment", {"text_version": ""}, "value.missing", "text_version"),
        ("enrolment", {"name": "别人"}, "person.name_disagrees", "name"),
    ],
)
def test_a_wrong_act_is_named_and_the_others_land(
    office: Office, purpose: str, wrong: dict[str, str | None], code: str, field: str
) -> None:
    office.consents(office.consent(office.chen, purpose) | wrong, office.consent(office.lin, "enrolment"))
    office.load()
    assert office.quarantined() == [("consents", 1, code, field)]
    assert [row["person_id"] for row in office.rows_of("consent_acts")] == [office.person_id(office.lin)]


def test_a_minor_cannot_consent(office: Office) -> None:
    office.consents(office.consent(office.child, "enrolment"))
    office.load()
    assert office.quarantined() == [("consents", 1, "consent.minor", "acted_at")]


def test_an_act_delivered_again_is_repeated_and_a_changed_one_quarantined(office: Office) -> None:
    act = office.consent(office.chen, "enrolment") | {"act_no": "TY1"}
    office.deliver("consents", [act], number=1)
    office.deliver("consents", [act | {"channel": "村社代办"}, act], number=2)
    summary = office.load()
    assert (len(office.rows_of("consent_acts")), summary.rows_repeated) == (1, 1)
    assert [code for _, _, code, _ in office.quarantined()] == ["record.changed"]
