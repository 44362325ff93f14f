"""The default-risk learner: a bag of LightGBM forests held to few features per path, searched inside folds."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, Self

import numpy as np
import numpy.typing as npt
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.validation import check_is_fitted

from models.arrays import Floats
from models.forest import parse_forest
from models.layout import BaseFeature, Layout
from models.learning.directions import DirectionPrice, tried_directions, with_kept
from models.learning.ground import Bag, Ground
from models.learning.knobs import Knobs
from models.learning.ratio_search import best_ratios
from models.learning.setting import SETTINGS, TRIPLES, Setting, Trial
from models.logistic import probability_of
from models.measures import log_losses
from models.straighten import straightened_leaves

if TYPE_CHECKING:
    import lightgbm as lgb

__all__ = ["SETTINGS", "DefaultRiskModel", "DirectionPrice", "Setting", "Trial"]

_PROVEN: Final = 1.6448536269514722
"""Standard errors of a paired difference beyond which a gain is proven (one-sided, 5 %)."""


class DefaultRiskModel(ClassifierMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn publishes no types
    """Probability of default from a numeric matrix; compiles into a scorecard.

    Works on any tabular credit file: numbers, missing values (NaN), special codes, and categories as codes 0, 1, ...
    The model is a bag: one forest per fold and repeat, each of which left that fold out, so every row has log-odds
    from forests that never saw it. The mean of their log-odds is the model; it compiles into one scorecard.

    The settings are tried in order in the first repeat's folds. A setting becomes the best so far when its held-out
    loss is lower; where it adds a third feature to a path or gives up random thresholds, the paired difference must
    be proven.

    Args:
        features: What the columns are; None takes every column as a free number called x0, x1, ...
        settings: Shapes of forest tried from simple to rich.
        pair_count: Most pairs of features that may meet in a path, chosen by gain over all folds.
        triple_count: Most triples that may.
        ratio_count: Most ratios of two free numbers that join the features; 0 for files whose features are all
            declared and reviewed.
        folds: Stratified folds of the search, members of the bag, and of the out-of-fold log-odds.
        repeats: How often rows are dealt into folds; the first repeat searches, the others only grow.
        learning_rate: Shrinkage; half of it where thresholds are exact, as such trees are greedier.
        max_rounds: Most trees per member.
        patience: Rounds without improvement after which a search stops.
        leaf_hessian: Least sum of p(1-p) in a leaf, which suits rare and common defaults alike.
        l2: Ridge penalty on leaf values.
        max_bin: Most bins per column, hence most cells per table axis.
        seed: Every random choice follows from it.
        num_threads: Threads of LightGBM.

    Attributes:
        layout_: Base features (given, then ratios) and forest columns; knows what was never missing.
        trials_: What each setting reached; `accepted` marks each that became the best so far.
        trial_: The chosen one.
        prices_: What every declared direction costs and whether its sign held in every fold.
        directions_: Directions kept, one per feature.
        interactions_: Pairs and triples of base features that may meet in a path.
        members_: Per member its LightGBM text models; the mean over members of their sums is the raw log-odds.
        tree_count_: Trees of all members.
        straightened_: How many leaves had to move to keep the directions beside missing values.
        oof_log_odds_: float64, shape (rows,): log-odds of each row from members that never saw it.
        classes_: [0, 1].
        n_features_in_: Number of given features.
    """

    def __init__(
        self,
        *,
        features: Sequence[BaseFeature] | None = None,
        settings: Sequence[Setting] = SETTINGS,
        pair_count: int = 32,
        triple_count: int = 40,
        ratio_count: int = 6,
        folds: int = 5,
        repeats: int = 2,
        learning_rate: float = 0.1,
        max_rounds: int = 1000,
        patience: int = 20,
        leaf_hessian: float = 4.0,
        l2: float = 5.0,
        max_bin: int = 63,
        seed: int = 0,
        num_threads: int = 1,
    ) -> None:
        self.features = features
        self.settings = settings
        self.pair_count = pair_count
        self.triple_count = triple_count
        self.ratio_count = ratio_count
        self.folds = folds
        self.repeats = repeats
        self.learning_rate = learning_rate
        self.max_rounds = max_rounds
        self.patience = patience
        self.leaf_hessian = leaf_hessian
        self.l2 = l2
        self.max_bin = max_bin
        self.seed = seed
        self.num_threads = num_threads

    def fit(self, X: Floats, y: npt.ArrayLike) -> Self:  # noqa: N803  # scikit-learn's names
        """Try directions, settings, interactions and ratios in folds, then grow the whole bag.

        Args:
            X: float64, shape (rows, features).
            y: 1 = default, 0 = none; both must occur.
        """
        labels = np.asarray(y, dtype=np.float64)
        features = tuple(self.features or _free_numbers(X.shape[1]))
        self.classes_ = np.array([0, 1])
        self.n_features_in_ = X.shape[1]
        ground = self._directed_ground(features, X, labels)
        self._keep(self._search(ground, X))
        return self

    def decision_function(self, X: Floats) -> Floats:  # noqa: N803  # scikit-learn's names
        """Raw log-odds of default, shape (rows,)."""
        check_is_fitted(self, "members_")
        matrix = self.layout_.expand(X)
        log_odds = [one.predict(matrix, raw_score=True, num_threads=self.num_threads) for one in self.boosters()]
        return np.asarray(np.mean(log_odds, axis=0), dtype=np.float64)

    def predict_proba(self, X: Floats) -> Floats:  # noqa: N803  # scikit-learn's names
        """Uncalibrated probabilities of no default and default, shape (rows, 2)."""
        probability = probability_of(self.decision_function(X))
        return np.column_stack([1.0 - probability, probability])

    def predict(self, X: Floats) -> npt.NDArray[np.int64]:  # noqa: N803  # scikit-learn's names
        """1 where default is more likely than not, shape (rows,)."""
        return (self.decision_function(X) > 0.0).astype(np.int64)

    def boosters(self) -> "list[lgb.Booster]":
        """The members as LightGBM reads them back from their texts."""
        import lightgbm as lgb

        return [lgb.Booster(model_str=text) for member in self.members_ for text in member]

    def parameters(self) -> dict[str, Any]:
        """What was chosen and what was given, flat, for the registry."""
        names = [feature.name for feature in self.layout_.features]
        given = {name: value for name, value in self.get_params().items() if name not in {"features", "settings"}}
        return (
            given
            | vars(self.trial_.setting)
            | {
                "rounds": self.trial_.rounds,
                "trees": self.tree_count_,
                "interactions": ", ".join(
                    " x ".join(names[one] for one in features) for features in self.interactions_
                ),
                "made_ratios": ", ".join(one.name for one in self.layout_.features if one.ratio_of),
                "directions_dropped": ", ".join(price.feature for price in self.prices_ if not price.kept),
            }
        )

    def _knobs(self) -> Knobs:
        return Knobs(**{name: getattr(self, name) for name in Knobs.__annotations__})

    def _directed_ground(self, features: tuple[BaseFeature, ...], values: Floats, labels: Floats) -> Ground:
        """The rows under those declared directions whose sign holds in every fold."""
        declared = Ground(Layout.learned(features, values, labels), values, labels, self._knobs())
        self.prices_ = tried_directions(declared, values)
        kept = with_kept(features, self.prices_)
        if kept == features:
            return declared
        return Ground(Layout.learned(kept, values, labels), values, labels, self._knobs())

    def _search(self, ground: Ground, values: Floats) -> "_Best":
        """Try the settings in order; the best one with its rows and the members grown on the way."""
        self.trials_: list[Trial] = []
        best: _Best | None = None
        ratios = _Ratios(ground, values)
        for wanted in self.settings:
            stand = ratios.ground() if wanted.ratios and not _ratios_failed(self.trials_) else ground
            setting = replace(wanted, ratios=stand is not ground)
            if any(trial.setting == setting for trial in self.trials_):
                continue
            trial, bag = stand.trial(setting)
            trial = _judged(trial, best.trial if best else None, ground.labels)
            self.trials_.append(trial)
            best = _Best(stand, trial, bag) if trial.accepted else best
        if best is None:
            raise ValueError("settings must name at least one setting")
        return best

    def _keep(self, best: "_Best") -> None:
        """Grow the other repeats of the chosen setting and keep all members as text."""
        ground, self.trial_ = best.ground, best.trial
        self.layout_ = ground.layout
        self.directions_ = tuple(feature.direction for feature in ground.layout.features)
        self.interactions_ = ground.interactions(self.trial_.setting.width)
        self.straightened_ = 0
        members: list[tuple[str, ...]] = []
        log_odds: list[Floats] = []
        for repeat in range(self.repeats):
            folds = ground.folds(repeat) if repeat else ground.first_folds
            bag = ground.grow(self.trial_.setting, folds, repeat, self.trial_.rounds) if repeat else best.bag
            members += [(self._straight_text(booster, bag.rounds),) for booster in bag.boosters]
            log_odds.append(ground.held_out_log_odds(bag, folds))
        self.members_ = tuple(members)
        self.tree_count_ = self.trial_.rounds * len(members)
        self.oof_log_odds_ = np.asarray(np.mean(log_odds, axis=0), dtype=np.float64)

    def _straight_text(self, booster: "lgb.Booster", rounds: int) -> str:
        """A member's text, with the leaves moved that break a direction."""
        if any(self.directions_):
            moves = list(straightened_leaves(self.layout_, parse_forest(booster.model_to_string())))
            for tree, leaf, value in moves:
                booster.set_leaf_output(tree, leaf, value)
            self.straightened_ += len(moves)
        text: str = booster.model_to_string(num_iteration=rounds)
        return text


@dataclass(frozen=True, eq=False)
class _Best:
    """The best trial so far, the rows it stood on and its members."""

    ground: Ground
    trial: Trial
    bag: Bag


class _Ratios:
    """The rows with the best ratios beside their features, made when first asked for."""

    def __init__(self, plain: Ground, values: Floats) -> None:
        self._plain, self._values = plain, values
        self._made: Ground | None = None

    def ground(self) -> Ground:
        """The same rows when no ratio gains."""
        if self._made is None:
            features = self._plain.layout.features
            ratios = best_ratios(self._plain, features, self._values)
            self._made = self._with((*features, *ratios)) if ratios else self._plain
        return self._made

    def _with(self, features: tuple[BaseFeature, ...]) -> Ground:
        plain = self._plain
        return Ground(Layout.learned(features, self._values, plain.labels), self._values, plain.labels, plain.knobs)


def _ratios_failed(trials: list[Trial]) -> bool:
    first = next((trial for trial in trials if trial.setting.ratios), None)
    return first is not None and not first.accepted


def _judged(trial: Trial, best: Trial | None, labels: Floats) -> Trial:
    """The trial with its verdict: lower is enough unless it is harder to read or rougher; then it must be proven."""
    if best is None:
        return trial
    gain = log_losses(labels, best.log_odds) - log_losses(labels, trial.log_odds)
    wider = trial.setting.width >= TRIPLES > best.setting.width
    rougher = best.setting.random_thresholds and not trial.setting.random_thresholds
    needed = _PROVEN * float(gain.std(ddof=1)) / len(gain) ** 0.5 if wider or rougher else 0.0
    return replace(trial, accepted=bool(gain.mean() > needed), needed=needed)


def _free_numbers(count: int) -> Iterator[BaseFeature]:
    return (BaseFeature(f"x{position}") for position in range(count))
