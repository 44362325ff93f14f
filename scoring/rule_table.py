"""A rulebook turned on its side: one NumPy column per property, one row per rule or per indicator."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scoring.columns import Codes, Mask, TextColumn, Whole
from scoring.rulebook import Indicator, Rule, Rulebook

NO_LIMIT = np.iinfo(np.int64).max // 4


@dataclass(frozen=True)
class RuleTable:
    """Columns over rules (`rule_*`, `validity_months` ... ) and over indicators (`indicator_*`).

    Attributes:
        kind: method kind of each rule.
        indicator: indicator number of each rule.
        validity_months: int64; 0 where the rule knows no validity (`unlimited`).
        looks_through: rules whose entity events reach the legal representative; `on_deadline`: looked up on `ends_on`.
        dimension: dimension number of each indicator.
        lowest_milli, highest_milli: bounds of each indicator's sum.
        dimension_lowest_milli, dimension_highest_milli: bounds of each dimension's sum.
        within: 'sum', 'concave', 'indicator', 'quarter' or 'month' per indicator.
    """

    book: Rulebook
    kind: NDArray[np.str_]
    indicator: Codes
    validity_months: Whole
    unlimited: Mask
    deducts: Mask
    shared: Mask
    looks_through: Mask
    on_deadline: Mask
    sources: tuple[str, ...]
    within: NDArray[np.str_]
    dimension: Codes
    lowest_milli: Whole
    highest_milli: Whole
    dimension_lowest_milli: Whole
    dimension_highest_milli: Whole

    def rule_of(self, event_type: TextColumn, level: TextColumn) -> Codes:
        """The rule each event falls under, -1 where none: a loop over the dictionaries, not over the rows."""
        answers = np.full((len(event_type.names) + 1, len(level.names) + 1), -1, np.int32)
        for number, (_, rule) in enumerate(self.book.rules):
            kind = event_type.code_of(rule.event_type)
            for code in range(len(level.names)) if kind >= 0 else ():
                if not rule.levels or level.names[code] in rule.levels:
                    answers[kind, code] = number
        return np.asarray(answers[event_type.codes, level.codes])

    def accepts(self, rule: Codes, document_class: TextColumn, catalogue_item: TextColumn) -> Mask:
        """True where the rule (number -1: never) takes events with this document and catalogue item as a ground."""
        documents = [rule.document_classes for _, rule in self.book.rules]
        items = [(rule.catalogue_item,) for _, rule in self.book.rules]
        return _listed(documents, rule, document_class) & _listed(items, rule, catalogue_item)

    def source_of_indicator(self) -> Whole:
        """Number of the source whose consent each indicator needs, -1 for none."""
        numbers = {name: number for number, name in enumerate(self.sources)}
        sources = [indicator.consent_source or "" for _, indicator in self.book.indicators]
        return np.array([numbers.get(source, -1) for source in sources], np.int64)

    def numbers(self, pick: Callable[[Any], int], kind: str) -> Whole:
        """One number of every rule whose method is of this kind, 0 elsewhere."""
        return np.array([pick(m) if m.kind == kind else 0 for _, m in self.book.methods()], np.int64)


def _listed(lists: Sequence[Sequence[str | None]], rule: Codes, texts: TextColumn) -> Mask:
    """True where the row's text stands in the list of the row's rule."""
    listed = np.zeros((len(lists) + 1, len(texts.names)), np.bool_)
    for number, names in enumerate(lists):
        listed[number] = [name in names for name in texts.names]
    return np.asarray(listed[rule, texts.codes])


def _over_rules(book: Rulebook, pick: Callable[[Indicator, Rule], Any], dtype: Any) -> Any:
    return np.array([pick(indicator, rule) for indicator, rule in book.rules], dtype)


def _over_indicators(book: Rulebook, pick: Callable[[Indicator], Any], dtype: Any) -> Any:
    return np.array([pick(indicator) for _, indicator in book.indicators], dtype)


def _lowest(indicator: Indicator) -> int:
    cap = indicator.cap_milli
    return cap if cap is not None and cap < 0 else -NO_LIMIT


def _highest(indicator: Indicator) -> int:
    cap = indicator.cap_milli
    return cap if cap is not None and cap > 0 else NO_LIMIT


def _within(indicator: Indicator) -> str:
    return indicator.combine.within if indicator.combine.kind == "strongest" else indicator.combine.kind


def rule_table(book: Rulebook) -> RuleTable:
    """The columns of an edition (well below a millisecond)."""
    numbers = {id(indicator): number for number, (_, indicator) in enumerate(book.indicators)}
    places = {id(dimension): number for number, dimension in enumerate(book.dimensions)}
    sources = tuple(sorted({i.consent_source for _, i in book.indicators if i.consent_source} - {"enrolment"}))
    return RuleTable(
        book=book,
        kind=_over_rules(book, lambda _, rule: rule.method.kind, np.str_),
        indicator=_over_rules(book, lambda indicator, _: numbers[id(indicator)], np.int32),
        validity_months=_over_rules(book, lambda _, rule: rule.validity_months or 0, np.int64),
        unlimited=_over_rules(book, lambda _, rule: rule.validity_months is None, np.bool_),
        deducts=_over_rules(book, lambda indicator, _: indicator.direction == "deduction", np.bool_),
        shared=_over_rules(book, lambda _, rule: rule.shared_with_household, np.bool_),
        looks_through=_over_rules(book, lambda _, rule: rule.look_through is not None, np.bool_),
        on_deadline=_over_rules(book, lambda _, rule: rule.look_through == "ends_on", np.bool_),
        sources=sources,
        within=_over_indicators(book, _within, np.str_),
        dimension=np.array([places[id(dimension)] for dimension, _ in book.indicators], np.int32),
        lowest_milli=_over_indicators(book, _lowest, np.int64),
        highest_milli=_over_indicators(book, _highest, np.int64),
        dimension_lowest_milli=np.array([each.lowest_milli for each in book.dimensions], np.int64),
        dimension_highest_milli=np.array([each.highest_milli for each in book.dimensions], np.int64),
    )
