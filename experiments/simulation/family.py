"""Who lives in a household: heads, spouses, children, parents and others with plausible ages."""

from dataclasses import dataclass

import numpy as np

from experiments.simulation.arrays import YEAR_DAYS, Flags, Floats, Ints, choose, owners, rank_within

HEAD, SPOUSE, CHILD, PARENT, OTHER = range(5)
RELATIONS = ("户主", "配偶", "子女", "父母", "其他")
_HEAD_AGE = (54.0, 14.5)
_SPOUSE_SHARE = 0.90
_ELDER_SPOUSE_SHARE = 0.68
_ELDER_HEAD = 74
_MALE_HEAD_SHARE = 0.80
# shares of spouse-less places by the head's age: child, parent, other (grandchildren, in-laws)
_YOUNG, _MIDDLE = 45, 61
_PLACES = np.array([[0.80, 0.17, 0.03], [0.76, 0.13, 0.11], [0.58, 0.02, 0.40]])
# years between the head and child, parent, other: mean and spread
_GAPS = {CHILD: (-28.0, 4.0), PARENT: (26.0, 4.0), OTHER: (-53.0, 6.0)}
_OLDEST = 101.0
_YOUNGEST_HEAD = 21.0


@dataclass(frozen=True, slots=True)
class Family:
    """One row per person living in a household on the day asked for."""

    household: Ints
    relation: Ints
    birth_on: Ints
    male: Flags

    @property
    def count(self) -> int:
        """Number of persons."""
        return len(self.household)


def draw_family(rng: np.random.Generator, sizes: Ints, on: int) -> Family:
    """Compose households of the given sizes as they stand on a day."""
    household = owners(sizes)
    place = rank_within(household)
    head_age = np.clip(rng.normal(*_HEAD_AGE, len(sizes)), _YOUNGEST_HEAD, 93.0)
    head_male = rng.random(len(sizes)) < _MALE_HEAD_SHARE
    relation = _relations(rng, place, head_age[household])
    age = _ages(rng, relation, head_age[household])
    male = np.where(relation == SPOUSE, ~head_male[household], rng.random(len(household)) < 0.51)  # noqa: PLR2004
    male = np.where(relation == HEAD, head_male[household], male)
    birth_on = on - 1 - (age * YEAR_DAYS).astype(np.int64) - rng.integers(0, 365, len(household))
    return Family(household, relation, birth_on, male)


def _relations(rng: np.random.Generator, place: Ints, head_age: Floats) -> Ints:
    stage = (head_age >= _YOUNG).astype(np.int64) + (head_age >= _MIDDLE)
    bounds = np.cumsum(_PLACES, axis=1)[stage]
    others = CHILD + (rng.random(len(place))[:, None] > bounds[:, :2]).sum(axis=1)
    married = rng.random(len(place)) < np.where(head_age >= _ELDER_HEAD, _ELDER_SPOUSE_SHARE, _SPOUSE_SHARE)
    return np.where(place == 0, HEAD, np.where((place == 1) & married, SPOUSE, others))


def _ages(rng: np.random.Generator, relation: Ints, head_age: Floats) -> Floats:
    age = head_age.copy()
    noise = rng.standard_normal(len(age))
    spouse = relation == SPOUSE
    age[spouse] = np.maximum(head_age[spouse] - 1.5 + 3.5 * noise[spouse], _YOUNGEST_HEAD)
    for kind, (mean, spread) in _GAPS.items():
        rows = relation == kind
        age[rows] = head_age[rows] + mean + spread * noise[rows]
    return np.clip(age, 0.0, _OLDEST)


def draw_sizes(rng: np.random.Generator, shares: list[float], count: int) -> Ints:
    """Household sizes 1, 2, 3... in the given shares."""
    return choose(rng, shares, count) + 1
