"""A figure of monitoring: what was measured of a live model, against what, and whether it calls for somebody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from models.monitoring.levels import Severity

Kind = Literal[
    "stability",
    "jump",
    "missing_change",
    "unseen_share",
    "unit_factor",
    "quarantined_share",
    "calibration_mean",
    "calibration_slope",
    "actual_to_expected",
    "override_share",
    "override_direction",
    "override_reason",
    "near_cut_off",
]

Topic = Literal["population", "outcomes", "past_loans", "overrides"]

TOPICS: Final[Mapping[Topic, tuple[Kind, ...]]] = {
    "population": ("stability", "jump", "missing_change", "unseen_share", "unit_factor", "quarantined_share"),
    "outcomes": ("calibration_mean", "calibration_slope", "actual_to_expected"),
    "past_loans": ("calibration_mean", "calibration_slope", "actual_to_expected"),
    "overrides": ("override_share", "override_direction", "override_reason", "near_cut_off"),
}
"""`outcomes` are those of our own contracts, `past_loans` those a bank delivered after the model was trained.

Figures that are measured together: an alert closes when its topic was measured again and no longer shows it."""

PROBABILITY: Final = "default_probability"
"""Subject of figures about what the model says."""

Detail = Mapping[str, float | int | str]


@dataclass(frozen=True)
class Figure:
    """One figure of one model.

    Attributes:
        kind: What is measured.
        subject: Of what: a feature, `default_probability`, a vintage, a direction or a reason.
        reference: What it was compared with.
        measured: The figure.
        threshold: The level beyond which an alert opens; None where nobody is alerted.
        severity: Whether it is beyond it, and how far.
        rows: Members it was measured on.
        reference_rows: Members of the reference, 0 where there is none.
        low: Lower end of what is expected, or of the figure's interval.
        high: Upper end.
        detail: Further numbers for people.
    """

    kind: Kind
    subject: str
    reference: str
    measured: float
    threshold: float | None
    severity: Severity
    rows: int
    reference_rows: int = 0
    low: float | None = None
    high: float | None = None
    detail: Detail = field(default_factory=dict)

    @property
    def key(self) -> str:
        """What makes it the same figure at another time, whatever it was compared with."""
        return f"{self.kind}/{self.subject}"
