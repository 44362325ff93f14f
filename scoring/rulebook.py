"""The shape of a rulebook edition: dimensions, indicators, rules and their methods, as strict immutable data.

A number is written in YAML in plain points, hours or stars and kept as an exact whole number of thousandths
(`*_milli`). Everything here only holds values; `loader` reads files, `rulebook_checks` compares values with each other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, StrictBool, StrictInt, StrictStr
from pydantic_core import PydanticCustomError

LONGEST_CHINESE_SENTENCE: Final = 30
LONGEST_ENGLISH_SENTENCE: Final = 20
MILLI: Final = 1000


def _milli(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int | Decimal):
        raise PydanticCustomError(
            "plain_number",
            "{value} 不是数字 / is not a plain number",
            {"value": value, "remedy": "write a number, unquoted"},
        )
    scaled = Decimal(value) * MILLI
    if scaled != scaled.to_integral_value():
        raise PydanticCustomError(
            "too_fine",
            "{value} 小于千分之一 / is finer than 1/1000",
            {"value": value, "remedy": "round to three decimals"},
        )
    return int(scaled)


def _chinese_sentence(text: str) -> str:
    if not text or len(text) > LONGEST_CHINESE_SENTENCE:
        raise PydanticCustomError(
            "chinese_sentence", "{length} 个字 / characters", {"length": len(text), "remedy": "at most 30 characters"}
        )
    return text


def _english_sentence(text: str) -> str:
    words = len(text.split())
    if not words or words > LONGEST_ENGLISH_SENTENCE:
        raise PydanticCustomError("english_sentence", "{words} words", {"words": words, "remedy": "at most 20 words"})
    return text


Milli = Annotated[int, BeforeValidator(_milli)]
ChineseSentence = Annotated[StrictStr, AfterValidator(_chinese_sentence)]
EnglishSentence = Annotated[StrictStr, AfterValidator(_english_sentence)]
Text = Annotated[StrictStr, Field(min_length=1)]
Months = Annotated[StrictInt, Field(ge=1, le=600)]
Count = Annotated[StrictInt, Field(ge=1)]
Origin = Literal["SEED", "PROP"]
Tag = Literal["SEED", "V", "S", "M", "P"]
Usage = Literal["loan", "permit", "merchant"]
SeverityName = Literal["minor", "general", "serious"]


class Strict(BaseModel):
    """Immutable, and a misspelt field is an error instead of a silent no-op."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Sentence(Strict):
    """One plain sentence in both languages."""

    zh: ChineseSentence
    en: EnglishSentence


class Name(Strict):
    """A name in both languages."""

    zh: Text
    en: Text


class FixedPoints(Strict):
    """The same points for every event; with `fade_months` they fall in monthly steps over the last months."""

    kind: Literal["fixed"]
    points_milli: Milli = Field(alias="points")
    fade_months: Annotated[StrictInt, Field(ge=0)] = 0


class PointsPerUnit(Strict):
    """Points for each unit of the event's quantity, of which at most `quantity_max` is read."""

    kind: Literal["per_unit"]
    points_milli: Milli = Field(alias="points_per_unit")
    quantity_max_milli: Milli = Field(alias="quantity_max")


class OrdinalPoints(Strict):
    """The n-th occurrence within the window takes the n-th step of the ladder, the last step for all later ones."""

    kind: Literal["ordinal"]
    ladder_milli: Annotated[tuple[Milli, ...], Field(alias="ladder", min_length=1)]
    window_months: Months


class EscalatingPoints(Strict):
    """A first step after the deadline and its grace days, then one more step every few days until it is mended."""

    kind: Literal["escalation"]
    first_milli: Milli = Field(alias="first_points")
    then_milli: Milli = Field(alias="then_points")
    grace_days: Annotated[StrictInt, Field(ge=0)]
    every_days: Count
    steps: Count


class StreakPoints(Strict):
    """Points for each good period of the current run; an event of kind `broken_by` restarts the run at zero."""

    kind: Literal["streak"]
    points_milli: Milli = Field(alias="points")
    broken_by: Text


class ConvertedPoints(Strict):
    """One point for as much quantity as the village's latest conversion table before the event's day asks for."""

    kind: Literal["converted"]
    table_event: Text
    needed_without_table_milli: Annotated[Milli, Field(alias="needed_without_table", gt=0)]


class Quantity(Strict):
    """No points of its own: the quantity (at most `daily_limit` a day) goes to the indicator's bands."""

    kind: Literal["quantity"]
    daily_limit_milli: Annotated[Milli, Field(alias="daily_limit", gt=0)]


Method = Annotated[
    FixedPoints | PointsPerUnit | OrdinalPoints | EscalatingPoints | StreakPoints | ConvertedPoints | Quantity,
    Field(discriminator="kind"),
]


class Sum(Strict):
    """All live rows add up."""

    kind: Literal["sum"]


class Strongest(Strict):
    """Within the indicator, or within each calendar quarter or month of the deed, only the largest live row counts."""

    kind: Literal["strongest"]
    within: Literal["indicator", "quarter", "month"]


class Band(Strict):
    """Up to this much summed quantity each further unit is worth so many points; `upto: null` is open."""

    upto_milli: Milli | None = Field(alias="upto")
    points_per_unit_milli: Milli = Field(alias="points_per_unit")


class Concave(Strict):
    """The summed live quantity runs through bands that pay less and less."""

    kind: Literal["concave"]
    bands: Annotated[tuple[Band, ...], Field(min_length=1)]


Combine = Annotated[Sum | Strongest | Concave, Field(discriminator="kind")]


class Rule(Strict):
    """What one kind of event, at some or all of its levels, is worth and for how long.

    Attributes:
        validity_months: counted from the base day; None means 'until it is ended'.
        ended_by: kinds of event that end this one by pointing at it (`about_event_id`).
        ended_by_own: kinds of event of the same person that end every such event done up to that day.
        look_through: on which of the event's days the entity's legal representative is looked up; None: not at all.
        shared_with_household: adult members of the household that day share it (awards only).
    """

    rule: Text
    event_type: Text
    levels: tuple[Text, ...] = ()
    method: Method
    validity_months: Months | None
    ended_by: tuple[Text, ...] = ()
    ended_by_own: tuple[Text, ...] = ()
    severity: SeverityName | None = None
    document_classes: tuple[Text, ...] = ()
    catalogue_item: Text | None = None
    look_through: Literal["occurred_on", "ends_on"] | None = None
    shared_with_household: StrictBool = False
    sentence: Sentence


class LegalBasis(Strict):
    """The law a class A or B indicator rests on, and how well we know the citation."""

    cite: Text
    tag: Tag


class Indicator(Strict):
    """A second-level indicator: rules of one direction, how their rows combine, and the cap over them.

    Attributes:
        cap_milli: the furthest from zero the indicator's sum may go (negative for deductions); None: no cap.
        consent_source: class C only; the source whose consent must be live, or `enrolment`.
    """

    indicator: Text
    code: Annotated[StrictStr, Field(pattern=r"^[a-z_]+$")]
    name: Name
    origin: Origin
    tag: Tag
    source_agencies: Annotated[tuple[Text, ...], Field(min_length=1)]
    admissibility: Literal["A", "B", "C"]
    legal_basis: LegalBasis | None = None
    consent_source: Text | None = None
    usable_for: Annotated[tuple[Usage, ...], Field(min_length=1)]
    direction: Literal["award", "deduction"]
    unit: Text
    combine: Combine
    cap_milli: Annotated[Milli | None, Field(alias="cap")]
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]


class Dimension(Strict):
    """A first-level indicator and the bounds of its sum."""

    dimension: Text
    code: Annotated[StrictStr, Field(pattern=r"^[a-z_]+$")]
    name: Name
    tag: Tag
    lowest_milli: Milli = Field(alias="lowest")
    highest_milli: Milli = Field(alias="highest")
    indicators: Annotated[tuple[Indicator, ...], Field(min_length=1)]


class Grade(Strict):
    """A grade and the civility index it begins at."""

    grade: Text
    from_milli: Milli = Field(alias="from_points")
    name: Name


class SeverityPeriod(Strict):
    """How long a record of this severity may be used at most."""

    severity: SeverityName
    longest_months: Months
    legal_basis: LegalBasis


class AdjustingSentences(Strict):
    """What the adjusting rows say."""

    indicator_cap: Sentence
    dimension_cap: Sentence
    overall_clip: Sentence
    rounding: Sentence


class Edition(Strict):
    """What `edition.yaml` holds: everything that is not about one dimension.

    Attributes:
        replaces: the edition this one was written against; None for the first.
        summary: what changes against `replaces`, one plain sentence per change.
        placeholder_catalogue: catalogue ids are invented; such an edition may be published in demo mode only.
        look_through_factor_milli: share of an entity's points that reaches its legal representative.
        negative_limit_months: no deduction lives longer than this from its base day, whatever its rule says.
    """

    edition: Text
    replaces: Text | None = None
    effective_from: dt.date
    placeholder_catalogue: StrictBool
    tag: Tag
    summary: tuple[Sentence, ...] = ()
    base_milli: Milli = Field(alias="base_points")
    lowest_milli: Milli = Field(alias="lowest_points")
    highest_milli: Milli = Field(alias="highest_points")
    rounding_milli: Annotated[Milli, Field(alias="rounding_points", gt=0)]
    adult_years: Count
    look_through_factor_milli: Annotated[Milli, Field(alias="look_through_factor", ge=0, le=MILLI)]
    negative_limit_months: Months
    negative_limit_basis: LegalBasis
    severities: tuple[SeverityPeriod, ...]
    grades: Annotated[tuple[Grade, ...], Field(min_length=1)]
    adjusting: AdjustingSentences
    look_through_sentence: Sentence


@dataclass(frozen=True)
class Rulebook:
    """One edition, whole.

    Attributes:
        content_hash: SHA-256 (hex) over the edition's file names and bytes.
    """

    edition: Edition
    dimensions: tuple[Dimension, ...]
    content_hash: str

    @cached_property
    def indicators(self) -> tuple[tuple[Dimension, Indicator], ...]:
        """Every indicator with its dimension, in catalogue order."""
        return tuple((dimension, indicator) for dimension in self.dimensions for indicator in dimension.indicators)

    @cached_property
    def rules(self) -> tuple[tuple[Indicator, Rule], ...]:
        """Every rule with its indicator, in catalogue order."""
        return tuple((indicator, rule) for _, indicator in self.indicators for rule in indicator.rules)

    def methods(self) -> Iterator[tuple[int, Method]]:
        """Every rule's number and method."""
        return ((number, rule.method) for number, (_, rule) in enumerate(self.rules))
