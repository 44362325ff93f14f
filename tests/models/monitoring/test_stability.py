import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.card_tables import FeatureTable
from models.monitoring.stability import grouped, share_change, stability, together, unit_factor, unseen

SHARES = np.array([0.3, 0.2, 0.15, 0.1, 0.1, 0.05, 0.05, 0.03, 0.019, 0.001])


def draw(rng: np.random.Generator, rows: int, shares: np.ndarray = SHARES) -> np.ndarray:
    return rng.multinomial(rows, shares / shares.sum())


def table(intervals: int, levels: tuple[str, ...] = (), codes: tuple[float, ...] = ()) -> FeatureTable:
    cells = np.zeros((len(levels) or intervals) + 1 + len(codes), dtype=np.int64)
    edges = np.arange(intervals - 1, dtype=np.float64)
    return FeatureTable("x", 0, levels, codes, np.empty(0) if levels else edges, cells, cells)


def test_equal_populations_have_no_distance() -> None:
    counts = np.array([100, 200, 700])
    assert stability(counts, counts * 3, 0.99).psi == pytest.approx(0.0, abs=1e-5)


def test_the_index_is_the_textbooks_sum_where_no_group_is_empty() -> None:
    before, now = np.array([5000, 3000, 2000]), np.array([4000, 3500, 2500])
    p, q = now / 10_000, before / 10_000
    assert stability(before, now, 0.99).psi == pytest.approx(((p - q) * np.log(p / q)).sum(), rel=1e-3)


@given(st.lists(st.integers(0, 500), min_size=2, max_size=12), st.lists(st.integers(0, 500), min_size=12, max_size=12))
def test_the_index_is_finite_and_never_negative_whatever_is_empty(before: list[int], now: list[int]) -> None:
    found = stability(np.array(before), np.array(now[: len(before)]), 0.99)
    assert np.isfinite(found.psi)
    assert found.psi >= 0.0


@pytest.mark.parametrize(("reference", "observed"), [(400, 300), (5000, 400), (60_000, 20_000)])
def test_chance_alone_stays_below_the_noise_as_often_as_promised(reference: int, observed: int) -> None:
    rng = np.random.default_rng(5)
    found = [stability(draw(rng, reference), draw(rng, observed), 0.95) for _ in range(3000)]
    false_alarms = np.mean([one.psi > one.noise for one in found])
    # 0.05 promised; the sparse last group makes the chi-square a little too careful or too bold.
    assert 0.03 <= false_alarms <= 0.065


def test_a_moved_tenth_is_beyond_the_noise_of_a_real_file() -> None:
    rng = np.random.default_rng(5)
    moved = SHARES + np.r_[-0.1, np.zeros(8), 0.1]
    found = stability(draw(rng, 5000), draw(rng, 2000, moved), 0.99)
    assert found.psi > max(0.25, found.noise)


def test_small_populations_look_far_apart_by_chance_and_the_noise_says_so() -> None:
    rng = np.random.default_rng(5)
    found = stability(draw(rng, 60), draw(rng, 40), 0.99)
    assert 0.1 < found.psi < found.noise


def test_chance_alone_gives_its_mean_on_average() -> None:
    rng = np.random.default_rng(5)
    found = [stability(draw(rng, 500), draw(rng, 400), 0.99) for _ in range(1000)]
    assert np.mean([one.psi for one in found]) == pytest.approx(found[0].bias, rel=0.1)


def test_many_figures_together_are_each_held_to_more() -> None:
    assert together(0.99, 50) ** 50 == pytest.approx(0.99)


def test_intervals_become_neighbourhoods_of_equal_reference_share_and_missing_stands_alone() -> None:
    reference = np.r_[np.full(40, 25), 100]
    observed = np.r_[np.full(40, 25), 300]
    before, now, names = grouped(table(40), reference, observed, 10)
    assert before.tolist() == [100] * 11
    assert now.tolist() == [100] * 10 + [300]
    assert (names[0], names[1], names[-2:]) == ("..3", "3..7", ("35..", "missing"))


def test_values_beyond_all_of_the_reference_are_not_lost() -> None:
    reference, observed = np.array([500, 500, 0, 0]), np.array([0, 0, 1000, 0])
    before, now, _ = grouped(table(3), reference, observed, 10)
    assert (before.sum(), now.sum()) == (1000, 1000)
    assert stability(before, now, 0.99).psi > 1.0


def test_rare_levels_are_counted_together_and_what_nobody_has_is_left_out() -> None:
    reference, observed = np.array([400, 2, 1, 0, 0]), np.array([300, 1, 2, 0, 0])
    before, now, names = grouped(table(4, ("a", "b", "c", "d")), reference, observed, 10)
    assert (names, before.tolist(), now.tolist()) == (("a", "rare"), [400, 3], [300, 3])


def test_a_share_that_moves_by_chance_stays_within_its_noise() -> None:
    rng = np.random.default_rng(5)
    drawn = [(rng.binomial(5000, 0.2), rng.binomial(800, 0.2)) for _ in range(2000)]
    changes = [share_change(before, 5000, now, 800, 0.95) for before, now in drawn]
    assert np.mean([one.size > one.noise for one in changes]) == pytest.approx(0.05, abs=0.015)


def test_cells_nobody_of_the_reference_stood_in_are_told_beyond_chance() -> None:
    share, noise = unseen(np.array([5000, 0]), np.array([990, 10]), 0.99)
    assert share == pytest.approx(0.01)
    assert share > noise
    share, noise = unseen(np.array([5000, 0]), np.array([999, 1]), 0.99)
    assert share < noise


@pytest.mark.parametrize(("factor", "found"), [(0.01, 0.01), (100.0, 100.0), (0.0001, 0.0001), (1.3, 1.0), (20.0, 1.0)])
def test_another_unit_shows_in_the_median(factor: float, found: float) -> None:
    amounts = np.exp(np.random.default_rng(5).standard_normal(500)) * 1e6
    amounts[::7] = np.nan
    assert unit_factor(amounts, amounts * factor, (100.0, 10_000.0), 0.25) == pytest.approx(found)


def test_a_column_nobody_has_filled_is_no_unit_error() -> None:
    assert unit_factor(np.full(5, np.nan), np.ones(5), (100.0,), 0.25) == 1.0
