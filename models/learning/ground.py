"""The rows a search stands on: one layout, binned once, cut into folds that share the bins."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from models.arrays import Floats, Positions
from models.layout import Layout
from models.learning.gains import Gains, Sets, gains_of, strongest
from models.learning.knobs import Knobs
from models.learning.setting import PAIRS, TRIPLES, Setting, Trial
from models.measures import log_loss

if TYPE_CHECKING:
    import lightgbm as lgb

_ALONE_ROUNDS: Final = 60
_ALONE_RATE: Final = 0.3
"""Single-feature shapes are fitted fast and to the end: what they leave over would pass for interaction."""

_PAIR_ROUNDS: Final = 30
_PAIR_RATE: Final = 0.15
_TRIPLE_ROUNDS: Final = 60
_TRIPLE_COLUMN_SHARE: Final = 0.5

Params = dict[str, Any]


@dataclass(frozen=True)
class Fold:
    """One fold: training and held-out rows of the whole data, with its bins."""

    kept: Positions
    held_out: Positions
    train: "lgb.Dataset"
    valid: "lgb.Dataset"


class Ground:
    """Rows, labels and layout of a search.

    Args:
        layout: Base features and forest columns.
        values: float64, shape (rows, features without ratios).
        labels: 1 = default, shape (rows,).
        knobs: The learner's fixed choices.
    """

    def __init__(self, layout: Layout, values: Floats, labels: Floats, knobs: Knobs) -> None:
        self.layout = layout
        self.labels = labels
        self.knobs = knobs
        self.matrix = layout.expand(values)
        self._data = self._dataset()

    def _dataset(self) -> "lgb.Dataset":
        import lightgbm as lgb

        categories = [place for place, feature in enumerate(self.layout.features) if feature.levels]
        return lgb.Dataset(
            self.matrix,
            self.labels,
            params=self.knobs.common(),
            categorical_feature=categories,
            free_raw_data=False,
        ).construct()

    def folds(self, repeat: int) -> list[Fold]:
        """Stratified folds of one repeat; every repeat deals the rows anew."""
        dealt = stratified(self.labels, self.knobs.folds, self.knobs.seed + repeat * 7919)
        return [self._fold(held_out) for held_out in dealt]

    @cached_property
    def first_folds(self) -> list[Fold]:
        """The folds in which everything is searched."""
        return self.folds(0)

    @cached_property
    def alone(self) -> "list[lgb.Booster]":
        """Per fold, free shapes of single features: no interaction, no direction."""
        params = self.knobs.common() | {
            "num_leaves": 4,
            "learning_rate": _ALONE_RATE,
            "interaction_constraints": self._paths(()),
        }
        return [_grown(fold.train, params, _ALONE_ROUNDS) for fold in self.first_folds]

    @cached_property
    def pairs(self) -> Sets:
        """Pairs that gain most, over all folds, once every feature has had its own shape."""
        params = self.knobs.common() | {"num_leaves": 4, "max_depth": 2, "learning_rate": _PAIR_RATE}
        return strongest(self._left_over_gains(params, _PAIR_ROUNDS, PAIRS), self.knobs.pair_count)

    @cached_property
    def triples(self) -> Sets:
        """Triples whose third feature gains most in free trees of depth three."""
        params = self.knobs.common() | {
            "num_leaves": 8,
            "max_depth": 3,
            "feature_fraction": _TRIPLE_COLUMN_SHARE,
        }
        gains = [self._gains(_grown(fold.train, params, _TRIPLE_ROUNDS), TRIPLES) for fold in self.first_folds]
        return strongest(gains, self.knobs.triple_count)

    def interactions(self, width: int) -> Sets:
        """Sets of features that may meet under a width."""
        triples = self.triples if width >= TRIPLES else ()
        return (self.pairs if width >= PAIRS else ()) + triples

    def grow(self, setting: Setting, folds: Sequence[Fold], repeat: int, rounds: int | None = None) -> "Bag":
        """Grow all folds in step; without a number of rounds stop when their common loss has stopped falling."""
        params = self._bound(setting)
        boosters = [self._member(fold, params | self._chance(setting, repeat, k)) for k, fold in enumerate(folds)]
        if rounds is None:
            rounds = self._grow_while_it_helps(boosters, folds)
        else:
            for booster in boosters:
                _grow(booster, rounds)
        return Bag(boosters, rounds)

    def trial(self, setting: Setting) -> "tuple[Trial, Bag]":
        """What a setting reaches in the first folds, and the members that reached it."""
        bag = self.grow(setting, self.first_folds, 0)
        log_odds = self.held_out_log_odds(bag, self.first_folds)
        return Trial(setting, bag.rounds, log_loss(self.labels, log_odds), log_odds), bag

    def held_out_log_odds(self, bag: "Bag", folds: Sequence[Fold]) -> Floats:
        """Log-odds of each row from the member that never saw it."""
        log_odds = np.empty(len(self.labels))
        for fold, booster in zip(folds, bag.boosters, strict=True):
            log_odds[fold.held_out] = self.log_odds(booster, self.matrix[fold.held_out], bag.rounds)
        return log_odds

    def log_odds(self, booster: "lgb.Booster", matrix: Floats, rounds: int | None = None) -> Floats:
        """Raw log-odds of forest rows."""
        raw = booster.predict(matrix, raw_score=True, num_iteration=rounds, num_threads=self.knobs.num_threads)
        return np.asarray(raw, dtype=np.float64)

    def left_over(self, fold: Fold, booster: "lgb.Booster") -> "lgb.Dataset":
        """A fold's training rows that start where a booster ends."""
        data = fold.train.subset(list(range(len(fold.kept)))).construct()
        data.set_init_score(self.log_odds(booster, self.matrix[fold.kept]))
        return data

    def _left_over_gains(self, params: Params, rounds: int, width: int) -> Iterator[Gains]:
        for fold, alone in zip(self.first_folds, self.alone, strict=True):
            yield self._gains(_grown(self.left_over(fold, alone), params, rounds), width)

    def _gains(self, booster: "lgb.Booster", width: int) -> Gains:
        return gains_of(booster.dump_model(), self.layout, width)

    def _grow_while_it_helps(self, boosters: "Sequence[lgb.Booster]", folds: Sequence[Fold]) -> int:
        shares = [len(fold.held_out) / len(self.labels) for fold in folds]
        losses: list[float] = []
        while len(losses) < self.knobs.max_rounds and len(losses) - _first_least(losses) <= self.knobs.patience:
            for booster in boosters:
                booster.update()
            losses.append(sum(share * _held_out_loss(one) for share, one in zip(shares, boosters, strict=True)))
        return _first_least(losses) + 1

    def _bound(self, setting: Setting) -> Params:
        """Parameters under which paths hold only what may meet, in the layout's directions."""
        layout = self.layout
        bound: Params = {"interaction_constraints": self._paths(self.interactions(setting.width))}
        directions = [0 if one.code is not None else layout.features[one.feature].direction for one in layout.columns]
        if any(directions):
            bound |= {"monotone_constraints": directions, "monotone_constraints_method": "intermediate"}
        return bound

    def _paths(self, interactions: Sets) -> list[list[int]]:
        """Columns that may meet: each feature's own, and those of each set.

        A special code's indicator counts as its own feature, so it shares every permission of the number it left.
        """
        columns = [self.layout.columns_of(feature) for feature in range(len(self.layout.features))]
        return columns + [[column for feature in features for column in columns[feature]] for features in interactions]

    def _chance(self, setting: Setting, repeat: int, fold: int) -> Params:
        return self.knobs.grown(setting, seed=self.knobs.seed * 1009 + repeat * 101 + fold)

    def _member(self, fold: Fold, params: Params) -> "lgb.Booster":
        import lightgbm as lgb

        return lgb.Booster(params, fold.train).add_valid(fold.valid, "held out")

    def _fold(self, held_out: Positions) -> Fold:
        kept = np.setdiff1d(np.arange(len(self.labels)), held_out)
        train, valid = (self._data.subset(rows.tolist()).construct() for rows in (kept, held_out))
        return Fold(kept, held_out, train, valid)


@dataclass(frozen=True)
class Bag:
    """Members grown in step, one per fold, and how many of their rounds count."""

    boosters: "list[lgb.Booster]"
    rounds: int


def stratified(labels: Floats, folds: int, seed: int) -> list[Positions]:
    """Held-out positions of each fold, ascending, with defaults spread evenly."""
    shuffled = np.random.default_rng(seed).permutation(len(labels))
    by_label = shuffled[np.argsort(labels[shuffled], kind="stable")]
    return [np.sort(by_label[fold::folds]) for fold in range(folds)]


def _grown(data: "lgb.Dataset", params: Params, rounds: int) -> "lgb.Booster":
    import lightgbm as lgb

    return _grow(lgb.Booster(params, data), rounds)


def _grow(booster: "lgb.Booster", rounds: int) -> "lgb.Booster":
    for _ in range(rounds):
        booster.update()
    return booster


def _held_out_loss(booster: "lgb.Booster") -> float:
    return float(booster.eval_valid()[0][2])


def _first_least(losses: Sequence[float]) -> int:
    return int(np.argmin(losses)) if losses else 0
