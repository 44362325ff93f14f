"""`python -m experiments.evaluate`: the service held against the simulator's truth."""

import tempfile
from pathlib import Path
from typing import Annotated

import orjson
import pyarrow as pa
import typer
from rich.console import Console

from experiments.evaluate.fairness import FairnessEvaluation, evaluate_fairness
from experiments.evaluate.fairness_printing import show
from experiments.evaluate.joined import joined_households
from experiments.simulation import load_behaviour, load_config, write_simulation
from experiments.simulation.config import CONFIGS
from experiments.simulation.offers import offers_for
from experiments.tracking import hash_of, tracked
from models.terms_fairness_levels import TERMS_FAIRNESS_FILE

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="与模拟真值对照 / Held against the simulator's truth"
)

BUILD = Path("build/evaluate")


@app.callback()
def main() -> None:
    """Held against the simulator's truth."""


@app.command()
def fairness(
    scale: Annotated[float, typer.Option(help="规模 / share of the full size")] = 0.2,
    seed: Annotated[int, typer.Option(help="随机种子 / everything random follows from it")] = 6,
    config: Annotated[str, typer.Option(help="配置 / a file of experiments/configs")] = "simulation",
    out: Annotated[Path, typer.Option(help="输出目录 / folder for fairness.json")] = BUILD,
) -> None:
    """比较各群体同等风险下的条件 / Compare the terms of groups at equal risk, on offers of the real service."""
    given = {"scale": scale, "seed": seed, "config": config}
    with tracked("evaluate fairness", given, data=hash_of([CONFIGS / f"{config}.yaml", TERMS_FAIRNESS_FILE])) as run:
        evaluation = evaluate_fairness(_households(config, scale, seed), seed)
        content = orjson.dumps({"given": given, **evaluation.to_content()}, option=orjson.OPT_INDENT_2)
        run.metrics(worst_gaps(evaluation))
        run.file("fairness.json", content)
    out.mkdir(parents=True, exist_ok=True)
    (out / "fairness.json").write_bytes(content)
    show(Console(), evaluation)
    typer.echo(f"→ {out / 'fairness.json'}")


def worst_gaps(evaluation: FairnessEvaluation) -> dict[str, float]:
    """Of each population the discount gap farthest from zero, basis points."""
    measured = {one.name: one.gate.measured for one in evaluation.populations}
    return {f"worst_discount_gap_bp.{name}": gap for name, gap in measured.items() if gap is not None}


def _households(config: str, scale: float, seed: int) -> pa.Table:
    """Files that live only until the service has priced them."""
    with tempfile.TemporaryDirectory(prefix="haixia-evaluate-") as folder:
        write_simulation(load_config(config), load_behaviour(), seed, Path(folder), scale)
        return joined_households(Path(folder), offers_for(Path(folder)))


if __name__ == "__main__":
    app()
