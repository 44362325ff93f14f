"""What monitoring says of a bank's live models: figures of the newest measurements, and alerts with their next step."""

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import model_monitoring as store
from loan_service.foundation.connection import Connection
from models.feature_spec import declared_features
from models.monitoring.words import kind_name, subject_name, told_reference

Severity = Literal["", "medium", "high"]


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True, from_attributes=True)


class Text(_Read):
    """A text in both languages."""

    zh: str
    en: str


class FigureSeen(_Read):
    """One figure of the newest measurement of its topic."""

    model_name: str = Field(examples=["island_rural.baseline"])
    model_version: str
    topic: str = Field(description="population, outcomes, past_loans or overrides")
    kind: str
    kind_told: Text
    subject: str
    subject_told: Text
    reference_told: Text = Field(description="what it was compared with")
    measured: float
    threshold: float | None = Field(description="beyond it an alert opens; none: nobody is alerted")
    severity: Severity
    low: float | None
    high: float | None
    rows: int
    reference_rows: int
    detail: dict[str, Any]
    data_as_of: date
    measured_on: date


class AlertSeen(_Read):
    """One alert as its newest turn left it."""

    alert_id: str
    model_name: str
    model_version: str
    topic: str
    kind: str
    kind_told: Text
    subject: str
    subject_told: Text
    measured: float | None
    threshold: float | None
    severity: Severity = Field(description="empty once closed")
    turn: str = Field(description="opened, worse, better or closed")
    since_on: date = Field(description="day of the data in which it first showed")
    first_seen_on: date
    turned_on: date
    told: Text
    next_step: str
    next_step_told: Text

    @property
    def open(self) -> bool:
        """Whether it still stands."""
        return bool(self.severity)


class Concern(_Read):
    """Everything that stands open about one subject of one model: what people look at together."""

    model_name: str
    model_version: str
    subject: str
    subject_told: Text
    alerts: list[AlertSeen] = Field(min_length=1, description="the gravest first")

    @property
    def severity(self) -> Severity:
        """Of the gravest alert."""
        return self.alerts[0].severity

    @property
    def since_on(self) -> date:
        """Day of the data in which the first of them showed."""
        return min(alert.since_on for alert in self.alerts)


class MonitoringReport(_Read):
    """Everything of one bank on one day; the levels behind it are our proposal."""

    bank_code: str
    as_of: date
    alerts: list[AlertSeen]
    figures: list[FigureSeen]

    @property
    def open_alerts(self) -> list[AlertSeen]:
        """Those that still stand, the gravest first."""
        return [alert for alert in self.alerts if alert.open]

    @property
    def concerns(self) -> list[Concern]:
        """Open alerts by model and subject, the gravest first."""
        together: dict[tuple[str, str], list[AlertSeen]] = {}
        for alert in self.open_alerts:
            together.setdefault((alert.model_name, alert.subject), []).append(alert)
        return [
            Concern(
                model_name=alerts[0].model_name,
                model_version=alerts[0].model_version,
                subject=alerts[0].subject,
                subject_told=alerts[0].subject_told,
                alerts=alerts,
            )
            for alerts in together.values()
        ]


def monitoring_report(connection: Connection, bank_code: str, as_of: date) -> MonitoringReport:
    """What was measured and what stands on a day."""
    return MonitoringReport(
        bank_code=bank_code,
        as_of=as_of,
        alerts=[_alert(row) for row in store.alerts(connection, bank_code, as_of, standing=False)],
        figures=[_figure(row) for row in store.newest_figures(connection, bank_code, as_of)],
    )


def _figure(row: Any) -> FigureSeen:
    told = _told(row)
    reference = told_reference(row.reference)
    return FigureSeen.model_validate(
        row._asdict() | told | {"reference_told": Text(zh=reference.zh, en=reference.en)},
    )


def _alert(row: Any) -> AlertSeen:
    return AlertSeen.model_validate(
        row._asdict()
        | _told(row)
        | {
            "told": Text(zh=row.text_zh, en=row.text_en),
            "next_step_told": Text(zh=row.next_step_zh, en=row.next_step_en),
        }
    )


def _told(row: Any) -> dict[str, Text]:
    """What a row's kind and subject are called."""
    spec = declared_features("full")
    subject = subject_name(row.subject, spec)
    kind = kind_name(row.kind)
    return {"subject_told": Text(zh=subject.zh, en=subject.en), "kind_told": Text(zh=kind.zh, en=kind.en)}
