"""Whom rows are about: identities checked, blinded and found in the register of residents."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loan_service.district.files.checking import TypedColumns
from loan_service.district.files.findings import Days, Findings, Ints, Mask, mask_of
from loan_service.district.files.identity import (
    NO_ID,
    Blinds,
    check_entity_codes,
    check_person_numbers,
)

_ADULT_MONTHS = 18 * 12
STRANGE_REGION = "region"
"""Quality note: the identity number begins with digits no province has."""


@dataclass(frozen=True, slots=True)
class KnownResidents:
    """The register of residents as intake needs it: sorted blind ids, and the names that belong to them."""

    person_ids: Ints
    name_blinds: Ints
    household_ids: Ints

    def position(self, person_ids: Ints) -> Ints:
        """Row of each person, -1 where the register does not know them."""
        return found_at(self.person_ids, person_ids)

    def knows_households(self, household_ids: Ints) -> Mask:
        """Whether each household is registered."""
        return np.asarray(found_at(self.household_ids, household_ids) >= 0)


def found_at(ascending: Ints, wanted: Ints) -> Ints:
    """Position of each wanted id among unique ascending ids, -1 where absent."""
    if not len(ascending):
        return np.full(len(wanted), -1, np.int64)
    place = np.minimum(np.searchsorted(ascending, wanted), len(ascending) - 1)
    return np.where(ascending[place] == wanted, place, -1)


@dataclass(frozen=True, slots=True)
class People:
    """The persons a chunk names; `person_id` is 0 where none is named or the number is wrong."""

    person_id: Ints
    birth_on: Days
    strange_region: Mask


def named_people(columns: TypedColumns, blinds: Blinds, findings: Findings) -> People:
    """Checks and blinds identity numbers; a wrong one is noted and gets no id."""
    numbers = columns["id_number"]
    checked = check_person_numbers(numbers)
    findings.add(checked.wrong_length, "id_number", "person.wrong_length")
    findings.add(checked.wrong_date, "id_number", "person.wrong_birth_date")
    findings.add(checked.wrong_check, "id_number", "person.wrong_check_digit")
    findings.add(checked.present & mask_of(pc.is_null(columns["name"])), "name", "value.missing")
    person_id = np.where(checked.right, blinds.persons(numbers), NO_ID)
    return People(person_id, checked.birth_on, checked.strange_region)


def agree_with_register(
    people: People, names: pa.Array, blinds: Blinds, register: KnownResidents, findings: Findings
) -> None:
    """Notes persons nobody registered, and rows whose name is not that of the number: they never deduct."""
    place = register.position(people.person_id)
    named = people.person_id != NO_ID
    findings.add(named & (place < 0), "id_number", "person.unregistered")
    known = named & (place >= 0) & mask_of(pc.is_valid(names))
    registered = np.append(register.name_blinds, NO_ID)[place]
    findings.add(known & (blinds.names(names) != registered), "name", "person.name_disagrees")


def named_units(columns: TypedColumns, blinds: Blinds, findings: Findings) -> Ints:
    """`entity_id` per row, 0 where no unit is named or its code is wrong."""
    codes = columns["uscc"]
    checked = check_entity_codes(codes)
    findings.add(checked.wrong_length, "uscc", "entity.wrong_length")
    findings.add(checked.wrong_check, "uscc", "entity.wrong_check_character")
    return np.where(checked.right, blinds.entities(codes), NO_ID)


def came_of_age(birth_on: Days) -> Ints:
    """The 18th birthday, in days since 1970-01-01; of a 29 February the last day of that month."""
    born = birth_on.astype("datetime64[D]")
    month = born.astype("datetime64[M]")
    day = (born - month.astype("datetime64[D]")).astype(np.int64)
    target = month + _ADULT_MONTHS
    last = (target + 1).astype("datetime64[D]").astype(np.int64) - 1
    return np.asarray(np.minimum(target.astype("datetime64[D]").astype(np.int64) + day, last))
