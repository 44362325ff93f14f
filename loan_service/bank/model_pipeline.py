"""A model's life in the demonstration, once, in order: train, papers, test, review, promote; in a process of its own.

`python -m loan_service.bank.model_pipeline` takes every bank's models as far as its gates let them. The people are
staff who do not exist and are named so; outside demo mode people do the same by `haixia model`.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from sqlalchemy.engine import make_url

from loan_service.bank.stages import model_life, policies, training
from loan_service.bank.stages.model_life import Act
from loan_service.bank.stages.training import Trained
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import (
    DEVELOPED,
    LIVE,
    RETIRED,
    REVIEWED,
    SHADOW,
    TESTED,
    ModelCard,
    ModelMove,
)
from loan_service.bank.store.model_papers import DOSSIER, IMPACT_ASSESSMENT, Paper, append_paper, papers_of
from loan_service.foundation.clock import business_date
from loan_service.foundation.database import BANK, transaction
from loan_service.foundation.migrate import ensure_database
from loan_service.foundation.postgres import database_server
from loan_service.foundation.wing import Wing, open_wing
from loan_service.settings import Settings
from models.gate_levels import gate_levels_on
from models.gates import GateResult, failed, undecided

if TYPE_CHECKING:
    from models.registry import Registry

EXPERT: Final = "expert"

DEVELOPER: Final = "demo-developer"
VALIDATOR: Final = "demo-validator"
COMMITTEE: Final = "demo-risk-committee"
PRIVACY_OFFICER: Final = "demo-privacy-officer"
ASSESSMENT: Final = "DEMO-PIA-2026-01"

REVIEWED_BECAUSE: Final = "demo: gates read, figures rerun from the registered rows"
PROMOTED_BECAUSE: Final = "demo: every gate passed or was accepted in writing"
WATCHED_BECAUSE: Final = "demo: the cold-start card beside the champion"
SHADOW_DAYS: Final = 180
ACCEPTED_BECAUSE: Final = "demo: too few rows to tell; accepted and watched by monitoring"


@dataclass(frozen=True)
class BankModels:
    """What became of one bank's models.

    Attributes:
        trained: What training gave.
        states: State by stamp, afterwards.
        blocked: Names of failed gates by stamp: what kept a version from serving.
    """

    trained: Trained
    states: dict[str, str] = field(default_factory=dict)
    blocked: dict[str, list[str]] = field(default_factory=dict)


@contextmanager
def open_registry(settings: Settings) -> Iterator[tuple[Wing, "Registry", date]]:
    """The bank wing, the registry with a database of its own, and the business date."""
    from models.registry import Registry

    with database_server(settings) as owner_url, open_wing(settings, owner_url, BANK) as wing:
        registry = Registry(ensure_database(owner_url, _registry_database(owner_url)), settings.model_files_root)
        with transaction(wing.engine) as connection:
            today = business_date(connection, demo=settings.demo)
        yield wing, registry, today


def _registry_database(owner_url: str) -> str:
    """MLflow's own database beside ours: two deployments on one server do not share their registries."""
    return f"{make_url(owner_url).database}_mlflow"


def live_through(wing: Wing, registry: "Registry", today: date) -> dict[str, BankModels]:
    """Takes the models of every bank with a file as far as their gates let them; what is done already stays."""
    policies.publish_shipped(wing, today)  # what a model would do to offers is asked of the policy in force
    files = training.newest_files(wing.settings.files)
    return {
        code: _of_bank(wing, registry, code, training.train(wing, code, path, today, registry, DEVELOPER), today)
        for code, path in files.items()
    }


def _of_bank(wing: Wing, registry: "Registry", bank_code: str, trained: Trained, today: date) -> BankModels:
    """The expert card leads first; a trained version that passes its gates takes over, and the card watches it."""
    with transaction(wing.engine) as connection:
        cards = sorted(ledger.cards(connection, bank_code), key=lambda card: card.method != EXPERT)
    moves = {card.stamp: _as_far_as_it_goes(wing, registry, card, today) for card in cards}
    for card in cards:
        _watch_successor(wing, card, today)
    blocked = {stamp: _failed(move) for stamp, move in moves.items() if move and _failed(move)}
    with transaction(wing.engine) as connection:
        states = {card.stamp: ledger.state_of(connection, card)[0] or "" for card in cards}
    return BankModels(trained, states, blocked)


def _as_far_as_it_goes(wing: Wing, registry: "Registry", card: ModelCard, today: date) -> ModelMove | None:
    """Papers, test, review and promotion of one version; taken up where it was left."""
    with transaction(wing.engine) as connection:
        state, _ = ledger.state_of(connection, card)
        champion = ledger.champion(connection, card.model_name)
    if state == LIVE and not registry.is_noted(card.model_name, card.model_version):
        # Killed between ledger and registry, the alias lags behind.
        registry.point(card.model_name, card.model_version)
    is_late = card.method == EXPERT and champion is not None
    if state not in (DEVELOPED, TESTED, REVIEWED) or is_late:
        return None
    _file_papers(wing, registry, card, today)
    test = model_life.run_test(wing, registry, card.stamp, DEVELOPER, today)
    gates = [GateResult.from_content(one) for one in test.evidence]
    return test if failed(gates) else _put_to_work(wing, registry, card, gates, today)


def _watch_successor(wing: Wing, card: ModelCard, today: date) -> None:
    """The expert card scores on in shadow once a trained version has taken over, for half a year."""
    with transaction(wing.engine) as connection:
        is_retired = ledger.state_of(connection, card)[0] == RETIRED
        has_run = ledger.last_move(connection, card, SHADOW) is not None
    if card.method == EXPERT and is_retired and not has_run:
        act, until = Act(VALIDATOR, WATCHED_BECAUSE, today), today + timedelta(days=SHADOW_DAYS)
        model_life.shadow(wing, card.stamp, act, until, at_most_days=gate_levels_on(today).shadow_days)


def _put_to_work(
    wing: Wing, registry: "Registry", card: ModelCard, gates: Iterable[GateResult], today: date
) -> ModelMove:
    accepted = {gate.name: ACCEPTED_BECAUSE for gate in undecided(gates)}
    # An expert card was reviewed by whoever signed it beside its author.
    reviewer = str(card.parameters.get("reviewed_by", VALIDATOR))
    model_life.review(wing, card.stamp, Act(reviewer, REVIEWED_BECAUSE, today), accepted)
    return model_life.promote(wing, card.stamp, Act(COMMITTEE, PROMOTED_BECAUSE, today), registry.point)


def _file_papers(wing: Wing, registry: "Registry", card: ModelCard, today: date) -> None:
    """The demonstration's impact assessment and a dossier, where there is none yet."""
    assessed = Paper(card.model_name, card.model_version, IMPACT_ASSESSMENT, ASSESSMENT, "", PRIVACY_OFFICER, today)
    with transaction(wing.engine) as connection:
        append_paper(connection, assessed)
        kinds = {one.paper for one in papers_of(connection, card.model_name, card.model_version)}
        if card.method == EXPERT:
            append_paper(connection, _signed_card(card))
    if DOSSIER not in kinds and card.method != EXPERT:
        from loan_service.bank.stages import model_dossier

        model_dossier.make_dossier(wing, registry, card.stamp, DEVELOPER, today)


def _signed_card(card: ModelCard) -> Paper:
    """An expert card is its own dossier: every number stands in the signed file with the expert's reason for it."""
    told = card.parameters
    reference, sha256, author = (str(told[name]) for name in ("edition", "content_hash", "authored_by"))
    signed_on = date.fromisoformat(str(told["signed_on"]))
    return Paper(card.model_name, card.model_version, DOSSIER, reference, sha256, author, signed_on)


def _failed(move: ModelMove) -> list[str]:
    return [gate.name for gate in failed(GateResult.from_content(one) for one in move.evidence)]


def main() -> None:
    """Lives through with what this deployment's banks have delivered; prints one JSON line per bank."""
    with open_registry(Settings()) as (wing, registry, today):
        for told in live_through(wing, registry, today).values():
            sys.stdout.write(json.dumps(asdict(told), ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
