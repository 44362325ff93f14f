"""Written gates of a model: what was measured, what was required, and one of three outcomes."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, Final, Literal, Self

Outcome = Literal["passed", "failed", "undecided"]
"""`undecided`: outside by its point estimate, but its 95 % interval reaches inside; a reviewer has to accept it."""

PASSED: Final = "passed"
FAILED: Final = "failed"
UNDECIDED: Final = "undecided"
OUTCOMES_TOLD: Final = {PASSED: "通过 / passed", FAILED: "未通过 / failed", UNDECIDED: "未定 / undecided"}
"""Each outcome, as people read it."""


@dataclass(frozen=True)
class GateResult:
    """One gate, evaluated once; it is kept as evidence with the move it allowed or blocked.

    Attributes:
        name: The gate, such as `calibration_slope`.
        outcome: `passed`, `failed` or `undecided`.
        measured: The figure; None where the question is no number (a paper is there or is not).
        required: What the figure was held against, such as `0.9 to 1.1`.
        told_zh: One sentence for people, Chinese.
        told_en: The same in English.
    """

    name: str
    outcome: Outcome
    measured: float | None
    required: str
    told_zh: str
    told_en: str

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        return asdict(self)

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> Self:
        """The gate a mapping of `to_content` tells of; what else stands there is left alone."""
        return cls(**{field.name: content[field.name] for field in fields(cls)})


def failed(gates: Iterable[GateResult]) -> tuple[GateResult, ...]:
    """The gates that block."""
    return tuple(gate for gate in gates if gate.outcome == FAILED)


def undecided(gates: Iterable[GateResult]) -> tuple[GateResult, ...]:
    """The gates that need a reviewer's written acceptance."""
    return tuple(gate for gate in gates if gate.outcome == UNDECIDED)


def worst_outcome(outcomes: Iterable[Outcome]) -> Outcome:
    """The gravest of some outcomes; there must be one."""
    return max(outcomes, key=(PASSED, UNDECIDED, FAILED).index)


def band_outcome(measured: float, low: float, high: float, *, least: float, most: float) -> Outcome:
    """Outcome of a figure with the 95 % interval (low, high) that should lie in [least, most].

    Inside passes; outside fails, unless its interval reaches inside: then nobody can tell yet.
    """
    if least <= measured <= most:
        return "passed"
    return "undecided" if low <= most and high >= least else "failed"
