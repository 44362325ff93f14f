"""Figures and turns of alerts as rows, each alert with its sentence and its next step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from loan_service.bank.store.model_monitoring import NOTHING_MEASURED
from loan_service.bank.store.promotions import Promotion
from loan_service.bank.store.rows import stable_key
from loan_service.foundation.database import AnyRow
from models.feature_spec import FeatureSpec
from models.monitoring import Figure, Topic
from models.monitoring.alerts import Turn
from models.monitoring.words import STEPS, turn_sentence

Row = dict[str, Any]


@dataclass(frozen=True)
class Measurement:
    """One topic of one model, measured once."""

    measurement_id: str
    input_hash: str
    topic: Topic
    promotion: Promotion
    data_as_of: date
    measured_on: date


def figure_rows(measurement: Measurement, figures: Sequence[Figure], leaf_id: int) -> list[Row]:
    """Rows of `bank.model_figures`; where there is no figure, the one that says so."""
    head = {
        "bank_code": measurement.promotion.bank_code,
        "model_name": measurement.promotion.model_name,
        "model_version": measurement.promotion.model_version,
        "topic": measurement.topic,
        "measurement_id": measurement.measurement_id,
        "input_hash": measurement.input_hash,
        "data_as_of": measurement.data_as_of,
        "measured_on": measurement.measured_on,
        "leaf_id": leaf_id,
    }
    return [head | one for one in map(_figure_row, figures)] or [head | _NOTHING]


_NOTHING: Row = {
    "kind": NOTHING_MEASURED,
    "subject": "",
    "reference": "",
    "measured": 0.0,
    "threshold": None,
    "severity": "",
    "low": None,
    "high": None,
    "rows": 0,
    "reference_rows": 0,
    "detail": {},
}


def _figure_row(figure: Figure) -> Row:
    return {name: getattr(figure, name) for name in _NOTHING} | {"detail": dict(figure.detail)}


def alert_rows(
    measurement: Measurement,
    turned: Sequence[Turn],
    standing: Mapping[str, AnyRow],
    spec: FeatureSpec,
    leaf_id: int,
) -> list[Row]:
    """Rows of `bank.model_alerts`.

    Args:
        measurement: what was measured.
        turned: what it changes.
        standing: the newest row of each open alert, by the figure's key.
        spec: names of the features.
        leaf_id: the measurement's leaf.
    """
    return [_alert_row(measurement, turn, standing.get(turn.key), spec, leaf_id) for turn in turned]


def _alert_row(measurement: Measurement, turn: Turn, before: AnyRow | None, spec: FeatureSpec, leaf_id: int) -> Row:
    kind, _, subject = turn.key.partition("/")
    model, told, figure = measurement.promotion, turn_sentence(turn, spec), turn.figure
    step = next(step for name, step in STEPS.items() if name == kind)
    return {
        "alert_id": before.alert_id if before else _alert_id(measurement, turn.key),
        "measurement_id": measurement.measurement_id,
        "turn": turn.turn,
        "bank_code": model.bank_code,
        "model_name": model.model_name,
        "model_version": model.model_version,
        "topic": measurement.topic,
        "kind": kind,
        "subject": subject,
        "reference": figure.reference if figure else "",
        "measured": figure.measured if figure else None,
        "threshold": figure.threshold if figure else None,
        "severity": turn.severity,
        "since_on": before.since_on if before else measurement.data_as_of,
        "first_seen_on": before.first_seen_on if before else measurement.measured_on,
        "turned_on": measurement.measured_on,
        "text_zh": told.zh,
        "text_en": told.en,
        "next_step": step.name,
        "next_step_zh": step.told.zh,
        "next_step_en": step.told.en,
        "leaf_id": leaf_id,
    }


def _alert_id(measurement: Measurement, key: str) -> str:
    return stable_key("model-alert", measurement.promotion.model_name, key, measurement.measurement_id)
