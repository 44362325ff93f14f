"""What the ledgers tell a dossier about a version, as they stood at a leaf of the transparency log."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from loan_service.bank.store.model_dossiers import files_of, last_leaf, told_of
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.foundation.connection import Connection
from models.dossier.inputs import Papers


def papers_of_version(
    connection: Connection,
    card: ModelCard,
    day: date,
    *,
    demo: bool,
    evidence: Mapping[str, Any],
    leaf_id: int | None = None,
) -> Papers:
    """The papers of a version.

    Args:
        connection: an open transaction of the wing.
        card: the version.
        day: the day the dossier speaks of.
        demo: whether this is a demonstration.
        evidence: what training found on the way, as registered.
        leaf_id: acts after this leaf are not told; None: all until now.
    """
    told = told_of(
        connection, card.model_name, card.model_version, last_leaf(connection) if leaf_id is None else leaf_id
    )
    own = {name: value for name, value in vars(card).items() if name in Papers.__annotations__}
    return Papers(
        **own,
        dated_on=day,
        evidence=evidence,
        position=told.leaf_id,
        files=files_of(connection, card.bank_code, card.data_sha256),
        moves=told.moves,
        papers=told.papers,
        findings=told.findings,
        demo=demo,
    )
