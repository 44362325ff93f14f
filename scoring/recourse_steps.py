"""The kinds of thing a person may say he can do: how often, with what effort, and what shows that it was done."""

from __future__ import annotations

from functools import cached_property
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StrictInt, model_validator

from scoring.difference_values import plain
from scoring.frames import EVENT_TYPES
from scoring.rulebook import Count, Milli, Months, Name, Sentence, SeverityName, Strict, Tag, Text

WAITING: Final = "waiting"
"""What everybody can do; it costs nothing and every plan holds it."""

_NOT_OURS_TO_PROPOSE: Final = frozenset({"bravery", "civil_honour", "debtor_delisted"})
"""What depends on danger, on others' praise, or on money."""


class EveryDays(Strict):
    """Once every so many days, the first time so many days after today."""

    kind: Literal["every_days"]
    days: Count


class Once(Strict):
    """One time, so many days after today at the earliest."""

    kind: Literal["once"]
    days: Count


class PeriodEnd(Strict):
    """On the last day of each calendar month or quarter."""

    kind: Literal["month_end", "quarter_end"]


When = Annotated[EveryDays | Once | PeriodEnd, Field(discriminator="kind")]
Effort = Annotated[Milli, Field(alias="effort_hours", gt=0)]


class Doing(Strict):
    """Something that leaves a record of its own.

    Attributes:
        effort_milli: thousandths of an hour for one unit.
        quantity_milli: the quantity of one unit's record, in thousandths.
        most: units in one plan.
        sentence: may hold `{amount}` (quantity of all units) and `{count}`.
    """

    kind: Text
    name: Name
    event_type: Text
    level: str = ""
    quantity_milli: Milli = Field(alias="quantity", default=0)
    effort_milli: Effort
    when: When
    most: Annotated[StrictInt, Field(ge=1, le=60)]
    evidence: Sentence
    sentence: Sentence

    def told(self, count: int) -> Sentence:
        """The sentence about so many units.

        Raises:
            ValidationError: too long to be read.
        """
        amounts = {"count": count, "amount": plain(count * self.quantity_milli)}
        return Sentence(zh=self.sentence.zh.format(**amounts), en=self.sentence.en.format(**amounts))

    @model_validator(mode="after")
    def _can_be_told_to_the_last(self) -> Self:
        self.told(self.most)
        return self


class Mending(Strict):
    """Something that ends a deduction.

    Attributes:
        after_days: days from today until it can be done at the earliest.
        after_months: months from the record's own day, by severity; without it only rules that name the event type
            among what ends them.
    """

    kind: Text
    name: Name
    event_type: Text
    effort_milli: Effort
    after_days: Count
    after_months: dict[SeverityName, Annotated[StrictInt, Field(ge=0)]] | None = None
    evidence: Sentence
    sentence: Sentence


class Steps(Strict):
    """All kinds of step, and how far a plan looks ahead."""

    tag: Tag
    horizon_months: Months
    doing: tuple[Doing, ...]
    mending: tuple[Mending, ...]

    @model_validator(mode="after")
    def _are_proposals_we_may_make(self) -> Self:
        if len(self.kinds) < len(self.doing) + len(self.mending) or WAITING in self.kinds:
            raise ValueError("每种只写一次 / a kind is given twice")
        for each in self.kinds.values():
            if each.event_type not in EVENT_TYPES - _NOT_OURS_TO_PROPOSE:
                raise ValueError(f"{each.kind}: 不可建议 / may not be proposed: {each.event_type}")
        return self

    @cached_property
    def kinds(self) -> dict[str, Doing | Mending]:
        """Every kind by its name, in the order of the file."""
        things: tuple[Doing | Mending, ...] = (*self.doing, *self.mending)
        return {each.kind: each for each in things}
