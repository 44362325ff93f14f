"""Sifts a chunk of a feed: what is refused, wrong, without consent, and the records and events that may land."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from loan_service.district.contracts import Contract
from loan_service.district.contracts.banned import JUVENILE_RULE, PATTERN, rule_of
from loan_service.district.contracts.declared import Consent, Subject
from loan_service.district.files.checking import TypedColumns, typed_columns
from loan_service.district.files.eventing import Happenings, happenings
from loan_service.district.files.findings import NO_DAY, Findings, FoundRows, Ints, Mask, dates_of, mask_of
from loan_service.district.files.identity import NO_ID, Blinds
from loan_service.district.files.reading import RawChunk
from loan_service.district.files.rows import broken_rows, content_ids, payloads
from loan_service.district.files.subjects import (
    STRANGE_REGION,
    KnownResidents,
    People,
    agree_with_register,
    came_of_age,
    found_at,
    named_people,
    named_units,
)
from loan_service.foundation.identifiers import stable_ids

SEPARATOR = "\x1f"
_EVENT_TEXTS = ("document_class", "document_no", "catalogue_item")


@dataclass(frozen=True, slots=True)
class FeedContext:
    """What a feed's rows are measured against.

    Attributes:
        last_day: no fact can lie after it (delivery or business date, whichever is earlier).
        notice_days: a negative counts that many days after its pre-notice.
        consenting: per kind of consent the sorted ids of persons whose consent is live.
        consenting_households: sorted ids of households with a consenting adult member.
    """

    contract: Contract
    last_day: int
    notice_days: int
    blinds: Blinds
    register: KnownResidents
    consenting: Mapping[Consent, Ints]
    consenting_households: Ints


@dataclass(frozen=True, slots=True)
class Sifted:
    """A chunk after every check that needs no database.

    Attributes:
        rows: number of rows delivered in it.
        found: what goes to quarantine.
        refused: (row number, rule) of banned subjects.
        withheld: content ids of rows left out for want of consent, in file order.
        records: rows of `source_records` without their file.
        events: rows of `events` without their leaf, one per record in the same order.
    """

    rows: int
    found: FoundRows
    refused: list[tuple[int, str]]
    withheld: Ints
    records: pa.Table
    events: pa.Table


def sift(raw: RawChunk, context: FeedContext) -> Sifted:
    """Checks one chunk of a feed; pure."""
    contract, numbers = context.contract, raw.row_numbers
    findings = Findings(len(numbers))
    columns = typed_columns(contract, raw.columns, context.last_day, findings)
    class_of = _classes(contract, columns, findings, len(numbers))
    whom, people = _subjects(columns, class_of, context, findings)
    what = happenings(contract, columns, class_of, context.notice_days, findings)
    rules = _banned(contract, columns, what, people)
    refused = np.array([rule != "" for rule in rules], np.bool_)
    withheld = ~refused & ~findings.bad & _without_consent(class_of, whom, context)
    good = ~refused & ~findings.bad & ~withheld
    content = content_ids(raw.columns, good | withheld, context.blinds.key)
    records = _records(raw, columns, class_of, whom, people, context, good)
    records = records.append_column("content_id", pa.array(content[good], pa.int64()))
    return Sifted(
        rows=len(numbers) + len(raw.broken),
        found=findings.rows(numbers, without=refused) + broken_rows(raw),
        refused=[(int(number), rule) for number, rule in zip(numbers, rules, strict=True) if rule],
        withheld=content[withheld],
        records=records,
        events=_events(columns, whom, what, records, context, good),
    )


# --- classes ----------------------------------------------------------------------------------------------------------
def _classes(contract: Contract, columns: TypedColumns, findings: Findings, rows: int) -> Ints:
    """Position of each row's record class in the contract, -1 where unknown."""
    if not contract.class_column:
        return np.zeros(rows, np.int64)
    names = pa.array([each.name for each in contract.record_classes])
    places = pc.index_in(columns[contract.class_column], value_set=names).fill_null(-1)
    class_of = np.asarray(places.to_numpy(zero_copy_only=False), dtype=np.int64)
    unknown = (class_of < 0) & mask_of(pc.is_valid(columns[contract.class_column]))
    findings.add(unknown, contract.class_column, "record_class.unknown")
    return class_of


def _of_class(contract: Contract, class_of: Ints, which: Mapping[int, bool] | Sequence[bool]) -> Mask:
    flags = np.array([*(which[number] for number in range(len(contract.record_classes))), False], np.bool_)
    return np.asarray(flags[class_of])


def _where(contract: Contract, class_of: Ints, *subjects: Subject) -> Mask:
    return _of_class(contract, class_of, [each.subject in subjects for each in contract.record_classes])


# --- subjects ---------------------------------------------------------------------------------------------------------
@dataclass(frozen=True, slots=True)
class Whom:
    """The ids each row is about, 0 where none."""

    person_id: Ints
    entity_id: Ints
    household_id: Ints


def _subjects(
    columns: TypedColumns, class_of: Ints, context: FeedContext, findings: Findings
) -> tuple[Whom, People | None]:
    contract, rows = context.contract, len(class_of)
    nobody = np.zeros(rows, np.int64)
    people = named_people(columns, context.blinds, findings) if "id_number" in columns else None
    if people is not None:
        agree_with_register(people, columns["name"], context.blinds, context.register, findings)
    units = named_units(columns, context.blinds, findings) if "uscc" in columns else nobody
    households = context.blinds.households(columns["household_no"]) if "household_no" in columns else nobody
    person_or_unit = _where(contract, class_of, Subject.PERSON_OR_UNIT)
    personal = person_or_unit | _where(contract, class_of, Subject.PERSON)
    of_household = _where(contract, class_of, Subject.HOUSEHOLD)
    whom = Whom(
        person_id=np.where(personal, nobody if people is None else people.person_id, NO_ID),
        entity_id=np.where(person_or_unit, units, NO_ID),
        household_id=np.where(of_household, households, NO_ID),
    )
    _demand_subjects(columns, whom, (personal, person_or_unit, of_household), context, findings)
    return whom, people


def _demand_subjects(
    columns: TypedColumns, whom: Whom, of: tuple[Mask, Mask, Mask], context: FeedContext, findings: Findings
) -> None:
    """Everything but a village's table names somebody, and somebody the register knows."""
    personal, person_or_unit, of_household = of
    if "id_number" in columns:
        no_number = mask_of(pc.is_null(columns["id_number"])) & ~findings.bad
        findings.add(personal & ~person_or_unit & no_number, "id_number", "value.missing")
        if "uscc" in columns:
            nobody = no_number & mask_of(pc.is_null(columns["uscc"]))
            findings.add(person_or_unit & nobody, "id_number", "subject.missing")
    if "household_no" in columns:
        unnamed = whom.household_id == NO_ID
        findings.add(of_household & unnamed & ~findings.bad, "household_no", "value.missing")
        unknown = ~context.register.knows_households(whom.household_id)
        findings.add(of_household & ~unnamed & unknown, "household_no", "household.unregistered")


# --- bans and consent -------------------------------------------------------------------------------------------------
def _banned(contract: Contract, columns: TypedColumns, what: Happenings, people: People | None) -> list[str]:
    """The rule each row must be refused under before anything of it lands, '' for none."""
    screened = [columns[column.field] for column in contract.columns if column.screened]
    rules = [""] * len(what.occurred_on)
    hits = np.zeros(len(rules), np.bool_)
    for column in screened:
        hits |= mask_of(pc.match_substring_regex(column, pattern=PATTERN))
    for row in np.flatnonzero(hits):
        rules[row] = rule_of([column[int(row)].as_py() for column in screened])
    for row in np.flatnonzero(_done_as_minor(what, people) & ~hits):
        rules[row] = JUVENILE_RULE
    return rules


def _done_as_minor(what: Happenings, people: People | None) -> Mask:
    """Negatives about what a person did before coming of age: sealed, whatever class they arrive in."""
    if people is None:
        return np.zeros(len(what.negative), np.bool_)
    dated = what.negative & (people.person_id != NO_ID) & (what.occurred_on != NO_DAY)
    return np.asarray(dated & (what.occurred_on < came_of_age(people.birth_on)))


def _without_consent(class_of: Ints, whom: Whom, context: FeedContext) -> Mask:
    """Rows of consent-based classes about people who did not consent; units and villages need none."""
    classes = context.contract.record_classes
    out = np.zeros(len(class_of), np.bool_)
    for consent, allowed in context.consenting.items():
        rows = _of_class(context.contract, class_of, [each.consent is consent for each in classes])
        out |= rows & (whom.person_id != NO_ID) & (found_at(allowed, whom.person_id) < 0)
        homes = found_at(context.consenting_households, whom.household_id)
        out |= rows & (whom.household_id != NO_ID) & (homes < 0)
    return out


# --- rows -------------------------------------------------------------------------------------------------------------
def _records(
    raw: RawChunk,
    columns: TypedColumns,
    class_of: Ints,
    whom: Whom,
    people: People | None,
    context: FeedContext,
    good: Mask,
) -> pa.Table:
    contract, keep = context.contract, pa.array(good)
    numbers = columns["record_no"].filter(keep)
    names = pa.array([each.name or each.chinese for each in contract.record_classes])
    strange = people.strange_region[good] if people else np.zeros(int(good.sum()), np.bool_)
    return pa.table(
        {
            "record_id": pa.array(record_ids(contract, numbers), pa.int64()),
            "row_number": pa.array(raw.row_numbers[good], pa.int32()),
            "source_code": pa.array([contract.source_code] * len(numbers), pa.string()),
            "record_class": names.take(pa.array(class_of[good])),
            "record_no": numbers,
            **_ids(whom, good),
            "payload": payloads(contract, raw.columns, good),
            "quality_notes": pc.if_else(pa.array(strange), STRANGE_REGION, pa.scalar(None, pa.string())),
        }
    )


def _ids(whom: Whom, good: Mask) -> dict[str, pa.Array]:
    ids = {"person_id": whom.person_id, "entity_id": whom.entity_id, "household_id": whom.household_id}
    return {name: _or_null(values[good]) for name, values in ids.items()}


def _or_null(ids: Ints) -> pa.Array:
    return pa.array(ids, pa.int64(), mask=ids == NO_ID)


def record_ids(contract: Contract, record_numbers: pa.Array) -> list[int]:
    """Ids of records and of the event each becomes: the agency's own number is the natural key within its source.

    A record becomes one event, so both share the id; it is known before the record arrives, and a reference to it
    needs no look-up.
    """
    return stable_ids("record", [f"{contract.source_code}{SEPARATOR}{no}" for no in record_numbers.to_pylist()])


def _events(
    columns: TypedColumns, whom: Whom, what: Happenings, records: pa.Table, context: FeedContext, good: Mask
) -> pa.Table:
    contract, keep = context.contract, pa.array(good)
    types = pa.array([each.event_type for each in contract.record_classes])
    nothing = pa.nulls(len(good), pa.string())
    texts = {
        name: columns.get(name, nothing).filter(keep) for name in ("document_class", "document_no", "catalogue_item")
    }
    return pa.table(
        {
            "event_id": records["record_id"],
            "event_type": types.take(pa.array(what.class_of[good])),
            "source_code": records["source_code"],
            "record_id": records["record_id"],
            **_ids(whom, good),
            "level": what.level.filter(keep),
            "quantity_milli": pa.array(what.quantity_milli[good], pa.int64()),
            "occurred_on": dates_of(what.occurred_on[good]),
            "effective_from": dates_of(what.effective_from[good]),
            "counts_from": dates_of(what.counts_from[good]),
            "due_on": dates_of(what.due_on[good]),
            **texts,
            "about_event_id": _about(contract, columns, what, good),
        }
    )


def _about(contract: Contract, columns: TypedColumns, what: Happenings, good: Mask) -> pa.Array:
    """The event each referring row ends or undoes, whether it has arrived or not."""
    about = np.zeros(int(good.sum()), np.int64)
    refers = what.refers[good]
    if refers.any():
        named = columns["related_record_no"].filter(pa.array(good)).filter(pa.array(refers))
        about[refers] = record_ids(contract, named)
    return _or_null(about)
