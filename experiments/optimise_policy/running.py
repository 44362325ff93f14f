"""One bank from past loans to a compared candidate, as values: nothing here writes a file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from experiments.optimise_policy.candidate import (
    candidate_text,
    checked_candidate,
    edition_name,
    hash_of_run,
    source_of,
)
from experiments.optimise_policy.comparison import Trial, broken_shares, table_of, trial
from experiments.optimise_policy.errors import UnmeetableConstraintsError
from experiments.optimise_policy.frontier import Point, frontier, frontier_svg, hand_written_point, point_of, terms_told
from experiments.optimise_policy.households import Portfolio, draw_portfolio
from experiments.optimise_policy.planning import Plan, economics_on, plan_for
from experiments.optimise_policy.problem import Choice
from experiments.optimise_policy.report import LEARNED_ANEW, MAIN_WORLD, STILL_WORLD, WORLDS, page
from experiments.optimise_policy.settings import OptimiserConfig
from experiments.optimise_policy.worlds import BankView, bank_view, full_card_saved_bp, households_of, saved_bp
from experiments.simulation.behaviour import Behaviour
from experiments.simulation.config import SimulationConfig, load_config
from models.policy_loader import PolicyEdition, load_policy

Tell = Callable[[str], None]


@dataclass(frozen=True, eq=False, slots=True)
class Setting:
    """What a bank's run is made from; `run` names all that its candidate depends on."""

    bank_code: str
    config: OptimiserConfig
    behaviour: Behaviour
    edition: PolicyEdition
    day: date
    run: str


@dataclass(frozen=True, eq=False, slots=True)
class Proposal:
    """What was planned for a bank in one world, and the policy that came out of it."""

    view: BankView
    portfolio: Portfolio
    plan: Plan
    choice: Choice
    text: str
    edition: PolicyEdition


def setting_of(bank_code: str, config: OptimiserConfig, behaviour: Behaviour) -> Setting:
    """A bank with the policy that stands on the demo day."""
    world = load_config(MAIN_WORLD)
    day = world.history.demo_day
    edition = load_policy(bank_code, day)
    planned_with = config.model_dump(mode="json", exclude={"comparison", "quick", "frontier_worths_yuan"})
    given = [one.model_dump(mode="json") for one in (world, behaviour)]
    run = hash_of_run(planned_with, *given, edition.content_hash, edition.lpr_hash)
    return Setting(bank_code, config, behaviour, edition, day, run)


def planned(setting: Setting, world: SimulationConfig) -> tuple[BankView, Portfolio, Plan]:
    """Learn from past loans, draw households, make the problem."""
    planning = setting.config.planning
    view = bank_view(world, setting.bank_code, planning.seed, planning.past_loans_scale)
    portfolio = draw_portfolio(world, setting.behaviour, view, planning.seed, planning.households)
    return view, portfolio, plan_for(setting.config, portfolio, setting.edition, setting.day, view.worth)


def proposed(setting: Setting, world: SimulationConfig, told: Tell) -> Proposal:
    """Plan, choose and write the candidate.

    Raises:
        UnmeetableConstraintsError: the limits cannot all be kept.
    """
    view, portfolio, plan = planned(setting, world)
    told(view.worth.told[0] + "\n" + view.worth.told[1])
    least = plan.signers_now if setting.config.no_fewer_than_hand_written else 0.0
    return chosen(setting, view, portfolio, plan, least_signers=least)


def chosen(setting: Setting, view: BankView, portfolio: Portfolio, plan: Plan, *, least_signers: float) -> Proposal:
    """Choose and write the candidate of a plan."""
    config, policy = setting.config, setting.edition.policy
    choice = plan.best(config.household_worth_yuan, least_signers=least_signers)
    text = candidate_text(
        source_of(setting.bank_code),
        plan.problem,
        choice,
        replaces=policy.edition,
        edition=edition_name(policy, setting.run),
        effective_from=config.candidate.effective_from,
        run=setting.run,
    )
    edition = checked_candidate(text, setting.bank_code, config.candidate.effective_from)
    return Proposal(view, portfolio, plan, choice, text, edition)


def files_of(setting: Setting, told: Tell) -> tuple[dict[str, Any], dict[str, bytes]]:
    """Everything a run leaves: the content of comparison.json, and the files by name.

    Raises:
        UnmeetableConstraintsError: the limits cannot all be kept.
    """
    proposal = proposed(setting, load_config(MAIN_WORLD), told)
    points, picture = drawn_frontier(setting, proposal, told)
    facts = compared(setting, proposal, told)
    return facts, {
        "candidate.yaml": proposal.text.encode(),
        "frontier.svg": picture,
        "frontier.json": _json(points),
        "comparison.json": _json(facts),
        "comparison.md": page(facts).encode(),
    }


def drawn_frontier(setting: Setting, proposal: Proposal, told: Tell) -> tuple[dict[str, Any], bytes]:
    """The frontier as JSON content and as a picture."""
    plan = proposal.plan
    points = frontier(plan, setting.config.frontier_worths_yuan, told)
    marked = point_of(plan, "candidate", proposal.choice), hand_written_point(plan)
    content = {
        "bank_code": setting.bank_code,
        "run": setting.run,
        "limits": [
            {"name": limit.name, "bound": limit.bound, "reached": limit.reached(proposal.choice)}
            for limit in plan.problem.limits
        ],
        "points": [_content(point) for point in (*marked, *points)],
    }
    return content, frontier_svg(points, *marked, setting.bank_code)


def compared(setting: Setting, proposal: Proposal, told: Tell, worlds: Iterable[str] = tuple(WORLDS)) -> dict[str, Any]:
    """The candidate against the hand-written policy in every world: the content of comparison.json.

    Args:
        setting: what the run is made from.
        proposal: the candidate.
        told: takes progress.
        worlds: which worlds, of WORLDS.
    """
    config, plan = setting.config, proposal.plan
    main = load_config(MAIN_WORLD)
    return {
        "bank_code": setting.bank_code,
        "run": setting.run,
        "edition": proposal.edition.policy.edition,
        "replaces": setting.edition.policy.edition,
        "seeds": config.comparison.seeds,
        "households": config.comparison.households,
        "bank_households": households_of(main, setting.bank_code),
        "incentive_budget": _budget(setting),
        "terms": terms_told(plan, proposal.choice),
        "planned": {"hand_written": hand_written_point(plan).totals, "candidate": plan.totals(proposal.choice)},
        "worlds": {name: _world(setting, proposal, name, told) for name in worlds},
    }


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()


def _world(setting: Setting, proposal: Proposal, name: str, told: Tell) -> dict[str, Any]:
    told(f"世界 world: {WORLDS[name]}")
    own, refused = None, ""
    if name in LEARNED_ANEW:
        world = load_config(name)
        view, portfolio, plan = planned(setting, world)
        own, refused = _own(setting, view, portfolio, plan)
    else:
        world, view, portfolio = load_config(MAIN_WORLD), proposal.view, proposal.portfolio
    config = setting.config.where_nobody_answers() if name == STILL_WORLD else setting.config
    editions = {"hand_written": (setting.edition, setting.day), "candidate": _on_its_day(config, proposal)}
    if own:
        editions["own_candidate"] = _on_its_day(config, own)
    outcomes = trial(config, world, setting.behaviour, view, editions, told)
    return {
        "grade_worth": view.worth.content(),
        "saved_bp": _saved(setting, view, portfolio),
        "own_terms": terms_told(own.plan, own.choice) if own else None,
        "own_refused": refused,
        **_tables(setting, outcomes),
    }


def _own(setting: Setting, view: BankView, portfolio: Portfolio, plan: Plan) -> tuple[Proposal | None, str]:
    """A world's own candidate; where as many households as today cannot be had, one with fewer, and why."""
    refused = ""
    for least in (plan.signers_now, 0.0):
        try:
            return chosen(setting, view, portfolio, plan, least_signers=least), refused
        except UnmeetableConstraintsError as unmeetable:
            refused = str(unmeetable)
    return None, refused


def _tables(setting: Setting, outcomes: Trial) -> dict[str, Any]:
    rules, limits = setting.edition.policy, setting.config.limits[setting.bank_code]
    others = [policy for policy in outcomes.sums if policy != "hand_written"]
    return {
        "policies": {policy: table_of(outcomes, policy) for policy in outcomes.sums},
        "difference": {policy: table_of(outcomes, policy, "hand_written") for policy in others},
        "broken_share": {
            policy: broken_shares(outcomes, policy, rules, setting.day, limits) for policy in outcomes.sums
        },
    }


def _on_its_day(config: OptimiserConfig, proposal: Proposal) -> tuple[PolicyEdition, date]:
    return proposal.edition, config.candidate.effective_from


def _budget(setting: Setting) -> dict[str, Any] | None:
    """The named budget that incentives are booked to."""
    budget = setting.edition.policy.incentive_budget
    return budget.on(setting.day).model_dump(mode="json") if budget else None


def _saved(setting: Setting, view: BankView, portfolio: Portfolio) -> dict[str, dict[str, float]]:
    lost = economics_on(setting.edition.policy, setting.day).loss_given_default
    saved = saved_bp(view, portfolio.probability, portfolio.grade, lost)
    card = full_card_saved_bp(view, portfolio.table, portfolio.grade, lost)
    return {grade: {**ends, "full_card": card[grade]} for grade, ends in saved.items()}


def _content(point: Point) -> dict[str, Any]:
    terms: Mapping[str, Any] | None = point.terms
    return {"name": point.name, "totals": dict(point.totals), "terms": terms}


def numbers_of(content: Mapping[str, Any]) -> Iterator[tuple[str, float]]:
    """The figures worth keeping beside a run: differences from the hand-written policy, world by world."""
    for name, world in content["worlds"].items():
        for policy, figures in world["difference"].items():
            for figure in ("profit", "signers", "incentive"):
                for end, value in figures[figure]["all"].items():
                    if value is not None:
                        yield f"{name}/{policy}/{figure}/{end}", value
