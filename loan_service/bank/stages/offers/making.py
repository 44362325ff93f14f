"""One pricing run: who is due for an offer, what it is made of, and its rows."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection

from bank_adapters import message_id
from loan_service.bank.stages.offers.telling import prescreen_bodies, terms_columns
from loan_service.bank.store import offers as store
from loan_service.bank.store.households import offer_inputs
from loan_service.bank.store.promotions import live
from loan_service.bank.store.rows import batch_leaf, stable_key
from loan_service.bank.views.offer_inputs import input_hashes, without_grades
from loan_service.bank.views.pricing import Priced, price
from loan_service.errors import RefusedError
from models.day_policy import policy_on
from models.policy_loader import PolicyEdition

Flags = npt.NDArray[np.bool_]

_AS_THEY_ARE: Final = ("household_ref", "borrower_ref", "village_code", "certificate_id", "index_edition")


@dataclass(frozen=True)
class Issued:
    """What a run over a bank's households made.

    Attributes:
        households: Households looked at.
        issued: Offers that are new, declines and referrals included.
        decisions: New offers by decision.
    """

    households: int = 0
    issued: int = 0
    decisions: dict[str, int] = field(default_factory=dict)


class Maker:
    """Makes the offers of one bank and day from what is known at one position.

    Where the civility input is off, no grade is looked at: no model reads it, no offer carries a bonus for it.
    """

    def __init__(
        self,
        connection: Connection,
        edition: PolicyEdition,
        business_date: date,
        position: int,
        *,
        civility_input: bool = True,
    ) -> None:
        self._connection = connection
        self._edition = edition
        self._bank_code = edition.policy.bank_code
        self._day = policy_on(edition.policy, edition.lpr, business_date)
        self._position = position
        self._civility_input = civility_input
        serving = live(connection, self._bank_code, business_date)
        self.promotions = {kind: one for kind, one in serving.items() if civility_input or kind == "baseline"}
        if "baseline" not in self.promotions:
            raise RefusedError(
                "model.none_live",
                f"{self._bank_code} has no live baseline model",
                f"{self._bank_code}没有在用的基础模型",
                "train and promote one (haixia model train)",
            )

    def make_all(self, village_code: str | None = None) -> Issued:
        """Makes every offer that is due, of a village or of all."""
        inputs = self._inputs(None)
        asked = np.full(inputs.num_rows, True) if village_code is None else _is(inputs["village_code"], village_code)
        due = self._due(inputs) & asked
        if not due.any():
            return Issued(int(asked.sum()))
        rows = self._make(inputs, due)
        return Issued(int(asked.sum()), rows.num_rows, dict(Counter(rows["decision"].to_pylist())))

    def make_one(self, household_ref: str) -> str | None:
        """Makes one household's offer if it is due; its id, or that of the one that stands; None without household."""
        inputs = self._inputs(household_ref)
        asked = _is(inputs["household_ref"], household_ref)
        due = self._due(inputs) & asked
        rows = self._make(inputs, due)["offer_id"] if due.any() else inputs.filter(pa.array(asked))["last_offer_id"]
        offer_id: str | None = rows[0].as_py() if len(rows) else None
        return offer_id

    def standing(self) -> pa.Table:
        """Households whose last offer was made of exactly today's inputs; their columns as pricing sees them."""
        inputs = self._inputs(None)
        same = pc.equal(inputs["last_input_hash"], inputs["input_hash"])
        return inputs.filter(pc.fill_null(same, fill_value=False))

    def _inputs(self, household_ref: str | None) -> pa.Table:
        day = self._day.business_date
        rows = offer_inputs(self._connection, self._bank_code, day, self._position, household_ref)
        inputs = rows if self._civility_input else without_grades(rows)
        hashes = input_hashes(inputs, self.promotions, self._day, self._edition.edition_id)
        return inputs.append_column("input_hash", pa.array(hashes, pa.string()))

    def _due(self, inputs: pa.Table) -> Flags:
        """Whoever has no offer, or one that has expired, or one made of other inputs."""
        same = pc.equal(inputs["last_input_hash"], inputs["input_hash"])
        valid = pc.greater(inputs["last_expires_on"], pa.scalar(self._day.business_date))
        return ~_flags(pc.fill_null(pc.and_(same, valid), fill_value=False))

    def _make(self, inputs: pa.Table, due: Flags) -> pa.Table:
        # Rows that stand for one household are priced together, or nobody would see that there are two borrowers.
        wanted = due | _flags(inputs["shared"])
        together = inputs.filter(pa.array(wanted))
        priced = price(together, self.promotions, self._edition, self._day)
        rows = self._rows(together, priced).filter(pa.array(due[wanted]))
        day = self._day.business_date
        leaf_id = batch_leaf(self._connection, "offers", self._bank_code, rows["offer_id"].to_pylist(), day)
        leaves = pa.repeat(pa.scalar(leaf_id, pa.int64()), rows.num_rows)
        store.append_offers(self._connection, rows.append_column("leaf_id", leaves))
        self._prescreen(rows)
        return rows

    def _rows(self, inputs: pa.Table, priced: Priced) -> pa.Table:
        count, full = inputs.num_rows, self.promotions.get("full")
        return pa.table(
            {
                "offer_id": self._offer_ids(inputs),
                "bank_code": pa.repeat(self._bank_code, count),
                **{name: inputs[name] for name in _AS_THEY_ARE},
                "replaces_offer_id": inputs["last_offer_id"],
                "input_hash": inputs["input_hash"],
                "default_probability": pa.array(priced.default_probability),
                "full_default_probability": _or_nulls(priced.full_default_probability, count),
                **terms_columns(priced.offers, priced.contributions, every_grade=self._civility_input),
                "model_version": pa.repeat(self.promotions["baseline"].version, count),
                "full_model_version": pa.repeat(pa.scalar(full.version if full else None, pa.string()), count),
                "policy_edition": pa.repeat(self._edition.edition_id, count),
                "lpr_hash": pa.repeat(self._edition.lpr_hash, count),
                "known_position": pa.repeat(pa.scalar(self._position, pa.int64()), count),
                "priced_on": pa.repeat(pa.scalar(self._day.business_date), count),
                "expires_on": pa.repeat(pa.scalar(self._day.valid_until), count),
            }
        )

    def _offer_ids(self, inputs: pa.Table) -> pa.Array:
        """Bank, household, inputs, and the offer before: inputs that changed and changed back make a new offer."""
        columns = (inputs[name].to_pylist() for name in ("household_ref", "input_hash", "last_offer_id"))
        rows = zip(*columns, strict=True)
        return pa.array([stable_key("offer", self._bank_code, ref, given, last or "") for ref, given, last in rows])

    def _prescreen(self, rows: pa.Table) -> None:
        """Puts what is offered on the bank's prescreen list; who has signed already is not asked again."""
        signed = sorted(store.households_under_contract(self._connection, self._bank_code))
        asked_before = _flags(pc.is_in(rows["household_ref"], pa.array(signed, pa.string())))
        listed = rows.filter(pa.array(_is(rows["decision"], "offer") & ~asked_before))
        if listed.num_rows:
            keys = [message_id("prescreen_list", offer_id) for offer_id in listed["offer_id"].to_pylist()]
            store.put_prescreen_lines(self._connection, self._bank_code, pa.array(keys), prescreen_bodies(listed))


def _is(column: pa.ChunkedArray, word: str) -> Flags:
    return _flags(pc.equal(column, word))


def _flags(column: pa.ChunkedArray | pa.Array) -> Flags:
    flags: Flags = column.to_numpy().astype(bool)
    return flags


def _or_nulls(values: npt.NDArray[np.float64] | None, count: int) -> pa.Array:
    return pa.nulls(count, pa.float64()) if values is None else pa.array(values)
