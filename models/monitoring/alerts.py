"""How alerts open, change and close as figures come: what is open and a new measurement give the turns to write."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

from models.monitoring.figures import Figure
from models.monitoring.levels import Severity

TurnKind = Literal["opened", "worse", "better", "closed"]


@dataclass(frozen=True)
class Turn:
    """One change of an alert.

    Attributes:
        turn: Which change.
        key: `kind/subject` of the figure.
        severity: From now on; empty once closed.
        figure: What was measured; None when the figure is no longer measured at all.
    """

    turn: TurnKind
    key: str
    severity: Severity
    figure: Figure | None


def turns(open_alerts: Mapping[str, Severity], figures: Iterable[Figure]) -> tuple[Turn, ...]:
    """What a measurement of one topic changes.

    Args:
        open_alerts: Severity of each open alert of the topic and model, by the figure's key.
        figures: Everything just measured of the topic.

    Returns:
        Turns in the order of the figures, then those of alerts whose figure is gone. The same measurement again gives
        none.
    """
    measured = {figure.key: figure for figure in figures}
    told = [_turn(open_alerts.get(key, ""), figure) for key, figure in measured.items()]
    gone = [Turn("closed", key, "", None) for key in open_alerts if key not in measured]
    return (*(turn for turn in told if turn is not None), *gone)


def _turn(before: Severity, figure: Figure) -> Turn | None:
    now = figure.severity
    if now == before:
        return None
    if not before:
        return Turn("opened", figure.key, now, figure)
    if not now:
        return Turn("closed", figure.key, now, figure)
    return Turn("worse" if now == "high" else "better", figure.key, now, figure)
