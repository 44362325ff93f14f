"""`python -m experiments.optimise_policy`: propose bonus terms, draw the frontier, compare on the simulator's truth."""

from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console
from rich.markdown import Markdown

from experiments.optimise_policy.errors import OptimiserError
from experiments.optimise_policy.report import page
from experiments.optimise_policy.running import Setting, files_of, numbers_of, setting_of
from experiments.optimise_policy.settings import OPTIMISER_FILE, OptimiserConfig, load_optimiser
from experiments.simulation.behaviour import BEHAVIOUR_FILE, load_behaviour
from experiments.simulation.config import BANKS, CONFIGS
from experiments.tracking import hash_of, tracked
from models.policy_loader import POLICIES

OUT: Final = Path("build/optimise")
ALL: Final = "all"

app = typer.Typer(add_completion=False, help="政策优选 / Which bonus terms are best")


@app.command()
def main(
    bank: Annotated[str, typer.Option(help="银行代码，或 all / bank code, or all")] = BANKS[0],
    seeds: Annotated[int, typer.Option(help="种子数，0 取配置 / seeds of the comparison; 0: as configured")] = 0,
    out: Annotated[Path, typer.Option(help="输出目录 / folder; one below it per bank")] = OUT,
    *,
    quick: Annotated[bool, typer.Option(help="少量家庭 / few households, for trying")] = False,
) -> None:
    """提出候选政策，画前沿，并在模拟真相上比较 / Propose a candidate policy and compare it."""
    if bank not in (*BANKS, ALL):
        raise typer.BadParameter(f"{bank}：没有这家银行 / no such bank; {', '.join(BANKS)}, {ALL}")
    config = _config(seeds, quick=quick)
    for bank_code in BANKS if bank == ALL else (bank,):
        try:
            _optimise(setting_of(bank_code, config, load_behaviour()), out / bank_code)
        except OptimiserError as refused:
            typer.echo(str(refused), err=True)
            raise typer.Exit(1) from refused


def _config(seeds: int, *, quick: bool) -> OptimiserConfig:
    config = load_optimiser()
    config = config.small() if quick else config
    if not seeds:
        return config
    return config.model_copy(update={"comparison": config.comparison.model_copy(update={"seeds": seeds})})


def _optimise(setting: Setting, folder: Path) -> None:
    console = Console()
    told = console.print
    given = {"bank": setting.bank_code, "run": setting.run, "seeds": setting.config.comparison.seeds}
    configured = [OPTIMISER_FILE, BEHAVIOUR_FILE, CONFIGS / "simulation.yaml", POLICIES / f"{setting.bank_code}.yaml"]
    with tracked("optimise policy", given, data=hash_of(configured)) as run:
        told(f"[bold]{setting.bank_code}[/bold] {setting.edition.policy.edition}, 运行 run {setting.run}")
        facts, files = files_of(setting, told)
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in files.items():
            (folder / name).write_bytes(content)
            run.file(name, content)
        run.metrics(dict(numbers_of(facts)))
    console.print(Markdown(page(facts)))
    told(f"→ {folder}/, haixia policy check {folder}/candidate.yaml")


if __name__ == "__main__":
    app()
