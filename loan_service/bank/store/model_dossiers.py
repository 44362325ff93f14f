"""Rows a dossier prints about a version, as the ledgers stood at a leaf: later acts change no old dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Column, Connection, and_, func, select

from loan_service.bank.store.model_tables import model_finding_closings, model_findings, model_moves, model_papers
from loan_service.bank.store.tables import bank_files, log

MOVE: Final = ("from_state", "state", "moved_by", "moved_on", "reason", "evidence", "expires_on")
PAPER: Final = ("paper", "reference", "sha256", "authored_by", "dated_on")
FINDING: Final = ("finding_id", "severity", "text", "owner", "due_on", "raised_by", "raised_on")
CLOSING: Final = ("closed_by", "closed_on", "evidence")

Row = dict[str, Any]


@dataclass(frozen=True)
class Told:
    """What people did to a version up to a leaf, each list in the order of the acts.

    Attributes:
        leaf_id: the leaf; what came later is left out.
        moves: moves of its life with the gates they showed.
        papers: its papers.
        findings: what validators found, each with its `closing` or None.
    """

    leaf_id: int
    moves: Sequence[Row]
    papers: Sequence[Row]
    findings: Sequence[Row]


def last_leaf(connection: Connection) -> int:
    """The newest leaf of the wing's log; 0 while there is none."""
    return int(connection.execute(select(func.coalesce(func.max(log.leaves.c.leaf_id), 0))).scalar_one())


def told_of(connection: Connection, model_name: str, model_version: str, leaf_id: int) -> Told:
    """A version's moves, papers and findings up to a leaf."""
    moves, papers = (
        _rows(connection, table.c, names, model_name, model_version, leaf_id)
        for table, names in ((model_moves, MOVE), (model_papers, PAPER))
    )
    return Told(leaf_id, moves, papers, _findings(connection, model_name, model_version, leaf_id))


def files_of(connection: Connection, bank_code: str, sha256: str) -> list[Row]:
    """The delivered file of a digest: name, digest, rows read; nothing where it is not known."""
    column = bank_files.c
    found = connection.execute(
        select(column.file_name, column.sha256, column.rows_read).where(
            column.bank_code == bank_code, column.sha256 == sha256
        )
    )
    return [{"name": row.file_name, "sha256": row.sha256, "rows": row.rows_read} for row in found]


def _rows(
    connection: Connection, column: Any, names: Sequence[str], model_name: str, model_version: str, leaf_id: int
) -> list[Row]:
    wanted: list[Column[Any]] = [column[name] for name in names]
    rows = connection.execute(
        select(*wanted)
        .where(column.model_name == model_name, column.model_version == model_version, column.leaf_id <= leaf_id)
        .order_by(column.leaf_id)
    )
    return [dict(row) for row in rows.mappings()]


def _findings(connection: Connection, model_name: str, model_version: str, leaf_id: int) -> list[Row]:
    found = _rows(connection, model_findings.c, FINDING, model_name, model_version, leaf_id)
    closing, finding = model_finding_closings.c, model_findings.c
    of_version = and_(finding.model_name == model_name, finding.model_version == model_version)
    rows = connection.execute(
        select(closing.finding_id, *(closing[name] for name in CLOSING))
        .join(model_findings, and_(closing.finding_id == finding.finding_id, of_version))
        .where(closing.leaf_id <= leaf_id)
    )
    closings = {row["finding_id"]: {name: row[name] for name in CLOSING} for row in rows.mappings()}
    return [{**row, "closing": closings.get(row["finding_id"])} for row in found]
