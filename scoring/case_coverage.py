"""Which values of an edition its cases really exercise: every rule, step, band, limit, cap and boundary day.

A facet counts as shown only if a day a case asks about shows it in the ledger; asking is asserting, so what is shown is
also checked.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scoring.case_evidence import Evidence
from scoring.cases import CaseRun
from scoring.facets_of_rules import OF_RULES, RuleAsked
from scoring.facets_over_rules import OF_EDITION, OF_INDICATORS
from scoring.rulebook import Rulebook


@dataclass(frozen=True, slots=True)
class Facet:
    """One thing an edition says, and whether a case shows it."""

    place: str
    what: str
    shown: bool

    def __str__(self) -> str:
        return f"{self.place}: {self.what}"


def coverage(runs: Iterable[CaseRun], rulebook: Rulebook) -> tuple[Facet, ...]:
    """Every facet of the edition, shown or not."""
    seen = Evidence(tuple(runs))
    facets: list[Facet] = []
    for indicator, rule in rulebook.rules:
        asked = RuleAsked(seen, indicator, rule)
        facets += [
            Facet(f"{indicator.indicator} {rule.rule}", *each) for of_rule in OF_RULES for each in of_rule(asked)
        ]
    for _, indicator in rulebook.indicators:
        for of_indicator in OF_INDICATORS:
            facets += [Facet(indicator.indicator, *each) for each in of_indicator(seen, indicator)]
    for of_edition in OF_EDITION:
        facets += [Facet(rulebook.edition.edition, *each) for each in of_edition(seen, rulebook)]
    return tuple(facets)


def lacking(facets: Iterable[Facet]) -> tuple[Facet, ...]:
    """The facets no case shows."""
    return tuple(facet for facet in facets if not facet.shown)
