"""Who the model is, what it came from and how it was made, as facts."""

from datetime import date, timedelta
from typing import Any, Final

import numpy as np

from models.dossier.inputs import Case, Papers
from models.feature_spec import Declaration
from models.labels import DEFAULT_FROM_DAYS_PAST_DUE, WINDOW_MONTHS
from models.monotone_proof import prove_monotone
from models.samples import Rows
from models.scorecard import UNITS_PER_LOG_ODDS

SHADOW: Final = "shadow"
_EPOCH: Final = date(1970, 1, 1)


def identity(case: Case) -> dict[str, Any]:
    """What stands on the first page."""
    papers, card = case.papers, case.card
    return {
        "bank_code": papers.bank_code,
        "kind": card.kind,
        "method": papers.method,
        "model_name": papers.model_name,
        "model_version": papers.model_version,
        "training_data_origin": papers.training_data_origin,
        "demo": papers.demo,
        "state": _state(papers),
        "authored_by": papers.authored_by,
        "registered_on": papers.registered_on,
        "dated_on": papers.dated_on,
        "position": papers.position,
        "rows_of": case.rows_of,
        "companion": case.companion_stamp,
        "scorecard_sha256": card.content_hash(),
        "notes": dict(card.notes),
    }


def _state(papers: Papers) -> str:
    """The state the moves led to; a shadow run leaves it as it is."""
    states = [str(move["state"]) for move in papers.moves if move["state"] != SHADOW]
    return states[-1] if states else "developed"


def lineage(case: Case) -> dict[str, Any]:
    """Files, hashes, rows, code, specification and run; then the rows by part."""
    papers, sample = case.papers, case.sample
    return {
        "files": list(papers.files),
        "data_sha256": papers.data_sha256,
        "sample_sha256": sample.content_hash,
        "feature_spec_sha256": case.spec.content_hash(),
        "card_feature_spec_sha256": case.card.feature_spec_hash,
        "code_version": papers.code_version,
        "run_id": papers.run_id,
        "policy_edition": case.edition.edition_id,
        "policy_sha256": case.edition.content_hash,
        "test_from": sample.test_from,
        "training": _rows(sample.training),
        "test": _rows(sample.test),
        "declared_features": [_declared(one) for one in case.spec.declarations],
    }


def assumptions(case: Case) -> dict[str, Any]:
    """Numbers that stand behind the wording of the assumptions."""
    policy = case.edition.policy
    return {
        "default_from_days_past_due": DEFAULT_FROM_DAYS_PAST_DUE,
        "window_months": WINDOW_MONTHS,
        "loss_given_default_milli": policy.loss_given_default.on(case.papers.dated_on),
        "offered_below": case.offered_below,
        "least_training_defaults": int(case.sample.training.defaults),
    }


def method(case: Case) -> dict[str, Any]:
    """How the tables came about: what was chosen, which directions hold, how probabilities are calibrated."""
    card = case.card
    proofs = {proof.feature: proof for proof in prove_monotone(card)}
    calibration = card.calibration
    return {
        "parameters": dict(case.papers.parameters),
        "prices": case.papers.evidence.get("prices", []),
        "trials": case.papers.evidence.get("trials", []),
        "calibrations": case.papers.evidence.get("calibration", {}).get("methods", []),
        "interval_evidence": case.papers.evidence.get("intervals"),
        "intercept": card.intercept / UNITS_PER_LOG_ODDS,
        "features": len(card.features),
        "cells": int(sum(len(table.cells) for table in card.features)),
        "pairs": sum(len(table.features) == 2 for table in card.interactions),  # noqa: PLR2004 - a pair
        "triples": sum(len(table.features) == 3 for table in card.interactions),  # noqa: PLR2004 - a triple
        "interaction_cells": int(sum(table.cells.size for table in card.interactions)),
        "calibration": {
            "low_slope": calibration.low_slope,
            "high_slope": calibration.high_slope,
            "offset": calibration.offset,
        },
        "intervals": card.intervals is not None,
        "directions": [
            {
                "feature": table.name,
                "declared": case.declared(table).direction,
                "kept": table.direction,
                "proven": table.name in proofs,
                "least_step": proofs[table.name].least_step / UNITS_PER_LOG_ODDS if table.name in proofs else None,
            }
            for table in card.features
        ],
    }


def _rows(rows: Rows) -> dict[str, Any]:
    days = rows.drawn_on
    return {
        "rows": len(rows),
        "defaults": rows.defaults,
        "default_share": rows.defaults / len(rows),
        "villages": len(np.unique(rows.villages)),
        "first_drawn_on": _day(int(days.min())),
        "last_drawn_on": _day(int(days.max())),
    }


def _day(days: int) -> date:
    return _EPOCH + timedelta(days=days)


def _declared(one: Declaration) -> dict[str, Any]:
    return {
        "name": one.name,
        "name_zh": one.name_zh,
        "name_en": one.name_en,
        "unit": one.unit,
        "columns": list(one.columns),
        "consents": list(one.consents),
        "missing_means": one.missing_means,
        "direction": one.direction,
    }
