"""Makes a version's dossier from the registered version alone, and files it as a paper of that version."""

from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.store.model_papers import DOSSIER, Paper, append_paper, findings, papers_of
from loan_service.errors import NotFoundError
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models.dossier.inputs import Case, Papers
from models.feature_spec import declared_features
from models.policy_loader import load_policy
from models.scorecard import Scorecard

if TYPE_CHECKING:
    from models.registry import Registry

FACTS_FILE: Final = "dossier/facts.json"


def make_dossier(wing: Wing, registry: "Registry", stamp: str, by: str, today: date) -> Paper:
    """Computes every fact anew, keeps them with the registered version, and files the paper.

    The registry comes first: killed in between, repeating files the paper.

    Raises:
        NotFoundError: there is no such version.
    """
    from models.dossier import facts_of

    with transaction(wing.engine) as connection:
        case = case_of(connection, registry, stamp, today, demo=wing.settings.demo)
    facts = facts_of(case)
    name, _, version = stamp.rpartition("/")
    registry.attach(name, version, {FACTS_FILE: facts.text.encode()})
    paper = Paper(name, version, DOSSIER, facts.sha256[:16], facts.sha256, by, today)
    with transaction(wing.engine) as connection:
        append_paper(connection, paper)
    return paper


def case_of(connection: Connection, registry: "Registry", stamp: str, today: date, *, demo: bool) -> Case:
    """Everything a version's dossier is made from.

    Raises:
        NotFoundError: there is no such version.
    """
    from models.samples import sample_of

    name, _, version = stamp.rpartition("/")
    card = ledger.card_of(connection, name, version)
    if card is None:
        raise NotFoundError("model.unknown", f"no model version {stamp}", f"没有模型版本 {stamp}")
    spec = declared_features("full" if card.kind == "full" else "baseline")
    return Case(
        card=Scorecard.from_json(card.scorecard),
        sample=sample_of(registry.load_sample(name, version), spec),
        papers=_papers(connection, card, today, demo=demo),
        edition=load_policy(card.bank_code, today.replace(day=1)),
        companion=_companion(connection, card),
    )


def _companion(connection: Connection, card: ModelCard) -> Scorecard | None:
    """The card of the other kind that learned from the same file."""
    if not card.data_sha256:
        return None
    others = ledger.trained_on(connection, card.bank_code, card.data_sha256)
    other = next((one for kind, one in others.items() if kind != card.kind), None)
    return Scorecard.from_json(other.scorecard) if other else None


def _papers(connection: Connection, card: ModelCard, today: date, *, demo: bool) -> Papers:
    told = {name: value for name, value in vars(card).items() if name in Papers.__annotations__}
    moves = ledger.moves(connection, model_name=card.model_name)
    return Papers(
        **told,
        dated_on=today,
        position=0,
        moves=[asdict(one) for one in moves if one.model_version == card.model_version],
        findings=[asdict(one) for one in findings(connection, card.model_name, card.model_version)],
        papers=[asdict(one) for one in papers_of(connection, card.model_name, card.model_version)],
        demo=demo,
    )
