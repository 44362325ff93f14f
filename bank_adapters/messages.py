"""What we and any bank say to each other, before it is written in one bank's dialect.

To the bank go *requests* in batches of 1 to 500; every request has a key made from what it is about, so sending it
twice is the same as sending it once. From the bank comes an *event feed*, polled in sequence order. Money is integer
fen, rates integer basis points, dates are calendar days, moments are Beijing time to the second.
"""

import hashlib
from datetime import date, datetime, timedelta, timezone
from typing import Annotated, ClassVar, Final, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, model_validator

MAX_BATCH_ITEMS = 500
BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")


def message_id(*parts: str) -> str:
    """Make the deterministic id of a message from the things it is about.

    Args:
        parts: Identifying texts, in a fixed order; none may contain a NUL character.

    Returns:
        32 lower-case hex characters: the first half of a SHA-256 digest.
    """
    return hashlib.sha256("\0".join(("haixia-message", *parts)).encode()).hexdigest()[:32]


def _to_beijing_second(moment: datetime) -> datetime:
    return moment.astimezone(BEIJING).replace(microsecond=0)


Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._:/-]{0,63}$")]
PrintableText = Annotated[str, StringConstraints(pattern=r"^[^\s\p{C}]{1,64}$")]
BankCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{1,31}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,63}$")]
HexDigest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
MessageId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
Fen = Annotated[int, Field(ge=0, le=10**12)]
PositiveFen = Annotated[int, Field(ge=1, le=10**12)]
RateBp = Annotated[int, Field(ge=0, le=10_000)]
DaysPastDue = Annotated[int, Field(ge=0, le=36_500)]
TermMonths = Annotated[int, Field(ge=1, le=120)]
Sequence64 = Annotated[int, Field(ge=1, le=2**63 - 1)]
SignedAt = Annotated[AwareDatetime, AfterValidator(_to_beijing_second)]


class Message(BaseModel):
    """Common manners: immutable, no unknown field, no silent conversion (a float is never taken for fen)."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class Authorisation(Message):
    """One thing the borrower allowed, with the text they saw."""

    kind: Code
    text_version: PrintableText
    signed_at: SignedAt


Authorisations = Annotated[tuple[Authorisation, ...], Field(min_length=1, max_length=20)]


class Request(Message):
    """A request to the bank; `identity` names the field that says which thing it is about."""

    identity: ClassVar[str]
    kind: str

    @property
    def key(self) -> str:
        """The idempotency key: same kind and same thing, same key, whoever sends it and whenever."""
        return message_id(self.kind, getattr(self, self.identity))


class PrescreenList(Request):
    """One line of the prescreen list (白名单): this household may apply for this offer before `expires_on`.

    `limit_fen` and `rate_bp` are what is possible with the index; the baseline beside them is what holds without it: a
    channel shows both and lets the household choose the bonus. Absent, there is nothing to choose.
    """

    identity: ClassVar[str] = "offer_id"
    kind: Literal["prescreen_list"] = "prescreen_list"
    offer_id: Reference
    household_ref: PrintableText
    limit_fen: PositiveFen
    rate_bp: RateBp
    all_in_annual_cost_bp: RateBp
    expires_on: date
    baseline_limit_fen: PositiveFen | None = None
    base_rate_bp: RateBp | None = None


class Application(Request):
    """An application with the authorisations it rests on; `channel_reference` if it began in the bank's channel.

    `takes_bonus`: the household itself chose to go beyond the baseline limit; nobody does so by saying nothing.
    """

    identity: ClassVar[str] = "application_id"
    kind: Literal["application"] = "application"
    application_id: Reference
    offer_id: Reference
    household_ref: PrintableText
    requested_limit_fen: PositiveFen
    purpose: PrintableText
    authorisations: Authorisations
    channel_reference: Reference | None = None
    takes_bonus: bool = False


class SigningRequest(Request):
    """Please put these decided terms before the household for signing; `terms_hash` is of the canonical terms."""

    identity: ClassVar[str] = "signing_id"
    kind: Literal["signing_request"] = "signing_request"
    signing_id: Reference
    application_id: Reference
    household_ref: PrintableText
    limit_fen: PositiveFen
    rate_bp: RateBp
    term_months: TermMonths
    template_id: Reference
    terms_hash: HexDigest


class DrawdownRequest(Request):
    """Please pay out under a signed contract; `channel_reference` if the wish was uttered in the bank's channel."""

    identity: ClassVar[str] = "drawdown_id"
    kind: Literal["drawdown_request"] = "drawdown_request"
    drawdown_id: Reference
    contract_no: Reference
    amount_fen: PositiveFen
    channel_reference: Reference | None = None


AnyRequest = Annotated[PrescreenList | Application | SigningRequest | DrawdownRequest, Field(discriminator="kind")]
REQUESTS: Final = (PrescreenList, Application, SigningRequest, DrawdownRequest)


class Batch(Message):
    """1 to 500 requests to one bank, of any kinds, in the order they are to be taken."""

    bank_code: BankCode
    items: Annotated[tuple[AnyRequest, ...], Field(min_length=1, max_length=MAX_BATCH_ITEMS)]

    @property
    def batch_no(self) -> str:
        """Names the batch by its keys; a repeated batch has the same number."""
        return message_id("batch", self.bank_code, *(item.key for item in self.items))


class ItemResult(Message):
    """What the bank says to one request.

    `accepted`: taken now. `duplicate`: the same request was accepted before, nothing was done again.
    `rejected`: refused for good, with a code and both languages; a repeated rejected request gets the same answer.
    """

    key: MessageId
    status: Literal["accepted", "duplicate", "rejected"]
    code: Code | None = None
    message_zh: str = ""
    message_en: str = ""

    @model_validator(mode="after")
    def _only_a_rejection_has_a_code(self) -> Self:
        if (self.status == "rejected") != (self.code is not None):
            raise ValueError("a code belongs to a rejection, and every rejection has one")
        return self


class Event(Message):
    """One entry of a bank's feed.

    `sequence` is the place in the feed, without gaps from 1. `message_id` names the happening: a bank that repeats
    itself repeats the id under a new sequence, so whoever books events keeps ids, not sequences. `business_date` is
    the bank's accounting day of the happening; it may be earlier than that of the entry before.
    """

    kind: str
    sequence: Sequence64
    bank_code: BankCode
    business_date: date
    message_id: MessageId


class ChannelApplication(Event):
    """The household applied in the bank's own channel for an offer of ours, and chose its bonus or did not."""

    kind: Literal["channel_application"] = "channel_application"
    channel_reference: Reference
    offer_id: Reference
    household_ref: PrintableText
    requested_limit_fen: PositiveFen
    purpose: PrintableText
    authorisations: Authorisations
    takes_bonus: bool = False


class BankDecision(Event):
    """The bank's decision; after `refer` a person at the bank looks and a second, final decision follows."""

    kind: Literal["bank_decision"] = "bank_decision"
    application_id: Reference
    decision: Literal["approve", "counter", "decline", "refer"]
    limit_fen: Fen
    reason_codes: Annotated[tuple[Code, ...], Field(max_length=20)]

    @model_validator(mode="after")
    def _limit_and_reasons_fit_the_decision(self) -> Self:
        if (self.decision in {"approve", "counter"}) != (self.limit_fen > 0):
            raise ValueError("a limit belongs to approve and counter, and to nothing else")
        if self.decision == "decline" and not self.reason_codes:
            raise ValueError("a decline gives its reasons")
        return self


class SigningReceipt(Event):
    """Household and bank have signed; `document_hash` is of the canonical contract data."""

    kind: Literal["signing_receipt"] = "signing_receipt"
    signing_id: Reference
    contract_no: Reference
    document_hash: HexDigest
    signed_on: date
    starts_on: date
    matures_on: date

    @model_validator(mode="after")
    def _days_are_in_order(self) -> Self:
        if not self.signed_on <= self.starts_on < self.matures_on:
            raise ValueError("a contract is signed, starts, matures, in this order")
        return self


class ChannelDrawdownRequest(Event):
    """The household asked for money in the bank's channel; the bank waits for our drawdown request."""

    kind: Literal["channel_drawdown_request"] = "channel_drawdown_request"
    channel_reference: Reference
    contract_no: Reference
    amount_fen: PositiveFen


class DrawdownPosted(Event):
    """Money left the bank; `drawdown_id` is empty when the bank paid out without being asked through us."""

    kind: Literal["drawdown_posted"] = "drawdown_posted"
    drawdown_id: Reference | None = None
    bank_reference: Reference
    contract_no: Reference
    loan_note_no: Reference
    amount_fen: PositiveFen


class DrawdownRefused(Event):
    """The bank's core refuses a drawdown we asked for; no money moved and none will."""

    kind: Literal["drawdown_refused"] = "drawdown_refused"
    drawdown_id: Reference
    contract_no: Reference
    amount_fen: PositiveFen
    reason_code: Code


class Repayment(Event):
    """Money came back on one loan note, split as the bank's core booked it."""

    kind: Literal["repayment"] = "repayment"
    contract_no: Reference
    loan_note_no: Reference
    principal_fen: Fen
    interest_fen: Fen
    penalty_fen: Fen
    fee_fen: Fen

    @model_validator(mode="after")
    def _something_was_paid(self) -> Self:
        if self.principal_fen + self.interest_fen + self.penalty_fen + self.fee_fen == 0:
            raise ValueError("a repayment of nothing is not a repayment")
        return self


class Arrears(Event):
    """The bank's count of days past due on a contract; 0 says that the arrears ended."""

    kind: Literal["arrears"] = "arrears"
    contract_no: Reference
    days_past_due: DaysPastDue


class Closure(Event):
    """The contract ended at the bank with nothing outstanding."""

    kind: Literal["closure"] = "closure"
    contract_no: Reference
    reason_code: Code


AnyEvent = Annotated[
    ChannelApplication
    | BankDecision
    | SigningReceipt
    | ChannelDrawdownRequest
    | DrawdownPosted
    | DrawdownRefused
    | Repayment
    | Arrears
    | Closure,
    Field(discriminator="kind"),
]
EVENTS: Final = (
    ChannelApplication,
    BankDecision,
    SigningReceipt,
    ChannelDrawdownRequest,
    DrawdownPosted,
    DrawdownRefused,
    Repayment,
    Arrears,
    Closure,
)
