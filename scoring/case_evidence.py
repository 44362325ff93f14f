"""What the cases of an edition really showed: every ledger row of person 1 on every day a case asks about."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from scoring.cases import WHOM, CaseRun
from scoring.dated import date_of
from scoring.evaluation import Evaluation

ONE_DAY = dt.timedelta(days=1)

Facets = Iterator[tuple[str, bool]]
"""What is said, in words, and whether it was seen."""


@dataclass(frozen=True, slots=True)
class Sight:
    """One ledger row of person 1 as seen on a day."""

    run: int
    day: dt.date
    kind: str
    dimension: str
    indicator: str
    rule: str
    points_milli: int
    event_id: int
    through_entity_id: int
    from_on: dt.date | None
    until_on: dt.date | None


@dataclass(frozen=True)
class Evidence:
    """All sights of all runs of one edition, and the events behind them."""

    runs: Sequence[CaseRun]

    @cached_property
    def sights(self) -> tuple[Sight, ...]:
        """Every row seen."""
        return tuple(
            sight
            for number, run in enumerate(self.runs)
            for day, evaluation in run.asked.items()
            for sight in _sights(number, day, evaluation)
        )

    @cached_property
    def of_rule(self) -> dict[str, list[Sight]]:
        """Rows of events, by rule."""
        found: dict[str, list[Sight]] = defaultdict(list)
        for sight in self.sights:
            found[sight.rule].append(sight)
        return found

    @cached_property
    def of_indicator(self) -> dict[str, list[Sight]]:
        """All rows of an indicator, its adjusting row too."""
        found: dict[str, list[Sight]] = defaultdict(list)
        for sight in self.sights:
            found[sight.indicator].append(sight)
        return found

    @cached_property
    def _present(self) -> set[tuple[int, dt.date, int]]:
        return {(sight.run, sight.day, sight.event_id) for sight in self.sights if sight.event_id}

    def absent(self, run: int, day: dt.date, event_id: int) -> bool:
        """The day was asked about, person 1 had an index, and the event was not in the ledger."""
        return self.indexed(run, day) is not None and (run, day, event_id) not in self._present

    def indexed(self, run: int, day: dt.date) -> int | None:
        """Person 1's index that day, in thousandths; None if there is none, or nobody asked."""
        evaluation = self.runs[run].asked.get(day)
        if evaluation is None or WHOM not in evaluation.persons.person_id:
            return None
        return int(evaluation.persons.index_milli[evaluation.persons.person_id == WHOM][0])

    def asked(self) -> Iterator[tuple[int, dt.date, Evaluation]]:
        """Every day asked about, in every run."""
        for number, run in enumerate(self.runs):
            for day, evaluation in run.asked.items():
                yield number, day, evaluation

    def event(self, run: int, event_id: int) -> dict[str, Any]:
        """The written row of an event."""
        return next(row for row in self.runs[run].history.events if row["event_id"] == event_id)

    def events(self, event_type: str) -> Iterator[tuple[int, dict[str, Any]]]:
        """Every written event of a kind."""
        for number, run in enumerate(self.runs):
            for row in run.history.events:
                if row["event_type"] == event_type:
                    yield number, row

    def about(self, run: int, event_id: int) -> list[dict[str, Any]]:
        """The written events that point at an event."""
        return [row for row in self.runs[run].history.events if row["about_event_id"] == event_id]


def base_day(event: dict[str, Any]) -> dt.date:
    """When a decision took effect, else when the deed was done."""
    day = event["effective_from"] or event["occurred_on"]
    assert isinstance(day, dt.date)  # noqa: S101  (a row of ours)
    return day


def _sights(number: int, day: dt.date, evaluation: Evaluation) -> Iterator[Sight]:
    ledger = evaluation.ledger
    for row in np.flatnonzero(ledger.person_id == WHOM):
        yield Sight(
            run=number,
            day=day,
            kind=ledger.kind.names[ledger.kind.codes[row]],
            dimension=ledger.dimension.names[ledger.dimension.codes[row]],
            indicator=ledger.indicator.names[ledger.indicator.codes[row]],
            rule=ledger.rule.names[ledger.rule.codes[row]],
            points_milli=int(ledger.points_milli[row]),
            event_id=int(ledger.event_id[row]),
            through_entity_id=int(ledger.through_entity_id[row]),
            from_on=date_of(int(ledger.from_on[row])),
            until_on=date_of(int(ledger.until_on[row])),
        )
