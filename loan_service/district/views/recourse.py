"""What a person can do to reach the next grade: the cheapest real steps, for the kinds of thing he says he can do."""

from collections.abc import Collection
from datetime import date

import numpy as np

from loan_service.district.store import explanation as store
from loan_service.district.store.civility_index import facts_position
from loan_service.district.store.history import read_history
from loan_service.district.store.reach import Part, Reach
from loan_service.district.views.rulebooks import rulebook_in_force
from loan_service.errors import NotFoundError, RefusedError
from loan_service.foundation.connection import Connection
from scoring import PersonWithoutIndexError
from scoring.recourse import UnknownGradeError, UnknownStepError, steps_to
from scoring.recourse_answer import Recourse
from scoring.recourse_loader import load_steps


def kinds() -> list[str]:
    """The kinds of thing a person may say he can do."""
    return list(load_steps().kinds)


def recourse(
    connection: Connection, person_id: int, as_of: date, can_do: Collection[str], target: str | None = None
) -> Recourse:
    """Plans under the edition in force, as known at the newest sealed fact.

    Raises:
        NotFoundError: there is no index; not enrolled, withdrawn and unknown look the same (`index.none`).
        NoRulebookError: no edition is in force.
        RefusedError: a kind or a grade that does not exist (`recourse.unknown`).
    """
    # Reading and rescoring for a number nobody has would be a cheap way to keep this process busy.
    if not store.is_enrolled(connection, person_id, as_of):
        raise _no_index()
    known_position = facts_position(connection)
    try:
        rulebook = rulebook_in_force(connection, as_of, known_position)
        alone = read_history(connection, known_position, Part(np.array([person_id], np.int64), Reach.of(rulebook)))
        return steps_to(rulebook, alone, person_id, as_of, known_position, can_do, target)
    except PersonWithoutIndexError as error:
        raise _no_index() from error
    except (UnknownStepError, UnknownGradeError) as error:
        zh, en = str(error).split(" / ")
        raise RefusedError("recourse.unknown", en, zh, f"one of: {', '.join(kinds())}") from error


def _no_index() -> NotFoundError:
    return NotFoundError("index.none", "there is no index under this number", "这个编号没有诚信文明分")
