"""Scoring again what changed gives the same bytes as scoring everything again."""

import numpy as np
import pyarrow as pa
import pytest

from models.dossier.loader import changes
from models.features import make_features
from models.rescoring import Rescorer
from models.sensitivity import Change, with_numbers
from models.training import TrainedModel


@pytest.mark.parametrize("change", changes(), ids=lambda change: change.code)
def test_only_what_a_change_touches_is_computed_and_nothing_is_lost(
    full: TrainedModel, households: pa.Table, change: Change
) -> None:
    scored = Rescorer(full.scorecard, households)
    changed = change.applied(households)
    values = make_features(changed, scored.spec).values
    after = scored.after(changed, change.columns)
    assert after.calibrated.tobytes() == full.scorecard.calibrated_log_odds(values).tobytes()
    assert after.probability.tobytes() == full.scorecard.default_probability(values).tobytes()
    assert after.interval is not None
    for ours, theirs in zip(after.interval, full.scorecard.probability_interval(values), strict=True):
        assert ours.tobytes() == theirs.tobytes()


def test_a_column_no_feature_reads_changes_nothing(baseline: TrainedModel, households: pa.Table) -> None:
    scored = Rescorer(baseline.scorecard, households)
    other = with_numbers(households, "principal_fen", np.ones(households.num_rows))
    assert scored.after(other, {"principal_fen"}) is scored.before
