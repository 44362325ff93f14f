"""Rows of the model ledger: every version, every move of its life, as known at a position; only ever added to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, func, insert, select, true
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.model_tables import model_cards, model_moves
from loan_service.bank.store.rows import only_one
from loan_service.bank.store.tables import log
from loan_service.foundation.database import AnyRow, to_json
from loan_service.foundation.transparency import append_leaf

DEVELOPED: Final = "developed"
TESTED: Final = "tested"
REVIEWED: Final = "reviewed"
LIVE: Final = "live"
RETIRED: Final = "retired"
SHADOW: Final = "shadow"

CARD_LEAF: Final = "model_card"
MOVE_LEAF: Final = "model_move"

Evidence = Sequence[Mapping[str, Any]]


@dataclass(frozen=True)
class ModelCard:
    """One version of a model, as it was developed; nothing of it ever changes.

    Attributes:
        method: `trained` on past loans, or an `expert` card.
        run_id: MLflow's run.
        data_sha256: the past-loans file it was trained on; empty for an expert card.
        training_data_origin: `own`, `simulated`, `foreign`, or `none` for an expert card.
    """

    model_name: str
    model_version: str
    bank_code: str
    kind: str
    method: str
    run_id: str
    scorecard_sha256: str
    scorecard: str
    data_sha256: str
    code_version: str
    training_data_origin: str
    parameters: Mapping[str, Any]
    metrics: Mapping[str, Any]
    authored_by: str
    registered_on: date

    @property
    def stamp(self) -> str:
        """The stamp an offer carries."""
        return f"{self.model_name}/{self.model_version}"


@dataclass(frozen=True)
class ModelMove:
    """One step in the life of a version.

    Attributes:
        move_number: 1, 2, 3 in the life of this version.
        from_state: the state it found; None: none yet. A shadow run leaves the state as it is.
        evidence: gate results; beside an undecided one why a reviewer accepted it.
        expires_on: first day on which a challenger no longer scores in shadow.
        position: sealed log position; None: not sealed yet. Given when read.
    """

    model_name: str
    model_version: str
    move_number: int
    bank_code: str
    kind: str
    from_state: str | None
    state: str
    authored_by: str
    moved_by: str
    moved_on: date
    reason: str
    evidence: Evidence = ()
    expires_on: date | None = None
    position: int | None = field(default=None, compare=False)

    @property
    def stamp(self) -> str:
        """The stamp an offer carries."""
        return f"{self.model_name}/{self.model_version}"


_CARD_COLUMNS: Final = [model_cards.c[name] for name in ModelCard.__annotations__]
_MOVE_COLUMNS: Final = [model_moves.c[name] for name in ModelMove.__annotations__ if name != "position"]


def one_at_a_time(connection: Connection, model_name: str) -> None:
    """Holds back other acts on this model until the transaction ends: each looks before it writes."""
    only_one(connection, f"model:{model_name}")


def append_card(connection: Connection, card: ModelCard) -> int:
    """Appends a version; returns its log leaf."""
    told = {name: value for name, value in vars(card).items() if name != "scorecard"}
    leaf_id = append_leaf(connection, log, CARD_LEAF, card.stamp, to_json(told).encode(), card.registered_on)
    connection.execute(insert(model_cards).values(vars(card) | {"leaf_id": leaf_id}))
    return leaf_id


def append_move(connection: Connection, move: ModelMove) -> int:
    """Appends a move; returns its log leaf."""
    row = {name: value for name, value in vars(move).items() if name != "position"}
    subject = f"{move.stamp}/{move.move_number}"
    leaf_id = append_leaf(connection, log, MOVE_LEAF, subject, to_json(row).encode(), move.moved_on)
    connection.execute(insert(model_moves).values(row | {"leaf_id": leaf_id}))
    return leaf_id


def append_developed(connection: Connection, card: ModelCard, reason: str) -> int:
    """Appends a version with the first move of its life; returns the card's log leaf."""
    leaf_id = append_card(connection, card)
    move = ModelMove(
        model_name=card.model_name,
        model_version=card.model_version,
        move_number=1,
        bank_code=card.bank_code,
        kind=card.kind,
        from_state=None,
        state=DEVELOPED,
        authored_by=card.authored_by,
        moved_by=card.authored_by,
        moved_on=card.registered_on,
        reason=reason,
    )
    append_move(connection, move)
    return leaf_id


def card_of(connection: Connection, model_name: str, model_version: str) -> ModelCard | None:
    """A version's card."""
    column = model_cards.c
    query = select(*_CARD_COLUMNS).where(column.model_name == model_name, column.model_version == model_version)
    return _card(connection.execute(query).first())


def cards(connection: Connection, bank_code: str | None = None) -> list[ModelCard]:
    """Every version ever developed, of one bank or all, in the order they were registered."""
    query = select(*_CARD_COLUMNS).order_by(model_cards.c.leaf_id)
    if bank_code is not None:
        query = query.where(model_cards.c.bank_code == bank_code)
    return [ModelCard(*row) for row in connection.execute(query)]


def trained_on(connection: Connection, bank_code: str, data_sha256: str) -> dict[str, ModelCard]:
    """The newest versions, by kind, that were trained on exactly this file."""
    column = model_cards.c
    query = (
        select(*_CARD_COLUMNS)
        .where(column.bank_code == bank_code, column.data_sha256 == data_sha256)
        .order_by(column.leaf_id)
    )
    return {row.kind: ModelCard(*row) for row in connection.execute(query)}


def moves(
    connection: Connection, *, model_name: str | None = None, known_position: int | None = None
) -> list[ModelMove]:
    """Moves in the order they were made, of one model or of all.

    Args:
        connection: an open transaction.
        model_name: such as `island_rural.baseline`; None: every model.
        known_position: a sealed log position; later moves are not known. None: now, unsealed moves included.
    """
    query = _moves(known_position).order_by(model_moves.c.leaf_id)
    if model_name is not None:
        query = query.where(model_moves.c.model_name == model_name)
    return [ModelMove(*row) for row in connection.execute(query)]


def state_of(connection: Connection, card: ModelCard) -> tuple[str | None, int]:
    """The state a version is in (a shadow run is none), and how many moves it has made."""
    column = model_moves.c
    of_card = (column.model_name == card.model_name, column.model_version == card.model_version)
    count = connection.execute(select(func.count()).where(*of_card)).scalar_one()
    newest = select(column.state).where(*of_card, column.state != SHADOW).order_by(column.move_number.desc())
    return connection.execute(newest.limit(1)).scalar(), int(count)


def last_move(connection: Connection, card: ModelCard, state: str) -> ModelMove | None:
    """The newest move of a version into a state."""
    column = model_moves.c
    query = _moves(None).where(
        column.model_name == card.model_name, column.model_version == card.model_version, column.state == state
    )
    row = connection.execute(query.order_by(column.move_number.desc()).limit(1)).first()
    return ModelMove(*row) if row else None


def live_moves(connection: Connection, model_name: str, known_position: int | None = None) -> list[ModelMove]:
    """Every time a version of a model was made live, oldest first, as known at a position."""
    query = _moves(known_position).where(model_moves.c.model_name == model_name, model_moves.c.state == LIVE)
    return [ModelMove(*row) for row in connection.execute(query.order_by(model_moves.c.leaf_id))]


def champion(connection: Connection, model_name: str) -> ModelCard | None:
    """The version of a model that serves now."""
    served = live_moves(connection, model_name)
    return card_of(connection, model_name, served[-1].model_version) if served else None


def challengers(connection: Connection, bank_code: str, day: date) -> list[ModelCard]:
    """The versions of a bank that score in shadow on a day, by the newest word about each."""
    move = model_moves.c
    newest = (
        select(move.model_name, move.model_version, move.expires_on)
        .where(move.bank_code == bank_code, move.state == SHADOW, move.moved_on <= day)
        .ext(distinct_on(move.model_name, move.model_version))
        .order_by(move.model_name, move.model_version, move.move_number.desc())
        .subquery()
    )
    card = model_cards.c
    joined = (card.model_name == newest.c.model_name) & (card.model_version == newest.c.model_version)
    query = select(*_CARD_COLUMNS).join(newest, joined).where(newest.c.expires_on > day)
    return [ModelCard(*row) for row in connection.execute(query.order_by(card.model_name, card.leaf_id))]


def _moves(known_position: int | None) -> Select[Any]:
    sealed = log.sealed.c
    return (
        select(*_MOVE_COLUMNS, sealed.position)
        .outerjoin(log.sealed, sealed.leaf_id == model_moves.c.leaf_id)
        .where(_known(sealed.position, known_position))
    )


def _known(position: ColumnElement[Any], known_position: int | None) -> ColumnElement[bool]:
    return true() if known_position is None else position <= known_position


def _card(row: AnyRow | None) -> ModelCard | None:
    return ModelCard(*row) if row else None
