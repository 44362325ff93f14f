"""Every number of an edition has a unit, an origin, a ground and a use; a deduction's has document and catalogue id."""

from typing import Any

import pytest
from pydantic import BaseModel

from scoring import load_rulebook
from scoring.loader import editions
from scoring.value_sheet import SheetValue, value_sheet

EVERY_EDITION = pytest.mark.parametrize("edition", editions())


def numbers(value: Any) -> int:
    """How many numbers a model holds, found without the sheet's own way of walking."""
    if isinstance(value, BaseModel):
        return numbers(value.model_dump())
    if isinstance(value, dict):
        return sum(map(numbers, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(numbers, value))
    return int(isinstance(value, int) and not isinstance(value, bool))


def value_at(sheet: tuple[SheetValue, ...], place: str) -> SheetValue:
    return next(value for value in sheet if value.place == place)


@EVERY_EDITION
def test_no_number_is_left_out(edition: str) -> None:
    rulebook = load_rulebook(edition)
    sheet = value_sheet(rulebook)
    assert len(sheet) == numbers(rulebook.edition) + sum(map(numbers, rulebook.dimensions))
    assert len({value.place for value in sheet}) == len(sheet)


@EVERY_EDITION
def test_every_number_says_what_it_needs_to_be_judged(edition: str) -> None:
    rulebook = load_rulebook(edition)
    units = {"points", "months", "days", "years", "steps", "share", "hours", "stars"}
    units |= {value.unit for value in value_sheet(rulebook) if "quantity" in value.place or "needed" in value.place}
    assert "units" not in units
    for value in value_sheet(rulebook):
        assert value.unit in units, value
        assert value.origin in ("SEED", "PROP")
        assert value.tag in ("P", "V"), value  # nothing from memory passes for a number
        assert value.ground
        assert value.usable_for
    deducting = {
        i.indicator: {rule.rule for rule in i.rules} for _, i in rulebook.indicators if i.direction == "deduction"
    }
    for value in value_sheet(rulebook):
        indicator, _, rest = value.place.partition(" ")
        if indicator in deducting and rest.split(" ")[0] in deducting[indicator]:
            assert value.documents, value
            assert value.catalogue_item, value


def test_single_values_read_as_written() -> None:
    sheet = value_sheet(load_rulebook("2027-01"))
    fade = value_at(sheet, "3.3 honour_city method.fade_months")
    assert (fade.value, fade.unit, fade.origin, fade.ground) == ("24", "months", "PROP", "同意 / consent: enrolment")
    band = value_at(sheet, "4.1 combine.bands.1.upto")
    assert (band.value, band.unit, band.ground) == ("100", "hours", "同意 / consent: volunteering")
    limit = value_at(sheet, "severities.0.longest_months")
    assert (limit.value, limit.tag) == ("3", "V")
    step = value_at(sheet, "1.3 maritime_violation_serious method.ladder.1")
    assert (step.value, step.unit, step.catalogue_item) == ("-22.5", "points", "DEMO-1.3")
