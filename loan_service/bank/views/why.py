"""Why a household is offered what it is offered, whole: offer, risk, household exposure, stressed year, replay."""

from datetime import date
from math import exp
from typing import Final

import pyarrow as pa
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store.household_figures import with_figures
from loan_service.bank.views.offer import OfferView, household_offer
from loan_service.bank.views.replay import Remade, Replay, replay_of
from loan_service.foundation.connection import Connection
from models.affordability import year_of
from models.feature_spec import declared_features

_LEAST_LOG_ODDS: Final = 0.005
"""What moves the odds by less than half a percent is not told."""


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class Contribution(_Read):
    """What one figure of the bank does to the risk, beside households that were lent to."""

    feature: str
    zh: str
    en: str
    odds_factor: float = Field(description="by how much it multiplies the odds of not repaying; below 1 it helps")


class MonthSeen(_Read):
    """One month of a stressed year with the whole line drawn."""

    month: int = Field(ge=1, le=12)
    income_fen: int
    living_fen: int
    debts_fen: int = Field(description="service of household exposure elsewhere, known or assumed")
    due_fen: int = Field(description="principal and interest of this line")
    left_fen: int


class OfferWhy(_Read):
    """An offer and everything it rests on."""

    offer: OfferView
    probability_interval: tuple[float, float] | None = Field(description="null where the card knows none")
    contributions: tuple[Contribution, ...] = Field(description="heaviest against first, then what helps")
    exposure_fen: int | None = Field(description="household exposure elsewhere; null: not known, and then assumed")
    year: tuple[MonthSeen, ...]
    replay: Replay


def offer_why(connection: Connection, bank_code: str, household_ref: str, as_of: date) -> OfferWhy:
    """A household's newest offer, made again to see what it rests on.

    Raises:
        NotFoundError: there is no offer (`offer.unknown`), or what it was made from is no longer kept (see
            `views.replay.remake`).
    """
    told = household_offer(connection, bank_code, household_ref, as_of)
    again, remade = replay_of(connection, bank_code, told.offer_id)
    households = with_figures(remade.inputs)
    return OfferWhy(
        offer=told,
        probability_interval=_interval(remade),
        contributions=_contributions(remade),
        exposure_fen=households["unsecured_debt_fen"][remade.row].as_py(),
        year=_year(households, remade),
        replay=again,
    )


def _interval(remade: Remade) -> tuple[float, float] | None:
    interval = remade.priced.interval
    return None if interval is None else (float(interval[0][remade.row]), float(interval[1][remade.row]))


def _contributions(remade: Remade) -> tuple[Contribution, ...]:
    reasons, spec = remade.priced.contributions, declared_features("baseline")
    log_odds = {} if reasons is None else reasons.log_odds(remade.row)
    named = {one.name: (one.name_zh, one.name_en) for one in spec.declarations}
    heavy = sorted((value, name) for name, value in log_odds.items() if abs(value) >= _LEAST_LOG_ODDS)
    return tuple(
        Contribution(feature=name, zh=named[name][0], en=named[name][1], odds_factor=exp(value))
        for value, name in reversed(heavy)
    )


def _year(households: pa.Table, remade: Remade) -> tuple[MonthSeen, ...]:
    year = year_of(households, remade.priced.offers)
    columns = (year.income_fen, year.living_fen, year.debt_service_fen, year.due_fen, year.left_fen)
    months = zip(*(column[remade.row].tolist() for column in columns), strict=True)
    return tuple(
        MonthSeen(month=month, income_fen=income, living_fen=living, debts_fen=debts, due_fen=due, left_fen=left)
        for month, (income, living, debts, due, left) in enumerate(months, start=1)
    )
