"""Which values of a policy its cases really ask about: a value counts as asked when changing it breaks a case.

Each value in force on the cases' days is raised by a fifth, lowered by a fifth and by half (a choice is chosen
otherwise), the cases run again, and a value no change of which is noticed is named: a case that shows a value without
asserting anything about it does not count.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, get_args

from pydantic import BaseModel

from models.dated import Parameter, holds
from models.lpr import LprTable, LprTenor
from models.policy import EligibilityRule, Policy, RepaymentPlan, RiskBand
from models.policy_cases import FiledCase, run_policy_cases
from models.terms_errors import TermsError

AT_SIGNING: Final = frozenset({"portfolio_caps", "bonus_budget", "annual_cap_yuan"})
"""Values that bind when contracts are signed, under lock: no single household's case can ask about them."""

COMPARED: Final = frozenset({"online_consumer_cap", "until_ppm", "channel"})
"""Values the static checks hold against others: the legal cap and the channel it binds; where a band ends is where the
next begins."""

_CHOSEN: Final[tuple[tuple[type[BaseModel], str], ...]] = (
    (EligibilityRule, "otherwise"),
    (EligibilityRule, "unknown"),
    (RiskBand, "outcome"),
    (RepaymentPlan, "kind"),
)
_CHOICES: Final[dict[str, tuple[str, ...]]] = {
    "lpr_tenor": get_args(LprTenor),
    **{name: get_args(row.model_fields[name].annotation) for row, name in _CHOSEN},
}
_FROM_NOTHING: Final = 50
"""What a 0 is raised to: half a percent, or five percent in thousandths; less would vanish in whole thousands."""

Change = Callable[[Any], Any]


@dataclass(frozen=True)
class Facet:
    """One value of a policy, and whether a case notices when it changes."""

    place: str
    value: str
    asked: bool

    def __str__(self) -> str:
        return f"{self.place} = {self.value}"


@dataclass(frozen=True)
class _Leaf:
    """A value that can be changed: its place, how it reads, and policies in which it is another."""

    place: str
    value: object
    others: tuple[Policy, ...]


def policy_coverage(cases: Sequence[FiledCase], policy: Policy, lpr: LprTable) -> tuple[Facet, ...]:
    """Every value in force on the first day the cases ask about, asked about or not.

    Args:
        cases: cases that hold for the policy and pass.
        policy: the policy.
        lpr: prices their days.
    """
    day = min(filed.case.day for filed in cases)
    return tuple(
        Facet(leaf.place, str(leaf.value), any(_noticed(cases, other, lpr) for other in leaf.others))
        for leaf in _leaves(policy, day)
    )


def not_asked(facets: Sequence[Facet]) -> tuple[Facet, ...]:
    """The values no case asks about."""
    return tuple(facet for facet in facets if not facet.asked)


def _noticed(cases: Sequence[FiledCase], policy: Policy, lpr: LprTable) -> bool:
    try:
        return bool(run_policy_cases(cases, policy, lpr))
    except TermsError:
        return True  # so wrong that it cannot even be run: a case has met it


def _leaves(policy: Policy, day: date) -> Iterator[_Leaf]:
    for name, parameter in policy.parameters().items():
        if name in AT_SIGNING | COMPARED:
            continue
        for path, value, changes in _changes((name,), parameter.on(day), _idle_plans(policy, day)):
            others = tuple(_with(policy, name, parameter, day, change) for change in changes)
            yield _Leaf(".".join(path), value, others)


def _idle_plans(policy: Policy, day: date) -> frozenset[str]:
    """Plans no sector repays by: nobody can be offered them."""
    used = {row.repayment_plan for row in policy.sectors.on(day)}
    return frozenset(plan.code for plan in policy.repayment_plans.on(day)) - used


def _is_idle(row: BaseModel, name: str) -> bool:
    """Whether a value binds nobody: what a band that is not lent to would cost; when a bullet might be due earlier."""
    if isinstance(row, RiskBand):
        return row.outcome != "offer" and name in ("income_multiple_milli", "spread_bp")
    return isinstance(row, RepaymentPlan) and row.kind == "interest_only" and name == "principal_months"


def _changes(
    path: tuple[str, ...], value: Any, idle: frozenset[str]
) -> Iterator[tuple[tuple[str, ...], object, list[Change]]]:
    """Every value inside a parameter's, and how to change it: each change takes the whole and gives another whole."""
    if isinstance(value, BaseModel):
        for name in type(value).model_fields:
            inner = getattr(value, name)
            if name in AT_SIGNING | COMPARED or _is_idle(value, name):
                continue
            for place, leaf, changes in _changes((*path, name), inner, idle):
                yield place, leaf, [_field(name, change) for change in changes]
    elif isinstance(value, tuple) and value and isinstance(value[0], BaseModel):
        for number, row in enumerate(value):
            if getattr(row, "code", "") in idle:
                continue
            for place, leaf, changes in _changes((*path, _row_name(row, number)), row, idle):
                yield place, leaf, [_row(number, change) for change in changes]
    elif others := list(_others(path[-1], value)):
        yield path, value, [_constantly(other) for other in others]


def _row_name(row: BaseModel, number: int) -> str:
    told = [str(getattr(row, name)) for name in ("code", "sector", "grade") if getattr(row, name, None)]
    bands = getattr(row, "bands", None)
    return "/".join([*told, *(bands or ())]) or str(number)


def _others(name: str, value: Any) -> Iterator[object]:
    """What a value could be instead; nothing where it is a text or a name."""
    if name in _CHOICES:
        yield from (choice for choice in _CHOICES[name] if choice != value)
    elif isinstance(value, int) and (name, value) != ("from_ppm", 0):
        yield from _beside(value)
    elif isinstance(value, tuple) and all(isinstance(one, int) for one in value):
        yield from _other_years(name, value)


def _beside(value: int) -> Iterator[int]:
    step = max(1, value // 5) if value else _FROM_NOTHING
    yield from (value + step, max(0, value - step), value // 2)


def _other_years(name: str, value: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """Another year: fewer months of principal, a harder or milder stress, the same shares three months later."""
    if name == "principal_months":
        yield value[1:]
    elif name == "stress_milli":
        yield from (tuple(month * fifths // 5 for month in value) for fifths in (4, 6))
    else:
        yield (*value[3:], *value[:3])


def _constantly(other: object) -> Change:
    return lambda _: other


def _field(name: str, change: Change) -> Change:
    return lambda model: model.model_copy(update={name: change(getattr(model, name))})


def _row(number: int, change: Change) -> Change:
    return lambda rows: (*rows[:number], change(rows[number]), *rows[number + 1 :])


def _with(policy: Policy, name: str, parameter: Parameter[Any], day: date, change: Change) -> Policy:
    periods = tuple(
        period.model_copy(update={"value": change(period.value)}) if holds(period, day) else period
        for period in parameter.periods
    )
    return policy.model_copy(update={name: parameter.model_copy(update={"periods": periods})})
