"""Which terms of office overlap one that stands already: two people cannot represent a unit on the same day."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from loan_service.district.files.findings import Mask


@dataclass(frozen=True, slots=True)
class Term:
    """A half-open term of office; without an end it is still held."""

    entity_id: int
    person_id: int
    from_on: date
    until_on: date | None

    def shares_a_day_with(self, other: "Term") -> bool:
        """Whether both were in office on some day."""
        return self.from_on < (other.until_on or date.max) and other.from_on < (self.until_on or date.max)

    def replaces(self, other: "Term") -> bool:
        """Whether this is a later version of the same term."""
        return self.person_id == other.person_id and self.from_on == other.from_on


def overlapping(standing: Iterable[Term], arriving: Sequence[Term]) -> Mask:
    """Marks arriving terms that overlap a standing one or an arriving one that began before.

    A new version of a standing term replaces it before anything is compared, so that 'A left, B came' may arrive in
    either order.
    """
    by_entity: dict[int, list[tuple[int, Term]]] = defaultdict(list)
    for row, term in enumerate(arriving):
        by_entity[term.entity_id].append((row, term))
    terms: dict[int, list[Term]] = defaultdict(list)
    for term in standing:
        terms[term.entity_id].append(term)
    marked = np.zeros(len(arriving), np.bool_)
    for entity_id, rows in by_entity.items():
        if len(rows) + len(terms[entity_id]) > 1:
            marked[_marked(terms[entity_id], rows)] = True
    return marked


def _marked(standing: list[Term], arriving: list[tuple[int, Term]]) -> list[int]:
    kept = [term for term in standing if not any(new.replaces(term) for _, new in arriving)]
    versions = [item for item in arriving if any(item[1].replaces(term) for term in standing)]
    others = [item for item in arriving if item not in versions]
    marked = []
    for row, term in [*versions, *sorted(others, key=lambda item: (item[1].from_on, item[0]))]:
        if any(term.shares_a_day_with(other) and not term.replaces(other) for other in kept):
            marked.append(row)
        else:
            kept.append(term)
    return marked
