"""Whoever shares a key is found, whatever the keys look like, and nobody else."""

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.repeated_keys import standing_alone

keys = st.one_of(st.none(), st.sampled_from(["", "a", "户", "a" * 8, "a" * 9, "a" * 16]), st.text(max_size=20))


@given(st.lists(keys, max_size=40), st.integers(0, 3))
def test_a_text_stands_alone_where_no_other_row_has_it(texts: list[str | None], skipped: int) -> None:
    column = pa.array(texts, pa.string()).slice(skipped)
    counts = Counter(texts[skipped:])
    assert list(standing_alone(column)) == [text is None or counts[text] == 1 for text in texts[skipped:]]


@pytest.mark.parametrize("shape", ["H{:07d}", "household-{:012d}", "{:032x}"])
def test_keys_that_differ_little_are_told_apart(shape: str) -> None:
    texts = [shape.format(number) for number in range(10_000)]
    assert standing_alone(pa.array(texts)).all()
    assert list(standing_alone(pa.array([*texts, shape.format(7)]))).count(0) == 2
