"""The ledger of default-risk models: every version, every move of its life, its papers and findings; never changed."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB

from loan_service.foundation.database import BANK, metadata


def _recorded() -> Column[object]:
    return Column("recorded_at", DateTime(timezone=True), nullable=False, server_default=func.now())


_CARD = ("bank_code", "kind", "model_name", "model_version", "authored_by")

model_cards = Table(
    "model_cards",
    metadata,
    Column("model_name", Text, primary_key=True, comment="such as island_rural.baseline"),
    Column("model_version", Text, primary_key=True, comment="the registry's number"),
    Column("bank_code", Text, nullable=False),
    Column("kind", Text, nullable=False, comment="baseline | full"),
    Column("method", Text, nullable=False, comment="trained | expert"),
    Column("run_id", Text, nullable=False, comment="MLflow's run with parameters, metrics and files"),
    Column("scorecard_sha256", Text, nullable=False),
    Column("scorecard", Text, nullable=False, comment="the compiled tables; MLflow keeps the same bytes"),
    Column("data_sha256", Text, nullable=False, comment="the file it was trained on; an expert card has none: empty"),
    Column("code_version", Text, nullable=False, comment="commit or package version, with a hash of the sources"),
    Column("training_data_origin", Text, nullable=False, comment="own | simulated | foreign | none (expert card)"),
    Column("parameters", JSONB, nullable=False),
    Column("metrics", JSONB, nullable=False),
    Column("authored_by", Text, nullable=False),
    Column("registered_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    UniqueConstraint(*_CARD, name="uq_model_cards_card"),
    CheckConstraint("kind IN ('baseline', 'full')", name="kind_known"),
    CheckConstraint("method IN ('trained', 'expert')", name="method_known"),
    CheckConstraint("training_data_origin IN ('own', 'simulated', 'foreign', 'none')", name="origin_known"),
    CheckConstraint("authored_by <> ''", name="author_named"),
    Index("ix_model_cards_bank_code_kind", "bank_code", "kind"),
    schema=BANK,
    comment="every version that was ever developed",
)
model_moves = Table(
    "model_moves",
    metadata,
    Column("model_name", Text, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("move_number", Integer, primary_key=True, autoincrement=False, comment="1, 2, 3 in the life of a version"),
    Column("bank_code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("from_state", Text, comment="the state the move found; empty: none yet"),
    Column("state", Text, nullable=False, comment="developed | tested | reviewed | live | retired | shadow"),
    Column("authored_by", Text, nullable=False, comment="of the version, so that the rule of two can stand here"),
    Column("moved_by", Text, nullable=False),
    Column("moved_on", Date, nullable=False),
    Column("reason", Text, nullable=False),
    Column(
        "evidence", JSONB, nullable=False, comment="gate results; beside an undecided one why a reviewer accepted it"
    ),
    Column("expires_on", Date, comment="first day a challenger no longer scores in shadow"),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    ForeignKeyConstraint(_CARD, [model_cards.c[name] for name in _CARD], name="fk_model_moves_card"),
    CheckConstraint("moved_by <> '' AND reason <> ''", name="reasoned"),
    CheckConstraint("state <> 'reviewed' OR lower(moved_by) <> lower(authored_by)", name="two_persons"),
    CheckConstraint("(state = 'shadow') = (expires_on IS NOT NULL)", name="shadow_expires"),
    CheckConstraint(
        "coalesce(from_state, '') || '>' || state IN ('>developed', 'developed>tested', 'tested>tested',"
        " 'reviewed>tested', 'tested>reviewed', 'reviewed>live', 'retired>live', 'developed>retired',"
        " 'tested>retired', 'reviewed>retired', 'live>retired', 'tested>shadow', 'reviewed>shadow',"
        " 'retired>shadow', 'retired>tested')",
        name="legal",
    ),
    Index("ix_model_moves_bank_code_kind", "bank_code", "kind", "leaf_id"),
    schema=BANK,
    comment="the promotion ledger: what was live when, who moved it, why; a shadow run leaves the state as it is",
)
model_papers = Table(
    "model_papers",
    metadata,
    Column("model_name", Text, primary_key=True),
    Column("model_version", Text, primary_key=True),
    Column("paper", Text, primary_key=True, comment="dossier | impact_assessment"),
    Column("reference", Text, primary_key=True, comment="the paper's own number"),
    Column("sha256", Text, nullable=False, comment="over its bytes; empty: kept elsewhere under its number"),
    Column("authored_by", Text, nullable=False),
    Column("dated_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    ForeignKeyConstraint(["model_name", "model_version"], [model_cards.c.model_name, model_cards.c.model_version]),
    CheckConstraint("paper IN ('dossier', 'impact_assessment')", name="paper_known"),
    CheckConstraint("reference <> '' AND authored_by <> ''", name="signed"),
    schema=BANK,
    comment="which papers a version has",
)
model_findings = Table(
    "model_findings",
    metadata,
    Column("finding_id", Text, primary_key=True),
    Column("model_name", Text, nullable=False),
    Column("model_version", Text, nullable=False),
    Column("severity", Text, nullable=False, comment="low | medium | high"),
    Column("text", Text, nullable=False),
    Column("owner", Text, nullable=False),
    Column("due_on", Date, nullable=False),
    Column("raised_by", Text, nullable=False),
    Column("raised_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    ForeignKeyConstraint(["model_name", "model_version"], [model_cards.c.model_name, model_cards.c.model_version]),
    CheckConstraint("severity IN ('low', 'medium', 'high')", name="severity_known"),
    CheckConstraint("text <> '' AND owner <> '' AND raised_by <> ''", name="told"),
    Index("ix_model_findings_model_name", "model_name", "model_version"),
    schema=BANK,
    comment="what a validator found; no program writes these",
)
model_finding_closings = Table(
    "model_finding_closings",
    metadata,
    Column("finding_id", Text, ForeignKey(model_findings.c.finding_id), primary_key=True),
    Column("closed_by", Text, nullable=False),
    Column("closed_on", Date, nullable=False),
    Column("evidence", Text, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    _recorded(),
    CheckConstraint("closed_by <> '' AND evidence <> ''", name="told"),
    schema=BANK,
)
shadow_results = Table(
    "shadow_results",
    metadata,
    Column("model_name", Text, primary_key=True, comment="of the challenger"),
    Column("model_version", Text, primary_key=True),
    Column("offer_id", Text, primary_key=True, comment="the offer made of the same inputs, without the challenger"),
    Column("bank_code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("household_ref", Text, nullable=False),
    Column("champion_version", Text, nullable=False, comment="stamp of the card that served"),
    Column("champion_probability", Double, nullable=False),
    Column("default_probability", Double, nullable=False, comment="the challenger's; no rule reads it"),
    Column("scored_on", Date, nullable=False),
    Column("leaf_id", BigInteger, nullable=False),
    schema=BANK,
    comment="what challengers would have said; nothing of it reaches an offer; purged with the offers",
)
