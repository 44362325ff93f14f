"""All pictures of a dossier, drawn to SVG from its facts alone; the drawing libraries load with the first picture."""

from collections.abc import Iterator, Mapping
from typing import Any

from models.dossier import outcome_plots, strain_plots, table_plots
from models.dossier.drawing import svg_of


def plots_of(facts: Mapping[str, Any]) -> dict[str, str]:
    """Name -> SVG of every picture, in the order of the dossier."""
    return {name: svg_of(chart) for name, chart in _charts(facts)}


def _charts(facts: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    shapes = facts["shapes"]
    names = {shape["name"]: f"{shape['name_zh']} {shape['name_en']}" for shape in shapes}
    yield "effects", table_plots.effects(shapes)
    for shape in shapes:
        yield f"shape.{shape['name']}", table_plots.shape(shape)
    units = {shape["name"]: shape["unit"] for shape in shapes}
    for number, table in enumerate(facts["interactions"]):
        for part, chart in enumerate(table_plots.interaction(table, units, names)):
            yield f"interaction.{number}.{part}", chart
    yield from _results(facts, names)


def _results(facts: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, Any]]:
    yield "reliability", outcome_plots.reliability(facts["performance"])
    yield "separation", outcome_plots.separation(facts["performance"])
    yield "psi", outcome_plots.drifts(facts["stability"], facts["monitoring"]["stability"]["index"], names)
    yield "quarters", outcome_plots.quarters(facts["stability"])
    if facts["uncertainty"]:
        yield "intervals", outcome_plots.intervals(facts["uncertainty"])
    yield "sensitivity", strain_plots.sensitivity(facts["sensitivity"])
    yield "stress", strain_plots.stress(facts["stress"])
    yield "fairness", strain_plots.fairness(facts["fairness"])
