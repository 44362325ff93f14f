"""Everything a simulated bank knows, as values: two equal states are the same bank on the same day."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from bank_adapters.messages import (
    AnyEvent,
    AnyRequest,
    Application,
    ItemResult,
    Message,
    PrescreenList,
    SigningRequest,
)

ShareMilli = Annotated[int, Field(ge=0, le=1000)]
Days = Annotated[int, Field(ge=0, le=366)]


class Habits(Message):
    """How this bank decides and books; with the defaults every application within its offer is approved at once.

    Attributes:
        seed: Which applications meet which fate.
        refer_milli: Share of applications first looked at by a person, who decides after `referral_days`.
        decline_milli: Share declined for the bank's own reasons.
        counter_milli: Share answered with `counter_share_milli` of the wish.
        signing_days: Days the household takes to sign (at least until the next business day).
        penalty_share_milli: Penalty interest as a share of the contract rate, over the days past due reported.
        authorisation_kinds: What the household authorises in the bank's channel.
        text_version: The authorisation text shown there.
    """

    seed: int = 0
    refer_milli: ShareMilli = 0
    referral_days: Days = 3
    decline_milli: ShareMilli = 0
    counter_milli: ShareMilli = 0
    counter_share_milli: Annotated[int, Field(ge=1, le=1000)] = 700
    signing_days: Days = 1
    penalty_share_milli: ShareMilli = 500
    authorisation_kinds: Annotated[tuple[str, ...], Field(min_length=1)] = ("bureau_query", "income_query")
    text_version: str = "1"


class FaultProfile(Message):
    """What goes wrong between bank and caller, by seed; the bank's own books are never wrong.

    Attributes:
        seed: Which of them meet which fault.
        lost_answers_milli: Share of batches whose answer is lost after the work was done.
        repeated_events_milli: Share of events that appear again in the feed with the next business day.
        delayed_events_milli: Share of events that appear only with the next business day.
    """

    seed: int = 0
    # Below 1000, or a caller that retries for ever would be right to do so.
    lost_answers_milli: Annotated[int, Field(ge=0, le=900)] = 0
    repeated_events_milli: ShareMilli = 0
    delayed_events_milli: ShareMilli = 0


class Answer(NamedTuple):
    """What was said to a request, kept under its key."""

    request: AnyRequest
    result: ItemResult


class ChannelWish(NamedTuple):
    """Something uttered in the bank's channel: by which household, for how much, and what answered it."""

    household_ref: str
    contract_no: str | None
    amount_fen: int
    answered_by: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationFile:
    """An application and what was decided; 0 fen until approved or countered."""

    request: Application
    decision: Literal["approve", "counter", "decline", "refer"]
    decided_limit_fen: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningFile:
    """Terms put before a household; the contract number once signed."""

    request: SigningRequest
    contract_no: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoanNote:
    """One drawdown's note; interest is paid up to `interest_paid_until`."""

    loan_note_no: str
    drawn_fen: int
    outstanding_fen: int
    interest_paid_until: date
    repayments: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One household's credit line in the core; notes in the order drawn."""

    contract_no: str
    signing_id: str
    household_ref: str
    limit_fen: int
    rate_bp: int
    signed_on: date
    matures_on: date
    notes: tuple[LoanNote, ...] = ()
    days_past_due: int = 0
    arrears_reports: int = 0
    closed: bool = False

    @property
    def outstanding_fen(self) -> int:
        """Principal drawn and not repaid."""
        return sum(note.outstanding_fen for note in self.notes)

    @property
    def drawn_cumulative_fen(self) -> int:
        """All principal ever drawn."""
        return sum(note.drawn_fen for note in self.notes)

    @property
    def available_fen(self) -> int:
        """What may still be drawn."""
        return self.limit_fen - self.outstanding_fen


ActName = Literal[
    "consider_offer", "resolve_referral", "consider_signing", "draw", "begin_usage", "repay", "report_arrears", "mature"
]


class Act(NamedTuple):
    """Something due on a day: what, about whom, and which of several."""

    name: ActName
    subject: str
    place: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BankState:
    """A simulated bank after all it has been told and all days it has lived.

    Attributes:
        offers: Prescreen lines by offer_id.
        offer_of_household: The newest offer_id per household.
        wishes: Channel wishes by channel_reference.
        applications: By application_id.
        application_of_household: The newest application_id per household.
        signings: By signing_id.
        signing_of_household: The newest signing_id per household.
        contracts: By contract_no.
        contract_of_household: The one contract_no of a household.
        answers: By request key.
        agenda: Acts due, by day ordinal, in order.
        held: Events that enter the feed with the next business day.
        last_sequence: Length of the feed so far.
        batches_handled: Batches taken, repeats included.
    """

    bank_code: str
    business_date: date
    habits: Habits = field(default_factory=Habits)
    faults: FaultProfile = field(default_factory=FaultProfile)
    offers: Mapping[str, PrescreenList] = field(default_factory=dict)
    offer_of_household: Mapping[str, str] = field(default_factory=dict)
    wishes: Mapping[str, ChannelWish] = field(default_factory=dict)
    applications: Mapping[str, ApplicationFile] = field(default_factory=dict)
    application_of_household: Mapping[str, str] = field(default_factory=dict)
    signings: Mapping[str, SigningFile] = field(default_factory=dict)
    signing_of_household: Mapping[str, str] = field(default_factory=dict)
    contracts: Mapping[str, Contract] = field(default_factory=dict)
    contract_of_household: Mapping[str, str] = field(default_factory=dict)
    answers: Mapping[str, Answer] = field(default_factory=dict)
    agenda: Mapping[int, tuple[Act, ...]] = field(default_factory=dict)
    held: tuple[AnyEvent, ...] = ()
    last_sequence: int = 0
    batches_handled: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What came of one call: the bank afterwards, its answers and what it says in the feed.

    Attributes:
        state: The bank afterwards.
        results: One per item of the batch; empty for `advance`.
        events: New feed entries, in sequence.
        answer_lost: The work is done, but the caller must not get to know: a fault of the way back.
    """

    state: BankState
    results: tuple[ItemResult, ...] = ()
    events: tuple[AnyEvent, ...] = ()
    answer_lost: bool = False
