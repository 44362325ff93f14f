"""The credit inputs for a bank's books as of a day, with totals by stage that reconcile with the kept balances."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from loan_service.bank.store import ecl as store
from loan_service.bank.store.household_figures import figures_of
from loan_service.bank.store.promotions import Promotion, live
from loan_service.bank.views.pricing import default_probability
from loan_service.errors import RefusedError
from loan_service.foundation.connection import Connection
from models.ecl_inputs import FLAGS, SEPARATOR, TRIGGERS, ecl_inputs
from models.ecl_parameters import EclEdition, ecl_parameters_on

STAGES: Final = (1, 2, 3)


@dataclass(frozen=True)
class StageTotal:
    """What stands in one stage, money in fen."""

    stage: int
    contracts: int
    drawn_fen: int
    undrawn_fen: int
    exposure_fen: int


@dataclass(frozen=True)
class Reconciliation:
    """Drawn money of the report beside the kept balances, fen.

    Attributes:
        drawn_fen: Of every contract in the report.
        booked_later_fen: Drawn less repaid after the report's day.
        balances_fen: What `contract_balances` say now.
    """

    drawn_fen: int
    booked_later_fen: int
    balances_fen: int

    @property
    def difference_fen(self) -> int:
        """Zero where the report and the balances agree."""
        return self.drawn_fen + self.booked_later_fen - self.balances_fen


@dataclass(frozen=True)
class EclReport:
    """The rows of `models.ecl_inputs` with what they come to.

    Attributes:
        bank_code: The bank.
        as_of: The day.
        rows: One per contract.
        stages: Totals of stages 1 to 3.
        triggers: Contracts each trigger holds for; one contract may have several.
        flags: Contracts each flag stands on.
        reconciliation: With the kept balances.
    """

    bank_code: str
    as_of: date
    rows: pa.Table
    stages: tuple[StageTotal, ...]
    triggers: dict[str, int]
    flags: dict[str, int]
    reconciliation: Reconciliation


def ecl_report(connection: Connection, bank_code: str, as_of: date) -> EclReport:
    """The credit inputs of a bank's contracts at the end of a day.

    Raises:
        RefusedError: the bank had no live baseline model on the day (`model.none_live`).
        PolicyNotInForceError: no parameters are in force on the day.
    """
    edition = ecl_parameters_on(as_of)
    rows = ecl_inputs(_contracts(connection, bank_code, as_of, edition), edition, as_of)
    kept = store.kept_balances(connection, bank_code, as_of)
    drawn = pc.sum(rows["outstanding_fen"]).as_py() or 0
    return EclReport(
        bank_code,
        as_of,
        rows,
        tuple(_total(rows, stage) for stage in STAGES),
        _counts(rows["triggers"], TRIGGERS),
        _counts(rows["flags"], FLAGS),
        Reconciliation(drawn, kept.booked_later_fen, kept.balances_fen),
    )


def _contracts(connection: Connection, bank_code: str, as_of: date, edition: EclEdition) -> pa.Table:
    """What the mirror knows, beside the baseline's probability on the household data of now and of then."""
    promotion = live(connection, bank_code, as_of).get("baseline")
    if promotion is None:
        raise RefusedError(
            "model.none_live",
            f"{bank_code} had no live baseline model on {as_of}",
            f"{bank_code}在{as_of}没有在用的基础模型",
            "train and promote one (haixia model train)",
        )
    cure_from = as_of - timedelta(days=edition.parameters.cure_days)
    contracts = store.mirrored_contracts(connection, bank_code, as_of, cure_from)
    now = store.household_snapshots(connection, bank_code, as_of, "now")
    then = store.household_snapshots(connection, bank_code, as_of, "at_signing")
    ids = contracts["contract_id"]
    columns = {
        "default_probability_12m": _aligned(ids, now, _probability(now, promotion)),
        "default_probability_at_signing_now": _aligned(ids, then, _probability(then, promotion)),
        "model_version": pa.repeat(promotion.version, len(ids)),
        "snapshot_on": _aligned(ids, now, now["snapshot_on"]),
        "snapshot_at_signing_on": _aligned(ids, then, then["snapshot_on"]),
    }
    for name, column in columns.items():
        contracts = contracts.append_column(name, column)
    return contracts


def _probability(snapshots: pa.Table, promotion: Promotion) -> pa.Array:
    if not len(snapshots):
        return pa.array([], pa.float64())
    households = figures_of(snapshots["data"]).append_column("sector", snapshots["sector"])
    return pa.array(default_probability(households, promotion, "baseline"))


def _aligned(ids: pa.ChunkedArray, snapshots: pa.Table, values: pa.Array) -> pa.Array:
    """Values by contract in the contracts' order; null where there is no snapshot."""
    return values.take(pc.index_in(ids, snapshots["contract_id"]))


def _total(rows: pa.Table, stage: int) -> StageTotal:
    of_stage = rows.filter(pc.equal(rows["stage"], stage))
    sums = (pc.sum(of_stage[name]).as_py() or 0 for name in ("outstanding_fen", "undrawn_fen", "exposure_fen"))
    return StageTotal(stage, len(of_stage), *sums)


def _counts(joined: pa.ChunkedArray, names: Iterable[str]) -> dict[str, int]:
    told = Counter(name for text in joined.to_pylist() for name in text.split(SEPARATOR))
    return {name: told[name] for name in names}
