"""Households of every bank with their offers and with what only the simulator knows of their borrowers."""

from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from experiments.simulation.config import BANKS
from experiments.simulation.drift import newest_file, read_households
from models.arrays import Booleans
from models.feature_spec import declared_features
from models.household_groups import at_least_months_ago

_PERSON: Final = ("registered_on", "enrolled_on", "withdrawn_on", "situation")
_OFFER: Final = (
    "decision",
    "grade",
    "baseline_limit_fen",
    "limit_bonus_fen",
    "rate_discount_bp",
    "rate_bp",
    "default_probability",
)
_FILE: Final = (
    "household_ref",
    "village_code",
    "borrower_birth_on",
    "borrower_sex",
    "borrower_binding_token",
    "adults",
    "as_of",
)


def joined_households(files: Path, offers: pa.Table) -> pa.Table:
    """One row per household of a bank that has an offer, decline or referral.

    Args:
        files: what the simulation wrote, its `truth` included.
        offers: what `experiments.simulation.offers.offers_for` answered.

    Returns:
        The bank's file (features, sex, age), the offer, `bank` (its place), and of the truth `true_probability` and the
        borrower's registration, enrolment, withdrawal and situation. References are unique over banks.
    """
    features = declared_features("baseline").columns
    parts = []
    for place, code in enumerate(BANKS):
        read = read_households(newest_file(files / code)[0])
        wanted = dict.fromkeys([*_FILE, *features])
        part = read.select(list(wanted))
        parts.append(part.append_column("bank", pa.repeat(pa.scalar(place, pa.int64()), len(part))))
    households = pa.concat_tables(parts, promote_options="permissive")
    households = _beside(households, "household_ref", offers, "household_ref", {name: name for name in _OFFER})
    truth = pq.read_table(files / "truth" / "bank_households.parquet")
    from_bank = {"borrower_id_number": "borrower_id_number", "true_probability": "default_probability"}
    households = _beside(households, "household_ref", truth, "household_ref", from_bank)
    persons = pq.read_table(files / "truth" / "persons.parquet")
    own = {name: name for name in _PERSON}
    households = _beside(households, "borrower_id_number", persons, "id_number", own)
    return households.filter(pc.is_valid(households["decision"])).combine_chunks()


def enrolled_for(households: pa.Table, months: int) -> Booleans:
    """Whose borrower has been enrolled for so many months on the file's day and has not withdrawn, shape (rows,)."""
    return at_least_months_ago(households, "enrolled_on", months) & _is_null_or_later(households, "withdrawn_on")


def _is_null_or_later(households: pa.Table, column: str) -> Booleans:
    later = pc.fill_null(pc.greater(households[column], households["as_of"]), fill_value=True)
    return np.asarray(later.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _beside(left: pa.Table, key: str, right: pa.Table, right_key: str, columns: dict[str, str]) -> pa.Table:
    """The left rows in their order with columns of the right row of the same key; null where there is none."""
    rows = pc.index_in(left[key], right[right_key].combine_chunks())
    for name, source in columns.items():
        left = left.append_column(name, right[source].combine_chunks().take(rows))
    return left
