"""Rows of a publication ledger: which edition is in force on a day, as known at a position; only ever added to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import date
from types import MappingProxyType
from typing import Any, Generic, NamedTuple, TypeVar

from sqlalchemy import ColumnElement, Connection, Select, and_, insert, or_, select, text, true
from sqlalchemy.dialects.postgresql import distinct_on

from loan_service.foundation.database import AnyRow, to_json
from loan_service.foundation.editions.tables import EditionTables
from loan_service.foundation.transparency import LogTables, append_leaf

Files = Mapping[str, bytes]


@dataclass(frozen=True, kw_only=True)
class Published:
    """An edition and how far its publication went; what has not happened is None.

    Attributes:
        backed_out_on: from this day on the edition is not in force.
    """

    content_hash: str
    edition: str
    effective_from: date
    author: str
    proposed_on: date
    approver: str | None = None
    approved_on: date | None = None
    backed_out_by: str | None = None
    backed_out_on: date | None = None
    back_out_reason: str | None = None


@dataclass(frozen=True)
class Assessment:
    """What was known of an edition's effect on one day.

    Attributes:
        replaces: content hash of the edition it was compared with; None: the first, nothing to compare with.
        document: the impact assessment's own bytes.
    """

    assessment_id: str
    content_hash: str
    replaces: str | None
    document: bytes
    document_sha256: str
    cases_passed: int
    cases_sha256: str
    assessed_on: date


class Findings(NamedTuple):
    """What an assessment came to."""

    cases_passed: int = 0
    assessment_sha256: str = ""


P = TypeVar("P", bound=Published)


@dataclass(frozen=True)
class EditionLedger(Generic[P]):
    """The publication ledger of one kind of edition.

    Attributes:
        shape: what a row is told as; its fields beyond `Published` are columns of the table of editions.
        noun: begins the kinds of its leaves, such as `rulebook`.
    """

    tables: EditionTables
    log: LogTables
    shape: type[P]
    noun: str

    def in_force(
        self,
        connection: Connection,
        as_of: date,
        known_position: int | None = None,
        *,
        beside: str = "",
        series: str = "",
    ) -> P | None:
        """The approved edition with the latest effective date up to `as_of` that is not backed out that day.

        Of two editions with one effective date the one approved last stands.

        Args:
            connection: an open transaction.
            as_of: the day in question.
            known_position: a sealed log position; what was approved or backed out after it is not known. None: now.
            beside: content hash of an edition to leave out of account.
            series: which series is asked; where there is one only, empty.
        """
        edition, approval, back_out = self.tables.editions.c, self.tables.approvals.c, self.tables.back_outs.c
        query = self._published(known_position).where(
            self._of(series),
            approval.approved_on.is_not(None),
            edition.effective_from <= as_of,
            or_(back_out.backed_out_on.is_(None), back_out.backed_out_on > as_of),
            edition.content_hash != beside,
        )
        newest = query.order_by(edition.effective_from.desc(), approval.leaf_id.desc()).limit(1)
        return self._told(connection.execute(newest).first())

    def all_published(self, connection: Connection, series: str = "") -> list[P]:
        """Every edition ever proposed in a series, in the order of effective dates."""
        edition = self.tables.editions.c
        query = self._published().where(self._of(series)).order_by(edition.effective_from, edition.leaf_id)
        return [self.shape(**row._asdict()) for row in connection.execute(query)]

    def named(self, connection: Connection, edition: str, series: str = "") -> P | None:
        """The edition of that name in a series; a name means the same bytes for ever."""
        query = self._published().where(self._of(series), self.tables.editions.c.edition == edition)
        return self._told(connection.execute(query).first())

    def is_first(self, connection: Connection, series: str = "") -> bool:
        """Whether no edition of the series was ever approved."""
        edition, approval = self.tables.editions, self.tables.approvals
        query = select(approval.c.content_hash).join(edition, edition.c.content_hash == approval.c.content_hash)
        return connection.execute(query.where(self._of(series)).limit(1)).first() is None

    def files_of(self, connection: Connection, content_hash: str) -> dict[str, bytes]:
        """The edition's files as delivered."""
        file = self.tables.files.c
        rows = connection.execute(select(file.file_name, file.content).where(file.content_hash == content_hash))
        return {row.file_name: bytes(row.content) for row in rows}

    def newest_assessment(self, connection: Connection, content_hash: str) -> Assessment | None:
        """The last assessment of an edition."""
        assessment = self.tables.assessments.c
        columns = [assessment[name] for name in Assessment.__annotations__]
        query = select(*columns).where(assessment.content_hash == content_hash).order_by(assessment.leaf_id.desc())
        row = connection.execute(query.limit(1)).first()
        return Assessment(*row) if row else None

    def newest_findings(self, connection: Connection, content_hashes: Sequence[str]) -> dict[str, Findings]:
        """What the last assessments of editions came to, by content hash, without their documents."""
        assessment = self.tables.assessments.c
        rows = connection.execute(
            select(assessment.content_hash, assessment.cases_passed, assessment.document_sha256)
            .ext(distinct_on(assessment.content_hash))
            .where(assessment.content_hash.in_(content_hashes))
            .order_by(assessment.content_hash, assessment.leaf_id.desc())
        )
        return {content_hash: Findings(*found) for content_hash, *found in rows}

    def series_of(self, edition: P) -> str:
        """The series an edition belongs to; where there is one only, empty."""
        return str(getattr(edition, self.tables.series)) if self.tables.series else ""

    def one_at_a_time(self, connection: Connection) -> None:
        """Holds back other acts of publishing until this transaction ends: each looks before it writes."""
        lock = {"name": self.tables.editions.fullname}
        connection.execute(text("SELECT pg_advisory_xact_lock(hashtext(:name))"), lock)

    def append_edition(self, connection: Connection, edition: P, files: Files) -> None:
        """Appends a proposed edition with its files."""
        row = {name: getattr(edition, name) for name in self._columns()}
        leaf_id = self._leaf(connection, "edition", edition.content_hash, row, edition.proposed_on)
        connection.execute(insert(self.tables.editions).values(row | {"leaf_id": leaf_id}))
        rows = [{"content_hash": edition.content_hash, "file_name": n, "content": c} for n, c in sorted(files.items())]
        connection.execute(insert(self.tables.files), rows)

    def append_assessment(self, connection: Connection, assessment: Assessment) -> None:
        """Appends what was examined."""
        row = {name: value for name, value in vars(assessment).items() if name != "document"}
        leaf_id = self._leaf(connection, "assessment", assessment.assessment_id, row, assessment.assessed_on)
        connection.execute(insert(self.tables.assessments).values(vars(assessment) | {"leaf_id": leaf_id}))

    def append_approval(
        self,
        connection: Connection,
        edition: P,
        approver: str,
        assessment_id: str,
        approved_on: date,
        own: Mapping[str, object] = MappingProxyType({}),
    ) -> None:
        """Appends the second person's yes, with what this kind of approval keeps besides."""
        row = {
            "content_hash": edition.content_hash,
            "author": edition.author,
            "approver": approver,
            "assessment_id": assessment_id,
            "approved_on": approved_on,
            **own,
        }
        leaf_id = self._leaf(connection, "approval", edition.content_hash, row, approved_on)
        connection.execute(insert(self.tables.approvals).values(row | {"leaf_id": leaf_id}))

    def append_back_out(self, connection: Connection, edition: P, by: str, reason: str, backed_out_on: date) -> None:
        """Appends the end of an edition."""
        row = {
            "content_hash": edition.content_hash,
            "backed_out_by": by,
            "reason": reason,
            "backed_out_on": backed_out_on,
        }
        leaf_id = self._leaf(connection, "back_out", edition.content_hash, row, backed_out_on)
        connection.execute(insert(self.tables.back_outs).values(row | {"leaf_id": leaf_id}))

    def _published(self, known_position: int | None = None) -> Select[Any]:
        edition, approval, back_out = self.tables.editions, self.tables.approvals, self.tables.back_outs
        return (
            select(
                *(edition.c[name] for name in self._columns()),
                approval.c.approver,
                approval.c.approved_on,
                back_out.c.backed_out_by,
                back_out.c.backed_out_on,
                back_out.c.reason.label("back_out_reason"),
            )
            .select_from(edition)
            .outerjoin(
                approval,
                and_(
                    approval.c.content_hash == edition.c.content_hash,
                    self._known(approval.c.leaf_id, known_position),
                ),
            )
            .outerjoin(
                back_out,
                and_(
                    back_out.c.content_hash == edition.c.content_hash,
                    self._known(back_out.c.leaf_id, known_position),
                ),
            )
        )

    def _columns(self) -> list[str]:
        """What of a row stands in the table of editions itself."""
        return [each.name for each in fields(self.shape) if each.name in self.tables.editions.c]

    def _of(self, series: str) -> ColumnElement[bool]:
        return self.tables.editions.c[self.tables.series] == series if self.tables.series else true()

    def _known(self, leaf_id: ColumnElement[Any], known_position: int | None) -> ColumnElement[bool]:
        if known_position is None:
            return true()
        sealed = self.log.sealed.c
        return select(sealed.position).where(sealed.leaf_id == leaf_id, sealed.position <= known_position).exists()

    def _told(self, row: AnyRow | None) -> P | None:
        return self.shape(**row._asdict()) if row else None

    def _leaf(self, connection: Connection, act: str, subject: str, row: Mapping[str, object], day: date) -> int:
        return append_leaf(connection, self.log, f"{self.noun}_{act}", subject, to_json(row).encode(), day)
