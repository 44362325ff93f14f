"""From events and a rulebook to every resident's civility index, grade and ledger on a day, as known at a position."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scoring.columns import AnyInts, Days, TextColumn, Whole
from scoring.consents import consent_boundaries
from scoring.dated import NO_DAY, day_number, live_on
from scoring.deeds import Deeds, deeds_of
from scoring.fingerprint import fingerprints
from scoring.frames import Column, Frame, HistoryFrames, SourceConsents
from scoring.history import KnownHistory, known_history
from scoring.ledger import LedgerRows, Rows, full_ledger, named_rows
from scoring.methods import Setting, compile_spells
from scoring.notes import Notes, all_notes, notes_of
from scoring.reach import reached
from scoring.residents import Residents, residents_on
from scoring.rule_table import RuleTable, rule_table
from scoring.rulebook import Edition, Rulebook
from scoring.spells import Spells


@dataclasses.dataclass(frozen=True, slots=True)
class CivilityIndices(Frame):
    """One row per person with an index, ascending by person.

    Attributes:
        index_milli: the civility index in 1/1000 point, a multiple of the edition's rounding step.
        next_change_on: the first later day on which anything in the person's ledger may begin, step or end;
            `NO_DAY` (Arrow: null) if nothing known will.
        ledger_hash: fingerprint of edition, ledger, index, grade and next change (see `fingerprint`).
    """

    COLUMNS: ClassVar[Mapping[str, Column]] = {
        "person_id": Column.WHOLE,
        "index_milli": Column.WHOLE,
        "grade": Column.TEXT,
        "next_change_on": Column.OPTIONAL_DAY,
        "ledger_hash": Column.WHOLE,
    }

    person_id: Whole
    index_milli: Whole
    grade: TextColumn
    next_change_on: Days
    ledger_hash: Whole


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What `evaluate` found.

    Attributes:
        edition, edition_hash: the rulebook edition and its content hash.
        as_of: the day asked about.
        known_position: the log position up to which events were read.
        persons: one row per person with an index.
        ledger: every person's rows; `base_milli + sum(points_milli) == index_milli` for each person.
        first_row: first ledger row of each person, int64 [persons + 1].
        notes: what was decided by rule and somebody may want to look at.
    """

    edition: str
    edition_hash: str
    as_of: dt.date
    known_position: int
    base_milli: int
    persons: CivilityIndices
    ledger: LedgerRows
    first_row: Whole
    notes: Notes


def evaluate(rulebook: Rulebook, frames: HistoryFrames, as_of: dt.date, known_position: int) -> Evaluation:
    """Computes the civility index of every enrolled adult, with the ledger it is the sum of.

    Persons do not influence each other (conversion tables are input rows), so evaluating any part of the persons gives
    the same rows as evaluating all of them.

    Args:
        rulebook: the edition to apply; the caller chooses the one in force.
        frames: history; events after `known_position` are ignored, the other frames are as known there.
        as_of: the day asked about.
        known_position: sealed log position, inclusive.

    Returns:
        an Evaluation; equal inputs give equal bytes, whatever the order of rows in the frames.

    Raises:
        DuplicateKeyError: an event id, or a person's enrolment live that day, occurs twice.
    """
    table, day = rule_table(rulebook), day_number(as_of)
    residents = residents_on(frames.persons, day, rulebook.edition.adult_years)
    history, documents = known_history(table, frames.events, known_position)
    pairs, representatives = reached(table, history, frames, residents, day)
    deeds = deeds_of(table, history, pairs, residents)
    spells = compile_spells(Setting(table, history, residents), deeds)
    rows, index_milli = full_ledger(table, residents, spells.take(live_on(day, spells.from_on, spells.until_on)))
    ids = _row_ids(history, rows)
    next_change_on = _next_changes(spells, residents, frames.source_consents, day)
    first_row = np.searchsorted(rows.person, np.arange(len(residents) + 1))
    return Evaluation(
        edition=rulebook.edition.edition,
        edition_hash=rulebook.content_hash,
        as_of=as_of,
        known_position=known_position,
        base_milli=rulebook.edition.base_milli,
        persons=_persons(rulebook, residents, index_milli, next_change_on, (rows, ids)),
        ledger=named_rows(table, rows, residents, ids, first_row),
        first_row=first_row,
        notes=all_notes([documents, representatives, _without_deadline(table, deeds)]),
    )


def _row_ids(history: KnownHistory, rows: Rows) -> tuple[Whole, Whole]:
    """Event id and record id of every ledger row; an adjusting row (event -1) reads the zero at the end."""
    events = history.events
    return np.append(events.event_id, 0)[rows.event], np.append(events.record_id, 0)[rows.event]


def _persons(
    rulebook: Rulebook,
    residents: Residents,
    index_milli: Whole,
    next_change_on: Days,
    ledger: tuple[Rows, tuple[Whole, Whole]],
) -> CivilityIndices:
    grade = grades_of(rulebook.edition, index_milli)
    beside: list[AnyInts] = [index_milli, grade.codes, next_change_on]
    return CivilityIndices(
        person_id=residents.person_id,
        index_milli=index_milli,
        grade=grade,
        next_change_on=next_change_on,
        ledger_hash=fingerprints(rulebook.content_hash, *ledger, beside),
    )


def grades_of(edition: Edition, index_milli: Whole) -> TextColumn:
    """The grade each rounded index has reached."""
    rising = edition.grades[::-1]
    thresholds = np.array([grade.from_milli for grade in rising], np.int64)
    codes = np.searchsorted(thresholds, index_milli, "right") - 1
    return TextColumn(codes.astype(np.int32), tuple(grade.grade for grade in rising))


def _next_changes(spells: Spells, residents: Residents, consents: SourceConsents, day: int) -> Days:
    next_change_on = residents.enrolled_until.copy()
    for boundary in (spells.from_on, spells.until_on):
        later = boundary > day
        np.minimum.at(next_change_on, spells.person[later], boundary[later])
    who, on = consent_boundaries(consents, residents, day)
    np.minimum.at(next_change_on, who, on.astype(np.int32))
    return next_change_on


def _without_deadline(table: RuleTable, deeds: Deeds) -> Notes:
    lacking = (table.kind == "escalation")[deeds.rule] & (deeds.due_on == NO_DAY)
    return notes_of("no_deadline", np.unique(deeds.event_id[lacking]))
