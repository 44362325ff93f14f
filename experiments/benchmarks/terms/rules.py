"""A policy of one day as plain data: the form in which every peer is given it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Rules:
    """Numbers of a day's policy; money in fen, shares in thousandths (milli) or millionths (ppm), rates in bp.

    Attributes:
        day: business date in days since 1970-01-01; `year, month, day_of_month` are the same.
        numbers: single numbers by name.
        eligibility: rules in order: code, column, at_least, at_most (null: no bound), otherwise, unknown
            (0 pass, 1 refer, 2 decline).
        from_ppm, band_outcome, multiple_milli, spread_bp: of the risk bands, safest first.
        limit_bonus_milli, rate_discount_bp: by band and grade.
        sectors: names, in the order of the columns below.
        purpose_cap_fen, term_months: of what the policy offers to each sector.
        principal_due_ppm: of a line by that plan, in the stretch of months ending in each month, by sector.
        stress_milli, typical_share_ppm: by sector and month.
        grades: names, lowest first.
        features: number of contributions.
    """

    day: int
    year: int
    month: int
    day_of_month: int
    numbers: dict[str, int]
    eligibility: list[dict[str, Any]]
    from_ppm: list[int]
    band_outcome: list[int]
    multiple_milli: list[int]
    spread_bp: list[int]
    limit_bonus_milli: list[list[int]]
    rate_discount_bp: list[list[int]]
    sectors: list[str]
    purpose_cap_fen: list[int]
    term_months: list[int]
    principal_due_ppm: list[list[int]]
    stress_milli: list[list[int]]
    typical_share_ppm: list[list[int]]
    grades: list[str]
    features: int

    @property
    def contributions(self) -> list[str]:
        """Columns of the contributions."""
        return [f"contribution_{number:02d}" for number in range(self.features)]


def write_rules(rules: Rules, path: Path) -> None:
    """Writes them as JSON."""
    path.write_text(json.dumps(asdict(rules)))


def read_rules(path: Path) -> Rules:
    """Reads them back."""
    return Rules(**json.loads(path.read_text()))
