"""Monitoring of default-risk models: references, figures and alerts, which nobody may change afterwards."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"

LEDGER = ("model_references", "model_figures", "model_alerts")


def upgrade() -> None:
    op.create_table(
        "model_references",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column(
            "month",
            sa.Integer(),
            autoincrement=False,
            nullable=False,
            comment="calendar month 1 to 12 of drawing; 0: all of them",
        ),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column(
            "content",
            postgresql.JSONB(),
            nullable=False,
            comment="members per cell of the card, and per group of its log-odds",
        ),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("bank_code", "model_name", "model_version", "month", name=op.f("pk_model_references")),
        schema="bank",
        comment="the training sample of a version, counted: what its population is compared with",
    )
    op.create_table(
        "model_figures",
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False, comment="population | outcomes | past_loans | overrides"),
        sa.Column("measurement_id", sa.Text(), nullable=False, comment="hash of the inputs and the measurement before"),
        sa.Column("kind", sa.Text(), nullable=False, comment="what is measured; empty: the topic gave no figure"),
        sa.Column(
            "subject", sa.Text(), nullable=False, comment="a feature, default_probability, a vintage, a direction"
        ),
        sa.Column("input_hash", sa.Text(), nullable=False, comment="over everything the topic's figures were made of"),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False, comment="what it was compared with"),
        sa.Column("measured", sa.Double(), nullable=False),
        sa.Column(
            "threshold", sa.Double(), nullable=True, comment="beyond it an alert opens; empty: nobody is alerted"
        ),
        sa.Column("severity", sa.Text(), nullable=False, comment="empty | medium | high"),
        sa.Column("low", sa.Double(), nullable=True, comment="of what is expected, or of the figure's interval"),
        sa.Column("high", sa.Double(), nullable=True),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("reference_rows", sa.Integer(), nullable=False),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("data_as_of", sa.Date(), nullable=False, comment="the day the data speak of"),
        sa.Column("measured_on", sa.Date(), nullable=False, comment="business date"),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "severity IN ('', 'medium', 'high')", name=op.f("ck_model_figures_ck_model_figures_severity_known")
        ),
        sa.PrimaryKeyConstraint(
            "bank_code", "model_name", "topic", "measurement_id", "kind", "subject", name=op.f("pk_model_figures")
        ),
        schema="bank",
    )
    op.create_index(
        "ix_model_figures_measured_on", "model_figures", ["bank_code", "measured_on"], unique=False, schema="bank"
    )
    op.create_table(
        "model_alerts",
        sa.Column(
            "alert_id",
            sa.Text(),
            nullable=False,
            comment="hash of bank, model, figure and the measurement it rose from",
        ),
        sa.Column("measurement_id", sa.Text(), nullable=False, comment="the measurement that turned it"),
        sa.Column("turn", sa.Text(), nullable=False, comment="opened | worse | better | closed"),
        sa.Column("bank_code", sa.Text(), nullable=False),
        sa.Column("model_name", sa.Text(), nullable=False),
        sa.Column("model_version", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("measured", sa.Double(), nullable=True, comment="empty: no longer measured"),
        sa.Column("threshold", sa.Double(), nullable=True),
        sa.Column("severity", sa.Text(), nullable=False, comment="medium | high; empty once closed"),
        sa.Column("since_on", sa.Date(), nullable=False, comment="day of the data in which it first showed"),
        sa.Column("first_seen_on", sa.Date(), nullable=False, comment="business date on which it was opened"),
        sa.Column("turned_on", sa.Date(), nullable=False, comment="business date of this turn"),
        sa.Column("text_zh", sa.Text(), nullable=False),
        sa.Column("text_en", sa.Text(), nullable=False),
        sa.Column("next_step", sa.Text(), nullable=False, comment="name of what is to be done"),
        sa.Column("next_step_zh", sa.Text(), nullable=False),
        sa.Column("next_step_en", sa.Text(), nullable=False),
        sa.Column("leaf_id", sa.BigInteger(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint(
            "(turn = 'closed') = (severity = '')", name=op.f("ck_model_alerts_ck_model_alerts_closed_is_silent")
        ),
        sa.CheckConstraint(
            "severity IN ('', 'medium', 'high')", name=op.f("ck_model_alerts_ck_model_alerts_severity_known")
        ),
        sa.CheckConstraint(
            "turn IN ('opened', 'worse', 'better', 'closed')", name=op.f("ck_model_alerts_ck_model_alerts_turn_known")
        ),
        sa.PrimaryKeyConstraint("alert_id", "measurement_id", name=op.f("pk_model_alerts")),
        schema="bank",
        comment="append-only: an alert is what its newest turn says",
    )
    op.create_index(
        "ix_model_alerts_bank_code_model_name",
        "model_alerts",
        ["bank_code", "model_name", "topic"],
        unique=False,
        schema="bank",
    )
    for table in LEDGER:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON bank.{table}"
            " FOR EACH ROW EXECUTE FUNCTION bank.refuse_change()"
        )
