"""What plain MLflow calls to load a registered scorecard: code and a text file, nothing unpickled.

The registry packs this module, and those it imports, beside every scorecard, so that `mlflow.pyfunc.load_model` works
where this project is not installed.
"""

from pathlib import Path
from typing import Any, Final

import numpy as np
import numpy.typing as npt

from models.loader import load_scorecard
from models.scorecard import Scorecard

PACKED_MODULES: Final = (
    "arrays", "calibrated", "card_format", "card_tables", "errors", "loader", "logistic", "probability_interval",
    "pyfunc_flavor", "ratios", "scorecard",
)  # fmt: skip
"""This module and every module of the package that it imports: what must lie beside a scorecard."""


class ScorecardModel:
    """MLflow's view of a scorecard: named feature columns in, default probabilities out."""

    def __init__(self, scorecard: Scorecard) -> None:
        self.scorecard = scorecard

    def predict(self, model_input: Any, params: dict[str, Any] | None = None) -> npt.NDArray[np.float64]:  # noqa: ARG002  # MLflow passes it
        """Calibrated default probabilities, shape (rows,).

        Args:
            model_input: A data frame or mapping with one column per feature name; missing values are NaN.
            params: Unused; part of MLflow's protocol.
        """
        columns = [np.asarray(model_input[name], dtype=np.float64) for name in self.scorecard.names]
        return self.scorecard.default_probability(np.column_stack(columns))


def _load_pyfunc(path: str) -> ScorecardModel:
    """MLflow's entry point: `path` is the scorecard file."""
    return ScorecardModel(load_scorecard(Path(path)))
