"""A smaller district's raw history as the frames `scoring.fold` reads: the same deeds as in `population`, unfolded."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from experiments.benchmarks.scoring.population import BLOCK, HONOUR, NO_DAY, block
from scoring import Events, HistoryFrames, Memberships, Persons, Representatives, SourceConsents, TextColumn
from scoring.rulebook import Rule, Rulebook

Ints = NDArray[np.int64]

LONG_AGO: Final = 18_000
HOUSEHOLD: Final = 3
"""Adults of a household: what is shared reaches this many, so its deeds are this much rarer."""
ENTITIES_FROM: Final = 1_000_000_000
EVERY_WHICH_IS_AN_ENTITYS: Final = 3


def history(rulebook: Rulebook, blocks: int) -> HistoryFrames:
    """The frames of so many blocks of residents, everybody enrolled and consenting, households of three."""
    persons = np.arange(blocks * BLOCK) + 1
    return HistoryFrames(
        events=_events(rulebook, blocks),
        persons=Persons(
            person_id=persons,
            birth_on=_days(persons, 1_000),
            village_code=_same(persons, "V001"),
            enrolled_from=_days(persons, LONG_AGO),
            enrolled_until=_days(persons, NO_DAY),
            died_on=_days(persons, NO_DAY),
        ),
        memberships=Memberships(_household(persons), persons, _days(persons, LONG_AGO), _days(persons, NO_DAY)),
        representatives=Representatives(
            persons + ENTITIES_FROM, persons, _days(persons, LONG_AGO), _days(persons, NO_DAY)
        ),
        source_consents=_consents(rulebook, persons),
    )


def _events(rulebook: Rulebook, blocks: int) -> Events:
    parts = [_deeds(rulebook, number) for number in range(blocks)]
    deeds = {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}
    number = np.arange(len(deeds["person"]))
    rules, rule = [rule for _, rule in rulebook.rules], deeds["rule"]
    entity = np.where(deeds["is_an_entitys"], deeds["person"] + ENTITIES_FROM, 0)
    shared = _of_rules(rules, rule, lambda each: each.shared_with_household) > 0
    nobody = np.zeros(len(number), np.int64)
    return Events(
        event_id=number + 1,
        event_type=_text(rules, rule, lambda each: each.event_type),
        person_id=np.where(shared | (entity > 0), 0, deeds["person"]),
        entity_id=entity,
        household_id=np.where(shared, _household(deeds["person"]), 0),
        level=_text(rules, rule, lambda each: (each.levels or ("",))[0]),
        quantity_milli=deeds["quantity_milli"],
        occurred_on=deeds["from_on"].astype(np.int32),
        effective_from=_days(number, NO_DAY),
        counts_from=deeds["from_on"].astype(np.int32),
        ends_on=deeds["from_on"].astype(np.int32),
        document_class=_text(rules, rule, lambda each: (each.document_classes or ("",))[0]),
        catalogue_item=_text(rules, rule, lambda each: each.catalogue_item or ""),
        about_event_id=nobody,
        record_id=number + 1,
        source_code=_same(number, "benchmark"),
        position=nobody + 1,
    )


def _deeds(rulebook: Rulebook, number: int) -> dict[str, Ints]:
    """One row per deed of a block: person, rule, day, quantity."""
    spells = block(number)
    rng = np.random.default_rng([1, number])
    first_rule = np.array([_first_rule(rulebook, indicator.indicator) for _, indicator in rulebook.indicators])
    rules = np.array([len(indicator.rules) for _, indicator in rulebook.indicators])
    indicator = spells["indicator"].astype(np.int64)
    once = indicator != HONOUR
    once[np.unique(spells["event_id"], return_index=True)[1]] = True
    rule = first_rule[indicator] + rng.integers(0, rules[indicator])
    each = [each for _, each in rulebook.rules]
    shared = _of_rules(each, rule, lambda one: one.shared_with_household) > 0
    keep = once & (~shared | (np.arange(len(rule)) % HOUSEHOLD == 0))
    looked_through = _of_rules(each, rule, lambda one: one.look_through is not None) > 0
    deeds = {
        "person": spells["person"].astype(np.int64) + 1,
        "rule": rule,
        "from_on": spells["from_on"].astype(np.int64),
        "quantity_milli": np.abs(spells["value_milli"]).astype(np.int64),
        "is_an_entitys": (looked_through & (np.arange(len(rule)) % EVERY_WHICH_IS_AN_ENTITYS == 0)).astype(np.int64),
    }
    return {name: column[keep] for name, column in deeds.items()}


def _first_rule(rulebook: Rulebook, indicator: str) -> int:
    return next(number for number, (each, _) in enumerate(rulebook.rules) if each.indicator == indicator)


def _of_rules(rules: list[Rule], rule: Ints, pick: Any) -> Ints:
    return np.array([pick(each) for each in rules], np.int64)[rule]


def _text(rules: list[Rule], rule: Ints, pick: Any) -> TextColumn:
    texts = [pick(each) for each in rules]
    names = tuple(sorted(set(texts)))
    return TextColumn(np.array([names.index(text) for text in texts], np.int32)[rule], names)


def _same(rows: Ints, text: str) -> TextColumn:
    return TextColumn(np.zeros(len(rows), np.int32), (text,))


def _days(rows: Ints, day: int) -> NDArray[np.int32]:
    return np.full(len(rows), day, np.int32)


def _household(persons: Ints) -> Ints:
    return persons // HOUSEHOLD + 1


def _consents(rulebook: Rulebook, persons: Ints) -> SourceConsents:
    sources = sorted({each.consent_source for _, each in rulebook.indicators if each.consent_source} - {"enrolment"})
    person_id = np.repeat(persons, len(sources))
    codes = np.tile(np.arange(len(sources), dtype=np.int32), len(persons))
    return SourceConsents(
        person_id, TextColumn(codes, tuple(sources)), _days(person_id, LONG_AGO), _days(person_id, NO_DAY)
    )
