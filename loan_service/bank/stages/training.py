"""Trains a bank's two models from its past loans and puts them to work; runs in a process of its own.

`python -m loan_service.bank.stages.training` trains every bank with a file. Nothing else in the wing imports LightGBM
or MLflow: the scorecards go into the promotion ledger, and that is all serving needs.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pyarrow as pa

from loan_service.bank.files import PAST_LOANS, BankFileError, check, day_of, read_texts, typed
from loan_service.bank.store.files import Arrival, Imported, Landed, bring_in
from loan_service.bank.store.promotions import LIVE, Promotion, append_promotion, trained_on
from loan_service.bank.store.rows import batch_leaf, only_one
from loan_service.foundation.clock import business_date as today
from loan_service.foundation.database import BANK, transaction
from loan_service.foundation.migrate import ensure_database
from loan_service.foundation.postgres import database_server
from loan_service.foundation.wing import Wing, open_wing
from loan_service.settings import Settings

if TYPE_CHECKING:
    from models import Registry, TrainedModel

SEED: Final = 1
"""Fixed: the same file gives the same model, so a change of model always has another cause."""

REGISTRY_DATABASE: Final = "haixia_mlflow"


@dataclass(frozen=True)
class Trained:
    """What became of one bank's file of past loans.

    Attributes:
        file: What reading it gave.
        versions: Registry version by kind of the models that work because of this file.
        metrics: Test figures by kind, of models trained now.
        refusal: Why nothing was trained; empty when it was, now or before.
    """

    bank_code: str
    file: Imported
    versions: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, dict[str, float]] = field(default_factory=dict)
    refusal: str = ""


def train(wing: Wing, bank_code: str, path: Path, business_date: date, registry: "Registry") -> Trained:
    """Trains `baseline` and `full` from one file, registers both and makes them live.

    A file whose very bytes were trained before is not trained again.

    Args:
        wing: the bank wing.
        bank_code: whose file it is.
        path: `past_loans_YYYYMMDD.csv`.
        business_date: only loans observed for twelve months by this day are learned from.
        registry: MLflow's, with a database of its own.

    Raises:
        FileNotFoundError: there is no such file.
    """
    arrival = Arrival(bank_code, PAST_LOANS.kind, path.name, path.read_bytes(), business_date)
    # Whoever else trains this bank is waited for: two trainings of one file would promote the same card twice.
    with transaction(wing.engine) as turn:
        only_one(turn, f"training:{bank_code}")
        versions = trained_on(turn, bank_code, arrival.sha256)
        if versions:
            return Trained(bank_code, Imported(path.name, known_before=True), versions)
        loans, outcome = _read(path, arrival.content)
        file = bring_in(wing, arrival, lambda *_: _told(outcome))
        return _train(wing, loans, arrival, file, registry)


def train_all(wing: Wing, files_dir: Path, business_date: date, registry: "Registry") -> list[Trained]:
    """Trains every bank that has a folder below `files_dir` on its newest file of past loans."""
    newest = {path.parent.name: path for path in sorted(files_dir.glob(f"*/{PAST_LOANS.kind}_*.csv"))}
    return [train(wing, bank_code, path, business_date, registry) for bank_code, path in newest.items()]


def main() -> None:
    """Trains what this deployment's banks have delivered and prints one JSON line per bank."""
    from models.registry import Registry

    settings = Settings()
    with database_server(settings) as owner_url, open_wing(settings, owner_url, BANK) as wing:
        registry = Registry(ensure_database(owner_url, REGISTRY_DATABASE), settings.data_dir / "models")
        with transaction(wing.engine) as connection:
            day = today(connection, demo=settings.demo)
        for trained in train_all(wing, settings.files, day, registry):
            sys.stdout.write(json.dumps(asdict(trained), ensure_ascii=False) + "\n")


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


def _train(wing: Wing, loans: pa.Table, arrival: Arrival, file: Imported, registry: "Registry") -> Trained:
    from models.errors import TooFewDefaultsError
    from models.training import train_both

    if file.error:
        return Trained(arrival.bank_code, file, refusal=file.error)
    try:
        models = train_both(loans, seed=SEED, as_of=arrival.business_date)
    except TooFewDefaultsError as few:
        return Trained(arrival.bank_code, file, refusal=str(few))
    # The registry first: killed in between, the next run finds the same versions there and writes the ledger.
    promotions = [_registered(registry, model, arrival) for model in models]
    _append(wing, promotions, arrival.business_date)
    versions = {one.kind: one.version for one in promotions}
    return Trained(arrival.bank_code, file, versions, {one.kind: dict(one.metrics) for one in promotions})


def _registered(registry: "Registry", model: "TrainedModel", arrival: Arrival) -> Promotion:
    kind = model.key.kind
    version = registry.register(f"{arrival.bank_code}.{kind}", model)
    registry.promote(version)
    return Promotion(
        bank_code=arrival.bank_code,
        kind=kind,
        model_name=version.name,
        model_version=str(version.version),
        alias=LIVE,
        scorecard_sha256=model.scorecard.content_hash(),
        scorecard=model.scorecard.to_json(),
        data_sha256=arrival.sha256,
        metrics=model.metrics.as_numbers(),
        promoted_on=arrival.business_date,
        reason=f"trained on {arrival.file_name}",
    )


def _append(wing: Wing, promotions: Sequence[Promotion], day: date) -> None:
    bank_code = promotions[0].bank_code
    with transaction(wing.engine) as connection:
        only_one(connection, f"promotions:{bank_code}")
        keys = [f"{one.version}/{one.scorecard_sha256}" for one in promotions]
        leaf_id = batch_leaf(connection, "promotions", bank_code, keys, day)
        for promotion in promotions:
            append_promotion(connection, promotion, leaf_id)


if __name__ == "__main__":
    main()
