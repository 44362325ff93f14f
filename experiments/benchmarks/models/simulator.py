"""Calibration against the truth: predicted probabilities of unseen simulated households beside their true ones.

Per seed so many labelled households. A random half is learned from with everything that ships for a bank: its search,
calibration on out-of-fold log-odds, compiled tables. The other half, which the model never saw, is cut into ten deciles
of predicted probability. A decile is outside when its mean true probability lies beyond the 95 % interval (Wilson)
around its mean predicted probability for as many outcomes as the decile has rows: the precision that as many observed
outcomes would have. The shocks of year, sectors and villages are the same for both halves, as they are for a model that
is used in the year it was made for; the truth is averaged over the latent factor by quadrature.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any, Final

import numpy as np

from experiments.benchmarks.models.contenders import HERE, code_key
from experiments.benchmarks.models.exchange import Floats
from experiments.simulation.config import CONFIGS, load_config
from experiments.simulation.labelled import draw_labelled
from models.calibration import fit_calibration
from models.compiling import compile_scorecard
from models.default_risk import DefaultRiskModel
from models.feature_spec import declared_features
from models.features import make_features
from models.layout import base_features
from models.measures import area_under_curve
from models.training import BANK_SEARCH

BANK: Final = "island_rural"
KIND: Final = "full"
DECILES: Final = 10
Z95: Final = 1.959963984540054


@dataclass(frozen=True, slots=True)
class SimulatorPlan:
    """How many seeds, and labelled households for each."""

    households: int = 400_000
    seeds: tuple[int, ...] = (1, 2, 3, 4, 5)


def simulator(plan: SimulatorPlan, below: Path, workers: int) -> dict[str, float]:
    """Figures over all seeds; a seed that was measured by the same code is not measured again."""
    with ThreadPoolExecutor(workers) as pool:
        seeds = list(pool.map(lambda seed: kept(seed, plan.households, below), plan.seeds))
    deciles = [decile for seed in seeds for decile in seed["deciles"]]
    outside = sum(not decile["low"] <= decile["true"] <= decile["high"] for decile in deciles)
    return {
        "deciles": len(deciles),
        "deciles_outside": outside,
        "decile_median_relative_error": median(abs(one["predicted"] / one["true"] - 1) for one in deciles),
        "decile_worst_relative_error": max(abs(one["predicted"] / one["true"] - 1) for one in deciles),
        "simulator_households": plan.households,
        "simulator_fit_seconds": median(seed["fit_seconds"] for seed in seeds),
        "simulator_auc": median(seed["auc"] for seed in seeds),
        "simulator_auc_of_truth": median(seed["auc_of_truth"] for seed in seeds),
    }


def kept(seed: int, households: int, below: Path) -> dict[str, Any]:
    """One seed's result from its file, or measured now in a process of its own, so that its memory is free again."""
    module = f"{HERE}.simulator"
    path = below / "simulator" / f"{simulator_key()}-{households}-{seed}.json"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            [sys.executable, "-m", module, str(seed), str(households)], check=True, stdout=subprocess.PIPE, text=True
        )
        path.write_text(done.stdout, encoding="utf-8")
    read: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return read


def simulator_key() -> str:
    """Changes with the learner, with the simulation and with its configuration."""
    return code_key(f"{HERE}.simulator", (CONFIGS / "simulation.yaml").read_bytes())


def measured(seed: int, households: int) -> dict[str, Any]:
    """Draws, learns from one half, predicts the other."""
    drawn = draw_labelled(load_config(), BANK, seed, households)
    spec = declared_features(KIND)
    values, half = make_features(drawn.table, spec).values, households // 2
    started = time.perf_counter()
    model = DefaultRiskModel(features=base_features(spec), seed=seed, num_threads=1, **BANK_SEARCH)
    model.fit(values[:half], drawn.defaulted[:half])
    calibration, evidence = fit_calibration(model.oof_log_odds_, drawn.defaulted[:half])
    card = compile_scorecard(model.members_, model.layout_, values[:half], calibration=calibration)
    seconds = time.perf_counter() - started
    predicted, true = card.default_probability(values[half:]), drawn.default_probability[half:]
    return {
        "deciles": list(deciles(predicted, true)),
        "fit_seconds": seconds,
        "calibration": evidence.chosen,
        **sharpness(drawn.defaulted[half:], predicted, true),
    }


def sharpness(labels: Floats, predicted: Floats, true: Floats) -> dict[str, float]:
    """AUC of the model and of the truth itself, which nobody can beat but by luck."""
    return {"auc": area_under_curve(labels, predicted), "auc_of_truth": area_under_curve(labels, true)}


def deciles(predicted: Floats, true: Floats) -> Iterator[dict[str, float]]:
    """Mean predicted and true probability of each decile of predicted, with the interval around the prediction."""
    for rows in np.array_split(np.argsort(predicted, kind="stable"), DECILES):
        mean = float(predicted[rows].mean())
        low, high = wilson(mean, len(rows))
        yield {"predicted": mean, "true": float(true[rows].mean()), "low": low, "high": high, "rows": len(rows)}


def wilson(share: float, rows: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share observed on so many rows (Wilson 1927)."""
    spread = Z95 * (share * (1 - share) / rows + Z95**2 / (4 * rows**2)) ** 0.5
    middle, whole = share + Z95**2 / (2 * rows), 1 + Z95**2 / rows
    return (middle - spread) / whole, (middle + spread) / whole


def main(arguments: Sequence[str]) -> None:
    """One seed, as JSON on the output."""
    seed, households = map(int, arguments)
    print(json.dumps(measured(seed, households)))


if __name__ == "__main__":
    main(sys.argv[1:])
