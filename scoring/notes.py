"""What an evaluation noticed and decided by rule, for people to look at: one row per event and kind of note."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import ClassVar, Final

import numpy as np

from scoring.columns import TextColumn, Whole
from scoring.frames import Column, Frame

NOTE_KINDS: Final = (
    "no_document",  # a deduction whose document or catalogue item its rule does not list: no points
    "no_deadline",  # an overdue hazard without a deadline: no points
    "no_representative",  # nobody was in office at the entity that day: no points for anyone
    "overlapping_representatives",  # several were; the one appointed last (then the lower id) was taken
)


@dataclasses.dataclass(frozen=True, slots=True)
class Notes(Frame):
    """Which event was treated in a way somebody may want to know."""

    COLUMNS: ClassVar[Mapping[str, Column]] = {"kind": Column.TEXT, "event_id": Column.WHOLE}

    kind: TextColumn
    event_id: Whole


def notes_of(kind: str, event_id: Whole) -> Notes:
    """One note of this kind per event."""
    return Notes(TextColumn(np.full(len(event_id), NOTE_KINDS.index(kind), np.int32), NOTE_KINDS), event_id)


def all_notes(parts: Sequence[Notes]) -> Notes:
    """All notes, ordered by event and kind."""
    codes = np.concatenate([part.kind.codes for part in parts])
    events = np.concatenate([part.event_id for part in parts])
    order = np.lexsort((codes, events))
    return Notes(TextColumn(codes[order], NOTE_KINDS), events[order])
