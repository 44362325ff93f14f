"""The acts of a model's life: test, review, promote, shadow, retire; each repeated changes nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from sqlalchemy import Connection

from loan_service.bank.stages.model_life.refusals import (
    named,
    require_expiry,
    require_lawful_origin,
    require_no_high_finding,
    require_other_person,
    require_passable,
    require_reason,
    require_state,
)
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import (
    DEVELOPED,
    LIVE,
    RETIRED,
    REVIEWED,
    SHADOW,
    TESTED,
    ModelCard,
    ModelMove,
)
from loan_service.bank.store.promotions import Promotion, append_promotion
from loan_service.foundation.database import transaction
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing
from models.gates import GateResult, failed, undecided

Follow = Callable[[str, str], None]
"""Points the registry's live alias of a model at a version: what MLflow shows follows our ledger."""

ACCEPTED: Final = "accepted_because"


@dataclass(frozen=True)
class Act:
    """Who does something, why, and on which business date.

    Raises:
        RefusedError: nobody is named, or no reason is given.
    """

    by: str
    reason: str
    today: date

    def __post_init__(self) -> None:
        object.__setattr__(self, "by", person(self.by))
        object.__setattr__(self, "reason", require_reason(self.reason))


@dataclass(frozen=True)
class Standing:
    """A version, the state it is in, and how many moves it has made."""

    card: ModelCard
    state: str | None
    count: int

    def moved(self, state: str, act: Act, evidence: ledger.Evidence = (), expires_on: date | None = None) -> ModelMove:
        """The move that would bring it into a state."""
        return ModelMove(
            model_name=self.card.model_name,
            model_version=self.card.model_version,
            move_number=self.count + 1,
            bank_code=self.card.bank_code,
            kind=self.card.kind,
            from_state=self.state,
            state=state,
            authored_by=self.card.authored_by,
            moved_by=act.by,
            moved_on=act.today,
            reason=act.reason,
            evidence=list(evidence),
            expires_on=expires_on,
        )


def standing(connection: Connection, stamp: str) -> Standing:
    """Where a version stands; whoever else acts on the model waits until this transaction ends.

    Raises:
        NotFoundError: there is no such version.
    """
    ledger.one_at_a_time(connection, stamp.rpartition("/")[0])
    card = named(connection, stamp)
    return Standing(card, *ledger.state_of(connection, card))


def record_test(wing: Wing, stamp: str, gates: Sequence[GateResult], by: str, today: date) -> ModelMove:
    """Keeps the outcome of the gates; failed ones block what comes after, not the keeping.

    The same outcomes again change nothing; other outcomes are a new test, and a review before it lapses. A version that
    serves keeps the test it was promoted with: from then on monitoring watches it.

    Raises:
        NotFoundError: there is no such version.
    """
    act = Act(by, _sentence(gates), today)
    evidence = [gate.to_content() for gate in gates]
    with transaction(wing.engine) as connection:
        now = standing(connection, stamp)
        known = ledger.last_move(connection, now.card, TESTED)
        if known and (now.state == LIVE or (now.state != RETIRED and _outcomes(known) == _by_name(evidence))):
            return known
        require_state(now.card, now.state, (DEVELOPED, TESTED, REVIEWED, RETIRED), TESTED)
        return _kept(connection, now.moved(TESTED, act, evidence))


def review(wing: Wing, stamp: str, act: Act, accepted: Mapping[str, str]) -> ModelMove:
    """The second person's yes.

    Args:
        wing: the bank wing.
        stamp: such as `island_rural.baseline/3`.
        act: the reviewer, who is not the author; what was looked at and why it may serve.
        accepted: why, by name, of every gate the test left undecided.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: it is not tested, a gate failed, an undecided gate is not accepted, or the reviewer is the author.
    """
    with transaction(wing.engine) as connection:
        now = standing(connection, stamp)
        require_other_person(now.card, act.by)
        if now.state in (REVIEWED, LIVE) and (known := ledger.last_move(connection, now.card, REVIEWED)):
            return known
        require_state(now.card, now.state, (TESTED,), REVIEWED)
        test = ledger.last_move(connection, now.card, TESTED)
        evidence = test.evidence if test else ()
        require_passable(now.card, [GateResult.from_content(one) for one in evidence], accepted)
        signed = [{**one, ACCEPTED: accepted[one["name"]]} if one["name"] in accepted else one for one in evidence]
        return _kept(connection, now.moved(REVIEWED, act, signed))


def promote(wing: Wing, stamp: str, act: Act, follow: Follow) -> ModelMove:
    """Lets a reviewed version serve; the one before it is retired in the same breath.

    The ledger comes first and the registry's alias follows: killed in between, repeating mends it.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: it is not reviewed, its data are not the bank's own, or a high finding is open.
    """
    with transaction(wing.engine) as connection:
        now = standing(connection, stamp)
        known = ledger.last_move(connection, now.card, LIVE)
        if now.state == LIVE and known:
            move = known
        else:
            require_state(now.card, now.state, (REVIEWED,), LIVE)
            require_no_high_finding(connection, now.card)
            review_before = ledger.last_move(connection, now.card, REVIEWED)
            move = serve(wing, connection, now, act, review_before.evidence if review_before else ())
    follow(move.model_name, move.model_version)
    return move


def serve(wing: Wing, connection: Connection, now: Standing, act: Act, evidence: ledger.Evidence) -> ModelMove:
    """Puts a version to work instead of the one that serves, which is retired.

    Raises:
        RefusedError: it was trained on simulated or foreign data, and this is no demonstration.
    """
    require_lawful_origin(now.card, demo=wing.settings.demo)
    champion = ledger.champion(connection, now.card.model_name)
    if champion:
        leaving = Standing(champion, *ledger.state_of(connection, champion))
        because = Act(act.by, f"{now.card.stamp} serves instead: {act.reason}", act.today)
        _kept(connection, leaving.moved(RETIRED, because))
    move = now.moved(LIVE, act, evidence)
    leaf_id = ledger.append_move(connection, move)
    append_promotion(connection, _promotion(now.card, act), leaf_id)
    return move


def shadow(wing: Wing, stamp: str, act: Act, expires_on: date, *, at_most_days: int) -> ModelMove:
    """Lets a tested version score beside the champion until a day; nothing of it reaches an offer.

    Naming it again with another day prolongs or shortens the run; today ends it.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: it is not tested, serves itself, or the day is too far away.
    """
    with transaction(wing.engine) as connection:
        now = standing(connection, stamp)
        known = ledger.last_move(connection, now.card, SHADOW)
        if known and known.expires_on == expires_on:
            return known
        require_state(now.card, now.state, (TESTED, REVIEWED, RETIRED), SHADOW)
        require_expiry(expires_on, act.today, at_most_days)
        return _kept(connection, now.moved(SHADOW, act, expires_on=expires_on))


def retire(wing: Wing, stamp: str, act: Act) -> ModelMove:
    """Takes a version that does not serve out of the running.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: it serves: promote another one, or roll back.
    """
    with transaction(wing.engine) as connection:
        now = standing(connection, stamp)
        if now.state == RETIRED and (known := ledger.last_move(connection, now.card, RETIRED)):
            return known
        require_state(now.card, now.state, (DEVELOPED, TESTED, REVIEWED), RETIRED)
        return _kept(connection, now.moved(RETIRED, act))


def _kept(connection: Connection, move: ModelMove) -> ModelMove:
    ledger.append_move(connection, move)
    return move


def _promotion(card: ModelCard, act: Act) -> Promotion:
    return Promotion(
        bank_code=card.bank_code,
        kind=card.kind,
        model_name=card.model_name,
        model_version=card.model_version,
        alias=LIVE,
        scorecard_sha256=card.scorecard_sha256,
        scorecard=card.scorecard,
        data_sha256=card.data_sha256,
        metrics=card.metrics,
        promoted_on=act.today,
        reason=act.reason,
    )


def _outcomes(move: ModelMove) -> dict[str, tuple[Any, Any]]:
    return _by_name(move.evidence)


def _by_name(evidence: ledger.Evidence) -> dict[str, tuple[Any, Any]]:
    """What makes a test another one: a gate's outcome or its requirement, not a stop-watch's last digit."""
    return {one["name"]: (one["outcome"], one["required"]) for one in evidence}


def _sentence(gates: Sequence[GateResult]) -> str:
    blocked, open_ones = len(failed(gates)), len(undecided(gates))
    return f"{len(gates)} gates: {len(gates) - blocked - open_ones} passed, {open_ones} undecided, {blocked} failed"
