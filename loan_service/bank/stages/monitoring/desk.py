"""One bank's monitoring on one day: which topics are due, their figures, and the rows they become."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Final

import pyarrow as pa
from sqlalchemy import Connection

from loan_service.bank.stages.monitoring.delivered import PastLoans
from loan_service.bank.stages.monitoring.inputs import Households, amounts, decided, outcomes
from loan_service.bank.stages.monitoring.model_view import ModelView, card_of, kind_of
from loan_service.bank.stages.monitoring.rows import Measurement, alert_rows, figure_rows
from loan_service.bank.store import model_monitoring as store
from loan_service.bank.store.promotions import Promotion
from loan_service.bank.store.rows import batch_leaf, stable_key
from loan_service.foundation.database import to_json
from models.day_policy import policy_on
from models.feature_spec import FeatureSpec, declared_features
from models.monitoring import (
    TOPICS,
    Figure,
    Topic,
    levels_on,
)
from models.monitoring.alerts import turns
from models.monitoring.outcomes import NO_LOANS, Outcomes, outcome_figures
from models.monitoring.overrides import override_figures
from models.monitoring.population import file_figures, unit_figures
from models.policy_loader import PolicyEdition
from models.training_errors import FaultyRecordError

_PPM: Final = 1_000_000


@dataclass(frozen=True)
class Measured:
    """One topic of one model, measured: how many figures, and alerts by what became of them."""

    figures: int
    turns: Counter[str]


class Desk:
    """Everything monitoring of a bank looks at on one day; files are read when a topic is due, and once."""

    def __init__(
        self,
        connection: Connection,
        edition: PolicyEdition,
        day: date,
        position: int,
        past_loans: PastLoans | None = None,
    ) -> None:
        self._past_loans = past_loans
        self._connection = connection
        self._edition = edition
        self._bank_code = edition.policy.bank_code
        self._day = day
        self._levels = levels_on(day)
        self._households = Households(connection, self._bank_code, day, position)

    def measure(self, promotion: Promotion) -> Iterator[Measured]:
        """Measures the topics of a live model whose inputs changed."""
        for topic in TOPICS:
            state = self._state(topic, promotion)
            if state is not None:
                measured = self._measure(topic, promotion, hashlib.sha256(to_json(state).encode()).hexdigest())
                if measured is not None:
                    yield measured

    def _measure(self, topic: Topic, promotion: Promotion, input_hash: str) -> Measured | None:
        standing = store.newest_measurement(self._connection, self._bank_code, promotion.model_name, topic)
        if standing is not None and standing.input_hash == input_hash:
            return None
        before = standing.measurement_id if standing is not None else ""
        measurement = Measurement(
            measurement_id=stable_key("measurement", promotion.version, topic, input_hash, before),
            input_hash=input_hash,
            topic=topic,
            promotion=promotion,
            data_as_of=self._data_as_of(topic),
            measured_on=self._day,
        )
        return self._write(measurement, self._figures(topic, promotion))

    def _write(self, measurement: Measurement, figures: Sequence[Figure]) -> Measured:
        name = measurement.promotion.model_name
        leaf_id = batch_leaf(
            self._connection, "model_figures", self._bank_code, [measurement.measurement_id], self._day
        )
        store.append_figures(self._connection, figure_rows(measurement, figures, leaf_id))
        standing = {
            f"{row.kind}/{row.subject}": row
            for row in store.alerts(self._connection, self._bank_code, self._day, standing=True)
            if row.model_name == name and row.topic == measurement.topic
        }
        turned = turns({key: row.severity for key, row in standing.items()}, figures)
        store.append_alerts(
            self._connection, alert_rows(measurement, turned, standing, _spec(measurement.promotion), leaf_id)
        )
        return Measured(len(figures), Counter(turn.turn for turn in turned))

    def _state(self, topic: Topic, promotion: Promotion) -> list[object] | None:
        """What a topic's figures depend on; None while there is nothing to measure."""
        month = f"{self._day:%Y-%m}"
        common: list[object] = [month, promotion.version, promotion.scorecard_sha256, self._levels.model_dump()]
        match topic:
            case "population":
                kept = store.references_kept(self._connection, promotion.model_name, promotion.model_version)
                files = self._files(promotion)
                return [*common, kept, files] if files else None
            case "outcomes":
                loans = store.state_of_loans(self._connection, self._bank_code, self._day)
                return [*common, loans] if any(loans) else None
            case "past_loans":
                return self._state_of_past_loans(common[1:], promotion)
            case "overrides":
                told = store.state_of_decisions(self._connection, self._bank_code, self._day)
                return [*common, self._cut_offs, told] if promotion.kind == "baseline" and told[0] else None

    def _state_of_past_loans(self, common: list[object], promotion: Promotion) -> list[object] | None:
        """A file that came after training; the very file a version was trained from tells nothing new of it."""
        trained_from, file = promotion.data_sha256, self._past_loans
        return [*common, file.sha256] if trained_from and file and file.sha256 != trained_from else None

    def _files(self, promotion: Promotion) -> list[object]:
        """The files a population is measured from and compared with."""
        if not self._households.files:
            return []
        least = self._levels.stability.least_rows
        others = self._households.same_month_last_year(least), self._households.first_scored(promotion.promoted_on)
        chosen = [*self._households.files[:2], *(one for one in others if one is not None)]
        return [[one.file.on, one.file.rows, one.file.newest_leaf_id] for one in chosen]

    def _data_as_of(self, topic: Topic) -> date:
        return self._households.files[0].file.on if topic == "population" else self._day

    def _figures(self, topic: Topic, promotion: Promotion) -> tuple[Figure, ...]:
        match topic:
            case "population":
                return self._population(promotion)
            case "outcomes":
                told = outcomes(self._loans, promotion.kind, promotion.version, self._day)
                return outcome_figures(told, self._levels)
            case "past_loans":
                return outcome_figures(self._delivered(promotion), self._levels)
            case "overrides":
                rows = store.final_decisions(self._connection, self._bank_code, promotion.version, self._day)
                return override_figures(decided(rows), self._cut_offs, self._levels)

    def _delivered(self, promotion: Promotion) -> Outcomes:
        """Loans the bank delivered that were drawn after everything the version learned from."""
        after = store.learned_until(self._connection, promotion.model_name, promotion.model_version)
        if self._past_loans is None or after is None:
            return NO_LOANS
        try:
            return self._past_loans.outcomes(card_of(promotion.scorecard), _spec(promotion), after, self._day)
        except FaultyRecordError:
            return NO_LOANS  # who trains from the file is told what is wrong with it

    @cached_property
    def _loans(self) -> pa.Table:
        return store.drawn_loans(self._connection, self._bank_code, self._day)

    @cached_property
    def _cut_offs(self) -> tuple[float, ...]:
        """Baseline probabilities at which our own answer changes."""
        bands = policy_on(self._edition.policy, self._edition.lpr, self._day).bands
        steps = zip(bands.from_ppm[1:].tolist(), bands.outcome[1:] != bands.outcome[:-1], strict=True)
        return tuple(ppm / _PPM for ppm, changes in steps if changes)

    def _population(self, promotion: Promotion) -> tuple[Figure, ...]:
        view = ModelView(promotion, self._connection, self._households, self._levels)
        told = view.figures()
        newest, before = view.newest, view.before
        now = self._households.as_seen(newest)
        faults = store.file_faults(self._connection, self._bank_code, newest.file.on)
        counted = {f"{row.field or 'row'}: {row.error_code}": (row.rows, row.rows_read) for row in faults}
        units = unit_figures(amounts(self._households.as_seen(before)), amounts(now), self._levels) if before else ()
        return (*told, *file_figures(counted, self._levels), *units)


def _spec(promotion: Promotion) -> FeatureSpec:
    return declared_features(kind_of(promotion))
