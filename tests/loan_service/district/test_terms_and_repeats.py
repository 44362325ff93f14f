"""Overlapping terms of office, and rows that came before."""

import datetime as dt

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from loan_service.district.files.repeats import arrivals
from loan_service.district.files.terms import Term, overlapping

DAY = dt.date(2020, 1, 1)
TERMS = st.builds(
    lambda entity, person, start, length: Term(
        entity, person, DAY + dt.timedelta(start), DAY + dt.timedelta(start + length) if length else None
    ),
    st.integers(1, 2),
    st.integers(1, 4),
    st.integers(0, 20),
    st.integers(0, 10),
)


@given(st.lists(TERMS, max_size=8))
@settings(max_examples=150, deadline=None)
def test_what_is_kept_never_overlaps_and_what_is_marked_does(arriving: list[Term]) -> None:
    distinct = list({(t.entity_id, t.person_id, t.from_on): t for t in arriving}.values())
    marked = overlapping([], distinct)
    kept = [term for term, wrong in zip(distinct, marked, strict=True) if not wrong]
    for number, term in enumerate(kept):
        for other in kept[:number]:
            assert term.entity_id != other.entity_id or not term.shares_a_day_with(other)
    for term, wrong in zip(distinct, marked, strict=True):
        if wrong:
            assert any(t.entity_id == term.entity_id and t.shares_a_day_with(term) for t in kept)


def test_a_term_that_ends_the_day_another_begins_does_not_overlap() -> None:
    day = dt.date(2024, 5, 1)
    assert not overlapping([], [Term(1, 1, DAY, day), Term(1, 2, day, None)]).any()


def test_each_row_is_new_repeated_or_changed() -> None:
    ids = np.array([5, 7, 5, 9, 7, 3])
    contents = np.array([50, 70, 50, 90, 71, 30])
    found = arrivals(ids, contents, np.array([3, 9]), np.array([31, 90]))
    assert found.new.tolist() == [True, True, False, False, False, False]
    assert found.repeated.tolist() == [False, False, True, True, False, False]
    assert found.changed.tolist() == [False, False, False, False, True, True]


def test_no_rows_are_nothing() -> None:
    nothing = np.empty(0, np.int64)
    assert not arrivals(nothing, nothing, nothing, nothing).new.any()
