"""The results page: every learner on every file, differences paired by fold, and every configuration that was tried."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Final

from experiments.benchmarks.models.cells import Cell
from experiments.benchmarks.models.contenders import OURS
from experiments.benchmarks.models.sharpness import HIGHER_IS_BETTER, FileFigures, averages

_HEAD: Final = "| learner | AUC | log-loss | KS | H | Brier | ECE / floor | ours - it: AUC | ours - it: log-loss |"
_RULE: Final = "|---|---|---|---|---|---|---|---|---|"


def page(files: Sequence[FileFigures], *, quick: bool) -> str:
    """Markdown of everything measured."""
    return "\n".join(_page(files, quick=quick)) + "\n"


def _page(files: Sequence[FileFigures], *, quick: bool) -> Iterator[str]:
    yield "# Default-risk learners on identical folds"
    yield ""
    yield (
        "Nested, stratified: 5 outer folds, 3 inner ones; everything is chosen by log-loss inside the outer training "
        "rows. Means over outer folds; after ± the standard error of differences paired by fold (repeats are not "
        "counted as further folds). Probabilities as each learner gives them; ours are calibrated on its out-of-fold "
        "log-odds (`haixia_raw`: before that). Ours draws five inner folds of its own, whose forests are also the "
        "members of its bag; EBM is searched with one bag per fold. H: Hand and Anagnostopoulos 2014."
    )
    if quick:
        yield ""
        yield "**A quick run: some rows of each file, the first outer folds only, few configurations. Not the bar.**"
    for one in files:
        yield from _file(one)
    yield from _averages(files)
    for one in files:
        yield from _trials(one)


def _file(one: FileFigures) -> Iterator[str]:
    part, task = one.task.table.part, one.task
    yield ""
    yield f"## {task.table.name}: {len(part.labels)} rows, {len(part.features)} features, {part.labels.mean():.3f} bad"
    yield ""
    yield f"{len(one.folds)} of {len(task.folds)} outer folds measured; folds in `{task.folder}/folds.parquet`."
    if task.table.left_out:
        yield f"Left out (one value only, or naming the row): {', '.join(task.table.left_out)}."
    yield ""
    yield from (_HEAD, _RULE)
    for name in sorted(one.learners, key=lambda name: -one.mean(name, "auc")):
        yield f"| {_learner(one, name)} |"


def _learner(one: FileFigures, name: str) -> str:
    means = [f"{one.mean(name, measure):.4f}" for measure in ("auc", "logloss", "ks", "h", "brier")]
    return " | ".join([name, *means, f"{one.ece_over_floor(name):.2f}", *_differences(one, name)])


def _differences(one: FileFigures, name: str) -> Iterator[str]:
    for measure in ("auc", "logloss"):
        if OURS not in one.learners or name == OURS:
            yield ""
            continue
        difference, error = one.difference(measure, name)
        yield f"{difference:+.4f} ± {error:.4f}"


def _averages(files: Sequence[FileFigures]) -> Iterator[str]:
    yield ""
    yield f"## Averages over {len(files)} files"
    yield ""
    yield f"| learner | {' | '.join(HIGHER_IS_BETTER)} | ECE / floor |"
    yield "|---" * (len(HIGHER_IS_BETTER) + 2) + "|"
    means = averages(files)
    for name in sorted(means, key=lambda name: -means[name]["auc"]):
        told = [f"{means[name][measure]:.4f}" for measure in HIGHER_IS_BETTER]
        ece = f"{means[name]['ece_over_floor']:.2f}"
        yield f"| {' | '.join([name, *told, ece])} |"


def _trials(one: FileFigures) -> Iterator[str]:
    """Every configuration with its inner log-loss, mean over the outer folds, and how often it was chosen."""
    yield ""
    yield f"## Configurations tried on {one.task.table.name}"
    for contender, cells in one.cells.items():
        yield ""
        seconds = sum(cell.seconds.get("cpu", cell.seconds["cell"]) for cell in cells)
        yield f"### {', '.join(contender.learners)} ({seconds:.0f} CPU seconds)"
        yield ""
        tried = _tried(cells)
        yield from tried or ["No search: as it comes."]


def _tried(cells: Sequence[Cell]) -> list[str]:
    losses: dict[str, list[float]] = {}
    stages: dict[str, list[int]] = {}
    for cell in cells:
        for trial in cell.trials:
            setting = json.dumps(trial.setting, sort_keys=True)
            losses.setdefault(setting, []).append(trial.loss)
            stages.setdefault(setting, []).append(trial.stage)
    if not losses:
        return []
    chosen = [json.dumps(cell.trials[cell.chosen].setting, sort_keys=True) for cell in cells]
    head = ["| configuration | tried in folds | inner log-loss | rounds | chosen |", "|---|---|---|---|---|"]
    return head + [
        f"| `{setting}` | {len(found)} | {sum(found) / len(found):.5f} | {_span(stages[setting])} "
        f"| {chosen.count(setting)} |"
        for setting, found in losses.items()
    ]


def _span(stages: Sequence[int]) -> str:
    return f"{min(stages)} to {max(stages)}" if max(stages) else "-"
