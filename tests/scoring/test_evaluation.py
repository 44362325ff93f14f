"""What an evaluation tells besides points: grades, notes, fingerprints, the next day to look."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from scoring import ROW_KINDS, CivilityIndices, LedgerRows, PersonWithoutIndexError, Rulebook, date_of, explain_person

DAY = dt.date(2025, 6, 15)


def notes(evaluation: Any) -> list[tuple[str, int]]:
    return [(row["kind"], row["event_id"]) for row in evaluation.notes.to_arrow().to_pylist()]


def test_nobody_is_an_empty_evaluation(history: Any, rulebook: Rulebook) -> None:
    evaluation = history.on(DAY, rulebook)
    assert (len(evaluation.persons), len(evaluation.ledger), len(evaluation.notes)) == (0, 0, 0)


def test_a_person_without_events_stands_at_the_base_without_rows(citizen: Any, rulebook: Rulebook) -> None:
    evaluation = citizen.on(DAY, rulebook)
    assert evaluation.persons.to_arrow().to_pylist()[0] | {"ledger_hash": 0} == {
        "person_id": 1,
        "index_milli": 100_000,
        "grade": "A",
        "next_change_on": None,
        "ledger_hash": 0,
    }
    assert len(evaluation.ledger) == 0


def test_the_tables_have_the_declared_columns_and_types(citizen: Any, rulebook: Rulebook) -> None:
    evaluation = citizen.event("uncivil_conduct", DAY).on(DAY, rulebook)
    for frame in (evaluation.persons, evaluation.ledger):
        found = frame.to_arrow().schema
        for field in frame.arrow_schema():
            kind = found.field(field.name).type
            assert (kind.value_type if pa.types.is_dictionary(kind) else kind) == field.type
    assert evaluation.persons.to_arrow().column_names == list(CivilityIndices.COLUMNS)
    assert evaluation.ledger.to_arrow().column_names == list(LedgerRows.COLUMNS)
    assert set(evaluation.ledger.kind.names) == set(ROW_KINDS)


def test_every_deduction_that_reached_nobody_leaves_a_note(citizen: Any, rulebook: Rulebook) -> None:
    citizen.represents(50, 1).represents(50, 2, from_on=dt.date(2020, 1, 1))
    citizen.event("uncivil_conduct", DAY, document_class="")
    citizen.event("false_litigation", DAY, entity_id=51)
    citizen.event("false_litigation", DAY, entity_id=50)
    citizen.event("hazard_overdue", DAY)
    evaluation = citizen.on(DAY, rulebook)
    assert notes(evaluation) == [
        ("no_document", 1),
        ("no_representative", 2),
        ("overlapping_representatives", 3),
        ("no_deadline", 4),
    ]
    assert evaluation.persons.index_milli.tolist() == [100_000]


def test_a_fingerprint_changes_with_anything_shown_and_with_nothing_else(new_history: Any, rulebook: Rulebook) -> None:
    def print_of(day: dt.date = DAY, **columns: Any) -> int:
        history = new_history().person().represents(50, 1).represents(51, 1)
        plain = {"level": "general", "entity_id": 50, "event_id": 3, "record_id": 4}
        history.event("maritime_violation", **({"on": dt.date(2025, 6, 1)} | plain | columns))
        return int(history.on(day, rulebook).persons.ledger_hash[0])

    assert print_of(day=DAY + dt.timedelta(1)) == print_of(position=9) == print_of()
    changed = [
        print_of(record_id=5),
        print_of(event_id=5),
        print_of(entity_id=51),
        print_of(level="serious"),
        print_of(on=dt.date(2025, 6, 2)),
        print_of(counts_from=dt.date(2025, 6, 2)),
    ]
    assert len({print_of(), *changed}) == 1 + len(changed)


def test_a_coming_deduction_changes_the_fingerprint_before_it_counts(citizen: Any, rulebook: Rulebook) -> None:
    before = citizen.on(DAY, rulebook).persons
    citizen.event("uncivil_conduct", DAY, counts_from=DAY + dt.timedelta(30))
    after = citizen.on(DAY, rulebook).persons
    assert after.index_milli.tolist() == before.index_milli.tolist()
    assert date_of(int(after.next_change_on[0])) == DAY + dt.timedelta(30)
    assert after.ledger_hash.tolist() != before.ledger_hash.tolist()


def test_the_next_change_is_also_the_end_of_consent_or_enrolment(history: Any, rulebook: Rulebook) -> None:
    history.person(1, sources=[]).person(2, enrolled_until=dt.date(2025, 7, 1))
    history.consent(1, "volunteering", until_on=dt.date(2025, 8, 1))
    evaluation = history.on(DAY, rulebook)
    assert [date_of(int(day)) for day in evaluation.persons.next_change_on[:2]] == [
        dt.date(2025, 8, 1),
        dt.date(2025, 7, 1),
    ]


def test_an_explanation_adds_up_at_every_level_and_names_the_record(citizen: Any, rulebook: Rulebook) -> None:
    citizen.represents(50, 1).member(7, 1)
    for _ in range(7):
        citizen.event("uncivil_conduct", DAY)
    citizen.event("administrative_penalty", DAY, level="general", entity_id=50)
    citizen.event("volunteering", DAY, quantity_milli=3333)
    citizen.event("compact_review", DAY, quantity_milli=2000, household_id=7)
    told = explain_person(citizen.on(DAY, rulebook), 1, rulebook)
    parts = sum(part.points_milli for part in told.dimensions) + sum(entry.points_milli for entry in told.adjusting)
    assert told.base_milli + parts == told.index_milli
    for part in told.dimensions:
        inside = sum(each.points_milli for each in part.indicators) + sum(each.points_milli for each in part.adjusting)
        assert part.points_milli == inside
        for indicator in part.indicators:
            assert indicator.points_milli == sum(entry.points_milli for entry in indicator.entries)
            assert all(entry.record_id for entry in indicator.entries if entry.kind == "point")
    assert [part.dimension for part in told.dimensions] == ["1", "3", "4", "5"]
    assert told.next_change_on == dt.date(2025, 9, 15)


def test_an_explanation_speaks_plainly_of_look_through_and_expiry(citizen: Any, rulebook: Rulebook) -> None:
    citizen.represents(50, 1).event("administrative_penalty", DAY, level="general", entity_id=50)
    told = explain_person(citizen.on(DAY, rulebook), 1, rulebook)
    (entry,) = told.dimensions[0].indicators[0].entries
    assert (entry.points_milli, entry.through_entity_id, entry.until_on) == (-2500, 50, dt.date(2026, 6, 15))
    assert entry.sentence.zh == "受到一般行政处罚，一年后不再计。"
    assert entry.look_through is not None
    assert "减半" in entry.look_through.zh
    assert [(each.on, each.points_milli, each.event_ids) for each in told.expiries] == [
        (dt.date(2026, 6, 15), -2500, (1,))
    ]


def test_a_person_without_an_index_has_no_explanation(citizen: Any, rulebook: Rulebook) -> None:
    with pytest.raises(PersonWithoutIndexError) as caught:
        explain_person(citizen.on(DAY, rulebook), 2, rulebook)
    assert caught.value.person_id == 2
