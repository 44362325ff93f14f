"""What the optimiser may choose from, assumes and keeps to: one typed reading of `configs/optimise_policy.yaml`."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Self

import numpy as np
import yaml
from pydantic import Field

from experiments.simulation.arrays import Ints
from experiments.simulation.config import CONFIGS, Section, Share

OPTIMISER_FILE: Final = CONFIGS / "optimise_policy.yaml"

Positive = Annotated[int, Field(gt=0)]
NonNegative = Annotated[int, Field(ge=0)]


class Menus(Section):
    """The discrete steps of bonus and discount, and how many brackets the bands may fall into."""

    limit_bonus_step_milli: Positive
    limit_bonus_most_milli: NonNegative
    rate_discount_step_bp: Positive
    rate_discount_most_bp: NonNegative
    most_brackets: Positive
    least_grade_steps: NonNegative

    @property
    def limit_bonus_milli(self) -> Ints:
        """Every bonus that may be chosen, 0 first."""
        return np.arange(0, self.limit_bonus_most_milli + 1, self.limit_bonus_step_milli)

    @property
    def rate_discount_bp(self) -> Ints:
        """Every discount that may be chosen, 0 first."""
        return np.arange(0, self.rate_discount_most_bp + 1, self.rate_discount_step_bp)


class Responses(Section):
    """How default, signing and drawing answer rate and line, in log-odds; 0 means not at all.

    A higher rate and a larger line raise the log-odds of default; a lower rate and a larger line those of signing and
    of drawing.
    """

    default_per_100_bp: Annotated[float, Field(ge=0)]
    default_per_log_line: Annotated[float, Field(ge=0)]
    signing_per_100_bp: Annotated[float, Field(ge=0)]
    signing_per_log_line: Annotated[float, Field(ge=0)]
    drawing_per_100_bp: Annotated[float, Field(ge=0)]
    drawing_per_log_line: Annotated[float, Field(ge=0)]


class AssumedAndActual(Section):
    """What is planned with, and what happens."""

    assumed: Responses
    actual: Responses


class Capital(Section):
    """Capital that a line binds."""

    risk_weight: Share
    ratio: Share
    undrawn_factor: Share

    @property
    def per_drawn_yuan(self) -> float:
        """Capital per yuan of drawn balance."""
        return self.risk_weight * self.ratio


class BankLimits(Section):
    """What one bank's programme may lose, of its drawn balance, and bind; plans are taken that much worse."""

    expected_loss_bp: Positive
    loss_prudence: Annotated[float, Field(ge=1)]
    capital_yuan: Positive
    capital_prudence: Annotated[float, Field(ge=1)]


class Candidate(Section):
    """What the candidate says of itself."""

    effective_from: dt.date


class Planning(Section):
    """What the optimiser learns and plans on."""

    seed: int
    past_loans_scale: Annotated[float, Field(gt=0, le=1)]
    households: Positive


class Comparison(Section):
    """What candidate and hand-written policy are compared on."""

    first_seed: NonNegative
    seeds: Positive
    households: Positive


class Quick(Section):
    """Smaller numbers for trying."""

    limit_bonus_step_milli: Positive
    rate_discount_step_bp: Positive
    frontier_worths_yuan: Annotated[list[NonNegative], Field(min_length=2)]
    past_loans_scale: Annotated[float, Field(gt=0, le=1)]
    planning_households: Positive
    seeds: Positive
    households: Positive


class OptimiserConfig(Section):
    """Everything declared."""

    menus: Menus
    responses: AssumedAndActual
    capital: Capital
    limits: dict[str, BankLimits]
    household_worth_yuan: NonNegative
    frontier_worths_yuan: Annotated[list[NonNegative], Field(min_length=2)]
    optimality_gap: Share
    no_fewer_than_hand_written: bool
    candidate: Candidate
    planning: Planning
    comparison: Comparison
    quick: Quick

    def where_nobody_answers(self) -> Self:
        """The same in a truth in which neither default nor demand answers terms, whatever was assumed."""
        still = Responses(**dict.fromkeys(Responses.model_fields, 0.0))
        return self.model_copy(update={"responses": self.responses.model_copy(update={"actual": still})})

    def small(self) -> Self:
        """The same with the smaller numbers of `quick`."""
        quick = self.quick
        menus = {name: getattr(quick, name) for name in ("limit_bonus_step_milli", "rate_discount_step_bp")}
        planning = {"past_loans_scale": quick.past_loans_scale, "households": quick.planning_households}
        comparison = {"seeds": quick.seeds, "households": quick.households}
        return self.model_copy(
            update={
                "menus": self.menus.model_copy(update=menus),
                "frontier_worths_yuan": quick.frontier_worths_yuan,
                "planning": self.planning.model_copy(update=planning),
                "comparison": self.comparison.model_copy(update=comparison),
            }
        )


@dataclass(frozen=True, slots=True)
class Economics:
    """What a drawn yuan costs besides its losses, and what a default costs; from the policy of the day."""

    fixed_cost_bp: int
    loss_given_default: float


def load_optimiser(path: Path = OPTIMISER_FILE) -> OptimiserConfig:
    """Read the optimiser's numbers.

    Raises:
        pydantic.ValidationError: a key is unknown, missing or out of range.
    """
    return OptimiserConfig.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
