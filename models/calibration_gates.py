"""The written gates on calibration: error near its floor, slope near one, level right, no worse than the champion.

Every gate has three outcomes: inside passes; outside fails, unless the 95 % interval still reaches inside: then the
rows are too few to tell, and a reviewer has to accept that in writing.
"""

from typing import Final

from models.comparison import Comparison
from models.gates import GateResult, Outcome, band_outcome
from models.validation import Validation

ECE_OVER_FLOOR_AT_MOST: Final = 1.3
SLOPE_WITHIN: Final = (0.9, 1.1)

_OUTCOME_ZH: Final[dict[Outcome, str]] = {"passed": "通过", "failed": "未通过", "undecided": "样本不足以判定"}


def calibration_gates(validation: Validation) -> tuple[GateResult, ...]:
    """Error, slope and level of one model on rows it never saw."""
    return _ece_gate(validation), _slope_gate(validation), _mean_gate(validation)


def _ece_gate(validation: Validation) -> GateResult:
    ratio = validation.ece_over_floor
    outcome = band_outcome(ratio.estimate, ratio.low, ratio.high, least=0.0, most=ECE_OVER_FLOOR_AT_MOST)
    return GateResult(
        name="calibration_ece",
        outcome=outcome,
        measured=ratio.estimate,
        required=f"at most {ECE_OVER_FLOOR_AT_MOST}",
        told_zh=f"校准误差为噪声下限的 {ratio.estimate:.2f} 倍（95% 区间 {ratio.low:.2f}–{ratio.high:.2f}），"
        f"要求不超过 {ECE_OVER_FLOOR_AT_MOST} 倍：{_OUTCOME_ZH[outcome]}。",
        told_en=f"The calibration error is {ratio.estimate:.2f} times its noise floor "
        f"(95 % interval {ratio.low:.2f} to {ratio.high:.2f}); "
        f"at most {ECE_OVER_FLOOR_AT_MOST} is required: {outcome}.",
    )


def _slope_gate(validation: Validation) -> GateResult:
    slope, (least, most) = validation.slope, SLOPE_WITHIN
    outcome = band_outcome(slope.estimate, slope.low, slope.high, least=least, most=most)
    return GateResult(
        name="calibration_slope",
        outcome=outcome,
        measured=slope.estimate,
        required=f"{least} to {most}",
        told_zh=f"校准斜率 {slope.estimate:.3f}（95% 区间 {slope.low:.3f}–{slope.high:.3f}），"
        f"要求在 {least} 至 {most} 之间：{_OUTCOME_ZH[outcome]}。",
        told_en=f"The calibration slope is {slope.estimate:.3f} (95 % interval {slope.low:.3f} to {slope.high:.3f}); "
        f"{least} to {most} is required: {outcome}.",
    )


def _mean_gate(validation: Validation) -> GateResult:
    """Inside the interval of independent rows passes; outside fails, unless chance among villages explains the gap."""
    observed, gap = validation.mean_observed.estimate, validation.mean_gap
    low, high = validation.mean_low, validation.mean_high
    outcome: Outcome = "undecided" if gap.low <= 0.0 <= gap.high else "failed"
    if low <= observed <= high:
        outcome = "passed"
    return GateResult(
        name="calibration_mean",
        outcome=outcome,
        measured=observed,
        required=f"{low:.4%} to {high:.4%}",
        told_zh=f"实际违约率 {observed:.2%}，模型预期 {validation.mean_predicted:.2%}，"
        f"预期的 95% 区间 {low:.2%}–{high:.2%}：{_OUTCOME_ZH[outcome]}。",
        told_en=f"Observed defaults are {observed:.2%}; the model expects {validation.mean_predicted:.2%}, "
        f"95 % interval {low:.2%} to {high:.2%}: {outcome}.",
    )


def champion_gate(comparison: Comparison) -> GateResult:
    """Log-loss not worse than the champion's; `comparison` is the candidate minus the champion."""
    loss = comparison.log_loss
    outcome = band_outcome(loss.estimate, loss.low, loss.high, least=float("-inf"), most=0.0)
    return GateResult(
        name="log_loss_against_champion",
        outcome=outcome,
        measured=loss.estimate,
        required="at most 0",
        told_zh=f"对数损失比现用模型{'高' if loss.estimate > 0.0 else '低'} {abs(loss.estimate):.5f}"
        f"（95% 区间 {loss.low:+.5f} 至 {loss.high:+.5f}，可检出的最小差异 {loss.minimum_detectable:.5f}）："
        f"{_OUTCOME_ZH[outcome]}。",
        told_en=f"Log-loss minus the champion's is {loss.estimate:+.5f} (95 % interval {loss.low:+.5f} to "
        f"{loss.high:+.5f}, minimum detectable {loss.minimum_detectable:.5f}): {outcome}.",
    )
