"""`python -m experiments.simulation`: write a simulated district, fit its households' behaviour, check it."""

import datetime as dt
import importlib
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table

from experiments.plots import bars
from experiments.simulation.behaviour import BEHAVIOUR_FILE, Behaviour, load_behaviour
from experiments.simulation.config import BANKS, load_config
from experiments.simulation.drift import Kind, bank_folder, write_drift
from experiments.simulation.fates import fates
from experiments.simulation.fitting import (
    KEYS,
    Case,
    OffersFor,
    Totals,
    differences,
    limits_by_row,
    solve,
    spread,
    totals,
    with_values,
    within_tolerance,
)
from experiments.simulation.writing import write_simulation
from experiments.tracking import Run, hash_of, tracked

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="模拟区县与三家银行 / The simulated district and its banks"
)

Seeds = Annotated[str, typer.Option(help="种子范围 / seeds, e.g. 1-5 or 6,8")]
Offers = Annotated[str, typer.Option(help="报价函数 / function giving offers for a folder, as module:function")]
Scale = Annotated[float, typer.Option(help="规模 / share of the full size")]
Config = Annotated[
    str,
    typer.Option(help="配置 / a file of experiments/configs, e.g. worthless_index: an index that predicts nothing"),
]
_MILLION_YUAN_FEN = 100_000_000
CONFIGURED = (BEHAVIOUR_FILE, BEHAVIOUR_FILE.with_name("simulation.yaml"))
DEFAULT_OFFERS = "experiments.simulation.offers:offers_for"


@app.command()
def write(
    seed: Annotated[int, typer.Option(help="随机种子 / everything random follows from it")],
    out: Annotated[Path, typer.Option(help="输出目录 / folder for district/, the banks, channel/ and truth/")],
    scale: Scale = 1.0,
    config: Config = "simulation",
) -> None:
    """写出各数源、登记、同意记录和银行文件 / Write all files a district and its banks deliver."""
    simulation = write_simulation(load_config(config), load_behaviour(), seed, out, scale)
    table = Table(Column("文件 / file", no_wrap=True), "行 / rows", "字节 / bytes", "缺陷 / defects", box=None)
    for file in simulation.files:
        name = file.path.relative_to(out).as_posix()
        table.add_row(name, f"{file.rows:,}", f"{file.path.stat().st_size:,}", f"{file.defects.num_rows:,}")
    Console().print(table)


@app.command("fates")
def show_fates(
    data_dir: Annotated[
        Path, typer.Option(help="数据目录或输出目录 / HAIXIA_DATA_DIR, or the folder of `write --out`")
    ],
    each: Annotated[int, typer.Option(help="每类人数 / persons of each fate", min=1)] = 1,
) -> None:
    """列出不同境遇的人，供 haixia explain 查看 / Persons of different fate: one line each, fate and identity number."""
    for fate in fates(data_dir, each):
        typer.echo("\t".join(fate))


@app.command("drift")
def write_later_file(
    data_dir: Annotated[
        Path, typer.Option(help="数据目录或输出目录 / HAIXIA_DATA_DIR, or the folder of `write --out`")
    ],
    kind: Annotated[Kind, typer.Option(help="漂移种类 / which drift; none is the control")],
    bank: Annotated[str, typer.Option(help="银行代码 / bank code")] = BANKS[0],
    day: Annotated[str, typer.Option(help="文件日期 / the file's day, YYYY-MM-DD; default: 30 days on")] = "",
    seed: Annotated[int, typer.Option(help="随机种子 / everything random follows from it")] = 1,
) -> None:
    """写出某银行之后一日的家庭文件，含所声明的漂移 / Write a later household file of a bank with a declared drift."""
    on = dt.date.fromisoformat(day) if day else None
    path = write_drift(bank_folder(data_dir, bank), kind, seed=seed, day=on)
    typer.echo(f"{path}\n→ haixia clock advance, haixia pipeline, haixia model monitor --bank {bank}")


@app.command()
def fit(
    offers: Offers = DEFAULT_OFFERS,
    seeds: Seeds = "1-5",
    scale: Scale = 1.0,
    *,
    save: Annotated[bool, typer.Option(help="写回配置 / write the values into configs/behaviour.yaml")] = False,
) -> None:
    """在种子 1-5 上拟合行为参数 / Solve the behaviour parameters on seeds 1 to 5."""
    given = {"offers": offers, "seeds": seeds, "scale": scale}
    with tracked("simulation fit", given, data=hash_of(CONFIGURED)) as run:
        cases = list(_cases(_loaded(offers), _numbers(seeds), scale))
        solved = solve(load_behaviour(), cases)
        _keep(run, solved, _show(solved, cases, "拟合 / fitted on"))
    for name, value in solved.fitted:
        typer.echo(f"{name}: {value:.6g}")
    if save:
        text = BEHAVIOUR_FILE.read_text(encoding="utf-8")
        BEHAVIOUR_FILE.write_text(with_values(text, dict(solved.fitted)), encoding="utf-8")


@app.command()
def check(offers: Offers = DEFAULT_OFFERS, seeds: Seeds = "6-10", scale: Scale = 1.0) -> None:
    """在未见种子 6-10 上检验 / Check the parameters on unseen seeds: medians within 5 % of the published totals."""
    behaviour = load_behaviour()
    given = {"offers": offers, "seeds": seeds, "scale": scale}
    with tracked("simulation check", given, data=hash_of(CONFIGURED)) as run:
        results = _show(behaviour, list(_cases(_loaded(offers), _numbers(seeds), scale)), "检验 / checked on")
        _keep(run, behaviour, results)
    if not within_tolerance(behaviour, results):
        raise typer.Exit(1)


def _keep(run: Run, behaviour: Behaviour, results: Sequence[Totals]) -> None:
    """Fitted values, medians and their relative differences from the published totals, as figures and a picture."""
    off = differences(behaviour, results)
    medians = {f"median_{key}": float(spread([getattr(one, key) for one in results])[1]) for key in KEYS}
    run.metrics({**dict(behaviour.fitted), **medians, **{f"off_{key}": value for key, value in off.items()}})
    run.file("plots/off.svg", bars(off, "相对差异 / relative difference from the published totals"))


def _cases(offers_for: OffersFor, seeds: Sequence[int], scale: float) -> Iterator[Case]:
    """One seed after the other: its files live only until the offers are known."""
    config, behaviour = load_config(), load_behaviour()
    for seed in seeds:
        with tempfile.TemporaryDirectory(prefix="haixia-simulation-") as folder:
            simulation = write_simulation(config, behaviour, seed, Path(folder), scale)
            offers, refs = offers_for(Path(folder)), simulation.household_refs
        with_bonus, without = (limits_by_row(offers, refs, name) for name in ("limit_fen", "baseline_limit_fen"))
        yield Case(seed, simulation.chances, with_bonus, without)


def _show(behaviour: Behaviour, cases: Sequence[Case], title: str) -> list[Totals]:
    """Print published and simulated figures side by side, with their spread over seeds."""
    results = [totals(behaviour, case) for case in cases]
    off = differences(behaviour, results)
    headers = ("公布 / published", "中位 / median", "差 / off", "最低 / lowest", "最高 / highest")
    table = Table(Column(no_wrap=True), *headers, box=None)
    for key in (*KEYS, "outstanding_fen"):
        figures = [_figure(key, value) for value in spread([getattr(result, key) for result in results])]
        published = (_figure(key, getattr(behaviour.targets, key)), f"{off[key]:+.1%}") if key in KEYS else ("-", "-")
        table.add_row(key, published[0], figures[1], published[1], figures[0], figures[2])
    seeds = ", ".join(str(case.seed) for case in cases)
    Console().print(f"{title} {seeds} (拟合而非预测 / fitted, not predicted)", table, sep="\n")
    return results


def _figure(key: str, value: float) -> str:
    """Households as they are, money in millions of yuan."""
    return f"{value / _MILLION_YUAN_FEN:,.2f} M" if key.endswith("_fen") else f"{value:,.0f}"


def _numbers(seeds: str) -> list[int]:
    """`1-5` and `6,8` as numbers."""
    spans = [part.split("-") for part in seeds.split(",")]
    return [number for span in spans for number in range(int(span[0]), int(span[-1]) + 1)]


def _loaded(name: str) -> OffersFor:
    module, _, function = name.partition(":")
    offers_for: OffersFor = getattr(importlib.import_module(module), function)
    return offers_for


if __name__ == "__main__":
    app()
