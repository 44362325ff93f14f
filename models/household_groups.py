"""Ways to part households for comparing their terms: by sex, age, village, line of work, one adult, newcomers.

None of them is a feature by this, and none is read by a price: they are read to see whether terms differ.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
import pyarrow as pa

from models.arrays import Booleans
from models.columns import Int
from models.fairness_groups import Grouping, age_grouping, sector_grouping, sex_grouping
from models.labels import months_later

HOUSEHOLD_COLUMNS: Final = ("borrower_sex", "borrower_birth_on", "as_of", "village_code")
"""Columns that `household_groupings` reads; beside them `sector`, where it is there."""


def household_groupings(
    households: pa.Table,
    *,
    one_adult: Booleans,
    newcomer: Booleans,
    adults_unknown: Booleans | None = None,
    relation_unknown: Booleans | None = None,
) -> tuple[Grouping, ...]:
    """All six ways; without a column `sector` (the district knows none) the other five.

    Args:
        households: `HOUSEHOLD_COLUMNS`, one row per household or person.
        one_adult: Households with one adult, shape (rows,).
        newcomer: Who came lately, shape (rows,).
        adults_unknown: Rows whose adults nobody has counted: neither one nor more, shape (rows,).
        relation_unknown: Rows of which nobody knows since when: neither newcomers nor others, shape (rows,).
    """
    return (
        sex_grouping(households),
        age_grouping(households["borrower_birth_on"], households["as_of"]),
        village_grouping(households["village_code"].to_pylist()),
        *([sector_grouping(households)] if "sector" in households.column_names else []),
        two_groups(
            "one_adult", ("户内成人", "adults"), ("两名以上", "two or more"), ("一名", "one"), one_adult, adults_unknown
        ),
        two_groups(
            "newcomer", ("新来", "newcomers"), ("老户", "others"), ("新来", "newcomers"), newcomer, relation_unknown
        ),
    )


def at_least_months_ago(rows: pa.Table, column: str, months: int) -> Booleans:
    """Where a day lies at least so many calendar months before `as_of`; not where there is no day, shape (rows,)."""
    known = np.asarray(rows[column].is_valid().to_numpy(zero_copy_only=False), dtype=np.bool_)
    days, today = (rows[name].cast(pa.int32()).fill_null(0).to_numpy() for name in (column, "as_of"))
    return np.asarray(known & (months_later(days.astype(np.int64), months) <= today))


def village_grouping(villages: Sequence[str]) -> Grouping:
    """Each village by itself, against all the others."""
    codes, places = np.unique(np.asarray(villages, dtype=str), return_inverse=True)
    names = tuple(str(code) for code in codes)
    return Grouping("village", "村社", "village", names, names, names, places.astype(np.intp))


def two_groups(
    name: str,
    names: tuple[str, str],
    outside: tuple[str, str],
    inside: tuple[str, str],
    flags: Booleans,
    unknown: Booleans | None = None,
) -> Grouping:
    """Those with a trait and those without; texts are Chinese and English.

    Args:
        name: Code of the grouping; the group with the trait has the same.
        names: Of the grouping.
        outside: Name of those without.
        inside: Name of those with.
        flags: Who has it, shape (rows,).
        unknown: Of whom nobody knows, shape (rows,).
    """
    places: Int = flags.astype(np.int64)
    if unknown is not None:
        places = np.where(unknown, -1, places)
    return Grouping(
        name, *names, ("others", name), (outside[0], inside[0]), (outside[1], inside[1]), places.astype(np.intp)
    )
