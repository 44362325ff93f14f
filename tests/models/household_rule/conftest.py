"""Changes of a few households and members, in any order and of any sense, and what is left of them once admitted."""

from collections.abc import Sequence
from datetime import date, timedelta

from hypothesis import strategies as st

from models.household_changes import KINDS, WITHDRAWN, Change
from models.household_faults import admit

HOUSEHOLDS = tuple(f"K{number}" for number in range(6))
LISTED = frozenset(HOUSEHOLDS[:3])
MEMBERS = tuple(f"M{number}" for number in range(5))
DAYS = st.dates(date(2022, 1, 1), date(2026, 6, 14))
BIRTHS = st.sampled_from([date(1960, 2, 29), date(1990, 7, 1), date(2010, 1, 1), date(2024, 1, 1)])


@st.composite
def changes(draw: st.DrawFn) -> list[Change]:
    """Changes whose fields fit their kinds, whatever else is wrong with them."""
    count = draw(st.integers(1, 14))
    return [draw(_change(number)) for number in range(count)]


@st.composite
def _change(draw: st.DrawFn, number: int) -> Change:
    kind = draw(st.sampled_from([*KINDS, "split", "joined", "merged"]))
    needs = KINDS[kind]

    def told(field: str, values: st.SearchStrategy[object]) -> object:
        if field in needs.needed:
            return draw(values)
        return draw(st.none() | values) if field in needs.allowed else None

    earlier = st.integers(0, max(number - 1, 0)).map(lambda one: f"C{one:02d}")
    corrects = draw(earlier) if kind == WITHDRAWN or draw(st.integers(0, 7)) == 0 else None
    return Change(
        change_no=f"C{number:02d}",
        kind=kind,
        occurred_on=draw(DAYS),
        household_key=draw(st.sampled_from(HOUSEHOLDS)),
        other_household_key=told("other_household_key", st.sampled_from(HOUSEHOLDS)),  # type: ignore[arg-type]
        member_ref=told("member_ref", st.sampled_from(MEMBERS)),  # type: ignore[arg-type]
        member_birth_on=told("member_birth_on", BIRTHS),  # type: ignore[arg-type]
        corrects_change_no=corrects,
    )


def admitted(delivered: Sequence[Change]) -> list[Change]:
    """What of a delivery may be kept."""
    return admit([], delivered, LISTED, 18).changes


def days_around(change_list: Sequence[Change]) -> list[date]:
    """The days of the changes, the days beside them, and days long before and after."""
    near = [one.occurred_on + timedelta(days=shift) for one in change_list for shift in (-1, 0, 1)]
    return [date(2021, 1, 1), *near, date(2026, 6, 15), date(2029, 1, 1)]
