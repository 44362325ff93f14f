"""Intervals as a scorecard carries them: steps, thickness, the probability inside, who needs a human."""

import json

import numpy as np
import pytest

from models.probability_interval import Band, Intervals, WidthPolicy, too_wide

THICK = Band(np.array([-2.0, 0.0]), np.array([0.0, 0.05, 0.3]), np.array([0.1, 0.2, 0.6]))
THIN = Band(np.array([-1.0]), np.array([0.0, 0.02]), np.array([0.4, 0.9]))
INTERVALS = Intervals(THICK, THIN, 3)


def test_a_step_ends_with_its_threshold() -> None:
    low, high = THICK.of(np.array([-5.0, -2.0, np.nextafter(-2.0, 0.0), 0.0, 0.1, 99.0]))
    assert low.tolist() == [0.0, 0.0, 0.05, 0.05, 0.3, 0.3]
    assert high.tolist() == [0.1, 0.1, 0.2, 0.2, 0.6, 0.6]


def test_a_file_is_thin_from_its_number_of_missing_features_on() -> None:
    low, high = INTERVALS.of(np.zeros(4), np.array([0, 2, 3, 40]))
    assert low.tolist() == [0.05, 0.05, 0.02, 0.02]
    assert high.tolist() == [0.2, 0.2, 0.9, 0.9]


def test_a_probability_lies_inside_its_own_interval() -> None:
    probability = np.array([0.01, 0.1, 0.5])
    low, high = INTERVALS.around(probability, np.zeros(3), np.zeros(3, dtype=np.int64))
    assert low.tolist() == [0.01, 0.05, 0.05]
    assert high.tolist() == [0.2, 0.2, 0.5]


def test_they_survive_json_to_the_last_bit() -> None:
    text = json.dumps(INTERVALS.to_content())
    again = Intervals.from_content(json.loads(text))
    assert json.dumps(again.to_content()) == text


@pytest.mark.parametrize(
    ("thresholds", "low", "high"),
    [
        ([0.0], [0.1], [0.2]),
        ([0.0, 0.0], [0.1, 0.1, 0.1], [0.2, 0.2, 0.2]),
        ([np.nan], [0.1, 0.1], [0.2, 0.2]),
        ([0.0], [0.1, 0.3], [0.2, 0.2]),
        ([0.0], [-0.1, 0.1], [0.2, 0.2]),
        ([0.0], [0.1, 0.1], [0.2, 1.1]),
        ([0.0], [0.1, 0.05], [0.2, 0.2]),
        ([0.0], [0.1, 0.1], [0.3, 0.2]),
        ([0.0], [np.nan, 0.1], [0.3, 0.3]),
    ],
)
def test_a_band_that_cannot_be_is_refused(thresholds: list[float], low: list[float], high: list[float]) -> None:
    with pytest.raises(ValueError, match=r"band|thresholds"):
        Band(np.array(thresholds), np.array(low), np.array(high))


@pytest.mark.parametrize("thin_from", [0, -1])
def test_no_file_is_thin_for_missing_nothing(thin_from: int) -> None:
    with pytest.raises(ValueError, match="thin_from"):
        Intervals(THICK, THIN, thin_from)


@pytest.mark.parametrize("thin_from", [2.5, "3", None, True])
def test_a_thickness_that_is_no_whole_number_is_refused(thin_from: object) -> None:
    with pytest.raises(TypeError, match="thin_from"):
        Intervals.from_content({**INTERVALS.to_content(), "thin_from": thin_from})


def test_a_wide_interval_leads_to_a_human_and_so_does_doubt_at_the_cut_off() -> None:
    low, high = np.array([0.01, 0.01, 0.04, 0.06]), np.array([0.03, 0.20, 0.07, 0.09])
    assert too_wide(low, high, WidthPolicy(widest=0.1)).tolist() == [False, True, False, False]
    at_cut_off = WidthPolicy(widest=0.1, cut_off=0.06, widest_at_cut_off=0.02)
    assert too_wide(low, high, at_cut_off).tolist() == [False, True, True, False]
    narrow_doubt = WidthPolicy(widest=0.1, cut_off=0.06, widest_at_cut_off=0.04)
    assert too_wide(low, high, narrow_doubt).tolist() == [False, True, False, False]
