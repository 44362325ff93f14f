"""A bank's signed expert card becomes a registered version: it leads until there are defaults enough to train from."""

from datetime import date
from typing import TYPE_CHECKING

import pyarrow as pa

from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.foundation.database import transaction
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing

if TYPE_CHECKING:
    from models.candidates import Candidate
    from models.expert_card_loader import BankExpertCard
    from models.registry import Registry


def keep_expert_card(wing: Wing, bank_code: str, registry: "Registry", loans: pa.Table, today: date) -> ModelCard:
    """Registers the bank's expert card of its edition, once; what the bank has observed so far bounds it.

    The registry comes first: killed in between, the next run finds the same version there and writes the ledger.

    Args:
        wing: the bank wing.
        bank_code: the bank.
        registry: MLflow's.
        loans: sound rows of the bank's file of past loans; there may be none.
        today: only loans observed for twelve months by this day bound it.

    Raises:
        BrokenExpertCardError: the card is damaged, not signed, or knows no such bank.
    """
    from models.expert_card_loader import load_expert_card

    signed = load_expert_card(bank_code)
    name = f"{bank_code}.{signed.card.kind}"
    with transaction(wing.engine) as connection:
        known = _known(ledger.cards(connection, bank_code), signed)
    if known:
        return known
    candidate = _candidate(signed, loans, today)
    version = registry.register(name, candidate)
    card = ModelCard(
        model_name=version.name,
        model_version=str(version.version),
        bank_code=bank_code,
        kind=signed.card.kind,
        method=candidate.method,
        run_id=version.run_id,
        scorecard_sha256=candidate.scorecard.content_hash(),
        scorecard=candidate.scorecard.to_json(),
        data_sha256="",
        code_version=candidate.code_version,
        training_data_origin=candidate.origin,
        parameters=candidate.parameters,
        metrics={},
        authored_by=person(signed.card.signing.authored_by),
        registered_on=today,
    )
    with transaction(wing.engine) as connection:
        ledger.append_developed(connection, card, f"signed expert card {signed.card.edition}")
    return card


def _known(cards: list[ModelCard], signed: "BankExpertCard") -> ModelCard | None:
    wanted = signed.card.signing.content_hash
    return next((one for one in cards if one.parameters.get("content_hash") == wanted), None)


def _candidate(signed: "BankExpertCard", loans: pa.Table, today: date) -> "Candidate":
    from models.candidates import expert_candidate
    from models.expert_card import with_bounds
    from models.features import make_features
    from models.labels import label_rows

    if not loans.num_rows:
        return expert_candidate(signed.scorecard, signed.parameters)
    rows = label_rows(loans, today)
    values = make_features(rows, signed.card.spec).values
    labels = rows["label"].to_numpy().astype("float64")
    return expert_candidate(with_bounds(signed.scorecard, signed.card, values, labels), signed.parameters)
