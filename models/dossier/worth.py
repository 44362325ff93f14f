"""Does the index earn its place, and what will be watched: facts about the grade and about monitoring."""

from dataclasses import asdict
from typing import Any, Final

import numpy as np

from models.ablation import Compared, ablation, strata_of
from models.arrays import Floats
from models.dossier.inputs import Case
from models.feature_spec import GRADES, declared_features
from models.monitoring.levels import levels_on
from models.samples import Sample, sample_of
from models.scorecard import Scorecard

SEED: Final = 1


def index_worth(case: Case) -> dict[str, Any]:
    """What training recorded about the grade (of `full` only), and the last year compared again, with and without."""
    return {"recorded": case.papers.evidence.get("ablation"), "regenerated": _compared(case)}


def monitoring(case: Case) -> dict[str, Any]:
    """The levels at which monitoring of the live model speaks up, as they stand on the dossier's day."""
    levels: dict[str, Any] = levels_on(case.papers.dated_on).model_dump(mode="json")
    return levels


def _compared(case: Case) -> dict[str, Any] | None:
    if case.companion is None:
        return None
    cards = {card.kind: card for card in (case.card, case.companion)}
    if set(cards) != {"baseline", "full"}:
        return None
    whole = case.sample if case.card.kind == "full" else sample_of(case.sample.loans, declared_features("full"))
    return _on_test_rows(cards["baseline"], cards["full"], whole)


def _on_test_rows(baseline: Scorecard, full: Scorecard, whole: Sample) -> dict[str, Any]:
    test, place = whole.test, whole.names.index("grade")
    grade = test.values[:, place]
    rows = Compared(
        "test",
        test.labels,
        baseline.calibrated_log_odds(_without(whole, test.values)),
        full.calibrated_log_odds(test.values),
        test.villages,
        strata_of(test.drawn_on, test.villages, grade),
    )
    # The same rows twice: what training measured out of fold needs models that no version keeps.
    gains = ablation(rows, rows, grade, seed=SEED).gains[:2]
    return {
        "gains": [{**asdict(one), "minimum_detectable": one.minimum_detectable} for one in gains],
        "grades": [_graded(name, grade == code, test.labels) for code, name in enumerate(GRADES)],
    }


def _without(whole: Sample, values: Floats) -> Floats:
    kept = np.array([name != "grade" for name in whole.names])
    return np.ascontiguousarray(values[:, kept])


def _graded(name: str, inside: Any, labels: Floats) -> dict[str, Any]:
    rows = int(inside.sum())
    defaults = int(labels[inside].sum())
    return {"grade": name, "rows": rows, "defaults": defaults, "observed": defaults / rows if rows else None}
