"""Whether a model treats groups alike: selection of those who repay, calibration within a group, and the written gate.

No group here is a feature that was chosen for its group: sector apart, none reaches the model. Differences between
groups are measured on those who repaid (who would be refused although they kept their word) and on whether the
probabilities of a group say what happened in it. Intervals are delete-one-village jackknives on the log of a ratio,
widened so that all groups together are wrong in one case of twenty: nothing random, so a reader gets the same figures.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from statistics import NormalDist
from typing import Any, Final, Literal

import numpy as np
import numpy.typing as npt

from models.fairness_groups import Grouping
from models.features import Floats
from models.gates import FAILED, UNDECIDED, GateResult, Outcome, band_outcome, worst_outcome

OVERPREDICTION_AT_MOST: Final = 1.25
"""[P] A group's predicted over observed, relative to everybody else's, may not lie above."""
SELECTION_AT_LEAST: Final = 0.8
"""[P] Of those who repaid, a group must be offered at least this share of what the others are offered."""
FEWEST_DEFAULTS: Final = 10
FEWEST_ROWS: Final = 100
FEWEST_VILLAGES: Final = 10
"""Below these a group is listed, told to be too small, and decides nothing."""
WRONG_IN_ALL: Final = 0.05

Interval = tuple[float, float] | None


@dataclass(frozen=True)
class GroupFigures:
    """What one group got and what became of it.

    Attributes:
        group: Code of the group within its grouping.
        name_zh: Its name, Chinese.
        name_en: Its name, English.
        rows: Loans.
        defaults: Defaults among them.
        villages: Villages they lie in.
        mean_predicted: Mean probability.
        mean_observed: Share of defaults.
        offered_share: Share with a probability below the policy's first referral.
        offered_of_repaying_share: The same among those who repaid.
        overprediction: Predicted over observed of the group, divided by that of everybody else; None when too small.
        overprediction_interval: Its simultaneous 95 % interval.
        selection: Share offered among those who repaid, divided by that of everybody else; None when too small.
        selection_interval: Its simultaneous 95 % interval.
        verdict: `passed`, `failed`, `undecided`, or `small`.
    """

    group: str
    name_zh: str
    name_en: str
    rows: int
    defaults: int
    villages: int
    mean_predicted: float | None
    mean_observed: float | None
    offered_share: float | None
    offered_of_repaying_share: float | None
    overprediction: float | None
    overprediction_interval: Interval
    selection: float | None
    selection_interval: Interval
    verdict: Outcome | Literal["small"]

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}


@dataclass(frozen=True)
class GroupingFigures:
    """One way to part the borrowers, with the figures of each part."""

    grouping: str
    name_zh: str
    name_en: str
    groups: tuple[GroupFigures, ...]

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        names = {"grouping": self.grouping, "name_zh": self.name_zh, "name_en": self.name_en}
        return {**names, "groups": [group.to_content() for group in self.groups]}


@dataclass(frozen=True, eq=False)
class _Outcomes:
    """Columns summed per village; the order of `_COLUMNS`."""

    sums: Floats  # (rows, columns)
    villages: npt.NDArray[np.intp]
    village_count: int

    def by_village(self, rows: npt.NDArray[np.bool_]) -> Floats:
        """Sums of the chosen rows, shape (villages, columns)."""
        weights = self.sums[rows]
        where = self.villages[rows]
        columns = [np.bincount(where, column, self.village_count) for column in weights.T]
        return np.stack(columns, axis=1)


_COLUMNS: Final = ("rows", "defaults", "predicted", "offered", "repaid", "offered_repaid")


def fairness_of(
    probability: Floats,
    labels: Floats,
    villages: Sequence[str] | npt.NDArray[Any],
    groupings: Iterable[Grouping],
    *,
    offered_below: float,
) -> tuple[GroupingFigures, ...]:
    """Compare the groups of every grouping.

    Args:
        probability: Calibrated probabilities, shape (rows,).
        labels: Outcomes, 1 = default, shape (rows,).
        villages: Village of each row: defaults of one village move together.
        groupings: Ways to part the rows (see `models.fairness_groups`).
        offered_below: Probability from which the policy no longer offers by itself.
    """
    groupings = tuple(groupings)
    outcomes = _outcomes(probability, labels, villages, offered_below)
    width = _width(sum(len(grouping.codes) for grouping in groupings))
    return tuple(
        GroupingFigures(
            grouping.name,
            grouping.name_zh,
            grouping.name_en,
            tuple(_figures(grouping, place, outcomes, width) for place in range(len(grouping.codes))),
        )
        for grouping in groupings
    )


def fairness_gate(figures: Iterable[GroupingFigures]) -> GateResult:
    """The written gate over all groups that are large enough.

    Fails where a group is over-predicted, or refused although it repays, beyond the allowed and beyond chance;
    undecided where only the point estimate lies outside.
    """
    judged = [(one, group) for one in figures for group in one.groups if group.verdict != "small"]
    outcomes = {group.verdict for _, group in judged}
    outcome: Outcome = (
        "failed" if FAILED in outcomes else "undecided" if UNDECIDED in outcomes or not judged else "passed"
    )
    named = [(one, group) for one, group in judged if group.verdict == outcome] if outcome != "passed" else []
    worst = max((group.overprediction for _, group in judged if group.overprediction is not None), default=None)
    zh = "、".join(f"{one.name_zh}·{group.name_zh}" for one, group in named) or "无"
    en = ", ".join(f"{one.name_en}: {group.name_en}" for one, group in named) or "none"
    return GateResult(
        "fairness",
        outcome,
        worst,
        f"over-prediction <= {OVERPREDICTION_AT_MOST:g}, selection of repaying >= {SELECTION_AT_LEAST:g}",
        f"比较了{len(judged)}个群体；不在允许范围内的：{zh}",
        f"{len(judged)} groups compared; outside what is allowed: {en}",
    )


def _outcomes(
    probability: Floats, labels: Floats, villages: Sequence[str] | npt.NDArray[Any], offered_below: float
) -> _Outcomes:
    codes, where = np.unique(np.asarray(villages), return_inverse=True)
    offered = (probability < offered_below).astype(np.float64)
    repaid = 1.0 - labels
    columns = np.ones_like(labels), labels, probability, offered, repaid, offered * repaid
    return _Outcomes(np.stack(columns, axis=1), where.astype(np.intp), len(codes))


def _width(groups: int) -> float:
    """Standard errors to either side when two ratios of every group are told together (Bonferroni)."""
    return NormalDist().inv_cdf(1.0 - WRONG_IN_ALL / (2.0 * max(2 * groups, 1)))


def _figures(grouping: Grouping, place: int, outcomes: _Outcomes, width: float) -> GroupFigures:
    inside = grouping.places == place
    own, others = outcomes.by_village(inside), outcomes.by_village(~inside & (grouping.places >= 0))
    sums = dict(zip(_COLUMNS, own.sum(axis=0), strict=True))
    village_count = int((own[:, 0] > 0).sum())
    small = (
        sums["rows"] < FEWEST_ROWS or sums["defaults"] < FEWEST_DEFAULTS or village_count < FEWEST_VILLAGES
    ) or others[:, 1].sum() < FEWEST_DEFAULTS
    overprediction, over_interval = (None, None) if small else _ratio(own, others, width, top=2, bottom=1)
    selection, selection_interval = (None, None) if small else _ratio(own, others, width, top=5, bottom=4)
    return GroupFigures(
        group=grouping.codes[place],
        name_zh=grouping.names_zh[place],
        name_en=grouping.names_en[place],
        rows=int(sums["rows"]),
        defaults=int(sums["defaults"]),
        villages=village_count,
        mean_predicted=_share(sums["predicted"], sums["rows"]),
        mean_observed=_share(sums["defaults"], sums["rows"]),
        offered_share=_share(sums["offered"], sums["rows"]),
        offered_of_repaying_share=_share(sums["offered_repaid"], sums["repaid"]),
        overprediction=overprediction,
        overprediction_interval=over_interval,
        selection=selection,
        selection_interval=selection_interval,
        verdict=_verdict(overprediction, over_interval, selection, selection_interval),
    )


def _share(part: float, whole: float) -> float | None:
    return float(part / whole) if whole else None


def _ratio(own: Floats, others: Floats, width: float, *, top: int, bottom: int) -> tuple[float | None, Interval]:
    """(top/bottom of own) / (top/bottom of others) with its jackknife interval over villages."""
    whole = _log_ratio(own.sum(axis=0), others.sum(axis=0), top, bottom)
    without = _log_ratio(own.sum(axis=0) - own, others.sum(axis=0) - others, top, bottom)
    if not np.isfinite(whole) or not np.isfinite(without).all():
        return None, None
    count = len(without)
    error = float(np.sqrt((count - 1) / count * ((without - without.mean()) ** 2).sum()))
    low, high = np.exp(whole - width * error), np.exp(whole + width * error)
    return float(np.exp(whole)), (float(low), float(high))


def _log_ratio(own: Floats, others: Floats, top: int, bottom: int) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(np.log(own[..., top] * others[..., bottom]) - np.log(own[..., bottom] * others[..., top]))


def _verdict(
    overprediction: float | None, over_interval: Interval, selection: float | None, selection_interval: Interval
) -> Outcome | Literal["small"]:
    """The worse of the two; a ratio that cannot be formed makes the group too small."""
    if overprediction is None or over_interval is None or selection is None or selection_interval is None:
        return "small"
    outcomes = (
        band_outcome(overprediction, *over_interval, least=0.0, most=OVERPREDICTION_AT_MOST),
        band_outcome(selection, *selection_interval, least=SELECTION_AT_LEAST, most=float("inf")),
    )
    return worst_outcome(outcomes)
