"""What happens to the model when life, data or groups differ: sensitivity, stress and fairness, as facts."""

from dataclasses import asdict
from datetime import date
from typing import Any, Final

import numpy as np
import pyarrow as pa

from models import fairness
from models.dossier.inputs import Case
from models.dossier.loader import changes, scenarios
from models.fairness_groups import absent_groupings, groupings_of
from models.policy import GRADES
from models.preapproval import preapprove
from models.sensitivity import effects_of
from models.stress import PRICING_KIND, Book, households_of, strains_of, systematic_probability

CORRELATION: Final = 0.05
"""[P] Share of a default's cause that all loans of a year have in common."""
QUANTILES: Final = (0.9, 0.99, 0.999)
AGE_OF_ALL: Final = 40
"""The file carries no birth dates: repricing takes every borrower for so old, an age no rule refuses."""
COMPARED_AT_MOST: Final = 4000
"""Households repriced under every grade to check that the index only adds."""


def sensitivity(case: Case) -> list[dict[str, Any]]:
    """Each change of the inputs with its effect."""
    tried = changes()
    effects = effects_of(case.card, case.tested, case.sample.test.labels, tried, offered_below=case.offered_below)
    return [
        {**change.model_dump(include={"code", "kind", "title_zh", "title_en", "origin"}), **asdict(effect)}
        for change, effect in zip(tried, effects, strict=True)
    ]


def stress(case: Case) -> dict[str, Any]:
    """Each scenario with its effect on the test rows' portfolio, and what a common factor would do by itself."""
    book, tried = _book(case), scenarios()
    mean = float(case.probability.mean())
    return {
        "scenarios": [
            {
                **one.model_dump(include={"code", "title_zh", "title_en", "told_zh", "told_en", "origin"}),
                **asdict(strain),
            }
            for one, strain in zip(tried, strains_of(case.card, book, tried), strict=True)
        ],
        "prices": case.card.kind == PRICING_KIND,
        "assumed_age_years": AGE_OF_ALL,
        "common_factor": {
            "correlation": CORRELATION,
            "mean": mean,
            "years": [
                {"quantile": quantile, "default_share": systematic_probability(mean, CORRELATION, quantile)}
                for quantile in QUANTILES
            ],
        },
    }


def _book(case: Case) -> Book:
    priced_on = case.papers.dated_on
    return Book(case.tested, case.edition, priced_on, _born_on(priced_on))


def _born_on(day: date) -> date:
    return date(day.year - AGE_OF_ALL, 1, 1)


def fairnesses(case: Case) -> dict[str, Any]:
    """Groups compared on the test rows, the gate, what the file does not carry, and that the index only adds."""
    test = case.sample.test
    groups = fairness.fairness_of(
        case.probability, test.labels, test.villages, groupings_of(case.tested), offered_below=case.offered_below
    )
    return {
        "offered_below": case.offered_below,
        "overprediction_at_most": fairness.OVERPREDICTION_AT_MOST,
        "selection_at_least": fairness.SELECTION_AT_LEAST,
        "fewest": {
            "rows": fairness.FEWEST_ROWS,
            "defaults": fairness.FEWEST_DEFAULTS,
            "villages": fairness.FEWEST_VILLAGES,
        },
        "groupings": [one.to_content() for one in groups],
        "gate": fairness.fairness_gate(groups).to_content(),
        "absent_columns": list(absent_groupings(case.tested)),
        "only_adds": _only_adds(case),
    }


def _only_adds(case: Case) -> dict[str, Any]:
    """Offers of the same households under every grade: how often a grade takes anything away, counted; it must be 0."""
    step = max(len(case.probability) // COMPARED_AT_MOST, 1)
    asked = households_of(case.tested, _born_on(case.papers.dated_on)).take(
        pa.array(np.arange(len(case.probability))[::step])
    )
    if case.card.kind != PRICING_KIND:
        return {"applies": False}
    chance = case.probability[::step]
    intervals = None if case.intervals is None else (case.intervals[0][::step], case.intervals[1][::step])
    policy, lpr, day = case.edition.policy, case.edition.lpr, case.papers.dated_on
    by_grade = {
        grade: preapprove(asked, pa.array([grade] * len(chance)), chance, policy, lpr, day, intervals=intervals)
        for grade in GRADES
    }
    none = by_grade["none"]
    return {
        "applies": True,
        "households": len(chance),
        "offered": int(none.offered.sum()),
        "grades": [
            {
                "grade": grade,
                "decisions_changed": int((offers.decision != none.decision).sum()),
                "limits_lowered": int((offers.limit_fen < none.limit_fen).sum()),
                "limits_raised": int((offers.limit_fen > none.limit_fen).sum()),
                "rates_raised": int((offers.rate_bp > none.rate_bp).sum()),
                "rates_lowered": int((offers.rate_bp < none.rate_bp).sum()),
            }
            for grade, offers in by_grade.items()
        ],
    }
