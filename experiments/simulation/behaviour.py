"""Who applies, accepts, signs, draws and repays: chance drawn once per household, bent by a few parameters.

The draws depend on the seed alone, so that a small change of a parameter changes the outcome a little: that makes the
parameters solvable.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import numpy as np
import yaml
from pydantic import Field
from scipy.special import ndtr, ndtri

from experiments.simulation.arrays import NONE, Flags, Floats, Ints, as_flags, stream
from experiments.simulation.banks import BankHouseholds
from experiments.simulation.config import BANKS, CONFIGS, SECTORS, Section, Share, SimulationConfig
from experiments.simulation.finances import Means

BEHAVIOUR_FILE = CONFIGS / "behaviour.yaml"
PAYMENT_DAYS = np.array([30, 61, 91, 152, 213, 274, 320])
"""Days after the first draw on which households make partial payments."""
FINAL_DAY = 352
_MILLI = 1000
_NEEDY = {"fishery": 0.5, "aquaculture": 0.5, "tourism": 0.3, "wage": -0.5, "trade": 0.3, "other": -0.2}
_UNIFORMS = (
    "accepts",
    "signs",
    "second",
    "bank",
    "applies",
    "draws",
    "splits",
    "part",
    "first",
    "later",
    "bridges",
    "late",
    "default",
    "onset",
)
_NORMALS = ("need", "limit", "draw", "speed")


class Targets(Section):
    """The programme's published totals."""

    households_signed: int
    signed_fen: int
    households_drew: int
    drawn_cumulative_fen: int


class Fitted(Section):
    """Parameters that `fit` solves."""

    sign_rate: Annotated[float, Field(gt=0, lt=1)]
    limit_location: float
    draw_rate: Share
    draw_location: float


class Fixed(Section):
    """Parameters nobody fits."""

    horizon_days: int
    accept_share: Share
    completion_share: Share
    second_bank_share: Share
    need_weight: Share
    limit_spread: float
    limit_lowest: Share
    bonus_share: Share
    draw_spread: float
    draw_lowest: Share
    second_draw_share: Share
    apply_days: int
    signing_days: int
    first_draw_days: int
    second_draw_days: tuple[int, int]
    repayment_speed: float
    repayment_spread: float
    bridging_share: Share
    slightly_late_share: Share


class Behaviour(Section):
    """All parameters of behaviour."""

    targets: Targets
    fitted: Fitted
    fixed: Fixed


def load_behaviour(path: Path = BEHAVIOUR_FILE) -> Behaviour:
    """Read the parameters of behaviour."""
    return Behaviour.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))


@dataclass(frozen=True, slots=True)
class Chances:
    """Per household what chance decides: uniforms and standard normals by name, and where the household is known."""

    uniform: dict[str, Floats]
    normal: dict[str, Floats]
    first_bank: Ints  # position in BANKS; NONE where no bank knows the household
    second_bank: Ints
    file_row: Ints  # (households, banks): row in that bank's file; NONE
    default_probability: Floats  # (households, banks)
    start_day: int


@dataclass(frozen=True, slots=True)
class Plans:
    """One row per household and bank at which it would apply; days count from the day their name says.

    Empty places of draws and repayments are NONE; shares are whole thousandths.
    """

    household: Ints
    bank: Ints
    file_row: Ints
    first_choice: Flags
    applies_on: Ints
    limit_milli: Ints
    accepts: Flags
    signs: Flags
    takes_bonus: Flags
    draw_day: Ints  # (plans, 2), after signing
    draw_milli: Ints
    repay_day: Ints  # (plans, len(PAYMENT_DAYS) + 1), after the first draw
    repay_milli: Ints
    arrears_day: Ints  # (plans, 3), after the first draw
    arrears_days: Ints

    @property
    def signing(self) -> Flags:
        """Plans that end in a contract when the bank approves."""
        return self.accepts & self.signs

    @property
    def drawing(self) -> Flags:
        """Plans with at least one draw."""
        return as_flags(self.draw_day[:, 0] != NONE)


def draw_chances(seed: int, config: SimulationConfig, means: Means, files: list[BankHouseholds]) -> Chances:
    """Draw what chance decides for every household of the district, known to a bank or not."""
    rng, count = stream(seed, "behaviour"), means.count
    uniform = {name: rng.random(count) for name in _UNIFORMS}
    normal = {name: rng.standard_normal(count) for name in _NORMALS}
    # From a stream of its own: what everything else draws does not depend on there being a bonus to choose.
    uniform["bonus"] = stream(seed, "bonus choice").random(count)
    normal["wish"] = wish_of(means)
    file_row = np.full((count, len(BANKS)), NONE)
    probability = np.zeros((count, len(BANKS)))
    for place, file in enumerate(files):
        file_row[file.household, place] = np.arange(len(file.household))
        probability[file.household, place] = file.default_probability
    first, second = _preferred(uniform["bank"], file_row != NONE)
    return Chances(uniform, normal, first, second, file_row, probability, config.history.end_day)


def plans_of(behaviour: Behaviour, chances: Chances) -> Plans:
    """The plans that follow from chance and parameters: first choices, then the few second tries."""
    fixed, fitted, uniform = behaviour.fixed, behaviour.fitted, chances.uniform
    applies = _applies(behaviour, chances)
    second = applies & (chances.second_bank != NONE) & (uniform["second"] < fixed.second_bank_share)
    household = np.r_[np.flatnonzero(applies), np.flatnonzero(second)]
    first_choice = np.arange(len(household)) < applies.sum()
    bank = np.where(first_choice, chances.first_bank[household], chances.second_bank[household])
    # the first weeks are the busiest; a second try follows the first by a week
    days = (fixed.apply_days * uniform["applies"] ** 1.5).astype(np.int64)[household] + 7 * ~first_choice
    accepts = uniform["accepts"][household] < fixed.accept_share
    signs = accepts & (uniform["signs"][household] < fixed.completion_share)
    limit = share_milli(
        fitted.limit_location, fixed.limit_spread, fixed.limit_lowest, chances.normal["limit"][household]
    )
    draw_day, draw_milli = _draws(behaviour, chances, household, signs)
    defaults = uniform["default"][household] < chances.default_probability[household, bank]
    repay_day, repay_milli, arrears_day, arrears_days = _repayments(behaviour, chances, household, draw_day, defaults)
    return Plans(
        household=household,
        bank=bank,
        file_row=chances.file_row[household, bank],
        first_choice=first_choice,
        applies_on=chances.start_day + days,
        limit_milli=limit,
        accepts=accepts,
        signs=signs,
        takes_bonus=as_flags(uniform["bonus"][household] < fixed.bonus_share),
        draw_day=draw_day,
        draw_milli=draw_milli,
        repay_day=repay_day,
        repay_milli=repay_milli,
        arrears_day=arrears_day,
        arrears_days=arrears_days,
    )


def wish_of(means: Means) -> Floats:
    """Standardised need for credit: seasonal sectors, thin buffers, debts already there."""
    need = np.array([_NEEDY[name] for name in SECTORS])[means.sector]
    need = need - 0.5 * np.log(means.buffer_months) + 0.6 * np.sqrt(np.minimum(means.debt_ratio, 3.0))
    return np.asarray((need - need.mean()) / max(need.std(), 1e-9))


def applying_chance(behaviour: Behaviour, wish: Floats, rate: float) -> Floats:
    """Chance of being among the `rate` neediest and luckiest, given the need but not the luck."""
    weight = behaviour.fixed.need_weight
    chance: Floats = ndtr((weight * wish - ndtri(1 - rate)) / np.sqrt(1 - weight**2))
    return chance


def share_milli(location: float, spread: float, lowest: float, normal: Floats) -> Ints:
    """Lognormal shares in whole thousandths; whoever wants more than all takes all."""
    return np.round(_MILLI * np.clip(np.exp(location + spread * normal), lowest, 1.0)).astype(np.int64)


def _preferred(chance: Floats, known: Flags) -> tuple[Ints, Ints]:
    """First and second bank among those that know the household, any of them equally likely."""
    count = known.sum(axis=1)
    order = np.argsort(~known, axis=1, kind="stable")  # the knowing banks first
    pick = (chance * np.maximum(count, 1)).astype(np.int64)
    other = (pick + 1) % np.maximum(count, 1)
    rows = np.arange(len(known))
    return np.where(count > 0, order[rows, pick], NONE), np.where(count > 1, order[rows, other], NONE)


def _applies(behaviour: Behaviour, chances: Chances) -> Flags:
    """The neediest and luckiest apply, as many as it takes for `sign_rate` of them to sign."""
    fixed = behaviour.fixed
    rate = behaviour.fitted.sign_rate / (fixed.accept_share * fixed.completion_share)
    weight = fixed.need_weight
    drive = weight * chances.normal["wish"] + np.sqrt(1 - weight**2) * chances.normal["need"]
    return as_flags((chances.first_bank != NONE) & (ndtr(drive) > 1 - min(rate, 1.0)))


def _draws(behaviour: Behaviour, chances: Chances, household: Ints, signs: Flags) -> tuple[Ints, Ints]:
    """One or two draws of those who draw at all."""
    fixed, fitted = behaviour.fixed, behaviour.fitted
    uniform = {name: chances.uniform[name][household] for name in ("draws", "splits", "part", "first", "later")}
    total = share_milli(fitted.draw_location, fixed.draw_spread, fixed.draw_lowest, chances.normal["draw"][household])
    drawing = signs & (uniform["draws"] < fitted.draw_rate)
    split = drawing & (uniform["splits"] < fixed.second_draw_share)
    first = np.where(split, np.round(total * (0.4 + 0.4 * uniform["part"])).astype(np.int64), total)
    low, high = fixed.second_draw_days
    first_day = 1 + (fixed.first_draw_days * uniform["first"] ** 1.5).astype(np.int64)
    later_day = first_day + low + ((high - low) * uniform["later"]).astype(np.int64)
    days = np.stack([np.where(drawing, first_day, NONE), np.where(split, later_day, NONE)], axis=1)
    return days, np.stack([np.where(drawing, first, NONE), np.where(split, total - first, NONE)], axis=1)


def _repayments(
    behaviour: Behaviour, chances: Chances, household: Ints, draw_day: Ints, defaults: Flags
) -> tuple[Ints, Ints, Ints, Ints]:
    """Partial payments and a final one; bridging loans end early, a default ends payments and is reported."""
    fixed = behaviour.fixed
    uniform = {name: chances.uniform[name][household] for name in ("bridges", "late", "onset", "part")}
    speed = fixed.repayment_speed * np.exp(fixed.repayment_spread * chances.normal["speed"][household])
    drawing = draw_day[:, 0] != NONE
    shift = (10 * uniform["part"]).astype(np.int64)[:, None]
    days = np.hstack([PAYMENT_DAYS + shift, FINAL_DAY + shift])
    partial = np.round(_MILLI * np.clip(speed, 0.005, 0.5)).astype(np.int64)[:, None]
    milli = np.hstack([np.repeat(partial, len(PAYMENT_DAYS), axis=1), np.full((len(household), 1), _MILLI)])
    bridge = ~defaults & (uniform["bridges"] < fixed.bridging_share)
    settled = 45 + (40 * uniform["onset"]).astype(np.int64)
    days[bridge, 0], milli[bridge, 0] = settled[bridge], _MILLI
    onset = 55 + (240 * uniform["onset"]).astype(np.int64)
    paid = drawing[:, None] & ~(defaults[:, None] & (days >= onset[:, None]))
    paid[:, 1:] &= ~bridge[:, None]
    late = drawing & ~defaults & ~bridge & (uniform["late"] < fixed.slightly_late_share)
    return (
        np.where(paid, days, NONE),
        np.where(paid, milli, NONE),
        *_arrears(drawing & defaults, late, onset, days, uniform["late"]),
    )


def _arrears(bad: Flags, late: Flags, onset: Ints, payment_days: Ints, chance: Floats) -> tuple[Ints, Ints]:
    """Defaults are reported at 30, 60 and 90 days past due; the slightly late just before their second payment."""
    steps = np.array([30, 60, 90])
    days = np.where(bad[:, None], onset[:, None] + steps, NONE)
    counts = np.where(bad[:, None], steps, NONE)
    slight = 2 + (20 * chance).astype(np.int64)
    days[:, 0] = np.where(late, payment_days[:, 1] - 1, days[:, 0])
    counts[:, 0] = np.where(late, slight, counts[:, 0])
    return days, counts
