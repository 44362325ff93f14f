"""What the probabilities were worth: measures, stability by feature and quarter, and intervals, as facts."""

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from models.arrays import Booleans, Floats
from models.calibration_gates import calibration_gates
from models.day_policy import policy_on
from models.dossier.inputs import Case
from models.measures import area_under_curve, bins_of
from models.monitoring.stability import Stability, grouped, stability, together
from models.probability_interval import too_wide
from models.samples import Rows
from models.validation import validate, wilson

GROUPS: Final = 10
NO_CHANGE_QUANTILE: Final = 0.99
FEWEST_DEFAULTS: Final = 10
_MONTHS_OF_QUARTER: Final = 3


def performance(case: Case) -> dict[str, Any]:
    """Every measure on the last year with its interval, ten bins of reliability, the curves, calibration's gates."""
    test = case.sample.test
    measured = validate(test.labels, case.test.calibrated, groups=test.villages)
    gates = [gate.to_content() for gate in calibration_gates(measured)]
    return {**measured.to_content(), "gates": gates}


def stabilities(case: Case) -> dict[str, Any]:
    """Test rows against training rows, feature by feature and in the probability; then quarter by quarter."""
    quantile = together(NO_CHANGE_QUANTILE, len(case.card.features) + 1)
    features = []
    for table, reference, observed in zip(case.card.features, case.training_cells, case.test_cells, strict=True):
        before, now = (np.bincount(cell, minlength=len(table.cells)) for cell in (reference, observed))
        old, new, _ = grouped(table, before, now, GROUPS)
        features.append({"feature": table.name, **_told(stability(old, new, quantile))})
    learned = case.everything.probability[~case.sample.tested()]
    return {
        "quantile": NO_CHANGE_QUANTILE,
        "features": features,
        "probability": _told(_drift(learned, case.probability, quantile)),
        "quarters": list(_quarters(case, learned)),
    }


def _told(one: Stability) -> dict[str, Any]:
    return {"psi": one.psi, "noise": one.noise, "groups": one.groups, "beyond_chance": one.psi > one.noise}


def _drift(reference: Floats, observed: Floats, quantile: float) -> Stability:
    """Stability of probabilities over ten groups of equal reference share."""
    edges = np.unique(np.quantile(reference, np.arange(1, GROUPS) / GROUPS))
    counts = [np.bincount(np.searchsorted(edges, one), minlength=len(edges) + 1) for one in (reference, observed)]
    return stability(counts[0], counts[1], quantile)


def _quarters(case: Case, reference: Floats) -> Iterator[dict[str, Any]]:
    rows = case.sample.rows
    probability = case.everything.probability
    months = rows.drawn_on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    quarter = months // _MONTHS_OF_QUARTER
    for one in np.unique(quarter):
        inside = quarter == one
        yield {
            "quarter": f"{1970 + one // 4}Q{one % 4 + 1}",
            "test_share": float(case.sample.tested()[inside].mean()),
            **_outcome(rows, probability, inside),
            **_told(_drift(reference, probability[inside], NO_CHANGE_QUANTILE)),
        }


def _outcome(rows: Rows, probability: Floats, inside: Booleans) -> dict[str, Any]:
    labels, predicted = rows.labels[inside], probability[inside]
    low, high = wilson(int(labels.sum()), len(labels))
    enough = FEWEST_DEFAULTS <= labels.sum() < len(labels)
    return {
        "rows": len(labels),
        "defaults": int(labels.sum()),
        "predicted": float(predicted.mean()),
        "observed": float(labels.mean()),
        "observed_interval": [low, high],
        "auc": area_under_curve(labels, predicted) if enough else None,
    }


def uncertainty(case: Case) -> dict[str, Any] | None:
    """Width of the intervals of the test rows and whether what happened lies in them; None without intervals."""
    intervals = case.card.intervals
    if intervals is None or case.intervals is None:
        return None
    labels, (low, high) = case.sample.test.labels, case.intervals
    thin = case.test.missing >= intervals.thin_from
    parts = {"all": np.ones(len(labels), dtype=np.bool_), "thick": ~thin, "thin": thin}
    return {
        "thin_from": intervals.thin_from,
        "too_wide": _too_wide(case, low, high),
        "parts": {name: _widths(case.probability, low, high, labels, rows) for name, rows in parts.items()},
        "bins": [
            _interval_bin(case.probability[rows], low[rows], high[rows], labels[rows])
            for rows in bins_of(case.probability)
        ],
    }


def _too_wide(case: Case, low: Floats, high: Floats) -> dict[str, Any] | None:
    """The policy's widths and how many test rows they would send to a person; None where it has none."""
    policy = policy_on(case.edition.policy, case.edition.lpr, case.papers.dated_on).widest_interval
    if policy is None:
        return None
    wide = too_wide(low, high, policy)
    offered = case.probability < case.offered_below
    return {
        "widest": policy.widest,
        "widest_at_cut_off": policy.widest_at_cut_off,
        "cut_off": policy.cut_off,
        "rows": int(wide.sum()),
        "of_offered": int((wide & offered).sum()),
        "offered": int(offered.sum()),
    }


def _widths(probability: Floats, low: Floats, high: Floats, labels: Floats, rows: Booleans) -> dict[str, Any]:
    if not rows.any():
        return {"rows": 0}
    width = (high - low)[rows]
    return {
        "rows": int(rows.sum()),
        "defaults": int(labels[rows].sum()),
        "mean_width": float(width.mean()),
        "median_width": float(np.median(width)),
        "widest_twentieth": float(np.quantile(width, 0.95)),
        **_interval_bin(probability[rows], low[rows], high[rows], labels[rows]),
    }


def _interval_bin(probability: Floats, low: Floats, high: Floats, labels: Floats) -> dict[str, Any]:
    least, most = wilson(int(labels.sum()), len(labels))
    return {
        "mean_low": float(low.mean()),
        "predicted": float(probability.mean()),
        "mean_high": float(high.mean()),
        "observed": float(labels.mean()),
        "observed_interval": [least, most],
    }
