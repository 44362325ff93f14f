"""The door between the wings: signed certificates and revocations come in, each item is answered."""

from fastapi import APIRouter, Request

from loan_service.bank.api.common import KnownBank
from loan_service.bank.stages.certificates import DoorRules, receive
from loan_service.certificate import Delivery, DeliveryResult
from loan_service.foundation.database import BANK
from loan_service.web.openapi import ERRORS, NOT_FOUND
from loan_service.web.wings import asked, wing_of

router = APIRouter(prefix="/bank/{bank_code}", tags=["bank"], responses=ERRORS | NOT_FOUND)


@router.post("/certificates", summary="凭证过门 · Certificates cross the door")
def receive_certificates(request: Request, bank_code: KnownBank, delivery: Delivery) -> DeliveryResult:
    """Checks each item against the district's key and keeps it once; sending a delivery again changes nothing.

    No Idempotency-Key is needed: an item's own hash is its key.
    """
    with asked(request, BANK) as (_, today):
        rules = DoorRules(bank_code, request.app.state.district_key, today)
    return receive(wing_of(request, BANK), rules, delivery)
