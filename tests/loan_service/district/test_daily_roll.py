"""Rolling on from the last run, and reading some persons' history only, give the rows that everything gives."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlalchemy import Table, create_engine, delete, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import make_url

from loan_service.district.stages import civility_index
from loan_service.district.stages.civility_index import IndexRun, compute, seal_facts
from loan_service.district.store.history import read_history
from loan_service.district.store.reach import Part, Reach
from loan_service.district.store.tables import (
    civility_indices,
    consent_acts,
    events,
    index_endings,
    index_runs,
    log,
    memberships,
    persons,
    point_entries,
    representatives,
    source_files,
)
from loan_service.foundation.database import DISTRICT, transaction
from loan_service.foundation.transparency import append_leaf
from loan_service.foundation.wing import Wing, open_wing
from loan_service.settings import Settings
from scoring import Evaluation, Rule, Rulebook, evaluate, load_rulebook

START = dt.date(2026, 1, 10)
PERSONS = range(101, 115)
HOUSEHOLDS = range(201, 206)
ENTITIES = range(301, 303)
VILLAGES = ("V001", "V002")
SOURCES = ("volunteering", "self_discipline", "household_hygiene", "village_compact", "neighborhood_points")
SOURCES_OF_POINTS = (None, "neighborhood_points")
ENDINGS = ("hazard_fixed", "commitment_fulfilled", "debtor_delisted", "restoration", "restoration", "revocation")
STEPS = 25
SEEDS = [seed if seed < 2 else pytest.param(seed, marks=pytest.mark.slow) for seed in range(8)]
RESULTS = (civility_indices, point_entries, index_endings)

Row = dict[str, Any]
Delivery = list[tuple[Table, Row]]


@pytest.fixture(scope="module")
def rulebooks() -> tuple[Rulebook, Rulebook]:
    return load_rulebook("2026-01"), load_rulebook("2027-01")


@pytest.fixture
def twin(settings: Settings, owner_url: str, server_url: str, worker_id: str) -> Iterator[Wing]:
    """A second district, empty as the first, which evaluates everybody every time."""
    name = f"haixia_twin_{worker_id}"
    url = make_url(owner_url).set(database=name).render_as_string(hide_password=False)
    maintenance = create_engine(make_url(server_url).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        connection.execute(text(f"DROP DATABASE IF EXISTS {name}"))
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE haixia_template"))
        with open_wing(settings, url, DISTRICT) as wing:
            yield wing
        connection.execute(text(f"DROP DATABASE {name}"))
    maintenance.dispose()


_KINDS_OF_REACH: list[Callable[[Rule], bool]] = [
    lambda _: True,
    lambda rule: rule.shared_with_household,
    lambda rule: rule.look_through is not None,
    lambda rule: rule.method.kind == "converted",
]


# --- a small town in which anything may happen ------------------------------------------------------------------------
@dataclass
class Town:
    """Makes up deliveries: complete at first, then whatever the dice say, late and early ones among them."""

    dice: Random
    rules: Sequence[Rule]
    today: dt.date = START
    numbers: Iterator[int] = field(default_factory=lambda: iter(range(1000, 10**6)))
    happened: list[tuple[int, str]] = field(default_factory=list)
    awaited: list[int] = field(default_factory=list)
    stays: list[Row] = field(default_factory=list)
    terms: list[Row] = field(default_factory=list)

    def beginning(self) -> Delivery:
        """Registers and consents of everybody but two, who come later, and a year of events."""
        delivery: Delivery = []
        for person_id in PERSONS[:-2]:
            delivery += self._arrival(person_id, self.today - dt.timedelta(days=self.dice.randint(500, 4000)))
            if self.dice.random() < 0.8:
                delivery += self._consent(person_id, "given", ago=600)
            delivery += self._source_consents(person_id)
        for entity_id in ENTITIES:
            delivery += self._term(entity_id, self.today - dt.timedelta(days=900))
        for _ in range(40):
            delivery += self._event()
        return delivery

    def delivery(self) -> Delivery:
        """One file of one kind, of one to three rows or so."""
        kinds = (
            (20, self._event),
            (20, self._about),
            (15, self._some_consent),
            (10, self._move),
            (12, self._change_of_term),
            (12, self._conversion),
            (5, self._newcomer),
        )
        (kind,) = self.dice.choices([kind for _, kind in kinds], [weight for weight, _ in kinds])
        return [row for _ in range(self.dice.choice([1, 1, 2, 3])) for row in kind()]

    def _ago(self, most: int, least: int = 0) -> dt.date:
        return self.today - dt.timedelta(days=self.dice.randint(least, most))

    def _arrival(self, person_id: int, since: dt.date) -> Delivery:
        # Some come of age while we watch, one of them on a leap day's anniversary.
        birth = self.dice.choice(
            [dt.date(1970, 5, 17), dt.date(1990, 1, 1), dt.date(2008, 2, 29), self.today - dt.timedelta(days=6500)]
        )
        person = {"person_id": person_id, "birth_on": birth, "registered_from": since}
        return [(persons, person), *self._stay(person_id, self.dice.choice(HOUSEHOLDS), since)]

    def _stay(self, person_id: int, household_id: int, since: dt.date) -> Delivery:
        village = self.dice.choice(VILLAGES)
        stay = {"person_id": person_id, "household_id": household_id, "from_on": since, "village_code": village}
        self.stays.append(stay | {"until_on": None})
        return [(memberships, stay)]

    def _newcomer(self) -> Delivery:
        known = {stay["person_id"] for stay in self.stays}
        person_id = next((each for each in PERSONS if each not in known), self.dice.choice(PERSONS))
        if person_id in known:
            return self._some_consent()
        return [*self._arrival(person_id, self._ago(300)), *self._consent(person_id, "given", ago=200)]

    def _move(self) -> Delivery:
        """Somebody's stay ends: moved within the district, moved away, or died; or it had never ended."""
        stay = self.dice.choice(self.stays)
        if stay["until_on"] is not None:
            stay["until_on"] = None
            return [(memberships, stay | {"left_reason": None})]
        until = max(self._ago(60), stay["from_on"] + dt.timedelta(days=1))
        reason = self.dice.choice(["分户", "分户", "迁出", "death"])
        stay["until_on"] = until
        ended = [(memberships, stay | {"left_reason": reason})]
        if reason != "分户":
            return ended
        return ended + self._stay(stay["person_id"], self.dice.choice(HOUSEHOLDS), until)

    def _term(self, entity_id: int, since: dt.date) -> Delivery:
        term = {"entity_id": entity_id, "person_id": self.dice.choice(PERSONS[:-2]), "from_on": since}
        self.terms.append(term | {"until_on": None})
        return [(representatives, term | {"entity_name": "模拟单位"})]

    def _change_of_term(self) -> Delivery:
        """A representative's term turns out to have ended, most often long before it was told."""
        term = self.dice.choice(self.terms)
        term["until_on"] = max(self._ago(200), term["from_on"] + dt.timedelta(days=1))
        ended = (representatives, term | {"entity_name": "模拟单位"})
        return [ended, *self._term(term["entity_id"], term["until_on"])]

    def _consent(self, person_id: int, act: str, ago: int, source: str | None = None) -> Delivery:
        ahead = self.dice.random() < 0.25  # nobody is enrolled before that day comes
        on = self._ago(-1, least=-40) if ahead else self._ago(ago)
        return [self.act(person_id, on, source, act)]

    def act(self, person_id: int, on: dt.date, source: str | None = None, act: str = "given") -> tuple[Table, Row]:
        row = {
            "act_id": next(self.numbers),
            "person_id": person_id,
            "act": act,
            "purpose": "source" if source else "enrolment",
            "source_code": source,
            "acted_on": on,
            "acted_at": dt.datetime.combine(on, dt.time(9), ZoneInfo("Asia/Shanghai")),
        }
        return consent_acts, row

    def _source_consents(self, person_id: int) -> Delivery:
        chosen = [source for source in SOURCES if self.dice.random() < 0.6]
        return [row for source in chosen for row in self._consent(person_id, "given", 500, source)]

    def _some_consent(self) -> Delivery:
        act = self.dice.choice(["given", "withdrawn"])
        source = self.dice.choice([None, None, *SOURCES])
        return self._consent(self.dice.choice(PERSONS), act, ago=90, source=source)

    def _event(self) -> Delivery:
        """Something one of the rules is about, of somebody, some entity or some household."""
        wanted = self.dice.choice(_KINDS_OF_REACH)
        rule = self.dice.choice([rule for rule in self.rules if wanted(rule)])
        level = rule.levels[0] if rule.levels else ""
        return self._happened(rule.event_type, level, self._documents(rule) | self._subject(rule))

    def _documents(self, rule: Rule) -> Row:
        document = self.dice.choice(rule.document_classes) if rule.document_classes else None
        return {"document_class": document, "catalogue_item": rule.catalogue_item}

    def _subject(self, rule: Rule) -> Row:
        if rule.look_through and self.dice.random() < 0.7:
            return {"entity_id": self.dice.choice(ENTITIES)}
        if rule.shared_with_household and self.dice.random() < 0.5:
            return {"household_id": self.dice.choice(HOUSEHOLDS)}
        return {"person_id": self.dice.choice(PERSONS)}

    def _happened(self, event_type: str, level: str, beside: Row) -> Delivery:
        occurred = self._ago(400)
        event = self.fact(
            event_type,
            occurred,
            level=level or None,
            quantity_milli=self.dice.choice([1000, 2000, 15_000, 110_000]),
            effective_from=self.dice.choice([None, occurred + dt.timedelta(days=self.dice.randint(0, 30))]),
            counts_from=occurred + dt.timedelta(days=self.dice.choice([0, 5, 50])),
            due_on=occurred + dt.timedelta(days=self.dice.randint(0, 60)),
            **beside,
        )
        return [event]

    def fact(self, event_type: str, occurred_on: dt.date, **beside: object) -> tuple[Table, Row]:
        event_id = self._number(event_type)
        row = {"event_id": event_id, "record_id": event_id, "event_type": event_type}
        return events, row | {"occurred_on": occurred_on, "counts_from": occurred_on} | beside

    def _number(self, event_type: str) -> int:
        """A new event's number; sometimes one that was spoken of before it arrived."""
        early = self.awaited and event_type not in ENDINGS and self.dice.random() < 0.5
        number = self.awaited.pop() if early else next(self.numbers)
        self.happened.append((number, event_type))
        return number

    def _about(self) -> Delivery:
        """Something about an earlier event, or about one that is still to come."""
        about, kind = self.dice.choice(self.happened)
        if self.dice.random() < 0.1:
            about = next(self.numbers)
            self.awaited.append(about)
        appealed = kind == "appeal_opened"
        event_type = "appeal_closed" if appealed else self.dice.choice([*ENDINGS, kind, kind, "appeal_opened"])
        rule = next((rule for rule in self.rules if rule.event_type == event_type), None)
        subject = self._documents(rule) | self._subject(rule) if rule else {}
        level = rule.levels[0] if rule and rule.levels else ""
        return self._happened(event_type, level, subject | {"about_event_id": about})

    def _conversion(self) -> Delivery:
        return self._happened("neighborhood_conversion", self.dice.choice(VILLAGES), {})


# --- the town in a database -------------------------------------------------------------------------------------------
def deliver(wing: Wing, number: int, delivery: Delivery, day: dt.date) -> None:
    """Lands one file's rows as intake does: with a leaf of their own, sealed later."""
    with transaction(wing.engine) as connection:
        leaf_id = append_leaf(connection, log, "intake", str(number), b"", day)
        for table, row in [(source_files, {"sha256": str(number)}), *delivery]:
            beside = {"file_id": number, "leaf_id": leaf_id}
            connection.execute(insert(table).values(_whole(table, beside | row)).on_conflict_do_nothing())


def _whole(table: Table, row: Mapping[str, Any]) -> Row:
    """Columns a table demands and no index depends on get the emptiest value of their type."""
    given = {name: value for name, value in row.items() if name in table.columns}
    demanded = [c for c in table.columns if not c.nullable and c.server_default is None and c.name not in given]
    return {column.name: column.type.python_type() for column in demanded} | given


def roll(wing: Wing, rulebook: Rulebook, day: dt.date) -> IndexRun:
    return compute(wing, rulebook, day, seal_facts(wing))


def evaluate_everybody(wing: Wing, rulebook: Rulebook, day: dt.date) -> IndexRun:
    """Without markers of earlier runs nobody knows whom to leave out."""
    with transaction(wing.engine) as connection:
        connection.execute(delete(index_runs))
    return roll(wing, rulebook, day)


def results(wing: Wing) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table an evaluation writes."""
    with transaction(wing.engine) as connection:
        return {
            table.name: sorted((tuple(row) for row in connection.execute(select(table))), key=repr) for table in RESULTS
        }


def both(wings: Sequence[Wing], number: int, town: Town, delivery: Delivery) -> None:
    for wing in wings:
        deliver(wing, number, delivery, town.today)


# --- what must hold ---------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("seed", SEEDS)
def test_rolling_on_gives_the_rows_of_evaluating_everybody(
    district: Wing, twin: Wing, rulebooks: Sequence[Rulebook], seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(civility_index, "WORTHWHILE", 1.0)  # in so small a town somebody is nearly everybody
    dice, (book, other) = Random(seed), rulebooks
    town = Town(dice, [rule for _, rule in book.rules])
    wings, number, touched, persons_seen = (district, twin), 1, 0, 0
    both(wings, number, town, town.beginning())
    for _ in range(STEPS):
        rolled, whole = roll(district, book, town.today), evaluate_everybody(twin, book, town.today)
        assert results(district) == results(twin), (seed, number, town.today)
        assert (rolled.persons, rolled.changed, rolled.ended) == (whole.persons, whole.changed, whole.ended)
        touched, persons_seen = touched + rolled.touched, persons_seen + whole.touched
        town.today += dt.timedelta(days=dice.choice([0, 1, 1, 2, 7, 31, 100]))
        for _ in range(dice.choice([0, 1, 1, 2])):
            number += 1
            both(wings, number, town, town.delivery())
        if dice.random() < 0.08:
            book, other = other, book
            town.today += dt.timedelta(days=1)
        if dice.random() < 0.08:
            before = town.today - dt.timedelta(days=20)
            roll(district, book, before)
            evaluate_everybody(twin, book, before)
    assert touched < 0.75 * persons_seen


@pytest.mark.parametrize("seed", SEEDS)
def test_some_persons_history_is_all_that_their_indices_need(
    district: Wing, rulebooks: Sequence[Rulebook], seed: int
) -> None:
    dice, book = Random(seed), rulebooks[0]
    town = Town(dice, [rule for _, rule in book.rules])
    deliver(district, 1, town.beginning(), town.today)
    for number in range(2, 60):
        town.today += dt.timedelta(days=dice.choice([0, 3, 10]))
        deliver(district, number, town.delivery(), town.today)
    newest = seal_facts(district)
    for _ in range(25):
        position = dice.choice([newest, dice.randint(1, newest)])
        day = town.today + dt.timedelta(days=dice.randint(-300, 200))
        part = Part(np.array(sorted(dice.sample(PERSONS, dice.choice([1, 1, 3])))), Reach.of(book))
        with transaction(district.engine) as connection:
            alone = evaluate(book, read_history(connection, position, part), day, position)
            whole = evaluate(book, read_history(connection, position), day, position)
        assert rows_of(alone, part) == rows_of(whole, part), (day, position, part)
        assert set(alone.persons.person_id) <= set(part.person_ids)


def rows_of(evaluation: Evaluation, part: Part) -> list[Row]:
    """The indices and ledgers of some persons."""
    each = np.repeat(evaluation.persons.person_id, np.diff(evaluation.first_row))
    ledger = evaluation.ledger.take(np.isin(each, part.person_ids)).to_arrow()
    people = evaluation.persons.take(np.isin(evaluation.persons.person_id, part.person_ids)).to_arrow()
    return [*people.to_pylist(), *ledger.to_pylist()]


@pytest.fixture
def settled(district: Wing, rulebooks: Sequence[Rulebook]) -> Wing:
    """A town evaluated once."""
    deliver(district, 1, Town(Random(1), [rule for _, rule in rulebooks[0].rules]).beginning(), START)
    assert roll(district, rulebooks[0], START).touched > 0
    return district


def test_a_day_on_which_nothing_happens_touches_nobody(settled: Wing, rulebooks: Sequence[Rulebook]) -> None:
    with transaction(settled.engine) as connection:
        days = select(civility_indices.c.next_change_on).where(civility_indices.c.next_change_on.is_not(None))
        first = min(connection.execute(days).scalars())
    assert roll(settled, rulebooks[0], first - dt.timedelta(days=1)).touched == 0
    assert roll(settled, rulebooks[0], first).touched > 0


def test_a_village_table_touches_the_residents_with_points_after_it(
    district: Wing, rulebooks: Sequence[Rulebook]
) -> None:
    town = Town(Random(1), [rule for _, rule in rulebooks[0].rules])
    villagers = {101: "V001", 102: "V001", 103: "V001", 104: "V002"}
    points = {101: 30, 102: 90, 104: 30}
    deliver(
        district,
        1,
        [
            *(
                (persons, {"person_id": each, "birth_on": dt.date(1970, 5, 17), "registered_from": START})
                for each in villagers
            ),
            *(
                (memberships, {"person_id": each, "household_id": each, "village_code": village, "from_on": START})
                for each, village in villagers.items()
            ),
            *(
                town.act(each, START - dt.timedelta(days=400), source)
                for each in villagers
                for source in SOURCES_OF_POINTS
            ),
            *(
                town.fact("neighborhood_points", START - dt.timedelta(days=ago), person_id=each, quantity_milli=200_000)
                for each, ago in points.items()
            ),
        ],
        START,
    )
    assert roll(district, rulebooks[0], START).persons == len(villagers)
    table = town.fact("neighborhood_conversion", START - dt.timedelta(days=60), level="V001", quantity_milli=50_000)
    deliver(district, 2, [table], START)
    run = roll(district, rulebooks[0], START)
    assert (run.touched, run.changed) == (1, 1)


def test_another_edition_touches_everybody(settled: Wing, rulebooks: Sequence[Rulebook]) -> None:
    run = roll(settled, rulebooks[1], START + dt.timedelta(days=1))
    assert run.touched == run.persons == run.changed


def test_other_code_touches_everybody_but_changes_only_what_differs(
    settled: Wing, rulebooks: Sequence[Rulebook]
) -> None:
    with transaction(settled.engine) as connection:
        connection.execute(update(index_runs).values(computed_by="another reading of the same edition"))
    deliver(settled, 2, [], START)
    run = roll(settled, rulebooks[0], START)
    assert run.touched == run.persons
    assert run.changed == 0


def test_after_an_earlier_day_no_later_run_counts_as_done(settled: Wing, rulebooks: Sequence[Rulebook]) -> None:
    before = START - dt.timedelta(days=5)
    assert roll(settled, rulebooks[0], before).touched > 0
    assert roll(settled, rulebooks[0], START).touched > 0
    assert roll(settled, rulebooks[0], before).touched > 0


def test_the_same_run_again_touches_nobody(settled: Wing, rulebooks: Sequence[Rulebook]) -> None:
    before = results(settled)
    assert roll(settled, rulebooks[0], START).touched == 0
    assert results(settled) == before
