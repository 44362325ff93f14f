"""Logistic regression: standardised numbers, a column per level, medians and an indicator where values are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from experiments.benchmarks.models.exchange import Feature, Floats, Part
from experiments.benchmarks.models.nested import Setting, log_loss
from experiments.benchmarks.models.side import contend

STRENGTHS: list[Setting] = [{"C": value} for value in (0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 10.0)]
NAME = "logistic_regression"


class Logistic:
    """Only the strength of its ridge is searched."""

    settings: Sequence[Setting] = STRENGTHS

    def losses(self, setting: Setting, learned: Part, tested: Part) -> Floats:
        """One number."""
        return np.array([log_loss(tested.labels, self.probabilities(setting, 0, learned, tested)[NAME])])

    def probabilities(self, setting: Setting, stages: int, learned: Part, tested: Part) -> Mapping[str, Floats]:  # noqa: ARG002  # no stages
        """Probability of each tested row."""
        design = Design.learned(learned)
        model = LogisticRegression(max_iter=2_000, **setting).fit(design.of(learned), learned.labels)
        return {NAME: model.predict_proba(design.of(tested))[:, 1]}


@dataclass(frozen=True)
class Design:
    """The columns of the regression, their means and scales, as learned from the training rows."""

    medians: Floats
    kept: NDArray[np.bool_]
    means: Floats
    scales: Floats

    @classmethod
    def learned(cls, part: Part) -> Design:
        """From training rows; columns that never vary are left out."""
        numbers = [magnitudes(feature, part.values[:, place]) for place, feature in enumerate(part.features)]
        medians = np.array([np.median(one[~np.isnan(one)]) if (~np.isnan(one)).any() else 0.0 for one in numbers])
        columns = np.column_stack(list(spread(part, medians)))
        scales = columns.std(axis=0)
        return cls(medians, scales > 0, columns.mean(axis=0), scales)

    def of(self, part: Part) -> Floats:
        """Standardised columns for any rows."""
        columns = np.column_stack(list(spread(part, self.medians)))[:, self.kept]
        standard: Floats = (columns - self.means[self.kept]) / self.scales[self.kept]
        return standard


def magnitudes(feature: Feature, values: Floats) -> Floats:
    """Values with NaN in place of special codes."""
    return np.where(np.isin(values, feature.special_codes), np.nan, values)


def spread(part: Part, medians: Floats) -> Iterator[Floats]:
    """Numbers with medians for what is missing, an indicator per special code and level, and one for missing."""
    for place, feature in enumerate(part.features):
        values = part.values[:, place]
        if not feature.levels:
            numbers = magnitudes(feature, values)
            yield np.where(np.isnan(numbers), medians[place], numbers)
        yield np.isnan(values).astype(np.float64)
        for code in (*range(len(feature.levels)), *feature.special_codes):
            yield (values == code).astype(np.float64)


if __name__ == "__main__":
    contend(Logistic(), quick=STRENGTHS[2:7:2])
