"""An offer made again from what it was made of: known position, card, policy and LPR as they are stamped on it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import timelines
from loan_service.bank.store.households import offer_inputs
from loan_service.bank.store.promotions import Promotion, promoted_as
from loan_service.bank.views.offer_inputs import input_hashes, without_grades
from loan_service.bank.views.policies import policy_by_id
from loan_service.bank.views.pricing import Priced, price
from loan_service.errors import NotFoundError
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import AnyRow
from models.day_policy import DayPolicy, policy_on
from models.offers import AMOUNTS
from models.policy import GRADES
from models.policy_loader import PolicyEdition


class Difference(BaseModel):
    """One thing that comes out differently."""

    model_config = ConfigDict(frozen=True)

    field: str
    then: str
    now: str


class Replay(BaseModel):
    """What today's program makes of an offer's own inputs."""

    model_config = ConfigDict(frozen=True)

    offer_id: str
    same_terms: bool = Field(description="whether decision, terms, ledgers, reasons and stamps come out the same")
    same_inputs: bool = Field(description="whether the inputs still hash to what the offer kept")
    differences: tuple[Difference, ...]


@dataclass(frozen=True)
class Remade:
    """An offer made again.

    Attributes:
        row: the household's row in what follows; more rows stand for the same household.
        inputs: what was known at the offer's position (rows of `store.households.OFFER_INPUTS`).
        promotions: the cards it was priced with.
        edition: policy and LPR it was priced by.
        day: the same, resolved for its day.
        priced: what comes out.
        input_hash: of the household's inputs.
    """

    row: int
    inputs: pa.Table
    promotions: Mapping[str, Promotion]
    edition: PolicyEdition
    day: DayPolicy
    priced: Priced
    input_hash: str


def replay_of(connection: Connection, bank_code: str, offer_id: str) -> tuple[Replay, Remade]:
    """An offer of a bank made again, and what it is made of.

    Raises:
        NotFoundError: there is no such offer (`offer.unknown`), or see `remake`.
    """
    row = timelines.offer(connection, offer_id)
    if row is None or row.bank_code != bank_code:
        raise NotFoundError("offer.unknown", f"no offer {offer_id}", f"没有预授信 {offer_id}")
    remade = remake(connection, row)
    return replay(row, remade), remade


def remake(connection: Connection, offer: AnyRow) -> Remade:
    """Makes an offer again; nothing that became known after it is read.

    Args:
        connection: an open transaction of the bank wing.
        offer: a row of `bank.offers`.

    Raises:
        NotFoundError: a card (`model.unknown`), the policy (`policy.unknown`) or the household's rows
            (`household.unknown`) are no longer there.
    """
    edition = policy_by_id(connection, offer.policy_edition, offer.lpr_hash)
    day = policy_on(edition.policy, edition.lpr, offer.priced_on)
    promotions = _cards(connection, offer)
    known = offer_inputs(connection, offer.bank_code, offer.priced_on, offer.known_position, offer.household_ref)
    row = pc.index(known["household_ref"], offer.household_ref).as_py()
    if row < 0:
        raise NotFoundError(
            "household.unknown",
            f"the figures of {offer.household_ref} as of position {offer.known_position} are not kept",
            f"{offer.household_ref} 当时的数据已不在",
        )
    inputs, input_hash = _as_hashed(known, row, promotions, day, offer)
    return Remade(row, inputs, promotions, edition, day, price(inputs, promotions, edition, day), input_hash)


def replay(offer: AnyRow, remade: Remade) -> Replay:
    """What the offer says beside what comes out of its own inputs today."""
    then, now = _as_kept(offer), _as_made(remade)
    differences = [
        Difference(field=name, then=str(value), now=str(now[name]))
        for name, value in then.items()
        if value != now[name]
    ]
    return Replay(
        offer_id=offer.offer_id,
        same_terms=not differences,
        same_inputs=remade.input_hash == offer.input_hash,
        differences=tuple(differences),
    )


def _cards(connection: Connection, offer: AnyRow) -> dict[str, Promotion]:
    stamps = [stamp for stamp in (offer.model_version, offer.full_model_version) if stamp]
    cards = promoted_as(connection, offer.bank_code, stamps)
    missing = sorted(set(stamps) - {card.version for card in cards.values()})
    if missing:
        raise NotFoundError("model.unknown", f"no card {missing[0]} is kept", f"没有评分卡 {missing[0]}")
    return cards


def _as_hashed(
    known: pa.Table, row: int, promotions: dict[str, Promotion], day: DayPolicy, offer: AnyRow
) -> tuple[pa.Table, str]:
    """The inputs with the grades, or without where the offer's hash says that no grade was looked at."""
    hashes = [
        input_hashes(inputs, promotions, day, offer.policy_edition)[row] for inputs in (known, without_grades(known))
    ]
    blind = hashes[0] != offer.input_hash == hashes[1]
    return (without_grades(known), hashes[1]) if blind else (known, hashes[0])


def _as_kept(offer: AnyRow) -> dict[str, Any]:
    """What the row of an offer says, by name."""
    ledger = offer.terms_ledger
    # Where no grade was looked at, none is told.
    by_grade = {"by_grade": ledger["by_grade"]} if ledger.get("by_grade") else {}
    return {
        **{name: getattr(offer, name) for name in ("decision", "grade", "purpose", "repayment_plan", "risk_band")},
        **{name: getattr(offer, name) for name in (*AMOUNTS, "term_months", "certificate_id", "index_edition")},
        "default_probability": offer.default_probability,
        "full_default_probability": offer.full_default_probability,
        "limit_ledger": ledger["limit"],
        "rate_ledger": ledger["rate"],
        **by_grade,
        "affordability": {**offer.affordability, "assumptions": sorted(offer.affordability["assumptions"])},
        "reasons": [reason["code"] for reason in offer.reasons],
        "expires_on": offer.expires_on,
    }


def _as_made(remade: Remade) -> dict[str, Any]:
    """The same of what comes out now."""
    row, offers, full = remade.row, remade.priced.offers, remade.priced.full_default_probability
    told = offers.table().slice(row, 1).to_pylist()[0]
    offered = bool(offers.offered[row])
    return {
        **{name: told[name] for name in ("decision", "grade", "purpose", "repayment_plan", "risk_band")},
        **{name: int(getattr(offers, name)[row]) for name in AMOUNTS},
        "term_months": int(offers.term_months[row]) * offered,
        **{name: remade.inputs[name][row].as_py() for name in ("certificate_id", "index_edition")},
        "default_probability": float(remade.priced.default_probability[row]),
        "full_default_probability": None if full is None else float(full[row]),
        "limit_ledger": told["limit_ledger"],
        "rate_ledger": told["rate_ledger"],
        "by_grade": _by_grade(remade) if offered else [],
        "affordability": {
            "largest_line_fen": int(offers.affordability_fen[row]),
            "worst_month": int(offers.worst_month[row]),
            "left_after_repayment_fen": int(offers.left_after_repayment_fen[row]),
            "incentive_gap_bp": int(offers.incentive_gap_bp[row]),
            "assumptions": sorted(told["assumptions"]),
        },
        "reasons": told["reasons"],
        "expires_on": remade.day.valid_until,
    }


def _by_grade(remade: Remade) -> list[dict[str, Any]]:
    terms = remade.priced.offers.by_grade
    return [
        {
            "grade": grade,
            "limit_fen": int(terms.limit_fen[remade.row, place]),
            "rate_bp": int(terms.rate_bp[remade.row, place]),
            "all_in_annual_cost_bp": int(terms.all_in_annual_cost_bp[remade.row, place]),
        }
        for place, grade in enumerate(GRADES)
    ]
