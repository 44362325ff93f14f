"""Models as people ask about them: which versions there are, their states, what was live when, moved by whom, why."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import LIVE, SHADOW, ModelCard, ModelMove
from loan_service.bank.store.model_papers import Finding, findings
from loan_service.foundation.connection import Connection


class Gate(BaseModel):
    """One written gate as it was evaluated."""

    model_config = ConfigDict(frozen=True)

    name: str
    outcome: str = Field(description="passed | undecided | failed")
    measured: float | None
    required: str
    told_zh: str
    told_en: str
    accepted_because: str = Field(default="", description="why a reviewer accepted an undecided gate")


class Move(BaseModel):
    """One step in the life of a version."""

    model_config = ConfigDict(frozen=True)

    model: str = Field(description="stamp, such as island_rural.baseline/3")
    from_state: str | None
    state: str
    moved_by: str
    moved_on: date
    reason: str
    expires_on: date | None
    position: int | None = Field(description="sealed log position; empty: not sealed yet")
    gates: tuple[Gate, ...] = ()


class Version(BaseModel):
    """One version with the state it is in."""

    model_config = ConfigDict(frozen=True)

    model: str
    bank_code: str
    kind: str
    method: str
    state: str
    authored_by: str
    registered_on: date
    training_data_origin: str
    code_version: str
    data_sha256: str
    scorecard_sha256: str
    auc: float | None
    shadow_until: date | None
    failed_gates: tuple[str, ...]
    open_findings: int


class History(BaseModel):
    """What happened to models up to a position, and what was live then."""

    model_config = ConfigDict(frozen=True)

    known_position: int | None = Field(description="empty: now")
    live: dict[str, Move] = Field(description="by model: the move that made its version live")
    moves: tuple[Move, ...]


def move_told(move: ModelMove) -> Move:
    """A move as it is shown."""
    return Move(
        model=move.stamp,
        from_state=move.from_state,
        state=move.state,
        moved_by=move.moved_by,
        moved_on=move.moved_on,
        reason=move.reason,
        expires_on=move.expires_on,
        position=move.position,
        gates=tuple(Gate(**one) for one in move.evidence),
    )


def versions(connection: Connection, today: date, bank_code: str | None = None) -> list[Version]:
    """Every version ever developed, oldest first."""
    made = ledger.moves(connection)
    found = findings(connection)
    return [_version(card, made, found, today) for card in ledger.cards(connection, bank_code)]


def history(connection: Connection, model: str | None = None, known_position: int | None = None) -> History:
    """Every move known at a position, and what was live then: who moved it, and why.

    Args:
        connection: an open transaction.
        model: a model such as `island_rural.baseline`, or one version of it; None: all.
        known_position: a sealed log position; None: now.
    """
    name, _, version = (model or "").partition("/")
    known = ledger.moves(connection, model_name=name or None, known_position=known_position)
    live = {move.model_name: move_told(move) for move in known if move.state == LIVE}
    asked = [move for move in known if not version or move.model_version == version]
    return History(known_position=known_position, live=live, moves=tuple(map(move_told, asked)))


def _version(card: ModelCard, made: Iterable[ModelMove], found: Iterable[Finding], today: date) -> Version:
    own = [move for move in made if move.stamp == card.stamp]
    state = next(move.state for move in reversed(own) if move.state != SHADOW)
    shadow = next((move.expires_on for move in reversed(own) if move.state == SHADOW), None)
    return Version(
        model=card.stamp,
        bank_code=card.bank_code,
        kind=card.kind,
        method=card.method,
        state=state,
        authored_by=card.authored_by,
        registered_on=card.registered_on,
        training_data_origin=card.training_data_origin,
        code_version=card.code_version,
        data_sha256=card.data_sha256,
        scorecard_sha256=card.scorecard_sha256,
        auc=card.metrics.get("auc"),
        shadow_until=shadow if shadow and shadow > today else None,
        failed_gates=tuple(_failed_in_last_test(own)),
        open_findings=sum(one.is_open and _about(one, card) for one in found),
    )


def _failed_in_last_test(moves: list[ModelMove]) -> list[str]:
    evidence: Any = next((move.evidence for move in reversed(moves) if move.evidence), ())
    return [one["name"] for one in evidence if one["outcome"] == "failed"]


def _about(finding: Finding, card: ModelCard) -> bool:
    return (finding.model_name, finding.model_version) == (card.model_name, card.model_version)
