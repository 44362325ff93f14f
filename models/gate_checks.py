"""The gates that look at figures: discrimination, champion, stability, monotone, latency, and what papers there are."""

from collections.abc import Sequence
from datetime import date
from math import inf
from typing import TYPE_CHECKING

import numpy as np

from models.arrays import Floats, Integers
from models.errors import NotMonotoneError
from models.gate_levels import GateLevels
from models.gates import GateResult, Outcome, band_outcome
from models.monitoring.stability import stability
from models.monotone_proof import prove_monotone
from models.scorecard import Scorecard

if TYPE_CHECKING:  # types alone: what they stand in loads scipy.stats, which a serving process has no use for
    from models.comparison import Comparison
    from models.validation import Figure


def discrimination(auc: "Figure", levels: GateLevels) -> GateResult:
    """The lower end of the interval reaches the floor; where only the estimate does, nobody can tell yet."""
    outcome: Outcome = "passed" if auc.low >= levels.auc else "undecided" if auc.estimate >= levels.auc else "failed"
    told = f"{auc.estimate:.3f} [{auc.low:.3f}, {auc.high:.3f}]"
    return GateResult(
        "discrimination",
        outcome,
        auc.estimate,
        f"lower end of the AUC's 95 % interval >= {levels.auc:g}",
        f"区分度 AUC {told}",
        f"AUC {told}",
    )


def sharper_than_champion(comparison: "Comparison") -> GateResult:
    """AUC not worse than the champion's on the same rows; `comparison` is the candidate minus the champion."""
    gain = comparison.auc
    told = f"{gain.estimate:+.4f} [{gain.low:+.4f}, {gain.high:+.4f}]"
    return GateResult(
        "discrimination_against_champion",
        band_outcome(gain.estimate, gain.low, gain.high, least=0.0, most=inf),
        gain.estimate,
        "AUC minus the champion's on the same rows >= 0",
        f"与在用模型相比 AUC 差 {told}",
        f"AUC against the champion {told}",
    )


def stable(training: Floats, test: Floats, levels: GateLevels) -> GateResult:
    """The test's probabilities lie as the training's did, beyond what chance alone would do.

    Args:
        training: Default probabilities of the training rows, shape (rows,).
        test: Those of the test rows, likewise.
        levels: In force on the day.
    """
    edges = np.quantile(training, np.linspace(0, 1, levels.stability_groups + 1)[1:-1])
    found = stability(_counts(training, edges), _counts(test, edges), levels.no_change_quantile)
    bounds = levels.stability
    outcome: Outcome = (
        "passed"
        if found.psi <= max(bounds.passes, found.noise)
        else "undecided"
        if found.psi <= bounds.fails
        else "failed"
    )
    return GateResult(
        "stability",
        outcome,
        found.psi,
        f"population stability index <= {bounds.passes:g} or chance; above {bounds.fails:g} it fails",
        f"群体稳定性指数 {found.psi:.3f}（仅偶然即可达 {found.noise:.3f}）",
        f"population stability index {found.psi:.3f}, chance alone gives up to {found.noise:.3f}",
    )


def _counts(values: Floats, edges: Floats) -> Integers:
    return np.bincount(np.searchsorted(edges, values), minlength=len(edges) + 1).astype(np.int64)


def monotone(card: Scorecard) -> GateResult:
    """Every declared direction is proven on the tables, not sampled."""
    try:
        proofs = prove_monotone(card)
    except NotMonotoneError as error:
        return GateResult("monotone", "failed", None, "every direction proven", *_halves(str(error)))
    return GateResult(
        "monotone",
        "passed",
        float(len(proofs)),
        "every direction proven",
        f"{len(proofs)} 个方向已在表上证明",
        f"{len(proofs)} directions proven on the tables",
    )


def _halves(text: str) -> tuple[str, str]:
    chinese, _, english = text.partition(" / ")
    return chinese, english or chinese


def latency(measured_us: float, levels: GateLevels) -> GateResult:
    """One household with reasons within a generous bound."""
    return GateResult(
        "latency",
        "passed" if measured_us <= levels.latency_us else "failed",
        measured_us,
        f"one household with reasons <= {levels.latency_us:g} us",
        f"一户含原因 {measured_us:.0f} 微秒",
        f"one household with reasons {measured_us:.0f} us",
    )


def enough_defaults(defaults: int, least: int) -> GateResult:
    """Below so many matured defaults the expert card stays; it says itself how many (`least_matured_defaults`)."""
    return GateResult(
        "matured_defaults",
        "passed" if defaults >= least else "failed",
        float(defaults),
        f"matured defaults >= {least}",
        f"到期违约 {defaults} 笔",
        f"{defaults} matured defaults",
    )


def lawful_origin(origin: str, *, demo: bool) -> GateResult:
    """What was learned from simulated or foreign rows never decides about real people."""
    lawful = origin in ("own", "none") or demo
    return GateResult(
        "training_data_origin",
        "passed" if lawful else "failed",
        None,
        "own rows, or none; simulated and foreign ones in demo mode only",
        f"训练数据来源 {origin}",
        f"training data are {origin}",
    )


def paper_present(name: str, dated: Sequence[date], today: date, levels: GateLevels) -> GateResult:
    """A paper of that kind, not older than allowed.

    Args:
        name: `dossier` or `impact_assessment`.
        dated: Days of the papers there are.
        today: The business date.
        levels: In force on the day.
    """
    newest = max(dated, default=None)
    months = (today.year - newest.year) * 12 + today.month - newest.month if newest else None
    return GateResult(
        name,
        "passed" if months is not None and months <= levels.paper_months else "failed",
        None,
        f"present, not older than {levels.paper_months} months",
        f"{newest or '没有'}",
        f"{newest or 'none'}",
    )


def no_open_high_finding(open_ones: Sequence[str]) -> GateResult:
    """Nothing grave is left open."""
    return GateResult(
        "findings",
        "failed" if open_ones else "passed",
        float(len(open_ones)),
        "no open high finding",
        f"未关闭的高级别问题：{'、'.join(open_ones) or '无'}",
        f"open high findings: {', '.join(open_ones) or 'none'}",
    )


def cannot_tell(name: str, required: str, zh: str, en: str) -> GateResult:
    """A gate nobody can evaluate here, such as discrimination of an expert card without rows: a reviewer decides."""
    return GateResult(name, "undecided", None, required, zh, en)
