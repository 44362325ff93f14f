"""The tables of model monitoring: what a model is compared with, every figure measured, every alert's turns."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, DateTime, Double, Index, Integer, Table, Text, func
from sqlalchemy.dialects.postgresql import JSONB

from loan_service.foundation.database import BANK, metadata


def _recorded() -> Column[object]:
    return Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now())


model_references = Table(
    "model_references",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("model_name", Text, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("month", Integer, primary_key=True, comment="calendar month 1 to 12 of drawing; 0: all of them"),
    Column("rows", Integer, nullable=False),
    Column("content", JSONB, nullable=False, comment="members per cell of the card, and per group of its log-odds"),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    schema=BANK,
    comment="the training sample of a version, counted: what its population is compared with",
)
model_figures = Table(
    "model_figures",
    metadata,
    Column("bank_code", Text, primary_key=True),
    Column("model_name", Text, primary_key=True),
    Column("topic", Text, primary_key=True, comment="population | outcomes | past_loans | overrides"),
    Column("measurement_id", Text, primary_key=True, comment="hash of the inputs and the measurement before"),
    Column("kind", Text, primary_key=True, comment="what is measured; empty: the topic gave no figure"),
    Column("subject", Text, primary_key=True, comment="a feature, default_probability, a vintage, a direction"),
    Column("input_hash", Text, nullable=False, comment="over everything the topic's figures were made of"),
    Column("model_version", Text, nullable=False),
    Column("reference", Text, nullable=False, comment="what it was compared with"),
    Column("measured", Double, nullable=False),
    Column("threshold", Double, comment="beyond it an alert opens; empty: nobody is alerted"),
    Column("severity", Text, nullable=False, comment="empty | medium | high"),
    Column("low", Double, comment="of what is expected, or of the figure's interval"),
    Column("high", Double),
    Column("rows", Integer, nullable=False),
    Column("reference_rows", Integer, nullable=False),
    Column("detail", JSONB, nullable=False),
    Column("data_as_of", Date, nullable=False, comment="the day the data speak of"),
    Column("measured_on", Date, nullable=False, comment="business date"),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    CheckConstraint("severity IN ('', 'medium', 'high')", name="severity_known"),
    Index("ix_model_figures_measured_on", "bank_code", "measured_on"),
    schema=BANK,
)
model_alerts = Table(
    "model_alerts",
    metadata,
    Column("alert_id", Text, primary_key=True, comment="hash of bank, model, figure and the measurement it rose from"),
    Column("measurement_id", Text, primary_key=True, comment="the measurement that turned it"),
    Column("turn", Text, nullable=False, comment="opened | worse | better | closed"),
    Column("bank_code", Text, nullable=False),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("topic", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("reference", Text, nullable=False),
    Column("measured", Double, comment="empty: no longer measured"),
    Column("threshold", Double),
    Column("severity", Text, nullable=False, comment="medium | high; empty once closed"),
    Column("since_on", Date, nullable=False, comment="day of the data in which it first showed"),
    Column("first_seen_on", Date, nullable=False, comment="business date on which it was opened"),
    Column("turned_on", Date, nullable=False, comment="business date of this turn"),
    Column("text_zh", Text, nullable=False),
    Column("text_en", Text, nullable=False),
    Column("next_step", Text, nullable=False, comment="name of what is to be done"),
    Column("next_step_zh", Text, nullable=False),
    Column("next_step_en", Text, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    CheckConstraint("turn IN ('opened', 'worse', 'better', 'closed')", name="turn_known"),
    CheckConstraint("(turn = 'closed') = (severity = '')", name="closed_is_silent"),
    CheckConstraint("severity IN ('', 'medium', 'high')", name="severity_known"),
    Index("ix_model_alerts_bank_code_model_name", "bank_code", "model_name", "topic"),
    schema=BANK,
    comment="append-only: an alert is what its newest turn says",
)
