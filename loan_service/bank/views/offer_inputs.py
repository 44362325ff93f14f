"""What an offer depends on, as one hash per household: equal inputs, equal offer."""

import hashlib
from dataclasses import fields

import orjson
import pyarrow as pa
import pyarrow.compute as pc
from pydantic import BaseModel

from loan_service.bank.store.promotions import Promotion
from models.columns import days_of
from models.day_policy import DayPolicy
from models.household_facts import completed_years


def input_hashes(households: pa.Table, promotions: dict[str, Promotion], day: DayPolicy, edition_id: str) -> list[str]:
    """SHA-256 (hex) over everything that can change an offer's terms.

    That is the household's figures and sector, in whose name it would borrow, at what age and with what standing, what
    contracts its exposure group holds, whether another row stands for it, the grade; the scorecards; and the policy
    and LPR as they stand on the day. The day itself is not among them: an offer is not made again because
    a day has passed.

    Args:
        households: rows of `store.households.OFFER_INPUTS`.
        promotions: the live scorecards by kind.
        day: the policy resolved for the business date.
        edition_id: the policy's edition with its content hash.
    """
    ages = completed_years(days_of(households["borrower_birth_on"]), day.business_date).values
    told = pc.binary_join_element_wise(
        households["sector"],
        households["borrower_ref"],
        pa.array(ages).cast(pa.string()),
        pc.fill_null(households["borrower_standing"], ""),
        pc.fill_null(households["group_contracts_fen"], 0).cast(pa.string()),
        households["shared"].cast(pa.string()),
        pc.fill_null(households["grade"], "none"),
        households["data"],
        "|",
    )
    common = hashlib.sha256(_common(promotions, day, edition_id))
    hashes = []
    for row in told.to_pylist():
        digest = common.copy()
        digest.update(row.encode())
        hashes.append(digest.hexdigest())
    return hashes


def without_grades(inputs: pa.Table) -> pa.Table:
    """The same households as if nobody had brought a certificate."""
    for name in ("certificate_id", "grade", "index_edition"):
        nothing = pa.nulls(inputs.num_rows, pa.string())
        inputs = inputs.set_column(inputs.column_names.index(name), name, nothing)
    return inputs


def _common(promotions: dict[str, Promotion], day: DayPolicy, edition_id: str) -> bytes:
    cards = {kind: promotion.scorecard_sha256 for kind, promotion in promotions.items()}
    values = {
        one.name: getattr(day, one.name) for one in fields(day) if one.name not in ("business_date", "valid_until")
    }
    validity = (day.valid_until - day.business_date).days
    return orjson.dumps(
        [edition_id, cards, values, validity],
        default=_plain,
        option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_SORT_KEYS,
    )


def _plain(value: object) -> object:
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json")
    raise TypeError(f"no plain form of {type(value).__name__}")
