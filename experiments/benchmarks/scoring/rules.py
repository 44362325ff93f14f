"""The numbers of a rulebook edition both sides apply, in the few words a peer without our packages can read."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class IndicatorRules:
    """How one indicator's live spells become its points.

    Attributes:
        reducer: `sum`; `strongest` (the value furthest from zero within each group, then the sum over groups);
            `concave` (the summed quantity runs through bands).
        dimension: number of the dimension it belongs to.
        sign: 1 for awards, -1 for deductions; every value of an indicator has this sign or is zero.
        cap_milli: the furthest from zero its sum may go; None: no cap.
        edges_milli, prices_milli: concave only; lower edge of each band and points of a unit within it.
    """

    reducer: str
    dimension: int
    sign: int
    cap_milli: int | None
    edges_milli: list[int]
    prices_milli: list[int]

    def paid_below(self) -> list[int]:
        """What all lower bands are worth together, in millionths of a point, one per band."""
        paid = [0]
        for band, price in enumerate(self.prices_milli[:-1]):
            paid.append(paid[-1] + (self.edges_milli[band + 1] - self.edges_milli[band]) * price)
        return paid


@dataclass(frozen=True, slots=True)
class Rules:
    """An edition: `clip(base + sum over dimensions of clip(sum of its indicators))`, rounded, halves away from zero.

    Attributes:
        dimension_bounds_milli: lowest and highest points of each dimension.
    """

    base_milli: int
    lowest_milli: int
    highest_milli: int
    rounding_milli: int
    dimension_bounds_milli: list[tuple[int, int]]
    indicators: list[IndicatorRules]

    def numbers(self, reducer: str) -> list[int]:
        """The indicators combined by this reducer."""
        return [number for number, each in enumerate(self.indicators) if each.reducer == reducer]


def write_rules(rules: Rules, path: Path) -> None:
    """Writes the rules as JSON."""
    path.write_text(json.dumps(dataclasses.asdict(rules), indent=1))


def read_rules(path: Path) -> Rules:
    """Reads what `write_rules` wrote."""
    written = json.loads(path.read_text())
    indicators = [IndicatorRules(**each) for each in written.pop("indicators")]
    bounds = [(lowest, highest) for lowest, highest in written.pop("dimension_bounds_milli")]
    return Rules(**written, dimension_bounds_milli=bounds, indicators=indicators)
