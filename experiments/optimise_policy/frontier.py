"""The frontier: the most profit for every number of included households, and where the hand-written policy stands."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import vl_convert

from experiments.optimise_policy.planning import Plan
from experiments.optimise_policy.problem import Choice


@dataclass(frozen=True, eq=False, slots=True)
class Point:
    """One policy on the plane of included households and profit, in expectation.

    Attributes:
        name: `hand_written`, `candidate`, or `worth_<yuan>`.
        totals: Every measure.
        terms: Bonus and discount by band and grade, or None for the hand-written policy.
    """

    name: str
    totals: Mapping[str, float]
    terms: Mapping[str, Any] | None


def terms_told(plan: Plan, choice: Choice) -> dict[str, Any]:
    """A choice as numbers, for JSON."""
    problem = plan.problem
    return {
        "brackets": [[problem.bands[band] for band in bracket] for bracket in choice.brackets()],
        "limit_bonus_milli": problem.limit_bonus_milli[choice.bonus].tolist(),
        "rate_discount_bp": problem.rate_discount_bp[choice.discount].tolist(),
    }


def point_of(plan: Plan, name: str, choice: Choice) -> Point:
    """A choice as a point."""
    return Point(name, plan.totals(choice), terms_told(plan, choice))


def hand_written_point(plan: Plan) -> Point:
    """The policy that stands, on the same households and assumptions."""
    return Point("hand_written", {name: float(sums.sum()) for name, sums in plan.hand_written.items()}, None)


def frontier(plan: Plan, worths_yuan: Sequence[int], told: Callable[[str], None]) -> list[Point]:
    """The best policy for each worth of one more included household, those that nothing else beats.

    Args:
        plan: the bank's problem.
        worths_yuan: what a household is worth beside profit.
        told: takes progress.
    """
    points: list[Point] = []
    for worth in sorted(worths_yuan):
        point = point_of(plan, f"worth_{worth}", plan.best(worth))
        points.append(point)
        households, profit = point.totals["signers"], point.totals["profit_yuan"]
        told(f"前沿 frontier: 每户 {worth:,} 元 yuan: {households:,.0f} 户 households, 利润 profit {profit:,.0f}")
    return [point for point in points if not any(_beats(other, point) for other in points)]


def _beats(one: Point, other: Point) -> bool:
    """Whether one includes no fewer households at no less profit than the other, and more of either."""
    gains = [one.totals[name] - other.totals[name] for name in ("signers", "profit_yuan")]
    return min(gains) >= 0 and max(gains) > 0


def frontier_svg(points: Sequence[Point], candidate: Point, hand_written: Point, bank_code: str) -> bytes:
    """Draw the frontier with both policies marked."""
    kinds = {"前沿 frontier": "#9aa5b1", "候选 candidate": "#0b7285", "现行 hand-written": "#c92a2a"}
    marked = [(candidate, "候选 candidate"), (hand_written, "现行 hand-written")]
    rows = [_row(point, kind) for point, kind in [*((point, "前沿 frontier") for point in points), *marked]]
    x = alt.X("households:Q", title="纳入户数（签约） included households (signers)", scale=alt.Scale(zero=False))
    y = alt.Y("profit:Q", title="年利润（万元） yearly profit (10,000 yuan)", scale=alt.Scale(zero=False))
    colour = alt.Color("kind:N", title=None, scale=alt.Scale(domain=list(kinds), range=list(kinds.values())))
    base = alt.Chart(alt.InlineData(values=rows)).encode(x=x, y=y, color=colour)
    line = base.transform_filter("datum.kind == '前沿 frontier'").mark_line(point=True)
    dots = base.transform_filter("datum.kind != '前沿 frontier'").mark_point(size=130, filled=True)
    names = dots.mark_text(align="left", dx=9, dy=4).encode(text="kind:N")
    title = f"利润与纳入户数 profit and included households · {bank_code}"
    chart = (line + dots + names).properties(title=title, width=460, height=300)
    svg: str = vl_convert.vegalite_to_svg(chart.to_dict())
    return svg.encode()


def _row(point: Point, kind: str) -> dict[str, Any]:
    return {"households": point.totals["signers"], "profit": point.totals["profit_yuan"] / 10_000, "kind": kind}
