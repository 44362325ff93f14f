"""A scorecard file: small, readable, the same to the byte after a reload, exact in its reasons."""

import json
import shutil
import subprocess
import sys
from ast import literal_eval
from pathlib import Path

import numpy as np
import pytest

import models
from models.errors import FeatureMismatchError, ScorecardFormatError
from models.features import FeatureMatrix
from models.loader import load_scorecard, save_scorecard
from models.pyfunc_flavor import PACKED_MODULES
from models.scorecard import Calibration, Scorecard
from models.training import TrainedModel


def test_a_reloaded_card_predicts_the_same_to_the_byte(
    baseline: TrainedModel, values: np.ndarray, tmp_path: Path
) -> None:
    save_scorecard(baseline.scorecard, tmp_path / "card.json")
    reloaded = load_scorecard(tmp_path / "card.json")
    assert reloaded.to_json() == baseline.scorecard.to_json()
    assert reloaded.content_hash() == baseline.scorecard.content_hash()
    for one, other in ((reloaded.default_probability, baseline.scorecard.default_probability),
                       (reloaded.contributions, baseline.scorecard.contributions)):  # fmt: skip
        assert one(values).tobytes() == other(values).tobytes()


def test_one_row_and_many_rows_take_the_same_path(baseline: TrainedModel, values: np.ndarray) -> None:
    many = np.vstack([values] * 12)
    together = baseline.scorecard.default_probability(many)
    assert len(many) > 2 * (1 << 14), "several chunks"
    for row in (0, 1 << 14, (1 << 14) - 1, len(many) - 1):
        alone = baseline.scorecard.default_probability(many[row : row + 1])
        assert alone.tobytes() == together[row : row + 1].tobytes()


def test_contributions_add_up_to_the_log_odds_exactly(baseline: TrainedModel, values: np.ndarray) -> None:
    card = baseline.scorecard
    parts = card.contributions(values)
    assert parts.dtype == np.int64
    np.testing.assert_array_equal(parts.sum(axis=1) + card.intercept, card.log_odds_units(values))
    assert (parts != 0).any(axis=0).sum() > 5


def test_no_rows_give_no_probabilities(baseline: TrainedModel) -> None:
    nobody = np.empty((0, len(baseline.names)))
    assert baseline.scorecard.default_probability(nobody).shape == (0,)
    assert baseline.scorecard.contributions(nobody).shape == (0, len(baseline.names))


def test_the_calibration_travels_in_the_file(baseline: TrainedModel, values: np.ndarray) -> None:
    card = Scorecard.from_json(baseline.scorecard.to_json())
    expected = baseline.scorecard.calibration.of(baseline.scorecard.log_odds(values))
    np.testing.assert_array_equal(card.calibrated_log_odds(values), expected)
    assert card.calibration == baseline.scorecard.calibration != Calibration()


def test_the_file_is_small_and_names_what_it_holds(baseline: TrainedModel) -> None:
    text = baseline.scorecard.to_json()
    assert len(text) < 400_000
    content = json.loads(text)
    assert [feature["name"] for feature in content["features"]] == list(baseline.names)
    assert all(isinstance(cell, int) for feature in content["features"] for cell in feature["cells"])
    tables = [line for line in text.splitlines() if line.startswith("  {")]
    assert len(tables) == len(baseline.scorecard.features) + len(baseline.scorecard.interactions), "one line per table"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("haixia-scorecard/2", "haixia-scorecard/1"),
        ('"intercept"', '"intercepted"'),
        ('"cells": [', '"cells": [1, '),
        ("\n}\n", ""),
        ('"features": ["', '"features": ["no such feature '),
        ('"groups": [[', '"groups": [[0, '),
        ('"groups": [[0', '"groups": [[99'),
    ],
)
def test_a_damaged_file_is_refused(baseline: TrainedModel, old: str, new: str) -> None:
    damaged = baseline.scorecard.to_json().replace(old, new, 1)
    assert damaged != baseline.scorecard.to_json()
    with pytest.raises(ScorecardFormatError):
        Scorecard.from_json(damaged)


def test_other_features_or_another_order_are_refused(baseline: TrainedModel, values: np.ndarray) -> None:
    names = baseline.names
    assert baseline.scorecard.check_features(FeatureMatrix(names, values)) is values
    with pytest.raises(FeatureMismatchError):
        baseline.scorecard.check_features(FeatureMatrix(names[::-1], values[:, ::-1]))


def test_a_serving_process_loads_neither_lightgbm_nor_mlflow_nor_scikit_learn(
    baseline: TrainedModel, tmp_path: Path
) -> None:
    save_scorecard(baseline.scorecard, tmp_path / "card.json")
    program = (
        "import sys, pathlib, numpy, models\n"
        f"card = models.load_scorecard(pathlib.Path({str(tmp_path / 'card.json')!r}))\n"
        "assert card.default_probability(numpy.zeros((2, len(card.features)))).shape == (2,)\n"
        "print([name for name in ('lightgbm', 'mlflow', 'sklearn') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_what_is_packed_beside_a_card_reads_it_with_numpy_alone(baseline: TrainedModel, tmp_path: Path) -> None:
    package = tmp_path / "models"
    package.mkdir()
    (package / "__init__.py").touch()
    for module in PACKED_MODULES:
        shutil.copy(Path(models.__file__).with_name(f"{module}.py"), package)
    save_scorecard(baseline.scorecard, tmp_path / "card.json")
    program = (
        "import sys\n"
        "from models.pyfunc_flavor import _load_pyfunc\n"
        "card = _load_pyfunc('card.json').scorecard\n"
        "print(card.content_hash())\n"
        "print(sorted(name.partition('.')[2] for name in sys.modules if name.startswith('models.')))\n"
        "foreign = {name.partition('.')[0] for name in sys.modules} - set(sys.stdlib_module_names)\n"
        "print(sorted(name for name in foreign if not name.startswith('_')))"
    )
    paths = [".", str(Path(np.__file__).parents[1])]
    command = [sys.executable, "-S", "-c", f"import sys; sys.path[:0] = {paths!r}\n{program}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path)
    content_hash, modules, foreign = done.stdout.splitlines()
    assert content_hash == baseline.scorecard.content_hash()
    assert modules == str(sorted(PACKED_MODULES))
    assert set(literal_eval(foreign)) <= {"models", "numpy", "sitecustomize", "usercustomize"}


def test_importing_training_and_the_registry_loads_neither_lightgbm_nor_mlflow() -> None:
    program = (
        "import sys, models\n"
        "models.train, models.Registry, models.DefaultRiskModel\n"
        "print([name for name in ('lightgbm', 'mlflow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
