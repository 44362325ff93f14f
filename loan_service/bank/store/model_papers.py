"""Rows about a version's papers and findings: which dossier, which impact assessment, what a validator found."""

from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import Connection, insert, select

from loan_service.bank.store.model_tables import model_finding_closings, model_findings, model_papers
from loan_service.bank.store.rows import append_rows
from loan_service.bank.store.tables import log
from loan_service.foundation.database import to_json
from loan_service.foundation.transparency import append_leaf

DOSSIER: Final = "dossier"
IMPACT_ASSESSMENT: Final = "impact_assessment"
HIGH: Final = "high"

PAPER_LEAF: Final = "model_paper"
FINDING_LEAF: Final = "model_finding"
CLOSING_LEAF: Final = "model_finding_closing"


@dataclass(frozen=True)
class Paper:
    """One paper of a version.

    Attributes:
        paper: `dossier` or `impact_assessment`.
        reference: the paper's own number.
        sha256: over its bytes; empty: it is kept elsewhere under its number.
    """

    model_name: str
    model_version: str
    paper: str
    reference: str
    sha256: str
    authored_by: str
    dated_on: date


@dataclass(frozen=True)
class Finding:
    """What a validator found; open until somebody closed it with evidence."""

    finding_id: str
    model_name: str
    model_version: str
    severity: str
    text: str
    owner: str
    due_on: date
    raised_by: str
    raised_on: date
    closed_by: str | None = None
    closed_on: date | None = None
    evidence: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether nobody has closed it."""
        return self.closed_on is None


def append_paper(connection: Connection, paper: Paper) -> bool:
    """Appends a paper; False when it was there already."""
    subject = f"{paper.model_name}/{paper.model_version}/{paper.paper}/{paper.reference}"
    leaf_id = append_leaf(connection, log, PAPER_LEAF, subject, to_json(vars(paper)).encode(), paper.dated_on)
    return append_rows(connection, model_papers, [vars(paper) | {"leaf_id": leaf_id}]) == 1


def papers_of(connection: Connection, model_name: str, model_version: str) -> list[Paper]:
    """A version's papers, oldest first."""
    column = model_papers.c
    rows = connection.execute(
        select(*(column[name] for name in Paper.__annotations__))
        .where(column.model_name == model_name, column.model_version == model_version)
        .order_by(column.leaf_id)
    )
    return [Paper(*row) for row in rows]


def append_finding(connection: Connection, finding: Finding) -> None:
    """Appends a finding."""
    closing = ("closed_by", "closed_on", "evidence")
    row = {name: value for name, value in vars(finding).items() if name not in closing}
    leaf_id = append_leaf(connection, log, FINDING_LEAF, finding.finding_id, to_json(row).encode(), finding.raised_on)
    connection.execute(insert(model_findings).values(row | {"leaf_id": leaf_id}))


def append_closing(connection: Connection, finding_id: str, closed_by: str, closed_on: date, evidence: str) -> None:
    """Appends the end of a finding."""
    row = {"finding_id": finding_id, "closed_by": closed_by, "closed_on": closed_on, "evidence": evidence}
    leaf_id = append_leaf(connection, log, CLOSING_LEAF, finding_id, to_json(row).encode(), closed_on)
    connection.execute(insert(model_finding_closings).values(row | {"leaf_id": leaf_id}))


def findings(connection: Connection, model_name: str | None = None, model_version: str | None = None) -> list[Finding]:
    """Findings with their ends, oldest first: of a version, of a model, or all."""
    finding, closing = model_findings.c, model_finding_closings.c
    names = [name for name in Finding.__annotations__ if name in finding]
    query = (
        select(*(finding[name] for name in names), closing.closed_by, closing.closed_on, closing.evidence)
        .outerjoin(model_finding_closings, closing.finding_id == finding.finding_id)
        .order_by(finding.leaf_id)
    )
    if model_name is not None:
        query = query.where(finding.model_name == model_name)
    if model_version is not None:
        query = query.where(finding.model_version == model_version)
    return [Finding(*row) for row in connection.execute(query)]
