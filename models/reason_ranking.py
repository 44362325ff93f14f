"""Which reasons are told and in which order, household by household, as compiled kernels over whole numbers."""

from pathlib import Path
from typing import Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.arrays import Floats, Integers
from scoring.compiled import compiler

Marks = NDArray[np.uint8]
Numbers = NDArray[np.int16]

MOST_REASONS: Final = 4

UNTRIED: Final = 0
ASKED: Final = 1
PROVEN: Final = 2
REFUTED: Final = 3
"""What is known of acting upon a family in a household."""

compiled = compiler(Path(__file__))


class Speaking(NamedTuple):
    """What each feature is about, so that what it says can be told and acted upon; -1 stands for nothing.

    Attributes:
        family: (features), what is acted upon where there is a magnitude.
        code: (features), what is told then.
        special: (features), the value that is no magnitude; NaN where there is none.
        special_family: (features), what is acted upon where the feature has that value.
        special_code: (features), what is told then.
        parents: (features, parents), features which it is missing without, itself or others, in the order of asking.
        disclosed: (features, parents), the family of what would make that parent known.
        named: (families, features), those of them that may be named as missing, in order, with their codes beside.
        named_code: (families, features).
    """

    family: Numbers
    code: Numbers
    special: Floats
    special_family: Numbers
    special_code: Numbers
    parents: Numbers
    disclosed: Numbers
    named: Numbers
    named_code: Numbers


@compiled
def about(
    speaking: Speaking, values: Floats, contributions: Integers, rows: Integers, family: Numbers, code: Numbers
) -> None:
    """Finds what would be acted upon and told of every feature that speaks against some households.

    Args:
        speaking: what the features are about.
        values: (n, features).
        contributions: (n, features); only what is above zero speaks against anybody.
        rows: positions of the households.
        family: (rows, features), filled; -1 for nothing.
        code: (rows, features), filled; -1 for nothing.
    """
    for place in range(len(rows)):
        value, share = values[rows[place]], contributions[rows[place]]
        family[place] = -1
        code[place] = -1
        for feature in range(len(value)):
            if share[feature] <= 0:
                continue
            if np.isnan(value[feature]):
                family[place, feature], code[place, feature] = _lacking(speaking, value, feature)
            elif value[feature] == speaking.special[feature]:
                family[place, feature] = speaking.special_family[feature]
                code[place, feature] = speaking.special_code[feature]
            else:
                family[place, feature], code[place, feature] = speaking.family[feature], speaking.code[feature]


@compiled
def _lacking(speaking: Speaking, values: Floats, feature: int) -> tuple[int, int]:
    """What would make a missing feature known, and the first thing that is not known without it."""
    for place in range(speaking.parents.shape[1]):
        parent = speaking.parents[feature, place]
        if parent >= 0 and np.isnan(values[parent]):
            family = speaking.disclosed[feature, place]
            for named in range(speaking.named.shape[1]):
                missing = speaking.named[family, named]
                if missing >= 0 and np.isnan(values[missing]):
                    return family, speaking.named_code[family, named]
    return -1, -1


@compiled
def choose(
    contributions: Integers | Floats, rows: Integers, family: Numbers, state: Marks, again: Integers, chosen: Numbers
) -> None:
    """Chooses what speaks most against some households; of each family only its heaviest feature has a say.

    Args:
        contributions: (n, features); only what is above zero speaks against anybody. Of equals the first goes first.
        rows: positions of the households.
        family: (rows, features), what could be acted upon, -1 where nothing could.
        state: (families, rows), what is known of each; what is refuted is not chosen, and what is chosen untried is
            asked about.
        again: which of `rows` are chosen for.
        chosen: (rows, most), filled from the left with features, then -1.
    """
    features = contributions.shape[1]
    weights = np.empty(features, contributions.dtype)
    for place in again:
        row = rows[place]
        for feature in range(np.uint64(features)):
            own = family[place, feature]
            counts = (own >= 0) & (state[max(own, 0), place] != REFUTED)
            weights[feature] = contributions[row, feature] if counts else 0
        chosen[place] = -1
        for slot in range(chosen.shape[1]):
            heaviest = _heaviest(weights)
            if heaviest < 0:
                break
            chosen[place, slot], own = heaviest, family[place, heaviest]
            state[own, place] = ASKED if state[own, place] == UNTRIED else state[own, place]
            for feature in range(np.uint64(features)):
                weights[feature] = 0 if family[place, feature] == own else weights[feature]


@compiled
def _heaviest(weights: NDArray[Any]) -> Any:
    """The first of the largest weights above zero, else -1; without a branch, as in `models.card_kernel`."""
    most, heaviest = 0, np.int64(-1)
    for feature in range(np.uint64(len(weights))):
        more = weights[feature] > most
        most = weights[feature] if more else most
        heaviest = np.int64(feature) if more else heaviest
    return heaviest


@compiled
def merged(
    met: Marks, about: tuple[Numbers, Marks], decision: Integers, spoken: Numbers, twice: Marks, slots: Numbers
) -> None:
    """Puts the findings that explain a decision before what the model says, and a general one where nothing else is.

    Args:
        met: (n, findings).
        about: the decision that each finding leads to; 1 for what is told only where nothing else can be.
        decision: (n).
        spoken: (n, most), codes of the model, -1 where empty; they follow those of the findings in `slots`.
        twice: (findings, codes of the model), 1 where both would tell the same.
        slots: (n, most), filled from the left, then -1.
    """
    leads_to, general = about
    for row in range(len(slots)):
        slots[row] = -1
        count, last_resort = 0, -1
        for finding in range(len(leads_to) if decision[row] else 0):  # nothing that is found leads to an offer
            if met[row, finding] and leads_to[finding] == decision[row]:
                if general[finding]:
                    last_resort = finding
                elif count < slots.shape[1]:
                    slots[row, count] = finding
                    count += 1
        if _added(spoken[row], twice, slots[row], count) == 0:
            slots[row, 0] = last_resort


@compiled
def _added(spoken: Numbers, twice: Marks, slots: Numbers, by_rule: int) -> int:
    """Adds to a row's reasons what the model says and no finding has said; how many there are now."""
    count = by_rule
    for code in spoken:
        if code < 0 or count == len(slots):
            break
        told = False
        for earlier in slots[:by_rule]:
            told |= twice[earlier, code] != 0
        if not told:
            slots[count] = len(twice) + code
            count += 1
    return count


def warm_kernels() -> None:
    """Compiles the kernels, which takes seconds once per machine, or reads them from the cache."""
    marks, numbers = np.zeros((0, 1), np.uint8), np.zeros((0, 1), np.int16)
    units, values, rows = np.zeros((0, 1), np.int64), np.zeros((0, 1)), np.zeros(0, np.int64)
    one = numbers[:, 0]
    about(Speaking(one, one, values[:, 0], one, one, *[numbers] * 4), values, units, rows, numbers, numbers)
    choose(units, rows, numbers, marks, rows, numbers)
    merged(marks, (one, marks[:, 0]), rows, numbers, marks, numbers)
