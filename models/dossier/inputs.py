"""What a dossier is made from: a registered version, its sample, the bank's policy, and what people wrote about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

import pyarrow as pa

from models.arrays import Floats, Positions
from models.card_tables import FeatureTable
from models.feature_spec import Declaration, FeatureSpec, declared_features
from models.policy_loader import PolicyEdition
from models.rescoring import Rescored, rescored_of
from models.samples import Sample
from models.scorecard import Scorecard


@dataclass(frozen=True, eq=False)
class Papers:
    """What registry and ledgers say about a version; a dossier prints it and computes nothing of it.

    Attributes:
        bank_code: Whose model it is.
        model_name: Registered model.
        model_version: The registry's number.
        method: `trained` or `expert`.
        run_id: MLflow's run.
        code_version: Code that made it.
        training_data_origin: `own`, `simulated`, `foreign` or `none`.
        data_sha256: Of the file it learned from.
        authored_by: Who developed it.
        registered_on: When it was registered.
        parameters: What was chosen or given, as registered.
        metrics: What training measured, as registered.
        evidence: Longer findings of the training, as registered: trials, prices of directions, ablation.
        dated_on: Day the dossier speaks of.
        position: Last leaf of the transparency log whose moves, findings and papers are told.
        files: Files the sample came from: name, sha256, rows.
        moves: Rows of the promotion ledger, oldest first.
        findings: Rows of the validator's findings, each with its closing or None.
        papers: Rows of other papers, such as the impact assessment.
        demo: Whether this deployment is a demonstration.
    """

    bank_code: str
    model_name: str
    model_version: str
    method: str
    run_id: str
    code_version: str
    training_data_origin: str
    data_sha256: str
    authored_by: str
    registered_on: date
    dated_on: date
    parameters: Mapping[str, Any] = field(default_factory=dict)
    metrics: Mapping[str, Any] = field(default_factory=dict)
    evidence: Mapping[str, Any] = field(default_factory=dict)
    position: int = 0
    files: Sequence[Mapping[str, Any]] = ()
    moves: Sequence[Mapping[str, Any]] = ()
    findings: Sequence[Mapping[str, Any]] = ()
    papers: Sequence[Mapping[str, Any]] = ()
    demo: bool = True


@dataclass(frozen=True, eq=False)
class Case:
    """Everything that facts are computed from.

    Attributes:
        card: The registered scorecard.
        sample: Its rows, training and test, regenerated from the registered version's own file.
        papers: What was written about it.
        edition: The bank's policy, for cut-offs, losses and limits.
        companion: The scorecard of the other kind learned from the same rows, if there is one.
        rows_of: Stamp of the version that keeps the rows.
        companion_stamp: Stamp of the companion; empty where there is none.
    """

    card: Scorecard
    sample: Sample
    papers: Papers
    edition: PolicyEdition
    companion: Scorecard | None = None
    rows_of: str = ""
    companion_stamp: str = ""

    @cached_property
    def spec(self) -> FeatureSpec:
        """The declared features of the card's kind."""
        return declared_features("full" if self.card.kind == "full" else "baseline")

    def declared(self, table: FeatureTable) -> Declaration:
        """What is declared of a card's feature; a ratio is told by its two parts."""
        if table.ratio_of is None:
            return self.spec.declaration(table.name)
        top, bottom = (self.spec.declaration(self.card.features[place].name) for place in table.ratio_of)
        return Declaration(
            name=table.name,
            columns=(*top.columns, *bottom.columns),
            unit="ratio",
            direction=0,
            consents=tuple(dict.fromkeys((*top.consents, *bottom.consents))),
            missing_means="one of the two is not known, or the second is not positive",
            name_zh=f"{top.name_zh}÷{bottom.name_zh}",
            name_en=f"{top.name_en} / {bottom.name_en}",
            reason_zh="",
            reason_en="",
        )

    @cached_property
    def tested(self) -> pa.Table:
        """Raw columns of the test rows, the grade under its serving name."""
        return _serving(self.sample.loans.filter(pa.array(self.sample.tested())))

    @cached_property
    def cells(self) -> list[Positions]:
        """Cell of every feature in all rows, training and test."""
        return self.card.cells_of(self.sample.values)

    @cached_property
    def training_cells(self) -> list[Positions]:
        """Cell of every feature in the training rows."""
        return [cell[~self.sample.tested()] for cell in self.cells]

    @cached_property
    def test_cells(self) -> list[Positions]:
        """Cell of every feature in the test rows."""
        return [cell[self.sample.tested()] for cell in self.cells]

    @cached_property
    def everything(self) -> Rescored:
        """What the card says of all rows."""
        return rescored_of(self.card, self.cells)

    @cached_property
    def test(self) -> Rescored:
        """What the card says of the test rows."""
        return rescored_of(self.card, self.test_cells)

    @property
    def probability(self) -> Floats:
        """Probabilities of the test rows, shape (rows,)."""
        return self.test.probability

    @cached_property
    def intervals(self) -> tuple[Floats, Floats] | None:
        """Lower and upper probability of the test rows; None of a card without intervals."""
        return self.test.interval

    @property
    def offered_below(self) -> float:
        """Probability from which the policy no longer offers by itself."""
        bands = self.edition.policy.bands.on(self.papers.dated_on)
        return min(band.from_ppm for band in bands if band.outcome != "offer") / 1_000_000


def _serving(loans: pa.Table) -> pa.Table:
    return loans.rename_columns(["grade" if name == "grade_at_start" else name for name in loans.column_names])
