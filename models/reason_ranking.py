"""Which reasons are told and in which order, household by household, as compiled kernels over whole numbers."""

from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from models.arrays import Floats, Integers
from scoring.compiled import compiler

Marks = NDArray[np.uint8]
Numbers = NDArray[np.int16]

MOST_REASONS: Final = 4

compiled = compiler(Path(__file__))


@compiled
def ask(contributions: Integers | Floats, family: Numbers, asked: Marks) -> None:
    """Marks what speaks against each household at all.

    Args:
        contributions: (n, features); only what is above zero speaks against anybody.
        family: (n, features), what could be acted upon, -1 where nothing could.
        asked: (n, families), set to 1.
    """
    rows, features = contributions.shape
    for row in range(rows):
        for feature in range(features):
            if contributions[row, feature] > 0 and family[row, feature] >= 0:
                asked[row, family[row, feature]] = 1


@compiled
def worst(contributions: Integers | Floats, family: Numbers, code: Numbers, helps: Marks, slots: Numbers) -> None:
    """Chooses what speaks most against each household; of each family only its heaviest feature has a say.

    Args:
        contributions: (n, features); only what is above zero speaks against anybody. Of equals the first goes first.
        family: (n, features), what could be acted upon, -1 where nothing could.
        code: (n, features), what is told.
        helps: (n, families), 1 where acting upon the family is proven to help.
        slots: (n, most), filled from the left with codes, then -1.
    """
    rows, features = contributions.shape
    chosen = np.empty(slots.shape[1], np.int64)
    for row in range(rows):
        count = 0
        for feature in range(features):
            own = family[row, feature]
            if contributions[row, feature] > 0 and own >= 0 and helps[row, own]:
                count = _ranked_in(contributions[row], family[row], feature, chosen, count)
        for slot in range(slots.shape[1]):
            slots[row, slot] = code[row, chosen[slot]] if slot < count else -1


@compiled
def _ranked_in(share: Integers | Floats, family: Numbers, feature: int, chosen: Integers, count: int) -> int:
    """Ranks a feature among those chosen, which keep one of each family; how many there are now."""
    place, last = count, count
    for rank in range(count):
        if place == count and share[feature] > share[chosen[rank]]:
            place = rank
        if family[chosen[rank]] == family[feature]:
            if place == count:
                return count
            last = rank
            break
    if place == len(chosen):
        return count
    for rank in range(min(last, len(chosen) - 1), place, -1):
        chosen[rank] = chosen[rank - 1]
    chosen[place] = feature
    return min(max(count, last + 1), len(chosen))


@compiled
def merged(
    met: Marks, about: tuple[Numbers, Marks], decision: Integers, spoken: Numbers, twice: Marks, slots: Integers
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
        for finding in range(len(leads_to)):
            if met[row, finding] and leads_to[finding] == decision[row]:
                if general[finding]:
                    last_resort = finding
                elif count < slots.shape[1]:
                    slots[row, count] = finding
                    count += 1
        if _added(spoken[row], twice, slots[row], count) == 0:
            slots[row, 0] = last_resort


@compiled
def _added(spoken: Numbers, twice: Marks, slots: Integers, by_rule: int) -> int:
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
    marks, numbers, units = np.zeros((0, 1), np.uint8), np.zeros((0, 1), np.int16), np.zeros((0, 1), np.int64)
    ask(units, numbers, marks)
    worst(units, numbers, numbers, marks, numbers)
    merged(marks, (numbers[:, 0], marks[:, 0]), units[:, 0], numbers, marks, units)
