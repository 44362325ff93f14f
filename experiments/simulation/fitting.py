"""Solves the behaviour parameters against the published totals, and checks them on seeds they have not seen.

Everything here is a pure function of offers, chances and parameters; how offers come about is passed in.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from experiments.simulation.arrays import NONE, Flags, Floats, Ints
from experiments.simulation.behaviour import Behaviour, Chances, Plans, plans_of
from experiments.simulation.config import BANKS

OffersFor: TypeAlias = Callable[[Path], pa.Table]
"""Folder of simulated files -> offers with columns bank_code, household_ref, decision, limit_fen and
baseline_limit_fen (0 unless offered)."""

OFFERED = "offer"
KEYS = ("households_signed", "signed_fen", "households_drew", "drawn_cumulative_fen")
# parameter, the total it moves, and the range it is looked for in
_STEPS = (
    ("sign_rate", "households_signed", 0.005, 0.92),
    ("limit_location", "signed_fen", -3.0, 3.0),
    ("draw_rate", "households_drew", 0.0, 1.0),
    ("draw_location", "drawn_cumulative_fen", -3.0, 3.0),
)
_YUAN = 100
_TOLERANCE = 0.05


class OutOfReachError(ValueError):
    """No value of a parameter brings a total to its target.

    Attributes:
        parameter: which one.
        target: the total wanted.
        reached: the total at the end of the parameter's range.
    """

    def __init__(self, parameter: str, target: float, reached: float) -> None:
        super().__init__(f"{parameter} 无法达到目标 / cannot reach its target {target:,.0f}, only {reached:,.0f}")
        self.parameter = parameter
        self.target = target
        self.reached = reached


@dataclass(frozen=True, slots=True)
class Case:
    """One seed's district: what chance decided, and per bank and row of its file the limits with and without bonus.

    A limit of 0: no offer.
    """

    seed: int
    chances: Chances
    limits_fen: tuple[Ints, ...]
    baseline_limits_fen: tuple[Ints, ...]


@dataclass(frozen=True, slots=True)
class Totals:
    """What came of the offers within the horizon."""

    households_signed: int
    signed_fen: int
    households_drew: int
    drawn_cumulative_fen: int
    outstanding_fen: int


def limits_by_row(
    offers: pa.Table, household_refs: Mapping[str, pa.Array], column: str = "limit_fen"
) -> tuple[Ints, ...]:
    """Offered limits in the order of each bank's file.

    Args:
        offers: columns bank_code, household_ref, decision, limit_fen, baseline_limit_fen.
        household_refs: per bank code the references in the order of its file.
        column: which of the limits.
    """
    limits = []
    for bank_code in BANKS:
        which = pc.and_(pc.equal(offers["bank_code"], bank_code), pc.equal(offers["decision"], OFFERED))
        own = offers.filter(which)
        place = pc.index_in(household_refs[bank_code], value_set=own["household_ref"].combine_chunks())
        row = np.asarray(place.fill_null(NONE).to_numpy(zero_copy_only=False), dtype=np.int64)
        fen = np.append(own[column].to_numpy().astype(np.int64), 0)  # the last place serves NONE
        limits.append(fen[row])
    return tuple(limits)


def totals(behaviour: Behaviour, case: Case) -> Totals:
    """Signed, drawn and outstanding after the horizon, when every bank approves what lies within its offers."""
    plans = plans_of(behaviour, case.chances)
    offered, baseline = (_of_plans(plans, limits) for limits in (case.limits_fen, case.baseline_limits_fen))
    signed = _one_per_household(plans, plans.signing & (offered > 0))
    asked = _part(offered, plans.limit_milli)
    limit_fen = np.where(signed, np.where(plans.takes_bonus, asked, np.minimum(asked, baseline)), 0)
    drawn, outstanding = _usage(behaviour, case.chances.start_day, plans, limit_fen)
    return Totals(
        households_signed=int(signed.sum()),
        signed_fen=int(limit_fen.sum()),
        households_drew=int((drawn > 0).sum()),
        drawn_cumulative_fen=int(drawn.sum()),
        outstanding_fen=int(outstanding.sum()),
    )


def solve(behaviour: Behaviour, cases: Sequence[Case]) -> Behaviour:
    """Solve the fitted parameters one after the other: each total depends on its own parameter and earlier ones only.

    Solved for the mean over seeds, which few seeds tell better than the median that is checked afterwards.

    Raises:
        OutOfReachError: the offers are too few or too small for a published total.
    """
    for parameter, total, low, high in _STEPS:
        behaviour = _solved(behaviour, cases, parameter, total, (low, high))
    return behaviour


def with_fitted(behaviour: Behaviour, **values: float) -> Behaviour:
    """The same behaviour with other fitted values."""
    return behaviour.model_copy(update={"fitted": behaviour.fitted.model_copy(update=values)})


def differences(behaviour: Behaviour, results: Sequence[Totals]) -> dict[str, float]:
    """Relative difference of the median over seeds from each target."""
    return {key: _median(results, key) / getattr(behaviour.targets, key) - 1 for key in KEYS}


def within_tolerance(behaviour: Behaviour, results: Sequence[Totals]) -> bool:
    """Whether every median lies within five percent of its target."""
    return all(abs(difference) <= _TOLERANCE for difference in differences(behaviour, results).values())


def with_values(text: str, values: Mapping[str, float]) -> str:
    """A YAML text in which some `key: number` lines carry new numbers; everything else, comments included, stays."""
    lines = text.splitlines(keepends=True)
    for place, line in enumerate(lines):
        key, colon, rest = line.partition(":")
        if colon and key.strip() in values:
            _, mark, comment = rest.partition("#")
            lines[place] = f"{key}: {values[key.strip()]:.6g}" + (f"  #{comment}" if mark else "\n")
    return "".join(lines)


def _solved(
    behaviour: Behaviour, cases: Sequence[Case], parameter: str, total: str, bounds: tuple[float, float]
) -> Behaviour:
    low, high = bounds
    target = getattr(behaviour.targets, total)

    def reached(value: float) -> float:
        return fmean(getattr(totals(with_fitted(behaviour, **{parameter: value}), case), total) for case in cases)

    if reached(high) < target:
        raise OutOfReachError(parameter, target, reached(high))
    for _ in range(26):
        middle = (low + high) / 2
        low, high = (middle, high) if reached(middle) < target else (low, middle)
    return with_fitted(behaviour, **{parameter: float(f"{high:.6g}")})


def _median(results: Sequence[Totals], key: str) -> float:
    return float(median(getattr(result, key) for result in results))


def _of_plans(plans: Plans, limits_fen: tuple[Ints, ...]) -> Ints:
    """The limit each plan meets at its bank."""
    offered = np.zeros(len(plans.household), dtype=np.int64)
    for place, limits in enumerate(limits_fen):
        rows = plans.bank == place
        offered[rows] = limits[plans.file_row[rows]]
    return offered


def _one_per_household(plans: Plans, signed: Flags) -> Flags:
    """A second try counts only where the first came to nothing: one programme contract per household."""
    done = np.zeros(int(plans.household.max(initial=0)) + 1, dtype=np.bool_)
    done[plans.household[signed & plans.first_choice]] = True
    return signed & (plans.first_choice | ~done[plans.household])


def _part(amount_fen: Ints, milli: Ints) -> Ints:
    """A share of an amount: all of it, or whole yuan below."""
    return np.where(milli == 1000, amount_fen, amount_fen * milli // 1000 // _YUAN * _YUAN)  # noqa: PLR2004


def _usage(behaviour: Behaviour, start_day: int, plans: Plans, limit_fen: Ints) -> tuple[Ints, Ints]:
    """Drawn in all and outstanding at the horizon, payment by payment in the order of days."""
    fixed = behaviour.fixed
    days_left = fixed.horizon_days - (plans.applies_on - start_day) - fixed.signing_days
    draws = np.where((plans.draw_day != NONE) & (plans.draw_day <= days_left[:, None]), plans.draw_day, NONE)
    repays = np.where(plans.repay_day == NONE, NONE, plans.repay_day + plans.draw_day[:, :1])
    repays = np.where((repays != NONE) & (repays <= days_left[:, None]), repays, NONE)
    day = np.hstack([draws, repays])
    milli = np.hstack([plans.draw_milli, plans.repay_milli])
    is_draw = np.arange(day.shape[1]) < draws.shape[1]
    order = np.argsort(np.where(day == NONE, 10**6, day), axis=1, kind="stable")
    drawn = np.zeros(len(limit_fen), dtype=np.int64)
    outstanding = np.zeros(len(limit_fen), dtype=np.int64)
    rows = np.arange(len(limit_fen))
    for place in order.T:  # at most ten columns
        happens = day[rows, place] != NONE
        share = milli[rows, place]
        draw = np.where(happens & is_draw[place], np.minimum(_part(limit_fen, share), limit_fen - outstanding), 0)
        repay = np.where(happens & ~is_draw[place], _part(outstanding, share), 0)
        drawn += draw
        outstanding += draw - repay
    return drawn, outstanding


def spread(values: Sequence[float]) -> Floats:
    """Lowest, median and highest."""
    return np.quantile(np.asarray(values, dtype=np.float64), [0, 0.5, 1])
