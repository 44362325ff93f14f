"""What goes into the registry: a scorecard with everything that says where it comes from."""

import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from models.code_version import code_version
from models.scorecard import Scorecard

if TYPE_CHECKING:
    from models.training import TrainedModel

SCORECARD_FILE: Final = "scorecard.json"
SAMPLE_FILE: Final = "past_loans.parquet"
TRAINED: Final = "trained"
EXPERT: Final = "expert"


@dataclass(frozen=True)
class Candidate:
    """One version to be.

    Attributes:
        method: `trained` or `expert`.
        scorecard: The tables.
        key: What equal versions have in common, as tags: hashes of data and features, kind, seed, origin.
        parameters: Everything chosen or given, flat.
        metrics: Figures of its test, flat.
        evidence: Longer findings of the training (trials, prices of directions, ablation), JSON-able.
        forest: LightGBM's text models by file name, for whoever wants to compile again.
        loans: The matured rows it learned from and was tested on, as delivered; None for an expert card.
        plots: SVG pictures by file name.
        code_version: The code that made it.
    """

    method: str
    scorecard: Scorecard
    key: Mapping[str, str]
    parameters: Mapping[str, Any]
    metrics: Mapping[str, float]
    evidence: Mapping[str, Any] = field(default_factory=dict)
    forest: Mapping[str, str] = field(default_factory=dict)
    loans: pa.Table | None = None
    plots: Mapping[str, bytes] = field(default_factory=dict)
    code_version: str = field(default_factory=code_version)

    @property
    def origin(self) -> str:
        """Where its training data come from: `own`, `simulated`, `foreign`, or `none`."""
        return self.key["training_data_origin"]

    @property
    def tags(self) -> dict[str, str]:
        """What finds it again: the same tags, the same version."""
        return {**self.key, "method": self.method, "scorecard_hash": self.scorecard.content_hash()}


def trained_candidate(trained: "TrainedModel") -> Candidate:
    """A trained model as it goes into the registry."""
    return Candidate(
        method=TRAINED,
        scorecard=trained.scorecard,
        key=key_tags(trained),
        parameters=trained.parameters(),
        metrics=trained.numbers(),
        evidence=trained.evidence(),
        forest=_forest(trained),
        loans=trained.sample.loans,
        plots=_plots(trained),
    )


def expert_candidate(scorecard: Scorecard, parameters: Mapping[str, Any]) -> Candidate:
    """An expert card as it goes into the registry: nobody's data made it."""
    key = {
        "data_hash": "",
        "feature_spec_hash": scorecard.feature_spec_hash,
        "kind": scorecard.kind,
        "seed": "",
        "training_data_origin": "none",
    }
    return Candidate(method=EXPERT, scorecard=scorecard, key=key, parameters=parameters, metrics={})


def key_tags(trained: "TrainedModel") -> dict[str, str]:
    """What a trained model depends on, as tags."""
    return {name: str(value) for name, value in vars(trained.key).items()}


def parquet_of(loans: pa.Table) -> bytes:
    """A table as Parquet; the same rows give the same bytes with the same library."""
    sink = io.BytesIO()
    pq.write_table(loans, sink, compression="zstd")
    return sink.getvalue()


def _plots(trained: "TrainedModel") -> dict[str, bytes]:
    """How probabilities fit, and how they part defaults from others, on rows the model never saw."""
    from models.dossier.drawing import svg_of
    from models.dossier.outcome_plots import reliability, separation

    measured = trained.metrics.to_content()
    charts = {"reliability.svg": reliability(measured), "separation.svg": separation(measured)}
    return {name: svg_of(chart).encode() for name, chart in charts.items()}


def _forest(trained: "TrainedModel") -> dict[str, str]:
    return {
        f"member_{place:02d}_{part}.txt": text
        for place, member in enumerate(trained.members)
        for part, text in enumerate(member)
    }
