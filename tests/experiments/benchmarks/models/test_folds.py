from pathlib import Path

import numpy as np
import pytest

from experiments.benchmarks.models.exchange import (
    Feature,
    Fold,
    Part,
    inner_splits,
    outer_split,
    read_inner,
    read_part,
    write_folds,
    write_part,
)
from experiments.benchmarks.models.folds import INNER, OUTER, SMALL_ROWS, drawn, repeats_of

LABELS = (np.random.default_rng(3).random(500) < 0.2).astype(np.float64)


def test_each_row_is_tested_once_in_every_repeat() -> None:
    tested = np.zeros((repeats_of(len(LABELS)), len(LABELS)))
    for fold, inner in drawn(LABELS):
        tested[fold.repeat, outer_split(inner).tested] += 1
    assert (tested == 1).all()


def test_inner_folds_cover_the_learned_rows_and_never_a_tested_one() -> None:
    for _, inner in drawn(LABELS):
        outer, splits = outer_split(inner), inner_splits(inner)
        assert len(splits) == INNER
        assert sorted(np.concatenate([split.tested for split in splits])) == outer.learned.tolist()
        for split in splits:
            assert not set(split.learned) & set(split.tested)
            assert not set(split.learned) & set(outer.tested)


def test_defaults_are_spread_evenly_over_outer_and_inner_folds() -> None:
    for _, inner in drawn(LABELS):
        for split in (outer_split(inner), *inner_splits(inner)):
            assert LABELS[split.tested].mean() == pytest.approx(LABELS.mean(), abs=0.01)


def test_the_same_labels_are_always_split_alike_and_repeats_differ() -> None:
    first, second = dict(drawn(LABELS)), dict(drawn(LABELS))
    assert all(np.array_equal(first[fold], second[fold]) for fold in first)
    assert not np.array_equal(first[Fold(0, 0)], first[Fold(1, 0)])


def test_only_small_files_are_split_twice() -> None:
    assert (repeats_of(SMALL_ROWS - 1), repeats_of(SMALL_ROWS)) == (2, 1)
    assert len(list(drawn(LABELS))) == 2 * OUTER


def test_what_a_learners_process_reads_is_what_was_written(tmp_path: Path) -> None:
    features = (Feature("收入", (), (-9.0,), -1), Feature("home", ("own", "rent")))
    part = Part(features, np.array([[1.0, np.nan], [-9.0, 1.0]]), np.array([0.0, 1.0]))
    write_part(part, tmp_path)
    write_folds([(Fold(1, 2), np.array([-1, 0], dtype=np.int8))], tmp_path)
    read = read_part(tmp_path)
    assert read.features == features
    assert np.array_equal(read.values, part.values, equal_nan=True)
    assert read.labels.tolist() == [0.0, 1.0]
    assert read.categories == [1]
    assert read_inner(tmp_path, Fold(1, 2)).tolist() == [-1, 0]
