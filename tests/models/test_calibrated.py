"""The calibration of a scorecard: Kull's curve, order kept, bytes fixed, a file that cannot lie."""

import json
import subprocess
import sys

import numpy as np
import pytest
from scipy.special import expit, logit

from models.calibrated import Calibration
from models.logistic import softplus_tail

GRID = np.concatenate([np.linspace(-40.0, 40.0, 80_001), [-1e6, -700.0, 700.0, 1e6]])


def test_it_is_the_beta_calibration_of_kull_and_others() -> None:
    probability = np.linspace(0.001, 0.999, 999)
    mapped = expit(Calibration(0.7, 1.4, -0.3).of(logit(probability)))
    odds = np.exp(-0.3) * probability**0.7 / (1.0 - probability) ** 1.4
    np.testing.assert_allclose(mapped, odds / (1.0 + odds), rtol=1e-13)


def test_equal_slopes_are_platt_s_line_to_the_byte() -> None:
    assert Calibration(0.9, 0.9, 0.1).of(GRID).tobytes() == (GRID * 0.9 + 0.1).tobytes()
    np.testing.assert_array_equal(Calibration().of(GRID), GRID)


def test_nearly_equal_slopes_are_nearly_the_line() -> None:
    np.testing.assert_allclose(
        Calibration(0.9, np.nextafter(0.9, 1.0), 0.1).of(GRID), GRID * 0.9 + 0.1, rtol=1e-14, atol=1e-14
    )


@pytest.mark.parametrize("slopes", [(0.7, 1.4), (1.4, 0.7), (0.02, 3.0), (3.0, 0.02)])
def test_households_one_unit_apart_never_change_order(slopes: tuple[float, float]) -> None:
    """The smallest step of a scorecard is 1e-12 log-odds; rounding is thousands of times finer."""
    base = np.round(np.random.default_rng(1).uniform(-9.0, 9.0, 50_000), 12)
    calibration = Calibration(*slopes, -0.5)
    assert (calibration.of(base + 1e-12) >= calibration.of(base)).all()
    assert (np.diff(calibration.of(np.sort(base))) >= 0.0).all()


def test_the_tail_is_the_library_s_within_a_few_last_bits() -> None:
    finite = GRID[np.abs(GRID) <= 700.0]
    np.testing.assert_allclose(softplus_tail(finite), np.log1p(np.exp(-np.abs(finite))), rtol=2e-15, atol=0.0)


def test_the_bytes_are_those_of_the_four_basic_operations() -> None:
    """Recorded once; a machine that contracts or reorders operations would differ."""
    recorded = ["-0x1.7ffa2f2f59527p+2", "-0x1.b209d4e27df7dp+1", "0x1.59b04fee85988p-5", "0x1.2c2ec645ada42p-3",
                "0x1.de63cf83ad443p-2", "0x1.3b52c9dd4b41ep+1"]  # fmt: skip
    calibrated = Calibration(0.8, 1.3, -0.2).of(np.array([-7.25, -4.0, -0.1, 0.0, 0.3, 2.0]))
    assert [float(one).hex() for one in calibrated] == recorded


@pytest.mark.parametrize("numbers", [(-0.1, 1.0, 0.0), (1.0, -1e-9, 0.0), (np.nan, 1.0, 0.0), (1.0, 1.0, np.inf)])
def test_a_falling_or_endless_curve_is_refused(numbers: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="slopes"):
        Calibration(*numbers)


def test_it_survives_json_to_the_last_bit() -> None:
    calibration = Calibration(0.1 + 0.2, 1 / 3, -1e-17)
    assert Calibration.from_content(json.loads(json.dumps(calibration.to_content()))) == calibration


@pytest.mark.parametrize(
    "content",
    [{}, {"slope": 1.0, "offset": 0.0}, {"low_slope": "1", "high_slope": 1.0, "offset": 0.0},
     {"low_slope": True, "high_slope": 1.0, "offset": 0.0},
     {"low_slope": 1.0, "high_slope": 1.0, "offset": 0.0, "more": 1.0}],
)  # fmt: skip
def test_a_file_that_is_no_calibration_is_refused(content: dict[str, object]) -> None:
    with pytest.raises(TypeError):
        Calibration.from_content(content)


def test_it_needs_numpy_alone() -> None:
    program = (
        "import sys, importlib.util as util, types\n"
        "package = types.ModuleType('models'); package.__path__ = ['models']; sys.modules['models'] = package\n"
        "import models.calibrated, models.probability_interval\n"
        "print([name for name in ('scipy', 'pyarrow', 'sklearn', 'lightgbm') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
