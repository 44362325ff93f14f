"""Every number of an edition with what it needs to be judged: unit, origin, ground, use, document, catalogue id.

Nothing of it is written twice in the files: a unit is the field's own (`difference_fields`), origin and ground are the
indicator's, document and catalogue id the rule's.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from pydantic import BaseModel

from scoring.difference_fields import FIELDS
from scoring.rulebook import MILLI, Dimension, Edition, Indicator, LegalBasis, Rulebook
from scoring.words import quantity_unit

_LISTED = {"ladder_milli": "points", "upto_milli": "quantity", "points_per_unit_milli": "points"}
"""Fields that are compared as a whole, with their unit."""


@dataclass(frozen=True, slots=True)
class SheetValue:
    """One number of an edition.

    Attributes:
        place: where it stands, such as `1.1 ebike_violation method.ladder.2`.
        unit: points, months, days, years, steps, share, or what the indicator counts (hours, stars ...).
        origin: `SEED` or `PROP` for an indicator; of the edition's own frame it is always ours (`PROP`).
        tag: how well the number is known; `P` is a proposal.
        ground: the law it rests on with the tag of the citation, or the consent; a frame value rests on the edition.
        documents, catalogue_item: what a deduction needs; empty for everything else.
    """

    place: str
    value: str
    unit: str
    origin: str
    tag: str
    ground: str
    usable_for: tuple[str, ...]
    documents: tuple[str, ...] = ()
    catalogue_item: str = ""


def value_sheet(rulebook: Rulebook) -> tuple[SheetValue, ...]:
    """Every number of the edition, in the order of its files."""
    return tuple(_of_edition(rulebook.edition)) + tuple(
        value for dimension in rulebook.dimensions for value in _of_dimension(dimension)
    )


def _of_edition(edition: Edition) -> Iterator[SheetValue]:
    told = _told("PROP", edition.tag, "计分办法本身 / the edition itself", _EVERY_USE)
    for value in _numbers(edition, "", told, ""):
        law = edition.negative_limit_basis if value.place == "negative_limit_months" else None
        for number, period in enumerate(edition.severities):
            law = period.legal_basis if value.place.startswith(f"severities.{number}.") else law
        yield replace(value, ground=_cited(law), tag=law.tag) if law else value


def _of_dimension(dimension: Dimension) -> Iterator[SheetValue]:
    told = _told("PROP", dimension.tag, "计分办法本身 / the edition itself", _EVERY_USE)
    yield from _numbers(dimension, f"{dimension.dimension} ", told, "", skip="indicators")
    for indicator in dimension.indicators:
        yield from _of_indicator(indicator)


def _of_indicator(indicator: Indicator) -> Iterator[SheetValue]:
    consent = f"同意 / consent: {indicator.consent_source}"
    ground = _cited(indicator.legal_basis) if indicator.legal_basis else consent
    told = _told(indicator.origin, indicator.tag, ground, indicator.usable_for)
    counted = quantity_unit(indicator.rules[0].event_type).en
    yield from _numbers(indicator, f"{indicator.indicator} ", told, counted, skip="rules")
    for rule in indicator.rules:
        grounded = replace(told, documents=rule.document_classes, catalogue_item=rule.catalogue_item or "")
        yield from _numbers(rule, f"{indicator.indicator} {rule.rule} ", grounded, quantity_unit(rule.event_type).en)


_EVERY_USE = ("loan", "permit", "merchant")


def _told(origin: str, tag: str, ground: str, usable_for: tuple[str, ...]) -> SheetValue:
    return SheetValue("", "", "", origin, tag, ground, usable_for)


def _cited(basis: LegalBasis) -> str:
    return f"{basis.cite} [{basis.tag}]"


def _numbers(model: BaseModel, place: str, told: SheetValue, counted: str, skip: str = "") -> Iterator[SheetValue]:
    """Every whole number below a model, with its unit."""
    for field in type(model).model_fields:
        value = getattr(model, field)
        name = field.removesuffix("_milli")
        for step, each in enumerate(value) if isinstance(value, tuple) else [(None, value)]:
            where = f"{place}{name}" if step is None else f"{place}{name}.{step}"
            if isinstance(each, BaseModel) and field != skip:
                yield from _numbers(each, f"{where}.", told, counted)
            elif isinstance(each, int) and not isinstance(each, bool):
                known = FIELDS.get((type(model).__name__, field))
                unit = known.unit if known else _LISTED[field]
                yield replace(
                    told, place=where, value=_plain(each, field), unit=counted if unit == "quantity" else unit
                )


def _plain(value: int, field: str) -> str:
    return f"{value / MILLI:.3f}".rstrip("0").rstrip(".") if field.endswith("_milli") else str(value)
