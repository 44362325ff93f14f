"""Rows of model monitoring: references kept, figures measured, alerts turned, and what they are made of."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import Connection, and_, func, select, text
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.bank.store.monitoring_tables import model_alerts, model_figures, model_references
from loan_service.bank.store.rows import append_rows
from loan_service.bank.store.tables import households
from loan_service.foundation.database import AnyRow, read
from models.monitoring import Reference

NOTHING_MEASURED: Final = ""
"""Kind of the row that says: the topic was looked at and gave no figure."""


def keep_references(
    connection: Connection,
    bank_code: str,
    model_name: str,
    model_version: str,
    references: Iterable[Reference],
    leaf_id: int,
) -> int:
    """Keeps what a version's population is to be compared with; what is kept already stays as it is."""
    rows = [
        {
            "bank_code": bank_code,
            "model_name": model_name,
            "model_version": model_version,
            "month": one.month,
            "rows": one.rows,
            "content": one.to_content(),
            "leaf_id": leaf_id,
        }
        for one in references
    ]
    return append_rows(connection, model_references, rows)


def references_kept(connection: Connection, model_name: str, model_version: str) -> int:
    """How many references a version has."""
    column = model_references.c
    query = select(func.count()).where(column.model_name == model_name, column.model_version == model_version)
    return int(connection.execute(query).scalar_one())


def learned_until(connection: Connection, model_name: str, model_version: str) -> str | None:
    """The last month a version's training rows were drawn in, `YYYY-MM`; None where nothing was kept."""
    column = model_references.c
    told = connection.execute(
        select(column.content["told"].astext).where(
            column.model_name == model_name, column.model_version == model_version, column.month == 0
        )
    ).scalar_one_or_none()
    return None if told is None else str(told).rpartition("..")[2]


def kept_reference(connection: Connection, model_name: str, model_version: str, month: int) -> Reference | None:
    """The training reference of a calendar month, else that of all months; None where nothing was kept."""
    column = model_references.c
    found = connection.execute(
        select(column.content)
        .where(
            column.model_name == model_name,
            column.model_version == model_version,
            column.month.in_((0, month)),
        )
        .order_by(column.month.desc())
        .limit(1)
    ).scalar_one_or_none()
    return None if found is None else Reference.from_content(found)


@dataclass(frozen=True)
class Snapshot:
    """One household file's day, as the tables hold it."""

    on: date
    rows: int
    newest_leaf_id: int


def snapshots(connection: Connection, bank_code: str, day: date) -> list[Snapshot]:
    """Days of which a bank delivered its households, up to a day, newest first."""
    column = households.c
    rows = connection.execute(
        select(column.snapshot_on, func.count(), func.max(column.leaf_id))
        .where(column.bank_code == bank_code, column.snapshot_on <= day)
        .group_by(column.snapshot_on)
        .order_by(column.snapshot_on.desc())
    )
    return [Snapshot(*row) for row in rows]


_FILE_FAULTS: Final = text(
    """
    WITH file AS (
        SELECT bank_code, sha256, rows_read FROM bank.bank_files
        WHERE bank_code = :bank_code AND kind = 'households' AND file_name = :file_name AND rows_read > 0
        ORDER BY leaf_id DESC LIMIT 1)
    SELECT q.error_code, q.field, count(*) AS rows, min(f.rows_read) AS rows_read
    FROM file f JOIN bank.bank_quarantine q USING (bank_code, sha256)
    GROUP BY q.error_code, q.field ORDER BY q.error_code, q.field
    """
)


def file_faults(connection: Connection, bank_code: str, snapshot_on: date) -> Sequence[AnyRow]:
    """Rows of a day's household file that were set aside, by fault and column, beside the rows it had."""
    name = f"households_{snapshot_on:%Y%m%d}.csv"
    return connection.execute(_FILE_FAULTS, {"bank_code": bank_code, "file_name": name}).all()


_OUTCOMES: Final = """
    WITH first_draw AS (
        SELECT m.contract_id, min(m.business_date) AS drawn_on FROM bank.movements m
        WHERE m.bank_code = :bank_code AND m.kind = 'drawdown' AND m.business_date <= :day GROUP BY m.contract_id),
    overdue AS (
        SELECT a.contract_id, min(a.business_date) AS defaulted_on FROM bank.arrears_reports a
        WHERE a.days_past_due >= 90 AND a.business_date <= :day GROUP BY a.contract_id),
    ended AS (
        SELECT x.contract_id, x.business_date AS defaulted_on FROM bank.closures x
        WHERE x.reason_code IN ('written_off', 'distressed_restructuring') AND x.business_date <= :day)
    SELECT f.drawn_on, least(v.defaulted_on, e.defaulted_on) AS defaulted_on, o.default_probability,
           o.full_default_probability, o.model_version, o.full_model_version
    FROM bank.contracts c
    JOIN first_draw f USING (contract_id)
    JOIN bank.offers o USING (offer_id)
    LEFT JOIN overdue v USING (contract_id)
    LEFT JOIN ended e USING (contract_id)
    WHERE c.bank_code = :bank_code
    ORDER BY c.contract_id
"""
LOANS: Final = pa.schema(
    {
        "drawn_on": pa.date32(),
        "defaulted_on": pa.date32(),
        "default_probability": pa.float64(),
        "full_default_probability": pa.float64(),
        "model_version": pa.string(),
        "full_model_version": pa.string(),
    }
)
"""One row per drawn contract: first draw, default as far as one showed (90 days past due, written off, restructured in
distress), and what was predicted when the offer was made, with the stamps of the models."""


def drawn_loans(connection: Connection, bank_code: str, day: date) -> pa.Table:
    """Every contract drawn by a day, as known then."""
    return read(connection, text(_OUTCOMES).bindparams(bank_code=bank_code, day=day), LOANS)


_DECIDED: Final = text(
    """
    WITH told AS (
        SELECT d.*, bool_or(d.decision = 'refer') OVER (PARTITION BY d.application_id) AS by_person
        FROM bank.bank_decisions d JOIN bank.applications a USING (application_id)
        WHERE a.bank_code = :bank_code AND d.business_date <= :day),
    final AS (
        SELECT DISTINCT ON (application_id) * FROM told WHERE decision <> 'refer'
        ORDER BY application_id, sequence)
    SELECT o.decision AS offered, o.limit_fen AS offered_fen, a.requested_limit_fen AS requested_fen, f.decision,
           f.limit_fen AS decided_fen, f.reason_codes, f.by_person, o.default_probability, f.business_date
    FROM final f JOIN bank.applications a USING (application_id) JOIN bank.offers o USING (offer_id)
    WHERE o.model_version = :stamp
    ORDER BY a.application_id
    """
)


def final_decisions(connection: Connection, bank_code: str, stamp: str, day: date) -> Sequence[AnyRow]:
    """The bank's final decision on every application whose offer a model version made, beside that offer."""
    return connection.execute(_DECIDED, {"bank_code": bank_code, "stamp": stamp, "day": day}).all()


def state_of_loans(connection: Connection, bank_code: str, day: date) -> tuple[Any, ...]:
    """What changes whenever a loan's outcome may have: newest rows and counts."""
    query = text(
        "SELECT (SELECT count(*) FROM bank.movements WHERE bank_code = :b AND business_date <= :d),"
        " (SELECT count(*) FROM bank.arrears_reports r JOIN bank.contracts c USING (contract_id)"
        "  WHERE c.bank_code = :b AND r.business_date <= :d),"
        " (SELECT count(*) FROM bank.closures x JOIN bank.contracts c USING (contract_id)"
        "  WHERE c.bank_code = :b AND x.business_date <= :d)"
    )
    return tuple(connection.execute(query, {"b": bank_code, "d": day}).one())


def state_of_decisions(connection: Connection, bank_code: str, day: date) -> tuple[Any, ...]:
    """What changes whenever a decision comes."""
    query = text(
        "SELECT count(*), max(d.sequence) FROM bank.bank_decisions d JOIN bank.applications a USING (application_id)"
        " WHERE a.bank_code = :b AND d.business_date <= :d"
    )
    return tuple(connection.execute(query, {"b": bank_code, "d": day}).one())


def newest_measurement(connection: Connection, bank_code: str, model_name: str, topic: str) -> AnyRow | None:
    """The measurement of a topic that stands: its id and the hash of its inputs."""
    column = model_figures.c
    query = (
        select(column.measurement_id, column.input_hash)
        .where(column.bank_code == bank_code, column.model_name == model_name, column.topic == topic)
        .order_by(column.leaf_id.desc())
    )
    return connection.execute(query.limit(1)).first()


def append_figures(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Appends figures; one measured before stays as it is."""
    return append_rows(connection, model_figures, rows)


def append_alerts(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Appends turns of alerts."""
    return append_rows(connection, model_alerts, rows)


def alerts(connection: Connection, bank_code: str, day: date, *, standing: bool) -> Sequence[AnyRow]:
    """Newest turn of every alert of a bank by a day, the gravest and oldest first.

    Args:
        connection: an open transaction.
        bank_code: whose.
        day: turns of later business dates are not looked at.
        standing: only alerts that are open; otherwise closed ones too.
    """
    column = model_alerts.c
    newest = (
        select(model_alerts)
        .where(column.bank_code == bank_code, column.turned_on <= day)
        .ext(distinct_on(column.alert_id))
        .order_by(column.alert_id, column.leaf_id.desc())
        .subquery()
    )
    query = select(newest).order_by(
        newest.c.severity == "", newest.c.severity, newest.c.first_seen_on, newest.c.model_name, newest.c.kind,
        newest.c.measured.desc().nulls_last(), newest.c.subject,
    )  # fmt: skip
    if standing:
        query = query.where(newest.c.severity != "")
    return connection.execute(query).all()


def newest_figures(connection: Connection, bank_code: str, day: date) -> Sequence[AnyRow]:
    """Figures of each model's newest measurement of each topic by a day, in the order they were measured."""
    column = model_figures.c
    newest = (
        select(column.model_name, column.topic, column.measurement_id)
        .where(column.bank_code == bank_code, column.measured_on <= day)
        .ext(distinct_on(column.model_name, column.topic))
        .order_by(column.model_name, column.topic, column.leaf_id.desc())
        .subquery()
    )
    same = and_(
        newest.c.model_name == column.model_name,
        newest.c.topic == column.topic,
        newest.c.measurement_id == column.measurement_id,
    )
    return connection.execute(
        select(model_figures)
        .join(newest, same)
        .where(column.bank_code == bank_code, column.kind != NOTHING_MEASURED)
        .order_by(column.model_name, column.topic.desc(), column.kind, column.measured.desc(), column.subject)
    ).all()
