"""The district's figures: its part of the flow from files to certificates, per source, and what waits in quarantine."""

from datetime import date

from pydantic import BaseModel, ConfigDict, Field

from loan_service.district.contracts.banned import BANNED
from loan_service.district.store import certificates, civility_index, figures
from loan_service.district.views.texts import Text
from loan_service.foundation.connection import Connection

GRADES = ("AAA", "AA", "A", "B", "C")


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Intake(_Read):
    """What became of the rows of all delivered files; the five outcomes add up to `rows_read`."""

    files: int
    broken_files: int = Field(description="files that could not be read to their end")
    rows_read: int
    rows_landed: int
    rows_repeated: int = Field(description="known already: nothing changed")
    rows_quarantined: int = Field(description="kept aside with reason and remedy")
    rows_refused: int = Field(description="banned subjects: refused before landing, only counted")
    rows_without_consent: int = Field(description="voluntary records of people who did not consent: only counted")


class SourceFigures(Intake):
    """The same for one source."""

    source_code: str = Field(examples=["district_grid"])
    delivered_on: date | None = Field(description="the newest delivery")


class GradeCount(_Read):
    """How many persons of the whole district hold a grade."""

    grade: str = Field(examples=["AA"])
    persons: int


class CertificateCounts(_Read):
    """Signed certificates: `living` are neither expired nor revoked, `persons` hold a living one."""

    issued: int
    living: int
    crossed: int
    persons: int


class DistrictFigures(_Read):
    """The district's part of the flow on a day."""

    as_of: date
    intake: Intake
    events: int
    registered: int = Field(description="living persons of the resident register")
    enrolled: int = Field(description="of them with a living enrolment consent")
    indexed: int = Field(description="enrolled adults: each has an index, nobody else has")
    grades: list[GradeCount]
    certificates: CertificateCounts


class QuarantinedRow(_Read):
    """One delivered row that waits for its agency; nothing of its content is shown."""

    file_name: str
    source_code: str
    row_number: int
    error_code: str = Field(examples=["identity.check_digit"])
    field: str
    reason_zh: str
    reason_en: str
    remedy: str


class QuarantineReason(_Read):
    """Why rows wait, and how many."""

    error_code: str
    reason_zh: str
    reason_en: str
    remedy: str
    rows: int
    source_codes: list[str]


class Refusals(_Read):
    """Rows a ban refused before landing; nothing else of them is known."""

    rule: str
    name: Text
    rows: int


QuarantineKey = tuple[int, int, str]


def district_figures(connection: Connection, as_of: date) -> DistrictFigures:
    """The district's part of the flow."""
    grades = civility_index.grade_counts(connection, as_of)
    return DistrictFigures(
        as_of=as_of,
        intake=intake(connection),
        events=figures.event_count(connection),
        registered=figures.registered_count(connection, as_of),
        enrolled=figures.enrolled_count(connection, as_of),
        indexed=sum(grades.values()),
        grades=[GradeCount(grade=grade, persons=grades.get(grade, 0)) for grade in GRADES],
        certificates=CertificateCounts.model_validate(certificates.counts(connection, as_of)),
    )


def intake(connection: Connection) -> Intake:
    """What became of the rows of all files."""
    return Intake.model_validate(figures.file_counts(connection))


def sources(connection: Connection) -> list[SourceFigures]:
    """What every source delivered so far."""
    return [SourceFigures.model_validate(row) for row in figures.source_counts(connection)]


def quarantine_reasons(connection: Connection) -> list[QuarantineReason]:
    """What keeps rows in quarantine, the commonest first."""
    return [QuarantineReason.model_validate(row) for row in figures.quarantine_reasons(connection)]


def refusals(connection: Connection) -> list[Refusals]:
    """Which bans refused how many rows."""
    counts = figures.refusal_counts(connection)
    return [
        Refusals(rule=ban.rule, name=Text(zh=ban.chinese, en=ban.english), rows=counts[ban.rule])
        for ban in BANNED
        if ban.rule in counts
    ]


def quarantine(
    connection: Connection, source_code: str | None, after: QuarantineKey | None, limit: int
) -> tuple[list[QuarantinedRow], QuarantineKey | None]:
    """Rows in quarantine from after a key on, and the key to go on from."""
    rows = figures.quarantined(connection, source_code, after, limit)
    last = rows[-1] if len(rows) == limit else None
    key = (last.file_id, last.row_number, last.error_code) if last else None
    return [QuarantinedRow.model_validate(row) for row in rows], key
