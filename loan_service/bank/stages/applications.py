"""From an application in the bank's channel to one the bank can decide, or to the reason why not."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection

from bank_adapters import AnyEvent, Application, Authorisation, ChannelApplication
from loan_service.bank.store import applications as store
from loan_service.bank.store import claims, inbox, outbox
from loan_service.bank.store.rows import batch_leaf, only_one, stable_key
from loan_service.bank.views.policies import policy_by_id
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.policy import Policy, Purpose

KINDS: Final = ("channel_application",)
REQUIRED_AUTHORISATIONS: Final = frozenset({"bureau_query", "income_query"})


@dataclass(frozen=True)
class Wish:
    """What a household asks for, whichever door it came through.

    Attributes:
        channel_reference: The door's own key of the wish; the same key is the same application.
        from_bank_channel: Whether the bank's channel knows that key.
        takes_bonus: Whether the household itself chose to go beyond the baseline limit.
    """

    channel_reference: str
    offer_id: str
    household_ref: str
    requested_limit_fen: int
    purpose: str
    authorisations: tuple[Authorisation, ...]
    applied_on: date
    from_bank_channel: bool = True
    takes_bonus: bool = False


@dataclass(frozen=True)
class Purposes:
    """What money may be used for at one bank.

    Attributes:
        policy: the one in force, by which most offers were made.
    """

    policy: Policy

    def of(self, connection: Connection, offers: Mapping[str, store.OfferFacts]) -> dict[str, Mapping[str, Purpose]]:
        """Per offer its purposes by code as they stood when it was made: it is honoured whatever is in force by now."""
        named = {offer.policy_edition for offer in offers.values()}
        policies = {edition_id: self._of_edition(connection, edition_id) for edition_id in named}
        return {
            offer_id: {purpose.code: purpose for purpose in policies[offer.policy_edition].purposes.on(offer.priced_on)}
            for offer_id, offer in offers.items()
        }

    def _of_edition(self, connection: Connection, edition_id: str) -> Policy:
        in_force = f"{self.policy.bank_code}/{self.policy.edition}"
        is_in_force = edition_id.rpartition("@")[0] == in_force
        return self.policy if is_in_force else policy_by_id(connection, edition_id).policy


def receive(wing: Wing, bank_code: str, purposes: Purposes) -> int:
    """Checks every application that waits in the bank's feed; returns how many."""

    def apply(connection: Connection, events: Sequence[AnyEvent]) -> list[int]:
        wished = [event for event in events if isinstance(event, ChannelApplication)]
        _take(connection, bank_code, purposes, [_wish(event) for event in wished])
        return [event.sequence for event in wished]

    return inbox.apply_waiting(wing, bank_code, KINDS, apply)


def submit(wing: Wing, bank_code: str, purposes: Purposes, wish: Wish) -> str:
    """Takes one application through our own door; returns its id, the same for the same reference."""
    with transaction(wing.engine) as connection:
        only_one(connection, f"apply:{bank_code}:{KINDS[0]}")
        _take(connection, bank_code, purposes, [wish])
    return application_id(bank_code, wish.channel_reference)


def application_id(bank_code: str, channel_reference: str) -> str:
    """The application a channel's wish becomes."""
    return stable_key("application", bank_code, channel_reference)


def _wish(event: ChannelApplication) -> Wish:
    return Wish(
        channel_reference=event.channel_reference,
        offer_id=event.offer_id,
        household_ref=event.household_ref,
        requested_limit_fen=event.requested_limit_fen,
        purpose=event.purpose,
        authorisations=event.authorisations,
        applied_on=event.business_date,
        takes_bonus=event.takes_bonus,
    )


def _take(connection: Connection, bank_code: str, purposes: Purposes, wishes: Sequence[Wish]) -> None:
    """Checks wishes and keeps them as applications; one that is kept already stays as it is."""
    by_id = {application_id(bank_code, wish.channel_reference): wish for wish in wishes}
    known = store.standing(
        connection,
        bank_code,
        list(by_id),
        [wish.offer_id for wish in by_id.values()],
        [wish.household_ref for wish in by_id.values()],
    )
    desk = _Desk(bank_code, known)
    new = {key: wish for key, wish in by_id.items() if key not in known.known}
    asked = {wish.offer_id for wish in new.values()} & known.offers.keys()
    allowed = purposes.of(connection, {offer_id: known.offers[offer_id] for offer_id in asked})
    rows = [desk.take(key, wish, allowed.get(wish.offer_id, {})) for key, wish in new.items()]
    if rows:
        _keep(connection, bank_code, rows, new)
        claims.log_queries(connection, bank_code, "application", desk.queries)


def _keep(
    connection: Connection, bank_code: str, rows: Sequence[store.ApplicationRow], wishes: Mapping[str, Wish]
) -> None:
    day = max(row.applied_on for row in rows)
    leaf_id = batch_leaf(connection, "applications", bank_code, [row.application_id for row in rows], day)
    allowed = {key: wish.authorisations for key, wish in wishes.items()}
    store.append_applications(connection, rows, allowed, leaf_id)
    outbox.put(
        connection, bank_code, [_request(row, wishes[row.application_id]) for row in rows if not row.refusal_code]
    )


class _Desk:
    """Checks applications one after the other: the first of a household closes the door to its second."""

    def __init__(self, bank_code: str, known: store.Standing) -> None:
        self.queries: list[claims.Query] = []
        self._bank_code = bank_code
        self._known = known

    def take(self, key: str, wish: Wish, purposes: Mapping[str, Purpose]) -> store.ApplicationRow:
        refusal = next(self._obstacles(key, wish, purposes), None)
        if refusal is None:
            self._known.open_until[wish.household_ref] = self._known.offers[wish.offer_id].expires_on
        return store.ApplicationRow(
            application_id=key,
            bank_code=self._bank_code,
            channel_reference=wish.channel_reference,
            offer_id=wish.offer_id,
            household_ref=wish.household_ref,
            household_key=self._known.household_keys.get(wish.household_ref),
            requested_limit_fen=wish.requested_limit_fen,
            purpose=wish.purpose,
            term_months=purposes[wish.purpose].term_months if wish.purpose in purposes else 0,
            applied_on=wish.applied_on,
            takes_bonus=wish.takes_bonus,
            refusal_code=refusal,
        )

    def _obstacles(self, key: str, wish: Wish, purposes: Mapping[str, Purpose]) -> Iterator[str]:
        """Everything in the way, the plainest first; what comes later is looked at only if nothing came before."""
        yield from _offer_obstacles(wish, self._known.offers.get(wish.offer_id))
        yield from _purpose_obstacles(wish, purposes.get(wish.purpose))
        if REQUIRED_AUTHORISATIONS - {one.kind for one in wish.authorisations}:
            yield "authorisation_missing"
        if self._known.open_until.get(wish.household_ref, date.min) > wish.applied_on:
            yield "application_open"
        claim = self._known.claims.get(self._known.household_keys[wish.household_ref], claims.NO_CLAIMS)
        offer = self._known.offers[wish.offer_id]
        if obstacle := claim.obstacle(self._bank_code, offer.borrower_ref, wish.applied_on):
            yield obstacle
        if self._holds_contract(key, wish, claim):
            yield "household_has_contract"

    def _holds_contract(self, key: str, wish: Wish, claim: claims.Claims) -> bool:
        """Asks the other bank nodes about the household, and keeps the question with its answer."""
        household_key, holds = self._known.household_keys[wish.household_ref], claim.hold_on(wish.applied_on)
        self.queries.append(claims.Query(key, household_key, holds, wish.applied_on))
        return holds


def _offer_obstacles(wish: Wish, offer: store.OfferFacts | None) -> Iterator[str]:
    """An offer once accepted is honoured as it was made until it expires; one left lying gives way to a newer one."""
    if offer is None:
        yield "offer_unknown"
    elif offer.household_ref != wish.household_ref:
        yield "offer_of_another_household"
    elif offer.decision != "offer":
        yield "nothing_offered"
    elif offer.expires_on <= wish.applied_on:
        yield "offer_expired"
    elif offer.replaced_on is not None and offer.replaced_on < wish.applied_on:
        # On the day itself the household may have seen either, and keeps the one it chose.
        yield "offer_replaced"
    elif wish.requested_limit_fen > offer.limit_fen:
        yield "limit_above_offer"
    elif wish.requested_limit_fen > offer.baseline_limit_fen and not wish.takes_bonus:
        yield "bonus_not_chosen"


def _purpose_obstacles(wish: Wish, purpose: Purpose | None) -> Iterator[str]:
    if purpose is None:
        yield "purpose_unknown"
    elif wish.requested_limit_fen > purpose.cap_yuan * 100:
        yield "limit_above_purpose_cap"


def _request(row: store.ApplicationRow, wish: Wish) -> Application:
    return Application(
        application_id=row.application_id,
        offer_id=row.offer_id,
        household_ref=row.household_ref,
        requested_limit_fen=row.requested_limit_fen,
        purpose=row.purpose,
        authorisations=wish.authorisations,
        channel_reference=row.channel_reference if wish.from_bank_channel else None,
        takes_bonus=row.takes_bonus,
    )
