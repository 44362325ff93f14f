"""Times one fit of an explainable boosting machine as it comes."""

from __future__ import annotations

import argparse
import json
import time
import warnings
from pathlib import Path

import numpy as np
from interpret.glassbox import (  # type: ignore[import-not-found]  # lives in the peers' environment
    ExplainableBoostingClassifier,
)

from experiments.benchmarks.models.exchange import read_part
from experiments.benchmarks.models.peers.frames import frame


def main() -> None:
    """Prints the seconds of the fit alone."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--threads", type=int, required=True)
    given = parser.parse_args()
    part = read_part(given.folder)
    rows, labels = frame(part), part.labels.astype(np.int64)
    kinds = ["nominal" if feature.levels else "continuous" for feature in part.features]
    model = ExplainableBoostingClassifier(feature_types=kinds, n_jobs=given.threads)
    warnings.simplefilter("ignore")
    started = time.perf_counter()
    model.fit(rows, labels)
    print(json.dumps(time.perf_counter() - started))


if __name__ == "__main__":
    main()
