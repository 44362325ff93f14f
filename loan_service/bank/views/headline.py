"""The programme's headline: what was published, what was simulated, and by how much they differ."""

from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.views.report import ProgrammeFigures, ProgrammeReport, programme_report
from loan_service.foundation.connection import Connection


class _Read(BaseModel):
    model_config = ConfigDict(frozen=True)


class HeadlineFigure(_Read):
    """One published figure beside the simulated one."""

    figure: str = Field(examples=["households_signed"])
    unit: Literal["households", "fen"]
    published: int
    simulated: int
    difference: float = Field(description="(simulated - published x scale) / (published x scale)", examples=[-0.012])
    fitted: bool = Field(description="whether the simulation's behaviour was fitted to this figure")


class Headline(_Read):
    """All of it, and each bank's part of what was simulated."""

    as_of: date
    stands_on: date = Field(description="the day for which the simulation was fitted; before it less is signed")
    scale: float = Field(description="size of the simulated district; published figures are compared in proportion")
    label_zh: str = "拟合所得，并非预测"
    label_en: str = "fitted, not predicted"
    figures: list[HeadlineFigure]
    by_bank: dict[str, ProgrammeFigures]


def headline(connection: Connection, as_of: date, scale: float) -> Headline:
    """Published and simulated figures side by side on a day."""
    report, published = programme_report(connection, as_of), _published()
    return Headline(
        as_of=as_of,
        stands_on=published["stands_on"],
        scale=scale,
        figures=[_figure(row, report, scale) for row in published["figures"]],
        by_bank=report.by_bank,
    )


def _figure(row: dict[str, Any], report: ProgrammeReport, scale: float) -> HeadlineFigure:
    simulated, expected = getattr(report, row["figure"]), row["published"] * scale
    return HeadlineFigure(simulated=simulated, difference=(simulated - expected) / expected, **row)


def stands_on() -> date:
    """The day on which the published totals are taken to stand in the simulation."""
    day: date = _published()["stands_on"]
    return day


@cache
def _published() -> dict[str, Any]:
    path = Path(__file__).with_name("published.yaml")
    content: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return content
