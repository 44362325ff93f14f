"""Rolling back: the version that served before serves again, and the ledger says who decided that and why."""

from collections.abc import Iterable

from loan_service.bank.stages.model_life.acts import Act, Follow, serve, standing
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import LIVE, RETIRED, ModelCard, ModelMove
from loan_service.errors import RefusedError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing


def roll_back(wing: Wing, stamp: str, act: Act, follow: Follow) -> ModelMove:
    """Takes the version that serves out; the one before it serves again, for offers made from now on.

    The version that fails is named, so that repeating the command never rolls back twice. The ledger comes first and
    the registry's alias follows: killed in between, repeating mends it.

    Raises:
        NotFoundError: there is no such version.
        RefusedError: it never served, another version followed it by promotion, or nothing served before it.
    """
    with transaction(wing.engine) as connection:
        failing = standing(connection, stamp)
        moves = ledger.live_moves(connection, failing.card.model_name)
        if failing.state == LIVE:
            before = _before(failing.card, moves)
            now = standing(connection, before.stamp)
            move = serve(wing, connection, now, act, before.evidence)
        else:
            move = _done_before(failing.card, moves)
    follow(move.model_name, move.model_version)
    return move


def serving_stack(moves: Iterable[ModelMove]) -> list[ModelMove]:
    """What a rollback would come back to, the version that serves last: a promotion adds, a rollback takes away.

    Args:
        moves: every live move of a model, oldest first.
    """
    stack: list[ModelMove] = []
    for move in moves:
        while move.from_state == RETIRED and stack and stack[-1].stamp != move.stamp:
            stack.pop()
        if not stack or stack[-1].stamp != move.stamp:
            stack.append(move)
    return stack


def _before(card: ModelCard, moves: list[ModelMove]) -> ModelMove:
    stack = serving_stack(moves)
    if len(stack) < 2:  # noqa: PLR2004  # the one that serves, and one before it
        raise RefusedError(
            "model.nothing_before",
            f"nothing served before {card.stamp}",
            f"{card.stamp} 之前没有在用版本",
            "promote another version instead",
        )
    return stack[-2]


def _done_before(card: ModelCard, moves: list[ModelMove]) -> ModelMove:
    """The rollback that took the version out already, as long as what it brought back still serves."""
    is_done = len(moves) > 1 and moves[-1].from_state == RETIRED and moves[-2].stamp == card.stamp
    if not is_done:
        raise RefusedError(
            "model.not_live",
            f"{card.stamp} does not serve",
            f"{card.stamp} 不是在用版本",
            "`haixia model list` shows what serves; name that version",
        )
    return moves[-1]
