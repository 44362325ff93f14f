"""Grades by group among those enrolled long enough, times what a bank's published policy gives for each grade.

What it can say: whether groups reach grades that are worth the same, among everybody who had twelve months to earn one,
those without a grade among them. What it cannot say: who asked for a loan, who was offered one and at what risk; for
that no bank data is here. So nothing is adjusted for risk, and a discount is the one a policy promises, not one given.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import numpy as np
import pyarrow as pa

from loan_service.district.store.grade_groups import graded_persons
from loan_service.foundation.connection import Connection
from models.gates import GateResult
from models.household_groups import at_least_months_ago, household_groupings
from models.labels import months_later
from models.terms_fairness import GroupsCompared, Measure, compare_groups, terms_gate
from models.terms_fairness_levels import TermsFairnessLevels, terms_fairness_levels_on

_ADULT_YEARS: Final = 18
_EPOCH: Final = date(1970, 1, 1)


@dataclass(frozen=True)
class Promise:
    """What a published policy gives for a grade, whatever the risk."""

    rate_discount_bp: int
    limit_bonus_milli: int


@dataclass(frozen=True)
class GradeFairness:
    """Grades of groups by what they are worth, with the written gate."""

    as_of: date
    persons: int
    compared: GroupsCompared
    gate: GateResult


def grade_fairness(connection: Connection, promises: Mapping[str, Promise], as_of: date) -> GradeFairness:
    """Compare what the grades of groups are worth.

    Args:
        connection: an open transaction of the district.
        promises: by grade A, AA, AAA, from a bank's published policy; every other grade is worth nothing.
        as_of: the day.
    """
    levels = terms_fairness_levels_on(as_of)
    everybody = graded_persons(connection, as_of, _youngest_adult_born_on(as_of))
    persons = everybody.filter(pa.array(at_least_months_ago(everybody, "enrolled_since", levels.enrolled_months)))
    groupings = household_groupings(
        persons,
        one_adult=persons["adults"].to_numpy() == 1,
        newcomer=~at_least_months_ago(persons, "registered_on", levels.newcomer_months),
    )
    no_risk = np.zeros(len(persons), dtype=np.intp)
    villages = persons["village_code"].to_pylist()
    compared = compare_groups(_measures(persons, promises, levels), groupings, no_risk, villages, levels)
    return GradeFairness(as_of, len(persons), compared, terms_gate(compared, "grade_fairness"))


def _youngest_adult_born_on(day: date) -> date:
    born = months_later(np.array([(day - _EPOCH).days]), -12 * _ADULT_YEARS)
    return _EPOCH + timedelta(days=int(born[0]))


def _measures(
    persons: pa.Table, promises: Mapping[str, Promise], levels: TermsFairnessLevels
) -> tuple[Measure, Measure]:
    nothing = Promise(0, 0)
    worth = [promises.get(grade, nothing) for grade in persons["grade"].to_pylist()]
    discount = np.array([one.rate_discount_bp for one in worth], dtype=np.float64)
    bonus = np.array([one.limit_bonus_milli / 10.0 for one in worth], dtype=np.float64)
    limits, share = (levels.discount_gap_bp, levels.bonus_gap_points), levels.share_at_least
    return (
        Measure("rate_discount_bp", "等级对应优惠（基点）", "promised discount, bp", discount, limits[0], share),
        Measure("bonus_points", "等级对应提额（百分点）", "promised bonus, points", bonus, limits[1], share),
    )
