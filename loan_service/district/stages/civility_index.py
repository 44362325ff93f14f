"""From sealed events to civility indices: evaluates whom a new fact or the day may reach, appends what changed."""

import hashlib
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from loan_service.district.store import civility_index as store
from loan_service.district.store.civility_index import Step
from loan_service.district.store.history import read_history
from loan_service.district.store.reach import Part, Reach
from loan_service.district.store.tables import log
from loan_service.foundation.connection import Connection
from loan_service.foundation.database import AnyRow, transaction
from loan_service.foundation.transparency import append_leaf, seal
from loan_service.foundation.wing import Wing
from scoring import Evaluation, Rulebook, evaluate

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

WORTHWHILE = 0.3
"""Up to this share of all persons, looking up their history alone is quicker than reading everybody's."""

INTERPRETERS = ("scoring", "loan_service.district.store")
"""Packages whose code decides what an edition makes of the rows."""


@dataclass(frozen=True)
class IndexRun:
    """What one evaluation found and changed.

    Attributes:
        persons: with an index now.
        touched: evaluated, because the day or a new fact may have changed their index.
        changed: with another ledger than before.
        ended: without an index from now on.
    """

    as_of: date
    known_position: int
    edition: str
    persons: int
    touched: int
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
    Only persons whose day has come or whom a new fact reaches are evaluated where that is known to give the rows an
    evaluation of everybody gives: going on from the last run, under the same edition and the same code.
    """
    with transaction(wing.engine) as connection:
        edition = rulebook.edition.edition
        done = store.run_marker(connection, as_of, known_position, edition)
        if done:
            return IndexRun(as_of, known_position, edition, done.persons, 0, 0, 0)
        overtaken = store.is_overtaken(connection, as_of, known_position, edition)
        last = None if overtaken else store.last_run(connection)
        part = _part(connection, rulebook, last, as_of, known_position) if last else None
        evaluation = evaluate(rulebook, read_history(connection, known_position, part), as_of, known_position)
        before = store.current_ledgers(connection, as_of, part)
        changed, ended = _append(connection, evaluation, before)
        others = last.persons - before.num_rows if last and part else 0
        run = IndexRun(
            as_of=as_of,
            known_position=known_position,
            edition=edition,
            persons=others + len(changed),
            touched=len(part.person_ids) if part else len(changed) + len(ended),
            changed=int(changed.sum()),
            ended=len(ended),
        )
        store.mark_run(connection, vars(run), _computed_by(rulebook))
        if overtaken:
            store.distrust_runs(connection)
    return run


def _part(connection: Connection, rulebook: Rulebook, last: AnyRow, as_of: date, known_position: int) -> Part | None:
    """Whom to evaluate, going on from the last run; None: everybody, who are not many more or cannot be left out."""
    if last.computed_by != _computed_by(rulebook):
        return None
    step, reach = Step(last.as_of, as_of, last.known_position, known_position), Reach.of(rulebook)
    person_ids = store.touched(connection, step, reach, rulebook.edition.adult_years)
    return Part(person_ids, reach) if len(person_ids) <= WORTHWHILE * last.persons else None


@cache
def _interpreter() -> str:
    """A digest of the code between rows and ledgers: changed code may find another index where no row changed."""
    digest = hashlib.sha256()
    for package in INTERPRETERS:
        sources = [each for each in resources.files(package).iterdir() if each.name.endswith(".py")]
        for source in sorted(sources, key=lambda each: each.name):
            digest.update(source.read_bytes())
    return digest.hexdigest()


def _computed_by(rulebook: Rulebook) -> str:
    return hashlib.sha256(f"{rulebook.content_hash}/{_interpreter()}".encode()).hexdigest()


def _append(connection: Connection, evaluation: Evaluation, before: pa.Table) -> tuple[Mask, Ints]:
    """Appends what differs from before, with its leaf in the log; returns who changed and who has no index any more."""
    as_of, known_position = evaluation.as_of, evaluation.known_position
    changed = _changed(evaluation, before)
    ended = np.setdiff1d(before["person_id"].to_numpy(), evaluation.persons.person_id)
    if changed.any() or len(ended):
        subject = f"{as_of}/{known_position}/{evaluation.edition_hash}"
        content = evaluation.persons.ledger_hash[changed].tobytes() + ended.tobytes()
        append_leaf(connection, log, store.LEAF_KIND, subject, content, as_of)
    store.append_indices(connection, _indices(evaluation, changed), _entries(evaluation, changed))
    store.append_endings(connection, pa.array(ended, pa.int64()), as_of, known_position)
    return changed, ended


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
