"""What is no magnitude leaves the number: stand-ins, indicators, codes."""

import numpy as np
import pytest

from models.layout import BEYOND_ALL, BaseFeature, ForestColumn, Layout

DEBT = BaseFeature("debt", direction=1, special_codes=(-9.0, -7.0))


def labels_for(rates: np.ndarray) -> np.ndarray:
    return (np.random.default_rng(1).random(len(rates)) < rates).astype(float)


def test_codes_leave_the_number_and_become_indicators() -> None:
    values = np.array([[-9.0], [2.0], [np.nan], [-7.0]])
    layout = Layout((DEBT,), stand_ins=(np.nan,), flagged=frozenset())
    nan = np.nan
    np.testing.assert_array_equal(layout.expand(values), [[nan, 1, 0], [2, 0, 0], [nan, 0, 0], [nan, 0, 1]])
    assert layout.columns_of(0) == [0, 1, 2]


@pytest.mark.parametrize(("direction", "stand_in"), [(1, BEYOND_ALL), (-1, -BEYOND_ALL), (0, 3.0)])
def test_what_was_never_missing_gets_a_stand_in_by_its_direction(direction: int, stand_in: float) -> None:
    values = np.array([[1.0], [2.0], [3.0], [4.0], [90.0]])
    layout = Layout.learned((BaseFeature("one", direction),), values, np.array([0.0, 1.0, 0.0, 1.0, 0.0]))
    assert layout.stand_ins == (stand_in,)
    assert layout.expand(np.array([[np.nan]]))[0, 0] == stand_in


def test_what_was_missing_or_coded_has_no_stand_in() -> None:
    for gap in (np.nan, -9.0):
        values = np.array([[1.0], [gap], [3.0]])
        assert np.isnan(Layout.learned((DEBT,), values, np.array([0.0, 1.0, 0.0])).stand_ins[0])


@pytest.mark.parametrize(("missing_rate", "flagged"), [(0.02, True), (0.2, False), (0.5, True)])
def test_missing_gets_an_indicator_only_where_it_lies_outside_of_what_the_direction_allows(
    missing_rate: float, *, flagged: bool
) -> None:
    values = np.random.default_rng(2).uniform(0.0, 1.0, (6_000, 1))
    values[:2_000] = np.nan
    rates = np.where(np.isnan(values[:, 0]), missing_rate, 0.1 + 0.2 * values[:, 0])
    layout = Layout.learned((BaseFeature("debt", direction=1),), values, labels_for(rates))
    assert layout.flagged == (frozenset({0}) if flagged else frozenset())
    if flagged:
        assert layout.expand(values[:1]).tolist()[0][1:] == [1.0]


def test_a_handful_of_missing_rows_is_too_few_to_tell() -> None:
    values = np.linspace(0.0, 1.0, 2_000)[:, None]
    labels = labels_for(np.full(2_000, 0.2))
    values[labels == 0] = np.where(np.cumsum(labels == 0)[labels == 0][:, None] <= 8, np.nan, values[labels == 0])
    assert np.isnan(values).sum() == 8
    assert not Layout.learned((BaseFeature("debt", direction=1),), values, labels).flagged


def test_a_feature_without_a_direction_or_without_any_value_needs_no_indicator() -> None:
    labels = labels_for(np.full(400, 0.5))
    nothing = np.full((400, 1), np.nan)
    assert not Layout.learned((BaseFeature("empty", direction=1),), nothing, labels).flagged
    half = np.where(labels[:, None] == 1, np.nan, 1.0)
    assert not Layout.learned((BaseFeature("free"),), half, labels).flagged
    assert Layout.learned((BaseFeature("bound", direction=-1),), half, labels).columns[1] == ForestColumn(
        0, pytest.approx(np.nan, nan_ok=True)
    )
