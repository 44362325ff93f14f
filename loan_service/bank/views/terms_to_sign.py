"""What an approved household is asked to sign, what a spent budget took back of it, or at which cap it waits."""

from datetime import date

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import portfolio_reading as reading
from loan_service.bank.views.refusals import Refusal, refusal_of
from loan_service.foundation.connection import Connection
from models.annual_cost import effective_annual_rate_bp


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class TermsCut(_Read):
    """What the index had added and a spent budget took back, before anything was signed."""

    why: Refusal
    budget: str = Field(description="the budget's code in the policy")
    unit: str = Field(description="fen of the limit, or bp of the rate")
    asked: int
    given: int


class TermsToSign(_Read):
    """Terms as they stand in the signing request; never worse than the household's terms without the index."""

    signing_id: str
    limit_fen: int
    baseline_fen: int = Field(description="the part of the limit that needs no grade")
    bonus_fen: int = Field(description="the part the index added")
    rate_bp: int
    all_in_annual_cost_bp: int = Field(description="of these very terms")
    term_months: int
    requested_on: date
    holds_until: date
    refusal: Refusal | None = Field(description="why they were not put before the household")
    cuts: list[TermsCut]


class Waiting(_Read):
    """An approval that is good, and follows when the cap has room again and the offer still holds."""

    why: Refusal
    since_on: date


def terms_to_sign(connection: Connection, application_id: str) -> TermsToSign | None:
    """What was put before the household on an application; None while nothing was."""
    row = reading.terms_put(connection, application_id)
    if row is None:
        return None
    (cost_bp,) = effective_annual_rate_bp(np.array([row.rate_bp])).tolist()
    told = {
        "all_in_annual_cost_bp": cost_bp,
        "refusal": refusal_of(row.refusal_code),
        "cuts": [_cut(cut) for cut in row.cuts],
    }
    return TermsToSign.model_validate(row._asdict() | told)


def waiting(connection: Connection, application_id: str, terms: TermsToSign | None) -> Waiting | None:
    """At which cap an application waits, if it does."""
    row = None if terms else reading.newest_waits(connection, [application_id]).get(application_id)
    why = refusal_of(row.code) if row else None
    return Waiting(why=why, since_on=row.since_on) if row and why else None


def _cut(cut: dict[str, object]) -> TermsCut:
    unit = "fen" if cut["code"] == "bonus_budget_spent" else "bp"
    return TermsCut.model_validate(cut | {"why": refusal_of(str(cut["code"])), "unit": unit})
