"""The default-risk learner: LightGBM held to two features per path, with declared directions, searched inside folds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from models.calibration import log_loss
from models.features import Floats
from models.forest import parse_forest
from models.layout import BaseFeature, Layout
from models.logistic import probability_of
from models.straighten import straightened_leaves

if TYPE_CHECKING:
    import lightgbm as lgb

Positions = npt.NDArray[np.intp]
Pair = tuple[int, int]

_ALONE_ROUNDS: Final = 60
_ALONE_RATE: Final = 0.3
"""Single-feature shapes are fitted fast and to the end: what they leave over would pass for interaction."""

_PAIR_ROUNDS: Final = 30
_ONE_HOT_UP_TO: Final = 64


@dataclass(frozen=True)
class Setting:
    """One shape of tree to try; later settings are deeper."""

    leaves: int


SETTINGS: Final = (Setting(leaves=4), Setting(leaves=8), Setting(leaves=16))


@dataclass(frozen=True)
class Trial:
    """What one setting reached in the folds: rounds, log-loss per row, and the held-out log-odds."""

    setting: Setting
    rounds: int
    loss: float
    log_odds: Floats


class DefaultRiskModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """Probability of default from a numeric matrix; compiles into a scorecard.

    Works on any tabular credit file: numbers, missing values (NaN), special codes, and categories as codes 0, 1, ...

    Args:
        features: What the columns are; None takes every column as a free number called x0, x1, ...
        settings: Tree shapes tried from shallow to deep until one no longer helps.
        pair_count: How many pairs of features may meet in a path, chosen by gain inside each fold.
        folds: Stratified folds of the search and of the out-of-fold log-odds.
        learning_rate: Shrinkage.
        max_rounds: Most trees.
        patience: Rounds without improvement after which a search stops.
        leaf_hessian: Least sum of p(1-p) in a leaf, which suits rare and common defaults alike.
        l2: Ridge penalty on leaf values.
        max_bin: Most bins per column, hence most cells per table axis.
        seed: Every random choice follows from it.
        num_threads: Threads of LightGBM.

    Attributes:
        layout_: Base features and forest columns; knows what was never missing.
        trials_: What each setting reached.
        trial_: The chosen one.
        pairs_: Allowed pairs of base features, best first.
        booster_: The fitted LightGBM booster, monotone beside missing values too.
        straightened_: How many of its leaves had to move for that.
        oof_log_odds_: float64, shape (rows,): log-odds of each row from models that never saw it.
        classes_: [0, 1].
        n_features_in_: Number of base features.
    """

    def __init__(
        self,
        *,
        features: Sequence[BaseFeature] | None = None,
        settings: Sequence[Setting] = SETTINGS,
        pair_count: int = 12,
        folds: int = 3,
        learning_rate: float = 0.15,
        max_rounds: int = 400,
        patience: int = 10,
        leaf_hessian: float = 4.0,
        l2: float = 5.0,
        max_bin: int = 63,
        seed: int = 0,
        num_threads: int = 1,
    ) -> None:
        self.features = features
        self.settings = settings
        self.pair_count = pair_count
        self.folds = folds
        self.learning_rate = learning_rate
        self.max_rounds = max_rounds
        self.patience = patience
        self.leaf_hessian = leaf_hessian
        self.l2 = l2
        self.max_bin = max_bin
        self.seed = seed
        self.num_threads = num_threads

    def fit(self, X: Floats, y: npt.ArrayLike) -> Self:  # noqa: N803  # scikit-learn's names
        """Search the tree shape and the number of rounds in folds, then fit on all rows.

        Args:
            X: float64, shape (rows, features).
            y: 1 = default, 0 = none; both must occur.
        """
        labels = np.asarray(y, dtype=np.float64)
        self.layout_ = Layout.learned(tuple(self.features or _free_numbers(X.shape[1])), X, labels)
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = X.shape[1]
        matrix = self.layout_.expand(X)
        data = self._dataset(matrix, labels)
        self.trials_ = self._search(data, matrix, labels)
        self.trial_ = min(self.trials_, key=lambda trial: trial.loss)
        self.oof_log_odds_ = self.trial_.log_odds
        self.pairs_ = self._best_pairs(data, matrix)
        self.booster_ = self._train(data, self._path_params(self.trial_.setting, self.pairs_), self.trial_.rounds)
        self.straightened_ = self._straighten(self.booster_)
        return self

    def decision_function(self, X: Floats) -> Floats:  # noqa: N803  # scikit-learn's names
        """Raw log-odds of default, shape (rows,)."""
        check_is_fitted(self, "booster_")
        matrix = self.layout_.expand(X)
        return self._log_odds(self.booster_, matrix)

    def predict_proba(self, X: Floats) -> Floats:  # noqa: N803  # scikit-learn's names
        """Uncalibrated probabilities of no default and default, shape (rows, 2)."""
        probability = probability_of(self.decision_function(X))
        return np.column_stack([1.0 - probability, probability])

    def predict(self, X: Floats) -> npt.NDArray[np.int64]:  # noqa: N803  # scikit-learn's names
        """1 where default is more likely than not, shape (rows,)."""
        return (self.decision_function(X) > 0.0).astype(np.int64)

    def model_text(self) -> str:
        """LightGBM's text model, as `parse_forest` reads it."""
        check_is_fitted(self, "booster_")
        return self.booster_.model_to_string()

    def _search(self, data: "lgb.Dataset", matrix: Floats, labels: Floats) -> list[Trial]:
        """Try the settings from shallow to deep; the first that does not help ends the search."""
        folds = [self._cut(data, matrix, held_out) for held_out in _stratified(labels, self.folds, self.seed)]
        trials: list[Trial] = []
        for setting in self.settings:
            trials.append(self._try(setting, folds, matrix, labels))
            if trials[-1].loss > min(trial.loss for trial in trials):
                break
        return trials

    def _cut(self, data: "lgb.Dataset", matrix: Floats, held_out: Positions) -> "_Fold":
        kept = np.setdiff1d(np.arange(len(matrix)), held_out)
        train, valid = (data.subset(rows.tolist()).construct() for rows in (kept, held_out))
        return _Fold(held_out, train, valid, self._best_pairs(train, matrix[kept]))

    def _try(self, setting: Setting, folds: "list[_Fold]", matrix: Floats, labels: Floats) -> Trial:
        """Grow all folds in step and stop when their common loss has stopped falling."""
        boosters = [fold.booster(self._path_params(setting, fold.pairs)) for fold in folds]
        shares = [len(fold.held_out) / len(labels) for fold in folds]
        losses: list[float] = []
        while len(losses) < self.max_rounds and len(losses) - int(np.argmin([*losses, np.inf])) <= self.patience:
            for booster in boosters:
                booster.update()
            losses.append(sum(share * _held_out_loss(one) for share, one in zip(shares, boosters, strict=True)))
        rounds = int(np.argmin(losses)) + 1
        log_odds = np.empty(len(labels))
        for fold, booster in zip(folds, boosters, strict=True):
            self._straighten(booster)
            log_odds[fold.held_out] = self._log_odds(booster, matrix[fold.held_out], rounds)
        return Trial(setting, rounds, log_loss(labels, log_odds), log_odds)

    def _best_pairs(self, data: "lgb.Dataset", matrix: Floats) -> list[Pair]:
        """Pairs that gain most once every feature has had its own shape.

        A forest of single features is fitted first; trees of depth two on what it left over show by their second
        splits which features need each other.
        """
        shapes = self._path_params(Setting(leaves=4), []) | {"learning_rate": _ALONE_RATE}
        alone = self._train(data, shapes, _ALONE_ROUNDS)
        left_over = data.subset(list(range(data.num_data()))).construct()
        left_over.set_init_score(self._log_odds(alone, matrix))
        free = self._params() | {"num_leaves": 4, "max_depth": 2}
        gains = _pair_gains(self._train(left_over, free, _PAIR_ROUNDS), self.layout_)
        return sorted(gains, key=lambda pair: (-gains[pair], pair))[: self.pair_count]

    def _params(self) -> dict[str, Any]:
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

    def _path_params(self, setting: Setting, pairs: Sequence[Pair]) -> dict[str, Any]:
        """Parameters under which a path holds one feature or one allowed pair, in the declared directions.

        A special code's indicator counts as its own feature, so it shares every permission of the number it left.
        """
        layout = self.layout_
        paths = [layout.columns_of(feature) for feature in range(len(layout.features))]
        paths += [layout.columns_of(first) + layout.columns_of(second) for first, second in pairs]
        directions = [0 if one.code is not None else layout.features[one.feature].direction for one in layout.columns]
        bound = {"interaction_constraints": paths, "num_leaves": setting.leaves}
        if any(directions):
            bound |= {"monotone_constraints": directions, "monotone_constraints_method": "intermediate"}
        return self._params() | bound

    def _dataset(self, matrix: Floats, labels: Floats) -> "lgb.Dataset":
        """Bin all rows once; folds are subsets that share the bins."""
        import lightgbm as lgb

        categories = [place for place, feature in enumerate(self.layout_.features) if feature.levels]
        return lgb.Dataset(
            matrix, labels, params=self._params(), categorical_feature=categories, free_raw_data=False
        ).construct()

    def _log_odds(self, booster: "lgb.Booster", matrix: Floats, rounds: int | None = None) -> Floats:
        log_odds = booster.predict(matrix, raw_score=True, num_iteration=rounds, num_threads=self.num_threads)
        return np.asarray(log_odds, dtype=np.float64)

    def _straighten(self, booster: "lgb.Booster") -> int:
        """Move the leaves that break a direction; how many."""
        if not any(feature.direction for feature in self.layout_.features):
            return 0
        moves = list(straightened_leaves(self.layout_, parse_forest(booster.model_to_string())))
        for tree, leaf, value in moves:
            booster.set_leaf_output(tree, leaf, value)
        return len(moves)

    def _train(self, data: "lgb.Dataset", params: dict[str, Any], rounds: int) -> "lgb.Booster":
        import lightgbm as lgb

        booster = lgb.Booster(params, data)
        for _ in range(rounds):
            booster.update()
        return booster


@dataclass(frozen=True)
class _Fold:
    """One fold: its training rows and held-out rows share the whole data's bins; its pairs come from training rows."""

    held_out: Positions
    train: "lgb.Dataset"
    valid: "lgb.Dataset"
    pairs: list[Pair]

    def booster(self, params: dict[str, Any]) -> "lgb.Booster":
        import lightgbm as lgb

        return lgb.Booster(params, self.train).add_valid(self.valid, "held out")


def _free_numbers(count: int) -> Iterator[BaseFeature]:
    return (BaseFeature(f"x{position}") for position in range(count))


def _held_out_loss(booster: "lgb.Booster") -> float:
    return float(booster.eval_valid()[0][2])


def _stratified(labels: Floats, folds: int, seed: int) -> list[Positions]:
    """Held-out positions of each fold, ascending, with defaults spread evenly."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return [np.sort(by_label[fold::folds]) for fold in range(folds)]


def _pair_gains(booster: "lgb.Booster", layout: Layout) -> dict[Pair, float]:
    """Gain of second splits in trees of depth two, summed per unordered pair of base features."""
    gains = dict.fromkeys(combinations(range(len(layout.features)), 2), 0.0)
    for tree in booster.dump_model()["tree_info"]:
        root = tree["tree_structure"]
        for child in (root.get("left_child", {}), root.get("right_child", {})):
            if "split_feature" in child:
                pair = tuple(sorted(layout.columns[node["split_feature"]].feature for node in (root, child)))
                if pair in gains:
                    gains[pair] += child["split_gain"]
    return {pair: gain for pair, gain in gains.items() if gain > 0.0}
