"""Checks that nothing stands in an edition without effect: caps, steps and windows that no history can reach."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import accumulate

from scoring.bounds import UNLIMITED, dimension_reach, magnitude
from scoring.rulebook import EscalatingPoints, OrdinalPoints, Strongest
from scoring.rulebook_checks.complaint import Complaint, OfDimension, OfIndicator, OfRule, points, warning


def bounds_can_be_reached(of: OfDimension) -> Iterator[Complaint]:
    """A dimension's bound beyond what its indicators can give bounds nothing."""
    lowest, highest = (
        int(value) for value in (dimension_reach(of.dimension)[0].min(), dimension_reach(of.dimension)[1].max())
    )
    for field, bound, end in (
        ("lowest", of.dimension.lowest_milli, lowest),
        ("highest", of.dimension.highest_milli, highest),
    ):
        if abs(end) < abs(bound):
            problem = f"最远只能到 {points(end)} / its indicators reach {points(end)} at most"
            yield warning((field,), points(bound), problem, f"write {points(end)}, or raise a cap")


def cap_can_be_reached(of: OfIndicator) -> Iterator[Complaint]:
    """A cap beyond what its rules can give caps nothing."""
    most = int(magnitude(of.indicator).max())
    if of.indicator.cap_milli is not None and most < abs(of.indicator.cap_milli):
        problem = f"最多只能到 {points(most)} / its rules give {points(most)} at most"
        yield warning(("cap",), points(of.indicator.cap_milli), problem, "lower the cap, or raise the points")


def bands_lie_below_the_cap(of: OfIndicator) -> Iterator[Complaint]:
    """A band that begins where the cap is already full pays nothing."""
    if of.indicator.combine.kind != "concave" or of.indicator.cap_milli is None:
        return
    worth, begins = 0, 0
    for number, band in enumerate(of.indicator.combine.bands):
        if worth >= of.indicator.cap_milli * 1000 and number:
            problem = f"此前已到封顶 {points(of.indicator.cap_milli)} / the cap is full before this band"
            yield warning(("combine", "bands", number), str(number + 1), problem, "remove the band, or raise the cap")
        ends = band.upto_milli if band.upto_milli is not None else begins
        worth += (ends - begins) * band.points_per_unit_milli
        begins = ends


def ladder_steps_can_matter(of: OfRule) -> Iterator[Complaint]:
    """A step the cap swallows whole on its day, or that repeats the last one, is no step."""
    if not isinstance(of.rule.method, OrdinalPoints):
        return
    ladder = of.rule.method.ladder_milli
    cap = UNLIMITED if of.indicator.cap_milli is None else abs(of.indicator.cap_milli)
    for number, before in enumerate(accumulate(abs(step) for step in ladder[:-1]), 1):
        if before >= cap and of.indicator.combine.kind == "sum":
            problem = f"前 {number} 次已到封顶 {points(cap)} / the steps before fill the cap"
            at = ("method", "ladder", number)
            yield warning(at, points(ladder[number]), problem, "shorten the ladder, or raise the cap")
    if len(ladder) > 1 and ladder[-1] == ladder[-2]:
        at = ("method", "ladder", len(ladder) - 1)
        yield warning(
            at, points(ladder[-1]), "末级重复 / the last step repeats itself", "remove it: the last step stays"
        )
    if len(ladder) == 1:
        yield warning(("method", "ladder"), points(ladder[0]), "只有一级 / a ladder of one step", "use kind fixed")


def window_sees_live_priors(of: OfRule) -> Iterator[Complaint]:
    """A prior must still count to be one, so a window longer than any validity looks at nothing in its far part."""
    if not isinstance(of.rule.method, OrdinalPoints):
        return
    ladders = [each for each in of.indicator.rules if isinstance(each.method, OrdinalPoints)]
    if any(each.validity_months is None for each in ladders):
        return
    longest = max(each.validity_months or 0 for each in ladders)
    if of.rule.method.window_months > longest:
        problem = f"前次最多有效 {longest} 个月 / no prior counts for longer than {longest} months"
        yield warning(("method", "window_months"), str(of.rule.method.window_months), problem, f"at most {longest}")


def escalation_steps_can_matter(of: OfRule) -> Iterator[Complaint]:
    """A step that begins when the cap is already full changes nothing; of 'strongest' only the heaviest step counts."""
    if not isinstance(of.rule.method, EscalatingPoints):
        return
    method = of.rule.method
    cap = UNLIMITED if of.indicator.cap_milli is None else abs(of.indicator.cap_milli)
    steps = [abs(method.first_milli), *[abs(method.then_milli)] * (method.steps - 1)]
    before = sum(steps[:-1])
    if method.steps > 1 and before >= cap:
        problem = f"前 {method.steps - 1} 步已扣 {points(before)} / the steps before fill the cap {points(cap)}"
        yield warning(("method", "steps"), str(method.steps), problem, "fewer steps, or a wider cap")
    if isinstance(of.indicator.combine, Strongest) and method.steps > 1:
        problem = "只计最重的一步 / only one step of each hazard counts"
        yield warning(("method", "steps"), str(method.steps), problem, "combine: {kind: sum}")


def strongest_has_something_to_choose(of: OfIndicator) -> Iterator[Complaint]:
    """A rule that another of the same event beats on every day is shadowed."""
    if not isinstance(of.indicator.combine, Strongest):
        return
    for number, rule in enumerate(of.indicator.rules):
        fixed = rule.method.kind == "fixed" and not getattr(rule.method, "points_milli", 0)
        if fixed and len(of.indicator.rules) > 1:
            problem = "从不是最强的一项 / never the strongest"
            yield warning(("rules", number, "method"), rule.rule, problem, "give it points, or remove it")


REACH_OF_DIMENSION = (bounds_can_be_reached,)
REACH_OF_INDICATOR = (cap_can_be_reached, bands_lie_below_the_cap, strongest_has_something_to_choose)
REACH_OF_RULE = (ladder_steps_can_matter, window_sees_live_priors, escalation_steps_can_matter)
