"""Our promotion ledger: which scorecard served from when, and why; the registry keeps no such history."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.rows import append_rows
from loan_service.bank.store.tables import promotions

LIVE = "live"


@dataclass(frozen=True)
class Promotion:
    """One scorecard put to work."""

    bank_code: str
    kind: str
    model_name: str
    model_version: str
    alias: str
    scorecard_sha256: str
    scorecard: str
    data_sha256: str
    metrics: Mapping[str, float]
    promoted_on: date
    reason: str

    @property
    def version(self) -> str:
        """The stamp an offer carries."""
        return f"{self.model_name}/{self.model_version}"


def live(connection: Connection, bank_code: str, day: date) -> dict[str, Promotion]:
    """The scorecards that serve on a day, by kind."""
    column = promotions.c
    rows = connection.execute(
        select(*(column[name] for name in Promotion.__annotations__))
        .where(column.bank_code == bank_code, column.alias == LIVE, column.promoted_on <= day)
        .ext(distinct_on(column.kind))
        .order_by(column.kind, column.leaf_id.desc())
    )
    return {row.kind: Promotion(*row) for row in rows}


def promoted_as(connection: Connection, bank_code: str, versions: Collection[str]) -> dict[str, Promotion]:
    """Scorecards that once served, by kind, found by the stamps that offers carry."""
    column = promotions.c
    rows = connection.execute(
        select(*(column[name] for name in Promotion.__annotations__))
        .where(column.bank_code == bank_code, (column.model_name + "/" + column.model_version).in_(versions))
        .ext(distinct_on(column.kind))
        .order_by(column.kind, column.leaf_id.desc())
    )
    return {row.kind: Promotion(*row) for row in rows}


def trained_on(connection: Connection, bank_code: str, data_sha256: str) -> dict[str, str]:
    """Stamps, by kind, of the models that were promoted from exactly this past-loans file."""
    column = promotions.c
    rows = connection.execute(
        select(column.kind, column.model_name, column.model_version)
        .where(column.bank_code == bank_code, column.data_sha256 == data_sha256)
        .order_by(column.leaf_id)
    )
    return {row.kind: f"{row.model_name}/{row.model_version}" for row in rows}


def append_promotion(connection: Connection, promotion: Promotion, leaf_id: int) -> int:
    """Appends one promotion."""
    return append_rows(connection, promotions, [{**vars(promotion), "leaf_id": leaf_id}])
