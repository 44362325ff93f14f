"""Makes offers: bank data decides, a certificate may add, and equal inputs are not offered twice."""

from datetime import date

from loan_service.bank.stages.offers.making import Issued, Maker
from loan_service.bank.stages.offers.shadow import score_challengers
from loan_service.bank.store.model_ledger import challengers
from loan_service.bank.store.rows import only_one
from loan_service.bank.store.tables import log
from loan_service.errors import NotFoundError
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import seal
from loan_service.foundation.wing import Wing
from models.policy_loader import PolicyEdition

__all__ = ["Issued", "issue", "offer_for", "score_shadows"]


def issue(wing: Wing, edition: PolicyEdition, business_date: date, village_code: str | None = None) -> Issued:
    """Makes an offer for every household whose inputs changed or whose offer expired; the others keep theirs.

    Args:
        wing: the bank wing.
        edition: the bank's policy with its LPR table.
        business_date: the pricing day.
        village_code: only this village's households.

    Raises:
        RefusedError: the bank has no live baseline model (`model.none_live`).
    """
    position = _seal(wing)
    with transaction(wing.engine) as connection:
        only_one(connection, f"offers:{edition.policy.bank_code}")
        return _maker(wing, connection, edition, business_date, position).make_all(village_code)


def offer_for(wing: Wing, edition: PolicyEdition, household_ref: str, business_date: date) -> str:
    """Makes, or finds, one household's offer of the day, by the same way as `issue`; returns its id.

    Raises:
        NotFoundError: the bank's files do not know the household (`household.unknown`).
        RefusedError: the bank has no live baseline model (`model.none_live`).
    """
    position = _seal(wing)
    with transaction(wing.engine) as connection:
        only_one(connection, f"offers:{edition.policy.bank_code}")
        offer_id = _maker(wing, connection, edition, business_date, position).make_one(household_ref)
    if offer_id is None:
        raise NotFoundError("household.unknown", f"no household {household_ref}", f"无此户 {household_ref}")
    return offer_id


def score_shadows(wing: Wing, edition: PolicyEdition, business_date: date) -> int:
    """Lets challengers say what they would have said to the offers that stand; returns how many results are new.

    Raises:
        RefusedError: the bank has no live baseline model (`model.none_live`).
    """
    position = _seal(wing)
    with transaction(wing.engine) as connection:
        only_one(connection, f"offers:{edition.policy.bank_code}")
        maker, bank_code = _maker(wing, connection, edition, business_date, position), edition.policy.bank_code
        if not challengers(connection, bank_code, business_date):
            return 0
        return score_challengers(connection, bank_code, maker.promotions, maker.standing(), business_date)


def _maker(wing: Wing, connection: Connection, edition: PolicyEdition, business_date: date, position: int) -> Maker:
    return Maker(connection, edition, business_date, position, civility_input=wing.settings.civility_input)


def _seal(wing: Wing) -> int:
    """Gives every committed row its position: what is decided now rests on what is sealed, and says up to where."""
    with transaction(wing.engine) as connection:
        return seal(connection, log, wing.signer)
