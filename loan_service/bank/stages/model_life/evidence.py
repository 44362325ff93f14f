"""A test and its evidence: a registered version against its own rows, its papers and findings, gate by gate."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from statistics import median
from typing import TYPE_CHECKING, Final

from sqlalchemy import Connection

from loan_service.bank.stages.model_life.acts import record_test
from loan_service.bank.stages.model_life.refusals import named
from loan_service.bank.store import model_ledger as ledger
from loan_service.bank.store.model_ledger import LIVE, TESTED, ModelCard, ModelMove
from loan_service.bank.store.model_papers import DOSSIER, HIGH, IMPACT_ASSESSMENT, findings, papers_of
from loan_service.bank.views.policies import policy_in_force
from loan_service.foundation.database import transaction
from loan_service.foundation.wing import Wing
from models import gate_checks as checks
from models.expert_card_loader import load_expert_card
from models.gate_levels import GateLevels, gate_levels_on
from models.gates import FAILED, GateResult
from models.policy_loader import PolicyEdition
from models.scorecard import Scorecard

if TYPE_CHECKING:
    from models.registry import Registry
    from models.samples import Sample

EXPERT: Final = "expert"
TIMED_ROWS: Final = 200


@dataclass(frozen=True)
class Question:
    """What a test asks about.

    Attributes:
        card: the version.
        champion: the card that serves now; None: none does.
        sample: the rows, training and test; None where the bank has none yet.
        edition: the bank's policy, which says who would be offered a line.
        today: the business date.
        demo: whether this is a demonstration.
        dossiers: days of the version's dossiers.
        assessments: days of its impact assessments.
        open_high: its open high findings.
    """

    card: ModelCard
    champion: ModelCard | None
    sample: "Sample | None"
    edition: PolicyEdition
    today: date
    demo: bool
    dossiers: tuple[date, ...] = ()
    assessments: tuple[date, ...] = ()
    open_high: tuple[str, ...] = ()

    @property
    def levels(self) -> GateLevels:
        """The levels in force on the day."""
        return gate_levels_on(self.today)

    @property
    def least_defaults(self) -> int:
        """Matured defaults below which the bank's expert card leads, as that card says."""
        return load_expert_card(self.card.bank_code).card.least_matured_defaults.value


def run_test(wing: Wing, registry: "Registry", stamp: str, by: str, today: date) -> ModelMove:
    """Evaluates every gate of a version and keeps the outcomes; a version that serves keeps those it has.

    Args:
        wing: the bank wing.
        registry: holds the version's rows.
        stamp: such as `island_rural.baseline/3`.
        by: who tests; the author may.
        today: the business date.

    Raises:
        NotFoundError: there is no such version.
    """
    with transaction(wing.engine) as connection:
        card = named(connection, stamp)
        known = ledger.last_move(connection, card, TESTED)
        if known and ledger.state_of(connection, card)[0] == LIVE:
            return known
        asked = question(connection, card, registry, today, demo=wing.settings.demo)
    return record_test(wing, stamp, evaluate(asked), by, today)


def question(connection: Connection, card: ModelCard, registry: "Registry", today: date, *, demo: bool) -> Question:
    """Brings together what the ledger and the registry know about a version."""
    champion = ledger.champion(connection, card.model_name)
    papers = papers_of(connection, card.model_name, card.model_version)
    found = findings(connection, card.model_name, card.model_version)
    return Question(
        card,
        None if champion == card else champion,
        _sample(connection, card, registry),
        policy_in_force(connection, card.bank_code, today),
        today,
        demo,
        dossiers=tuple(one.dated_on for one in papers if one.paper == DOSSIER),
        assessments=tuple(one.dated_on for one in papers if one.paper == IMPACT_ASSESSMENT),
        open_high=tuple(one.finding_id for one in found if one.is_open and one.severity == HIGH),
    )


def evaluate(asked: Question) -> list[GateResult]:
    """Every written gate of a version."""
    scorecard = Scorecard.from_json(asked.card.scorecard)
    figures = list(_figures(asked, scorecard))
    if asked.card.method == EXPERT:
        figures = [_for_the_reviewer(gate) for gate in figures]
    return [*figures, *_papers(asked, scorecard)]


def _figures(asked: Question, scorecard: Scorecard) -> Iterator[GateResult]:
    """The gates that need rows."""
    if asked.sample is None:
        yield checks.cannot_tell(
            "figures", "measured on the bank's own matured loans", "尚无到期贷款可供检验", "no matured loans to test on"
        )
        return
    from models.calibration_gates import calibration_gates
    from models.fairness import fairness_gate, fairness_of
    from models.fairness_groups import groupings_of
    from models.validation import validate

    training, test = asked.sample.training, asked.sample.test
    log_odds = scorecard.calibrated_log_odds(test.values)
    validation = validate(test.labels, log_odds, groups=test.villages)
    if asked.card.method != EXPERT:
        yield checks.enough_defaults(training.defaults + test.defaults, asked.least_defaults)
    yield checks.discrimination(validation.auc, asked.levels)
    yield from calibration_gates(validation)
    yield from _against_champion(asked, asked.sample, scorecard)
    probability = scorecard.default_probability(test.values)
    yield checks.stable(scorecard.default_probability(training.values), probability, asked.levels)
    groupings = groupings_of(asked.sample.loans.filter(asked.sample.tested()))
    bands = asked.edition.policy.bands.on(asked.today)
    below = min(band.from_ppm for band in bands if band.outcome != "offer") / 1_000_000
    yield fairness_gate(fairness_of(probability, test.labels, test.villages, groupings, offered_below=below))


def _against_champion(asked: Question, sample: "Sample", scorecard: Scorecard) -> Iterator[GateResult]:
    """Paired on the same rows; where nothing serves there is nothing to be worse than."""
    if asked.champion is None:
        return
    from models.calibration_gates import champion_gate
    from models.comparison import compare

    test, champion = sample.test, Scorecard.from_json(asked.champion.scorecard)
    ours, theirs = (one.calibrated_log_odds(test.values) for one in (scorecard, champion))
    comparison = compare(test.labels, ours, theirs, groups=test.villages)
    yield checks.sharper_than_champion(comparison)
    yield champion_gate(comparison)


def _papers(asked: Question, scorecard: Scorecard) -> Iterator[GateResult]:
    """The gates that need no rows, or only one."""
    yield checks.monotone(scorecard)
    if asked.sample is not None:
        yield checks.latency(_latency_us(scorecard, asked.sample), asked.levels)
    yield checks.lawful_origin(asked.card.training_data_origin, demo=asked.demo)
    yield checks.paper_present(DOSSIER, asked.dossiers, asked.today, asked.levels)
    yield checks.paper_present(IMPACT_ASSESSMENT, asked.assessments, asked.today, asked.levels)
    yield checks.no_open_high_finding(asked.open_high)


def _for_the_reviewer(gate: GateResult) -> GateResult:
    """An expert card rests on signatures, not on rows: what its figures do not show, a reviewer accepts in writing."""
    return replace(gate, outcome="undecided") if gate.outcome == FAILED else gate


def _latency_us(scorecard: Scorecard, sample: "Sample") -> float:
    """Median microseconds of one household with its reasons, over varied households."""
    rows = sample.values[:TIMED_ROWS]
    scorecard.contributions(rows[:1])
    spent = []
    for place in range(len(rows)):
        started = time.perf_counter_ns()
        scorecard.default_probability(rows[place : place + 1])
        scorecard.contributions(rows[place : place + 1])
        spent.append(time.perf_counter_ns() - started)
    return median(spent) / 1000


def _sample(connection: Connection, card: ModelCard, registry: "Registry") -> "Sample | None":
    """The rows of the version; an expert card is held against the newest rows of its bank."""
    from models.registered_samples import registered_sample

    holder = card if card.method != EXPERT else _newest_trained(connection, card)
    if holder is None:
        return None
    return registered_sample(registry, holder.model_name, holder.model_version, card.kind)


def _newest_trained(connection: Connection, card: ModelCard) -> ModelCard | None:
    known = [one for one in ledger.cards(connection, card.bank_code) if one.model_name == card.model_name]
    return next((one for one in reversed(known) if one.method != EXPERT), None)
