"""From events and a rulebook to every resident's civility index, grade and ledger on a day, as known at a position."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from scoring.columns import AnyInts, Days, TextColumn, Whole
from scoring.dated import day_number
from scoring.fingerprint import fingerprints
from scoring.folding import Folded, fold
from scoring.frames import Column, Frame, HistoryFrames
from scoring.ledger import LedgerRows, Rows, named_rows, rows_of_ledger
from scoring.notes import Notes
from scoring.rulebook import Edition, Rulebook
from scoring.standing import Standing, ledgers, next_changes


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
    return evaluated(fold(rulebook, frames, known_position), as_of)


def evaluated(folded: Folded, as_of: dt.date, persons: Whole | None = None, threads: int = 1) -> Evaluation:
    """The evaluation of a folded history on a day.

    Args:
        folded: from `fold`; any number of days may be asked about.
        as_of: the day asked about.
        persons: ids of the persons asked about, ascending; everybody if not given.
        threads: how many slices of persons are computed side by side.

    Raises:
        DuplicateKeyError: a person has two enrolments live on that day.
    """
    if persons is not None:
        return evaluated(folded.part(persons), as_of, threads=threads)
    day = day_number(as_of)
    gate = folded.gate(day)
    chosen = np.flatnonzero(gate.has_index)
    parts = ledgers(folded.columns, folded.rules, gate, day, chosen, threads)
    rows = rows_of_ledger(folded.table, folded.spells, parts)
    ids = _row_ids(folded, rows)
    person_id = folded.residents.person_id[chosen]
    first_row = np.searchsorted(rows.person, np.arange(len(chosen) + 1))
    found = Standing(
        np.concatenate([part.index_milli for part in parts]),
        next_changes(folded.columns, gate, day, chosen, threads),
    )
    edition = folded.rulebook.edition
    return Evaluation(
        edition=edition.edition,
        edition_hash=folded.rulebook.content_hash,
        as_of=as_of,
        known_position=folded.known_position,
        base_milli=edition.base_milli,
        persons=_persons(folded.rulebook, person_id, found, (rows, ids)),
        ledger=named_rows(folded.table, rows, person_id, ids, first_row),
        first_row=first_row,
        notes=folded.notes,
    )


def _row_ids(folded: Folded, rows: Rows) -> tuple[Whole, Whole]:
    """Event id and record id of every ledger row; an adjusting row (event -1) reads the zero at the end."""
    return np.append(folded.event_id, 0)[rows.event], np.append(folded.record_id, 0)[rows.event]


def _persons(
    rulebook: Rulebook, person_id: Whole, found: Standing, ledger: tuple[Rows, tuple[Whole, Whole]]
) -> CivilityIndices:
    index_milli = found.index_milli.astype(np.int64)
    grade = grades_of(rulebook.edition, index_milli)
    beside: list[AnyInts] = [index_milli, grade.codes, found.next_change_on]
    return CivilityIndices(
        person_id=person_id,
        index_milli=index_milli,
        grade=grade,
        next_change_on=found.next_change_on,
        ledger_hash=fingerprints(rulebook.content_hash, *ledger, beside),
    )


def grades_of(edition: Edition, index_milli: Whole) -> TextColumn:
    """The grade each rounded index has reached."""
    rising = edition.grades[::-1]
    thresholds = np.array([grade.from_milli for grade in rising], np.int64)
    codes = np.searchsorted(thresholds, index_milli, "right") - 1
    return TextColumn(codes.astype(np.int32), tuple(grade.grade for grade in rising))
