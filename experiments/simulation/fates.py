"""Persons of different fate, one or more of each, by the truth tables: whom to look at when judging explanations."""

from pathlib import Path
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.simulation.archetypes import ARCHETYPES, ORDINARY, WITHDRAWN_CONSENT
from experiments.simulation.points import BASE

_ORDER = ("settled", "nearness", "id_number")


class Fate(NamedTuple):
    """A person and what is special about them; `haixia explain` takes the identity number."""

    fate: str
    id_number: str


def fates(folder: Path, each: int = 1) -> list[Fate]:
    """Some persons of every archetype, those first of whom there is most to see.

    That is an appeal that is pending or a correction of what stands today, then an index far from its base. Everybody
    listed is enrolled and registered today, but for those who withdrew their consent.

    Args:
        folder: what `write` wrote, or a data folder of the service that holds such files; of several the latest.
        each: persons per archetype, as far as there are so many.

    Raises:
        FileNotFoundError: there is no truth below the folder.
    """
    truth = truth_of(folder)
    persons = pq.read_table(truth / "persons.parquet")
    persons = _with_order(persons, pq.read_table(truth / "objections.parquet"))
    enrolled = pc.and_(pc.is_valid(persons["enrolled_on"]), pc.is_null(persons["left_on"]))
    withdrawn = pc.is_valid(persons["withdrawn_on"])
    found = []
    for place, fate in enumerate(ARCHETYPES):
        if place != ORDINARY:
            is_so = pc.and_(pc.equal(persons["archetype"], fate), enrolled)
            wanted = withdrawn if place == WITHDRAWN_CONSENT else pc.invert(withdrawn)
            rows = persons.filter(pc.and_(is_so, wanted)).sort_by([(name, "ascending") for name in _ORDER])
            found += [Fate(fate, number) for number in rows["id_number"].slice(0, each).to_pylist()]
    return found


def _with_order(persons: pa.Table, objections: pa.Table) -> pa.Table:
    """The persons with what they are sorted by."""
    open_today = objections.filter(pc.and_(objections["stands_on_demo_day"], pc.is_null(objections["until_on"])))
    settled = pc.invert(pc.is_in(persons["id_number"], value_set=open_today["id_number"].combine_chunks()))
    nearness = pc.negate(pc.abs(pc.subtract(persons["civility_points"], BASE)))
    return persons.append_column("settled", settled.cast(pa.int8())).append_column("nearness", nearness)


def truth_of(folder: Path) -> Path:
    """The folder of truth tables in or below a folder.

    Raises:
        FileNotFoundError: there is none.
    """
    tables = [*folder.glob("truth/objections.parquet"), *folder.glob("files/*/truth/objections.parquet")]
    if not tables:
        raise FileNotFoundError(f"no truth/objections.parquet in {folder} or in its files/*/: write the district anew")
    return max(tables, key=lambda path: path.stat().st_mtime).parent
