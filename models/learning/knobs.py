"""The learner's fixed choices, handed from room to room together."""

from dataclasses import dataclass
from typing import Any, Final

from models.learning.setting import Setting

_ONE_HOT_UP_TO: Final = 64
_RANDOM_COLUMN_SHARE: Final = 0.3
_EXACT_COLUMN_SHARE: Final = 0.7
_EXACT_ROW_SHARE: Final = 0.7


@dataclass(frozen=True)
class Knobs:
    """See `DefaultRiskModel` for what each is."""

    folds: int
    learning_rate: float
    max_rounds: int
    patience: int
    leaf_hessian: float
    l2: float
    max_bin: int
    pair_count: int
    triple_count: int
    ratio_count: int
    seed: int
    num_threads: int

    def common(self) -> dict[str, Any]:
        """LightGBM's parameters that no setting changes."""
        return {
            "objective": "binary",
            "metric": "binary_logloss",
            "learning_rate": self.learning_rate,
            "min_data_in_leaf": 1,
            "min_sum_hessian_in_leaf": self.leaf_hessian,
            "lambda_l2": self.l2,
            "max_bin": self.max_bin,
            "max_cat_to_onehot": _ONE_HOT_UP_TO,
            "feature_pre_filter": False,
            "seed": self.seed,
            "deterministic": True,
            "force_row_wise": True,
            "num_threads": self.num_threads,
            "verbosity": -1,
        }

    def grown(self, setting: Setting, seed: int) -> dict[str, Any]:
        """Parameters of one member: random thresholds need few columns to choose from, exact ones fewer rows."""
        if setting.random_thresholds:
            chance: dict[str, Any] = {"extra_trees": True, "feature_fraction": _RANDOM_COLUMN_SHARE}
        else:
            shares = {"feature_fraction": _EXACT_COLUMN_SHARE, "bagging_fraction": _EXACT_ROW_SHARE}
            chance = {**shares, "bagging_freq": 1, "learning_rate": self.learning_rate / 2.0}
        return self.common() | chance | {"num_leaves": setting.leaves, "seed": seed}
