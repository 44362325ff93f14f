"""What another edition of the rulebook would do to this district: who moves, how far, through which rule."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from pydantic import BaseModel, ConfigDict

from loan_service.district.store.civility_index import facts_position
from loan_service.district.store.history import read_history
from loan_service.district.views.texts import Text
from loan_service.foundation.connection import Connection
from scoring import Rulebook, evaluate
from scoring.attribution import RulePart
from scoring.compare import Comparison, compare, population_groups
from scoring.words import rule_name

KINDS: Final[Mapping[str, Text]] = {
    "base": Text(zh="基础分", en="base"),
    "indicator_cap": Text(zh="单项封顶", en="cap of the item"),
    "dimension_cap": Text(zh="方面封顶", en="cap of the field"),
    "overall_clip": Text(zh="总分封顶", en="overall clip"),
    "rounding": Text(zh="取整", en="rounding"),
    "others": Text(zh="其余合计", en="all others"),
}


class RuleImpact(BaseModel):
    """What one rule or one kind of adjusting row contributes, in words; None: hidden for small numbers."""

    model_config = ConfigDict(frozen=True)

    name: Text
    persons: int | None
    points_milli: int | None


def compared(connection: Connection, old: Rulebook, new: Rulebook, as_of: date) -> Comparison:
    """Both editions over everybody, as of a day, as known at the newest sealed fact."""
    known_position = facts_position(connection)
    history = read_history(connection, known_position)
    before, after = (evaluate(book, history, as_of, known_position) for book in (old, new))
    return compare(before, after, population_groups(history.persons, as_of))


def rule_impacts(comparison: Comparison, new: Rulebook, old: Rulebook) -> list[RuleImpact]:
    """The rules through which points change, largest first, then all others together."""
    names = _names(old) | _names(new)
    parts = (*comparison.rules, comparison.other_rules)
    return [RuleImpact(name=_name(part, names), persons=part.persons, points_milli=part.points_milli) for part in parts]


def _names(book: Rulebook) -> dict[str, Text]:
    """Dimensions, indicators and rules by their codes; each kind of code is written differently."""
    names = {each.dimension: Text(zh=each.name.zh, en=each.name.en) for each in book.dimensions}
    for _, indicator in book.indicators:
        number, name = indicator.indicator, indicator.name
        names[number] = Text(zh=f"{number} {name.zh}", en=f"{number} {name.en}")
        for rule in indicator.rules:
            own = rule_name(rule, indicator)
            names[rule.rule] = _joined(names[number], Text(zh=own.zh, en=own.en)) if own else names[number]
    return names


def _name(part: RulePart, names: Mapping[str, Text]) -> Text:
    place = part.rule or part.indicator or part.dimension
    if part.kind == "rule":
        return names[place]
    return _joined(names[place], KINDS[part.kind]) if place else KINDS[part.kind]


def _joined(first: Text, second: Text) -> Text:
    return Text(zh=f"{first.zh}·{second.zh}", en=f"{first.en}, {second.en}")
