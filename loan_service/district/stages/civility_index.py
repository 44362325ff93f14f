"""From sealed events to civility indices: evaluates everybody, appends only what changed."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loan_service.district.store import civility_index as store
from loan_service.district.store.history import read_history
from loan_service.district.store.tables import log
from loan_service.foundation.database import transaction
from loan_service.foundation.transparency import append_leaf, seal
from loan_service.foundation.wing import Wing
from scoring import Evaluation, Rulebook, evaluate

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class IndexRun:
    """What one evaluation found and changed."""

    as_of: date
    known_position: int
    edition: str
    persons: int
    changed: int
    ended: int


def seal_facts(wing: Wing) -> int:
    """Seals what was committed and returns the position of the newest fact: what an evaluation now may know."""
    with transaction(wing.engine) as connection:
        seal(connection, log, wing.signer)
        return store.facts_position(connection)


def compute(wing: Wing, rulebook: Rulebook, as_of: date, known_position: int) -> IndexRun:
    """Brings every index to `as_of` as known at `known_position`.

    One transaction: either all changed ledgers stand, or none. An index whose ledger is what it was gets no new row.
    """
    with transaction(wing.engine) as connection:
        edition = rulebook.edition.edition
        done = store.run_marker(connection, as_of, known_position, edition)
        if done:
            return IndexRun(as_of, known_position, edition, done.persons, 0, 0)
        evaluation = evaluate(rulebook, read_history(connection, known_position), as_of, known_position)
        before = store.current_ledgers(connection, as_of)
        changed = _changed(evaluation, before)
        ended = np.setdiff1d(before["person_id"].to_numpy(), evaluation.persons.person_id)
        if changed.any() or len(ended):
            subject = f"{as_of}/{known_position}/{evaluation.edition_hash}"
            content = evaluation.persons.ledger_hash[changed].tobytes() + ended.tobytes()
            append_leaf(connection, log, store.LEAF_KIND, subject, content, as_of)
        store.append_indices(connection, _indices(evaluation, changed), _entries(evaluation, changed))
        store.append_endings(connection, pa.array(ended, pa.int64()), as_of, known_position)
        run = IndexRun(as_of, known_position, edition, len(changed), int(changed.sum()), len(ended))
        store.mark_run(connection, as_of, known_position, edition, run.persons, run.changed)
    return run


def _changed(evaluation: Evaluation, before: pa.Table) -> Mask:
    """Which persons' ledgers differ from their current one, or have none yet."""
    known = before["person_id"].to_numpy()
    order = np.argsort(known)
    known, hashes = known[order], before["ledger_hash"].to_numpy()[order]
    persons = evaluation.persons
    place = np.searchsorted(known, persons.person_id)
    found = np.append(known, -1)[place] == persons.person_id
    same = np.append(hashes, 0)[place] == persons.ledger_hash
    changed: Mask = ~(found & same)
    return changed


def _indices(evaluation: Evaluation, changed: Mask) -> pa.Table:
    rows = evaluation.persons.take(changed).to_arrow()
    size = rows.num_rows
    return (
        rows.set_column(rows.column_names.index("grade"), "grade", rows["grade"].cast(pa.string()))
        .append_column("as_of", pa.array([evaluation.as_of] * size, pa.date32()))
        .append_column("known_position", pa.array([evaluation.known_position] * size, pa.int64()))
        .append_column("edition", pa.array([evaluation.edition] * size, pa.string()))
    )


def _entries(evaluation: Evaluation, changed: Mask) -> pa.Table:
    """The changed persons' ledger rows; 0 and the empty text, which mean 'none' in a frame, become null."""
    rows_of_each = np.diff(evaluation.first_row)
    keep = np.repeat(changed, rows_of_each)
    ledger = evaluation.ledger.take(keep).to_arrow()
    hashes = np.repeat(evaluation.persons.ledger_hash, rows_of_each)[keep]
    columns = {name: _none_as_null(ledger[name]) for name in ledger.column_names}
    columns["points_milli"] = ledger["points_milli"]
    columns["sequence"] = ledger["sequence"]
    return pa.table(columns | {"ledger_hash": pa.array(hashes, pa.int64())})


def _none_as_null(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_dictionary(column.type):
        column = column.cast(pa.string())
    nothing = {pa.string(): "", pa.int64(): 0}.get(column.type)
    return column if nothing is None else pc.if_else(pc.equal(column, nothing), None, column)
