"""The compiled card against the readable one, byte for byte, on cards and rows of every kind."""

import subprocess
import sys
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.calibrated import Calibration
from models.card_kernel import CHUNK, MOST_CELLS
from models.card_kernel import assess as assess_kernel
from models.card_tables import FeatureTable, InteractionTable
from models.compiled_card import CompiledCard, warm_kernel
from models.errors import ScorecardFormatError
from models.probability_interval import Band, Intervals
from models.scorecard import Scorecard
from models.training import TrainedModel

NUMBERS = st.floats(allow_nan=False, allow_infinity=False) | st.floats(-100.0, 100.0) | st.integers(-9, 9).map(float)
CALIBRATIONS = st.builds(
    Calibration, st.floats(0.0, 3.0), st.sampled_from([0.5, 1.0, 2.0]), st.floats(-5.0, 5.0)
) | st.floats(0.0, 3.0).map(lambda slope: Calibration(slope, slope, -0.25))


def feature_table(name: str, draw: np.random.Generator, thresholds: list[float], codes: list[float]) -> FeatureTable:
    cells = len(thresholds) + 2 + len(codes)
    points, rows = draw.integers(-3 * 10**12, 3 * 10**12, cells), np.ones(cells, dtype=np.int64)
    return FeatureTable(name, 0, (), tuple(codes), np.array(thresholds, dtype=np.float64), points, rows)


def category_table(name: str, draw: np.random.Generator, levels: int) -> FeatureTable:
    points, rows = draw.integers(-3 * 10**12, 3 * 10**12, levels + 1), np.ones(levels + 1, dtype=np.int64)
    return FeatureTable(name, 0, tuple(f"level {one}" for one in range(levels)), (), np.empty(0), points, rows)


def interaction_table(
    features: tuple[int, ...], tables: list[FeatureTable], draw: np.random.Generator
) -> InteractionTable:
    shape = tuple(int(size) for size in draw.integers(1, 6, len(features)))
    groups = tuple(
        draw.integers(0, size, len(tables[feature].cells)) for feature, size in zip(features, shape, strict=True)
    )
    return InteractionTable(features, groups, draw.integers(-(10**12), 10**12, shape))


@st.composite
def ratios(drawn: st.DrawFn, given: list[FeatureTable], draw: np.random.Generator) -> list[FeatureTable]:
    numbers = [place for place, table in enumerate(given) if not table.levels]
    pairs = [(above, below) for above in numbers for below in numbers if above != below]
    parts = drawn(st.lists(st.sampled_from(pairs), unique=True, max_size=2)) if pairs else []
    thresholds = [drawn(st.lists(NUMBERS, max_size=20, unique=True).map(sorted)) for _ in parts]
    return [
        replace(feature_table(f"ratio{place}", draw, own, []), ratio_of=part)
        for place, (part, own) in enumerate(zip(parts, thresholds, strict=True))
    ]


@st.composite
def cards(drawn: st.DrawFn) -> Scorecard:
    """Cards of numbers with any thresholds and codes, of categories, with tables of two and three features."""
    draw = np.random.default_rng(drawn(st.integers(0, 2**32)))
    tables = []
    for place in range(drawn(st.integers(1, 5))):
        if drawn(st.booleans()):
            tables.append(category_table(f"x{place}", draw, drawn(st.integers(1, 5))))
        else:
            thresholds = drawn(st.lists(NUMBERS, max_size=40, unique=True).map(sorted))
            codes = drawn(st.lists(NUMBERS, max_size=3, unique=True))
            tables.append(feature_table(f"x{place}", draw, thresholds, codes))
    tables += drawn(ratios(tables, draw))
    possible = [met for width in (2, 3) for met in combinations(range(len(tables)), width)]
    met = drawn(st.lists(st.sampled_from(possible), unique=True, max_size=6)) if possible else []
    return Scorecard(
        kind="",
        feature_spec_hash="",
        intercept=int(draw.integers(-5 * 10**12, 5 * 10**12)),
        features=tuple(tables),
        interactions=tuple(interaction_table(features, tables, draw) for features in met),
        calibration=drawn(CALIBRATIONS),
    )


def column_of(table: FeatureTable, rows: int, draw: np.random.Generator) -> np.ndarray:
    """Thresholds, their neighbours, codes, levels and what is none of them, in any order."""
    edges = np.append(table.thresholds, table.special_codes)
    with np.errstate(over="ignore"):
        beside = np.nextafter(edges, -np.inf), np.nextafter(edges, np.inf)
    anything = [np.nan, np.copysign(np.nan, -1.0), np.inf, -np.inf, 0.0, -0.0, 1e300, -1e300, 5e-324, -5e-324, 1.0, 2.5]
    levels = [-1.0, *range(len(table.levels) + 2), len(table.levels) - 0.5, np.nextafter(len(table.levels), 0.0)]
    pool = [edges, *beside, anything, levels, draw.normal(0, 50, 30)]
    return draw.choice(np.concatenate(pool), rows)


def rows_for(card: Scorecard, rows: int, seed: int) -> np.ndarray:
    draw = np.random.default_rng(seed)
    return np.column_stack([column_of(table, rows, draw) for table in card.features if table.ratio_of is None])


def assert_same(card: Scorecard, values: np.ndarray, threads: int = 1) -> None:
    assessed = CompiledCard(card).assess(values, threads, reasons=True)
    assert assessed.log_odds_units.tobytes() == card.log_odds_units(values).tobytes()
    assert assessed.default_probability.tobytes() == card.default_probability(values).tobytes()
    assert assessed.missing_count.tobytes() == card.missing_count(values).tobytes()
    assert assessed.contributions.tobytes() == card.contributions(values).tobytes()


@given(cards(), st.integers(0, 2**32))
def test_any_card_says_the_same_of_any_row_to_the_byte(card: Scorecard, seed: int) -> None:
    assert_same(card, rows_for(card, 200, seed))


@given(cards(), st.integers(0, 2**32))
def test_contributions_add_up_to_the_log_odds_exactly(card: Scorecard, seed: int) -> None:
    values = rows_for(card, 50, seed)
    units, contributions = CompiledCard(card).log_odds_units_and_contributions(values)
    np.testing.assert_array_equal(contributions.sum(axis=1) + card.intercept, units)
    np.testing.assert_array_equal(CompiledCard(card).log_odds_units(values), units)


@pytest.mark.parametrize(
    "thresholds",
    [
        [0.0],
        [-1e300, -5e-324, 0.0, 5e-324, 1e300],
        [-1.7e308, 1.7e308],
        list(np.nextafter(1.0, 2.0) + np.arange(255) * 2.0**-52),
        [-1e12, *(1.0 + np.arange(300) * 2.0**-40), 1e12],
        list(np.exp(np.linspace(-40.0, 40.0, 255))),
        list(np.linspace(-3.0, 3.0, 2_000)),
    ],
)
def test_thresholds_may_crowd_anywhere(thresholds: list[float]) -> None:
    draw = np.random.default_rng(5)
    card = Scorecard("", "", 0, (feature_table("x", draw, thresholds, [7.0]),))
    values = np.concatenate([column_of(card.features[0], 3_000, draw), draw.uniform(0.9, 1.1, 300)])
    assert_same(card, np.sort(values)[:, None])
    assert_same(card, draw.permutation(values)[:, None])


def test_one_row_and_many_rows_on_any_number_of_threads_take_the_same_path(
    baseline: TrainedModel, values: np.ndarray
) -> None:
    many = np.vstack([values] * 12)
    card = CompiledCard(baseline.scorecard)
    together = card.assess(many, threads=3, reasons=True)
    assert len(many) > 2 * (1 << 14), "several parts"
    for one, other in zip(together, card.assess(many, reasons=True), strict=True):
        assert one.tobytes() == other.tobytes()
    for row in (0, CHUNK - 1, CHUNK, (1 << 14) - 1, 1 << 14, len(many) - 1):
        for one, other in zip(together, card.assess(many[row : row + 1], reasons=True), strict=True):
            assert one[row : row + 1].tobytes() == other.tobytes()


def test_the_bank_s_models_are_the_same_in_both_forms(
    baseline: TrainedModel, full: TrainedModel, values: np.ndarray
) -> None:
    assert baseline.scorecard.interactions
    assert_same(baseline.scorecard, values, threads=2)
    assert_same(full.scorecard, np.column_stack([values, np.arange(len(values)) % 4.0]), threads=2)


@pytest.mark.parametrize(
    "calibration", [Calibration(0.7, 1.3, -0.2), Calibration(1.1, 1.1, 0.3), Calibration(0.0, 0.0)]
)
def test_calibrated_probabilities_are_the_same_to_the_byte_from_one_end_to_the_other(calibration: Calibration) -> None:
    units = np.concatenate([np.linspace(-9e17, 9e17, 5_000), np.linspace(-4e13, 4e13, 200_000), [0, 1, -1]])
    thresholds = np.arange(1.0, len(units))
    cells = np.append(units, 0).astype(np.int64)
    assert len(cells) > MOST_CELLS, "so it takes several cards"
    for part in np.array_split(np.arange(len(units)), 4):
        table = FeatureTable("x", 0, (), (), thresholds[: len(part) - 1], cells[[*part, -1]], np.ones(len(part) + 1))
        card = Scorecard("", "", 0, (table,), (), calibration)
        assert_same(card, np.append(np.arange(1.0, len(part) + 1.0), np.nan)[:, None])


def test_intervals_are_the_same_to_the_byte(baseline: TrainedModel, values: np.ndarray) -> None:
    raw = np.quantile(baseline.scorecard.log_odds(values), [0.2, 0.5, 0.8])
    band = Band(raw, np.array([0.0, 0.01, 0.02, 0.05]), np.array([0.02, 0.04, 0.1, 0.4]))
    wide = Band(np.empty(0), np.zeros(1), np.full(1, 0.9))
    card = replace(baseline.scorecard, intervals=Intervals(band, wide, thin_from=2))
    holes = np.where(np.random.default_rng(1).random(values.shape) < 0.1, np.nan, values)
    for one in (card, replace(card, intervals=None)):
        compiled = CompiledCard(one)
        for end, expected in zip(
            compiled.interval_of(compiled.assess(holes)), one.probability_interval(holes), strict=True
        ):
            assert end.tobytes() == expected.tobytes()


def test_a_warm_kernel_needs_no_further_compilation(baseline: TrainedModel, values: np.ndarray) -> None:
    warm_kernel()
    signatures = list(assess_kernel.signatures)  # type: ignore[attr-defined]  # Numba's, on what it has compiled
    CompiledCard(baseline.scorecard).assess(np.asfortranarray(values), threads=2, reasons=True)
    assert assess_kernel.signatures == signatures  # type: ignore[attr-defined]
    assert len(signatures) == 1


def test_nobody_is_assessed_as_nobody(baseline: TrainedModel) -> None:
    nobody = CompiledCard(baseline.scorecard).assess(np.empty((0, len(baseline.names))), reasons=True)
    assert [filled.shape for filled in nobody] == [(0,), (0,), (0,), (0, len(baseline.names))]


def test_rows_may_lie_in_any_order_and_be_of_any_type_or_sealed(baseline: TrainedModel, values: np.ndarray) -> None:
    card = CompiledCard(baseline.scorecard)
    expected = card.log_odds_units(values)
    sealed = values.copy()
    sealed.flags.writeable = False
    for rows in (np.asfortranarray(values), np.repeat(values, 2, axis=0)[::2], sealed):
        np.testing.assert_array_equal(card.log_odds_units(rows), expected)
    shorter = values.astype(np.float32)
    np.testing.assert_array_equal(card.log_odds_units(shorter), card.log_odds_units(shorter.astype(np.float64)))


@pytest.mark.parametrize("shape", [(3, 4), (3, 6), (5,), (2, 5, 1)])
def test_rows_of_another_width_are_refused(shape: tuple[int, ...]) -> None:
    draw = np.random.default_rng(0)
    card = CompiledCard(Scorecard("", "", 0, tuple(feature_table(f"x{place}", draw, [0.0], []) for place in range(5))))
    with pytest.raises(ValueError, match="shape"):
        card.assess(np.zeros(shape))


def test_a_card_that_would_send_the_kernel_outside_of_its_tables_is_refused() -> None:
    draw = np.random.default_rng(0)
    tables = [feature_table(f"x{place}", draw, [0.0, 1.0], []) for place in range(2)]
    pair = interaction_table((0, 1), tables, draw)
    sound = Scorecard("", "", 0, tuple(tables), (pair,))
    CompiledCard(sound)
    beyond, below = pair.groups[0].copy(), pair.groups[0].copy()
    beyond[1], below[1] = pair.cells.shape[0], -1
    for groups in ((beyond, pair.groups[1]), (below, pair.groups[1]), (pair.groups[0][1:], pair.groups[1])):
        with pytest.raises(ScorecardFormatError):
            CompiledCard(replace(sound, interactions=(replace(pair, groups=groups),)))
    with pytest.raises(ScorecardFormatError):
        CompiledCard(replace(sound, interactions=(replace(pair, cells=pair.cells.ravel()),)))
    with pytest.raises(ScorecardFormatError):
        CompiledCard(replace(sound, features=(replace(tables[0], cells=tables[0].cells[1:]), tables[1])))
    ratio = feature_table("ratio", draw, [0.5], [])
    for features in (
        (*tables, replace(ratio, ratio_of=(0, 2))),
        (*tables, replace(ratio, ratio_of=(-1, 0))),
        (replace(ratio, ratio_of=(1, 2)), *tables),
    ):
        with pytest.raises(ScorecardFormatError):
            CompiledCard(Scorecard("", "", 0, features))
    wide = feature_table("x", draw, list(np.arange(float(MOST_CELLS))), [])
    with pytest.raises(ScorecardFormatError):
        CompiledCard(Scorecard("", "", 0, (wide,)))


def test_a_serving_process_that_compiles_loads_neither_lightgbm_nor_mlflow_nor_scikit_learn(
    baseline: TrainedModel, tmp_path: Path
) -> None:
    (tmp_path / "card.json").write_text(baseline.scorecard.to_json(), encoding="utf-8")
    program = (
        "import sys, pathlib, numpy, models, models.compiled_card\n"
        f"card = models.load_scorecard(pathlib.Path({str(tmp_path / 'card.json')!r}))\n"
        "card = models.compiled_card.CompiledCard(card)\n"
        "assert card.default_probability(numpy.zeros((2, len(card.names)))).shape == (2,)\n"
        "print([name for name in ('lightgbm', 'mlflow', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
