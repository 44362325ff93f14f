"""One application: what was asked, what was allowed, what stopped it here or what the bank decided."""

from datetime import date, datetime

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import reading
from loan_service.bank.views.refusals import Refusal, refusal_of
from loan_service.bank.views.terms_to_sign import TermsToSign, Waiting, terms_to_sign, waiting
from loan_service.errors import NotFoundError
from loan_service.foundation.connection import Connection


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class AuthorisationGiven(_Read):
    """One thing the household allowed, with the text it saw."""

    kind: str = Field(examples=["bureau_query"])
    text_version: str
    signed_at: datetime


class DecisionTold(_Read):
    """What the bank said on a day; after `refer` a second, final decision follows."""

    decision: str = Field(description="approve, counter, decline or refer")
    limit_fen: int
    reason_codes: list[str]
    business_date: date


class ApplicationView(_Read):
    """An application as it stands."""

    application_id: str
    bank_code: str
    household_ref: str
    offer_id: str
    channel_reference: str
    requested_limit_fen: int
    takes_bonus: bool = Field(description="whether the household chose to go beyond the baseline limit")
    purpose: str
    term_months: int
    applied_on: date
    refusal: Refusal | None = Field(description="why it did not go to the bank")
    authorisations: list[AuthorisationGiven]
    decisions: list[DecisionTold]
    waiting: Waiting | None = Field(description="approved, but a cap has no room yet")
    terms: TermsToSign | None = Field(description="what the household is asked to sign")
    contract_no: str | None


def application_view(connection: Connection, bank_code: str, application_id: str) -> ApplicationView:
    """One application of a bank.

    Raises:
        NotFoundError: there is no such application at this bank (`application.unknown`).
    """
    row = reading.application(connection, bank_code, application_id)
    if row is None:
        raise NotFoundError("application.unknown", "there is no such application at this bank", "本行没有这笔申请")
    terms = terms_to_sign(connection, application_id)
    return ApplicationView.model_validate(
        row._asdict()
        | {
            "terms": terms,
            "waiting": waiting(connection, application_id, terms),
            "refusal": refusal_of(row.refusal_code),
            "authorisations": reading.authorisations_of(connection, application_id),
            "decisions": reading.decisions_of(connection, application_id),
        }
    )
