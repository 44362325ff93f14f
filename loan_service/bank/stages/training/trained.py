"""Trains a bank's models from its past loans and registers them as developed; none of them serves by that.

Serving needs neither LightGBM nor MLflow: the scorecards go into the model ledger, and a promotion puts them to work.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from loan_service.bank.files import PAST_LOANS, BankFileError, check, day_of, read_texts, typed
from loan_service.bank.stages.training.expert import keep_expert_card
from loan_service.bank.store.files import Arrival, Imported, Landed, bring_in
from loan_service.bank.store.model_ledger import ModelCard, append_developed, trained_on
from loan_service.bank.store.model_monitoring import keep_references
from loan_service.bank.store.rows import only_one
from loan_service.foundation.database import transaction
from loan_service.foundation.people import person
from loan_service.foundation.wing import Wing

if TYPE_CHECKING:
    from models.registry import Registry
    from models.training import BankModels, TrainedModel

SEED: Final = 1
"""Fixed: the same file gives the same model, so a change of model always has another cause."""


@dataclass(frozen=True)
class Trained:
    """What became of one bank's file of past loans.

    Attributes:
        file: What reading it gave.
        versions: Stamp by kind of the models trained on this file, such as `island_rural.baseline/1`.
        metrics: Test figures by kind, of models trained now.
        refusal: Why nothing was trained; empty when it was, now or before.
    """

    bank_code: str
    file: Imported
    versions: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    refusal: str = ""


def train(wing: Wing, bank_code: str, path: Path, business_date: date, registry: "Registry", by: str) -> Trained:
    """Trains a bank's models from one file and registers them as developed.

    A file whose very bytes were trained before is not trained again.

    Args:
        wing: the bank wing.
        bank_code: whose file it is.
        path: `past_loans_YYYYMMDD.csv`.
        business_date: only loans observed for twelve months by this day are learned from.
        registry: MLflow's, with a database of its own.
        by: who develops the models: their author, who cannot review them.

    Raises:
        FileNotFoundError: there is no such file.
        RefusedError: nobody is named.
    """
    author = person(by)
    arrival = Arrival(bank_code, PAST_LOANS.kind, path.name, path.read_bytes(), business_date)
    # Whoever else trains this bank is waited for: two trainings of one file would be one work done twice.
    with transaction(wing.engine) as turn:
        only_one(turn, f"training:{bank_code}")
        known = trained_on(turn, bank_code, arrival.sha256)
        if known:
            stamps = {kind: card.stamp for kind, card in known.items()}
            return Trained(bank_code, Imported(path.name, known_before=True), stamps)
        loans, outcome = _read(path, arrival.content)
        file = bring_in(wing, arrival, lambda *_: _told(outcome))
        keep_expert_card(wing, bank_code, registry, loans, business_date)
        return _train(wing, loans, arrival, file, registry, author)


def newest_files(files_dir: Path) -> dict[str, Path]:
    """The newest file of past loans of every bank that has a folder below `files_dir`."""
    return {path.parent.name: path for path in sorted(files_dir.glob(f"*/{PAST_LOANS.kind}_*.csv"))}


def _read(path: Path, content: bytes) -> tuple[pa.Table, Landed | BankFileError]:
    """The sound rows in their types, and what is to be noted about the file."""
    try:
        texts = read_texts(PAST_LOANS, path.name, content)
        checked = check(PAST_LOANS, texts, day_of(PAST_LOANS, path))
    except BankFileError as error:
        return pa.table({}), error
    # Nothing of it lands in a table: the file stays the bank's, the model is what we keep.
    return typed(PAST_LOANS, checked.columns), Landed(texts.rows_read, 0, checked.faults)


def _told(outcome: Landed | BankFileError) -> Landed:
    if isinstance(outcome, BankFileError):
        raise outcome
    return outcome


def _train(wing: Wing, loans: pa.Table, arrival: Arrival, file: Imported, registry: "Registry", author: str) -> Trained:
    from models.errors import ModelsError
    from models.training import train_bank

    if file.error:
        return Trained(arrival.bank_code, file, refusal=file.error)
    settings = wing.settings
    try:
        models = train_bank(
            loans,
            seed=SEED,
            as_of=arrival.business_date,
            civility_input=settings.civility_input,
            training_data_origin=settings.past_loans_origin,
        )
    except ModelsError as refusal:
        return Trained(arrival.bank_code, file, refusal=str(refusal))
    # The registry first: killed in between, the next run finds the same versions there and writes the ledger.
    developed = [(one, _registered(registry, one, arrival, author, models)) for one in models.models]
    _append(wing, developed, arrival)
    stamps = {card.kind: card.stamp for _, card in developed}
    return Trained(arrival.bank_code, file, stamps, {card.kind: dict(card.metrics) for _, card in developed})


def _registered(
    registry: "Registry", model: "TrainedModel", arrival: Arrival, author: str, models: "BankModels"
) -> ModelCard:
    from models.candidates import trained_candidate

    candidate = trained_candidate(model)
    version = registry.register(f"{arrival.bank_code}.{model.key.kind}", candidate)
    zh, en = models.told
    return ModelCard(
        model_name=version.name,
        model_version=str(version.version),
        bank_code=arrival.bank_code,
        kind=model.key.kind,
        method=candidate.method,
        run_id=version.run_id,
        scorecard_sha256=candidate.scorecard.content_hash(),
        scorecard=candidate.scorecard.to_json(),
        data_sha256=arrival.sha256,
        code_version=candidate.code_version,
        training_data_origin=candidate.origin,
        parameters={**candidate.parameters, "civility_input": models.civility_input, "index_zh": zh, "index_en": en},
        metrics={**candidate.metrics, "evidence": candidate.evidence},
        authored_by=author,
        registered_on=arrival.business_date,
    )


def _append(wing: Wing, developed: "Sequence[tuple[TrainedModel, ModelCard]]", arrival: Arrival) -> None:
    from models.monitoring import references_of

    with transaction(wing.engine) as connection:
        only_one(connection, f"models:{arrival.bank_code}")
        for model, card in developed:
            leaf_id = append_developed(connection, card, f"trained on {arrival.file_name}")
            references = references_of(model.scorecard, model.sample.values, model.sample.drawn_on)
            keep_references(connection, card.bank_code, card.model_name, card.model_version, references, leaf_id)
