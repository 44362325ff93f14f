"""Decisions of the bank that differ from our offers: how many, which way, for which reasons, how near to a cut-off.

Our offer is advice and the bank decides; where it often decides otherwise, either the model or the practice is off,
and outcomes of what was approved against advice (or declined against it) are known one-sidedly (reject bias).
"""

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np
from scipy.special import ndtri

from models.arrays import Booleans, Floats
from models.monitoring.figures import Figure
from models.monitoring.levels import Level, Levels, OverrideLevels
from models.monitoring.stability import together

Direction = Literal["", "approved_though_declined", "declined_though_offered", "limit_raised", "limit_lowered"]
DIRECTIONS: Final[tuple[Direction, ...]] = (
    "approved_though_declined",
    "declined_though_offered",
    "limit_raised",
    "limit_lowered",
)


@dataclass(frozen=True)
class Decided:
    """One application the bank has finally decided.

    Attributes:
        offered: What we had said: offer, refer or decline.
        offered_fen: The limit we had offered.
        requested_fen: The limit the household asked for.
        decision: What the bank said: approve, counter or decline.
        decided_fen: The limit it granted.
        reason_codes: Its reasons.
        by_person: Whether a person looked at it on the way.
        default_probability: Of our baseline model.
    """

    offered: str
    offered_fen: int
    requested_fen: int
    decision: str
    decided_fen: int
    reason_codes: tuple[str, ...]
    by_person: bool
    default_probability: float


def direction(one: Decided, procedural_reasons: Sequence[str]) -> Direction:
    """Which way a decision differs from our offer; empty when it does not, or for reasons that judge no risk.

    What we referred to a person was left to the bank: whatever it says overrides nobody.
    """
    if one.reason_codes and set(one.reason_codes) <= set(procedural_reasons):
        return ""
    if one.decision == "decline":
        return "declined_though_offered" if one.offered == "offer" else ""
    if one.offered == "decline":
        return "approved_though_declined"
    if one.offered == "refer":
        return ""
    if one.decided_fen > one.offered_fen:
        return "limit_raised"
    return "limit_lowered" if one.decided_fen < min(one.requested_fen, one.offered_fen) else ""


def override_figures(decided: Sequence[Decided], cut_offs: Sequence[float], levels: Levels) -> tuple[Figure, ...]:
    """Every figure about decisions that differ; none without decisions.

    Args:
        decided: What the bank decided, each application once.
        cut_offs: Probabilities at which our own answer changes.
        levels: When to speak up.
    """
    if not decided:
        return ()
    own = levels.overrides
    ways = [direction(one, own.procedural_reasons) for one in decided]
    sure = _Sure(len(decided), together(levels.no_change_quantile, len(DIRECTIONS) + 1))
    overridden = sum(map(bool, ways))
    return (
        sure.figure("override_share", "all", overridden, own.share),
        *(sure.figure("override_direction", way, ways.count(way), own.one_direction) for way in DIRECTIONS),
        *_reasons(decided, ways, sure),
        *_near_cut_off(decided, ways, cut_offs, own),
    )


@dataclass(frozen=True)
class _Sure:
    """Shares of all decisions, with an alert only where the share is surely above its level."""

    rows: int
    quantile: float

    def figure(
        self, kind: Literal["override_share", "override_direction", "override_reason"], subject: str, count: int,
        level: Level | None,
    ) -> Figure:  # fmt: skip
        low, high = wilson(count, self.rows, self.quantile)
        return Figure(
            kind=kind,
            subject=subject,
            reference="our offer",
            measured=count / self.rows,
            threshold=level.watch if level else None,
            severity=level.severity(low) if level else "",
            rows=self.rows,
            low=low,
            high=high,
            detail={"count": count},
        )


def wilson(count: int, rows: int, confidence: float) -> tuple[float, float]:
    """Wilson's two-sided interval of a share."""
    z = float(ndtri(0.5 + confidence / 2.0))
    share, weight = count / rows, z * z / rows
    middle = (share + weight / 2.0) / (1.0 + weight)
    half = z * math.sqrt(share * (1.0 - share) / rows + weight / (4.0 * rows)) / (1.0 + weight)
    return max(0.0, middle - half), min(1.0, middle + half)


def _reasons(decided: Sequence[Decided], ways: Sequence[Direction], sure: _Sure) -> Iterator[Figure]:
    """How often each reason stands behind an override."""
    told = Counter(
        f"{way}/{reason}"
        for one, way in zip(decided, ways, strict=True)
        if way
        for reason in one.reason_codes or ("none given",)
    )
    for subject, count in sorted(told.items()):
        yield sure.figure("override_reason", subject, count, None)


def _near_cut_off(
    decided: Sequence[Decided], ways: Sequence[Direction], cut_offs: Sequence[float], levels: OverrideLevels
) -> Iterator[Figure]:
    """Of the decisions near a cut-off, the share a person looked at; told with how many of them were overridden."""
    probability = np.array([one.default_probability for one in decided])
    near: list[int] = np.flatnonzero(_near(probability, cut_offs, levels.near_cut_off)).tolist()
    if near:
        reviewed = [place for place in near if decided[place].by_person]
        yield Figure(
            kind="near_cut_off",
            subject="reviewed_by_person",
            reference="our offer",
            measured=len(reviewed) / len(near),
            threshold=None,
            severity="",
            rows=len(near),
            detail={
                "reviewed": len(reviewed),
                "overridden": sum(bool(ways[place]) for place in near),
                "overridden_after_review": sum(bool(ways[place]) for place in reviewed),
            },
        )


def _near(probability: Floats, cut_offs: Sequence[float], share: float) -> Booleans:
    distances = [np.abs(probability / one - 1.0) <= share for one in cut_offs if one > 0.0]
    return np.logical_or.reduce(distances) if distances else np.zeros(len(probability), dtype=bool)
