"""History folded once, whatever the day: spells in storage order, and the periods in which persons have an index."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np

from scoring.arithmetic import arithmetic
from scoring.columns import Whole
from scoring.consents import ConsentPeriods, consent_periods, gate_on
from scoring.dated import NO_DAY
from scoring.deeds import Deeds, deeds_of
from scoring.frames import HistoryFrames
from scoring.history import known_history
from scoring.joins import expand, find, rows_of
from scoring.kernel import Arithmetic, Gate, LooseSpells, SpellColumns
from scoring.methods import Setting, compile_spells
from scoring.notes import Notes, all_notes, notes_of
from scoring.reach import reached
from scoring.residents import Periods, Residents, residents_of
from scoring.rule_table import RuleTable, rule_table
from scoring.rulebook import Rulebook
from scoring.spells import Spells
from scoring.standing import stored, warm


@dataclass(frozen=True)
class Folded:
    """What every day's evaluation starts from.

    Attributes:
        known_position: the log position up to which events were read.
        rules: the edition's arithmetic.
        residents: everybody ever enrolled.
        spells: in storage order, with what the ledger says of them.
        columns: the same spells as the kernel reads them.
        event_id, record_id: of the known history, by a spell's `event`.
        notes: what was decided by rule.
    """

    table: RuleTable
    known_position: int
    rules: Arithmetic
    residents: Residents
    periods: Periods
    consents: ConsentPeriods
    spells: Spells
    columns: SpellColumns
    event_id: Whole
    record_id: Whole
    notes: Notes

    @property
    def rulebook(self) -> Rulebook:
        """The edition that folded it."""
        return self.table.book

    def gate(self, day: int) -> Gate:
        """Who has an index that day.

        Raises:
            DuplicateKeyError: a person has two enrolments live on that day.
        """
        return gate_on(day, self.residents, self.periods, self.consents, self.table.source_of_indicator())

    def part(self, person_ids: Whole) -> Folded:
        """The same history for some residents only, at the cost of these; ids of nobody are passed over.

        Args:
            person_ids: int64, ascending, each once.
        """
        found = find(self.residents.person_id, person_ids)
        persons = found[found >= 0]
        _, spell = expand(self.columns.first[persons], self.columns.first[persons + 1])
        spells = self.spells.take(spell)
        counts = self.columns.first[persons + 1] - self.columns.first[persons]
        columns = self.columns
        return replace(
            self,
            residents=self.residents.take(persons),
            periods=_those_of(self.periods, persons),
            consents=_those_of(self.consents, persons),
            spells=replace(spells, person=np.repeat(np.arange(len(persons)), counts), event=np.arange(len(spell))),
            columns=SpellColumns(
                first=np.append(0, np.cumsum(counts)),
                indicator=columns.indicator[spell],
                begins=columns.begins[spell],
                magnitude_milli=columns.magnitude_milli[spell],
                from_on=columns.from_on[spell],
                until_on=columns.until_on[spell],
            ),
            event_id=self.event_id[spells.event],
            record_id=self.record_id[spells.event],
        )


Dated = TypeVar("Dated", Periods, ConsentPeriods)


def _those_of(periods: Dated, persons: Whole) -> Dated:
    """The periods of the chosen persons, renumbered."""
    person, row = rows_of(periods.person, persons)
    return replace(periods.take(row), person=person)


def fold(rulebook: Rulebook, frames: HistoryFrames, known_position: int, threads: int = 1) -> Folded:
    """Folds history, as known at a position, into spells.

    Args:
        rulebook: the edition to apply; the caller chooses the one in force.
        frames: history; events after `known_position` are ignored, the other frames are as known there.
        known_position: sealed log position, inclusive.
        threads: how many slices of persons are sorted side by side.

    Raises:
        DuplicateKeyError: an event id occurs twice.
    """
    table = rule_table(rulebook)
    rules = arithmetic(table)
    residents, periods = residents_of(frames.persons, rulebook.edition.adult_years)
    history, documents = known_history(table, frames.events, known_position)
    pairs, representatives = reached(table, history, frames, residents)
    deeds = deeds_of(table, history, pairs, residents)
    spells = compile_spells(Setting(table, history, residents), deeds)
    columns, rows = stored(_loose(table, spells), len(residents), rules.exclusive, threads=threads)
    return Folded(
        table=table,
        known_position=known_position,
        rules=rules,
        residents=residents,
        periods=periods,
        consents=consent_periods(frames.source_consents, residents, table.sources),
        spells=spells.take(rows),
        columns=columns,
        event_id=history.events.event_id,
        record_id=history.events.record_id,
        notes=all_notes([documents, representatives, _without_deadline(table, deeds)]),
    )


def _loose(table: RuleTable, spells: Spells) -> LooseSpells:
    return LooseSpells(
        person=spells.person.astype(np.int32),
        indicator=table.indicator[spells.rule].astype(np.int8),
        group=spells.group,
        magnitude_milli=np.abs(spells.value_milli),
        from_on=spells.from_on,
        until_on=spells.until_on,
        event_id=spells.event_id,
    )


def _without_deadline(table: RuleTable, deeds: Deeds) -> Notes:
    lacking = (table.kind == "escalation")[deeds.rule] & (deeds.due_on == NO_DAY)
    return notes_of("no_deadline", np.unique(deeds.event_id[lacking]))


def warm_kernels(rulebook: Rulebook) -> None:
    """Compiles what an evaluation calls, or reads it from the cache; it costs seconds, once per machine."""
    warm(arithmetic(rule_table(rulebook)))
