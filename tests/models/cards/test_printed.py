"""The printed card adds up by hand to what it promises, and says what rounding costs."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.calibrated import Calibration
from models.errors import FlatScorecardError
from models.exports.labels import cells_label
from models.exports.points import PointsScale, points_of
from models.exports.printed import _groups, printed
from models.exports.scale_loader import load_scale
from models.scorecard import Scorecard

CardOf = Callable[[int], Scorecard]
RowsOf = Callable[[Scorecard, int], np.ndarray]
SCALE = PointsScale(anchor_points=600, anchor_odds=50, points_to_double=20, decimals=0)


@given(seed=st.integers(0, 2**32 - 1), decimals=st.integers(0, 3))
def test_a_total_added_by_hand_is_as_close_as_the_page_says(
    card_of: CardOf, rows_of: RowsOf, seed: int, decimals: int
) -> None:
    card = card_of(seed)
    values = rows_of(card, seed)
    points = points_of(card, replace(SCALE, decimals=decimals))
    totals = points.totals(card, values) * points.step
    exact = SCALE.anchor_points + points.points_per_log_odds * (points.anchor_log_odds - card.log_odds(values))
    assert np.abs(totals - exact).max() <= points.largest_error + 1e-6
    assert points.largest_error <= 0.5 * (1 + len(card.features) + len(card.interactions)) * points.step
    least, most = points.range
    assert (totals >= least * points.step - 1e-9).all()
    assert (totals <= most * points.step + 1e-9).all()


@given(seed=st.integers(0, 2**32 - 1))
def test_the_conversion_gives_the_card_s_probability_up_to_rounding(
    card_of: CardOf, rows_of: RowsOf, seed: int
) -> None:
    card = card_of(seed)
    values = rows_of(card, seed)
    points = points_of(card, replace(SCALE, decimals=6))
    told = points.probability_at(points.totals(card, values) * points.step, card.calibration)
    np.testing.assert_allclose(told, card.default_probability(values), rtol=1e-4)


@given(seed=st.integers(0, 2**32 - 1))
def test_at_the_anchor_the_odds_are_the_declared_ones_and_more_points_double_them(card_of: CardOf, seed: int) -> None:
    card = card_of(seed)
    assume(card.calibration.is_line)
    points = points_of(card, SCALE)
    totals = np.array([600.0, 620.0, 640.0])
    probability = points.probability_at(totals, card.calibration)
    np.testing.assert_allclose((1 - probability) / probability, [50, 100, 200], rtol=1e-9)


def test_a_card_that_tells_nobody_apart_cannot_be_told_in_points(card_of: CardOf) -> None:
    with pytest.raises(FlatScorecardError):
        points_of(replace(card_of(1), calibration=Calibration(0.0, 0.0, -3.0)), SCALE)


@pytest.mark.parametrize("wrong", [{"anchor_odds": 0}, {"points_to_double": -1}, {"decimals": 9}])
def test_a_scale_that_is_none_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=r"points|odds"):
        replace(SCALE, **wrong)


def test_the_shipped_scale_is_a_file_that_a_bank_may_replace(tmp_path: Path) -> None:
    assert load_scale().points_to_double > 0
    own = tmp_path / "scale.yaml"
    own.write_text("anchor_points: 500\nanchor_odds: 20\npoints_to_double: 40\ndecimals: 0\n")
    assert load_scale(own) == PointsScale(500, 20, 40, 0)
    own.write_text("anchor_points: 500\n")
    with pytest.raises(ValueError, match="anchor_odds"):
        load_scale(own)


@pytest.mark.parametrize("seed", range(12))
def test_the_page_shows_the_points_of_every_feature_under_its_name(card_of: CardOf, seed: int) -> None:
    card = replace(card_of(seed), interactions=())
    page = printed(card, SCALE, {card.names[0]: ("甲", "first")})
    points = points_of(card, SCALE)
    tables = re.findall(r"<tbody>(.*?)</tbody>", page, flags=re.DOTALL)
    for table, printed_rows, whole in zip(card.features, tables, points.features, strict=False):
        found = [int(number.replace("−", "-")) for number in re.findall(r"</th><td>(−?\d+)</td>", printed_rows)]
        assert set(found) == set(whole.tolist()), table.name
    assert "甲 / first" in page
    assert card.content_hash() in page


@given(seed=st.integers(0, 2**32 - 1))
def test_merged_rows_of_an_interaction_cover_every_cell_once_with_its_points(card_of: CardOf, seed: int) -> None:
    card = card_of(seed)
    for table, points in zip(card.interactions, points_of(card, SCALE).interactions, strict=True):
        few = points // 100
        for axis, groups in enumerate(table.groups):
            met: list[int] = []
            for places, cells in _groups(few, axis, groups):
                rows = np.take(few, groups[cells], axis=axis)
                assert (rows == np.take(few, places[:1], axis=axis)).all()
                met += cells
            assert sorted(met) == list(range(len(groups)))


def test_nothing_on_the_page_is_taken_for_markup(card_of: CardOf) -> None:
    card = card_of(4)
    evil = replace(card, kind="<script>alert(1)</script>", notes={"<b>": "<i>"})
    page = printed(evil, SCALE, {card.names[0]: ("<u>", "&")})
    assert not re.search(r"<(script|b|i|u)>(alert|:|<)", page)
    assert "&lt;script&gt;" in page


def test_neighbouring_intervals_are_told_as_one_and_close_ends_keep_apart(card_of: CardOf) -> None:
    ends = np.array([0.1, 0.1000000001, 5.0])
    number = replace(card_of(0).features[0], levels=(), special_codes=(-9.0,), thresholds=ends)
    table = replace(number, cells=np.zeros(6, dtype=np.int64))
    assert cells_label(table, [0]) == "≤ 0.1"
    assert cells_label(table, [1, 2]) == "(0.1, 5]"
    assert cells_label(table, [1]) == "(0.1, 0.1000000001]"
    assert cells_label(table, [3, 4, 5]) == "> 5; 缺失 / missing; 特殊值 / code -9"
    assert cells_label(table, range(6)) == "全部 / all"


@pytest.mark.parametrize(
    ("end", "told"),
    [
        (1_576_234.5, "1,576,234.5"),
        (0.0001, "0.0001"),
        (1e300, "1e+300"),
        (1.0000000180025095e-35, "0"),
        (-2.25, "−2.25"),
    ],
)
def test_ends_are_written_so_that_people_can_read_them(card_of: CardOf, end: float, told: str) -> None:
    table = replace(card_of(0).features[0], levels=(), special_codes=(), thresholds=np.array([end]))
    assert cells_label(replace(table, cells=np.zeros(3, dtype=np.int64)), [0]) == f"≤ {told}"
