"""What a bank's households look like to a live model, against the same month's reference and the file before.

Fishing has seasons, so a population is compared with the same calendar month: that of the year before where the bank
delivered one, else the training rows drawn in that month, newest first, else all training rows. (The features
themselves are stocks or trailing 12 months, never a single month's figure.)
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal

import numpy as np

from models.arrays import Floats, Integers, Positions
from models.monitoring.figures import PROBABILITY, Figure
from models.monitoring.levels import Levels, StabilityLevels
from models.monitoring.stability import (
    between,
    cell_counts,
    grouped,
    share_change,
    stability,
    together,
    unit_factor,
    unseen,
)
from models.scorecard import Scorecard

Origin = Literal["same_month_last_year", "training_month", "training", "first_scored", "file_before"]

MONTHS: Final = 12
SECTOR: Final = "sector"
WHOLE_YEAR: Final = 0
"""In the place of a month: all months together."""


@dataclass(frozen=True, eq=False)
class Reference:
    """A population that others are compared with, counted by the cells of one card.

    Attributes:
        origin: Where it comes from.
        month: Calendar month 1..12 it stands for; 0 for all.
        told: Which one it is, for people: `2025-06`, a file's day.
        cells: Members per cell, per feature of the card.
        edges: Upper ends (inclusive) of all but the last group of raw log-odds, ascending; empty: not known.
        log_odds: Members per group of raw log-odds (edges + 1).
    """

    origin: Origin
    month: int
    told: str
    cells: tuple[Integers, ...]
    edges: Floats
    log_odds: Integers

    @property
    def rows(self) -> int:
        """Members."""
        return int(self.cells[0].sum()) if self.cells else 0

    def to_content(self) -> dict[str, Any]:
        """A plain mapping, for JSON."""
        return {
            "origin": self.origin,
            "month": self.month,
            "told": self.told,
            "cells": [counts.tolist() for counts in self.cells],
            "edges": self.edges.tolist(),
            "log_odds": self.log_odds.tolist(),
        }

    @classmethod
    def from_content(cls, content: Mapping[str, Any]) -> "Reference":
        """The reference a mapping of `to_content` tells of."""
        return cls(
            origin=content["origin"],
            month=content["month"],
            told=content["told"],
            cells=tuple(np.array(counts, dtype=np.int64) for counts in content["cells"]),
            edges=np.array(content["edges"], dtype=np.float64),
            log_odds=np.array(content["log_odds"], dtype=np.int64),
        )


def reference_of(
    card: Scorecard,
    values: Floats,
    origin: Origin,
    told: str,
    *,
    month: int = WHOLE_YEAR,
    groups: int = 10,
) -> Reference:
    """Count a population by a card's cells, and its raw log-odds by groups of equal share.

    Args:
        card: The model.
        values: float64, shape (rows, features); at least one row.
        origin: Where the population comes from.
        told: Which one it is, for people.
        month: The calendar month it stands for; 0 for all.
        groups: At most so many groups of log-odds.
    """
    log_odds = card.log_odds(values)
    edges = np.unique(np.quantile(log_odds, np.arange(1, groups) / groups, method="inverted_cdf"))
    return Reference(origin, month, told, cell_counts(card, values), edges, _by_edges(edges, log_odds))


def references_of(
    card: Scorecard, values: Floats, drawn_on: Integers, *, least_rows: int = 300
) -> tuple[Reference, ...]:
    """What to keep of a training sample: all of it, and each calendar month's newest rows.

    Args:
        card: The model that came of it.
        values: Features as known at drawing (rows, features).
        drawn_on: Days since 1970-01-01 (rows,).
        least_rows: Years are added, newest first, until a month has so many rows; a month without them is left out.
    """
    months = drawn_on.astype("datetime64[D]").astype("datetime64[M]").astype(np.int64)
    kept = [_whole(card, values, months)]
    for month in range(1, MONTHS + 1):
        rows = _newest_of_month(months, month, least_rows)
        if rows.size:
            told = _span(months[rows])
            kept.append(reference_of(card, values[rows], "training_month", told, month=month))
    return tuple(kept)


def sector_rows(card: Scorecard, values: Floats) -> dict[str, Positions]:
    """Rows of each sector the card knows, from values of shape (rows, features); none where it knows no sectors."""
    if SECTOR not in card.names:
        return {}
    place = card.names.index(SECTOR)
    return {name: np.flatnonzero(values[:, place] == code) for code, name in enumerate(card.features[place].levels)}


def _whole(card: Scorecard, values: Floats, months: Integers) -> Reference:
    return reference_of(card, values, "training", _span(months))


def _newest_of_month(months: Integers, month: int, least_rows: int) -> Positions:
    """Rows of a calendar month, of as few and as new years as hold enough; none when all of them do not."""
    wanted = np.flatnonzero(months % MONTHS == month - 1)
    for year in np.unique(months[wanted])[::-1]:
        rows: Positions = wanted[months[wanted] >= year]
        if rows.size >= least_rows:
            return rows
    return np.empty(0, dtype=np.intp)


def _span(months: Integers) -> str:
    first, last = (str(np.datetime64(int(month), "M")) for month in (months.min(), months.max()))
    return first if first == last else f"{first}..{last}"


def on_the_card(card: Scorecard) -> Reference:
    """The training reference as far as the card itself tells it: every feature, but not the log-odds."""
    cells = tuple(one.reference_rows for one in card.features)
    return Reference("training", WHOLE_YEAR, "", cells, np.empty(0), np.empty(0, dtype=np.int64))


def _by_edges(edges: Floats, log_odds: Floats) -> Integers:
    counts: Integers = np.bincount(np.searchsorted(edges, log_odds, side="left"), minlength=len(edges) + 1)
    return counts


@dataclass(frozen=True, eq=False)
class Population:
    """Households as a model sees them: members per cell of every feature, and raw log-odds (rows,)."""

    card: Scorecard
    cells: tuple[Integers, ...]
    log_odds: Floats

    @classmethod
    def of(cls, card: Scorecard, values: Floats) -> "Population":
        """Count values of shape (rows, features)."""
        return cls(card, cell_counts(card, values), card.log_odds(values))

    @property
    def rows(self) -> int:
        """Members."""
        return len(self.log_odds)


@dataclass(frozen=True, eq=False)
class SectorView:
    """The households of one sector, with the same sector's earlier files as far as there are any.

    Never training rows: they come from the bank's whole area, where a sector is made up otherwise than here.
    """

    sector: str
    population: Population
    season: Reference | None
    before: Reference | None


def population_figures(
    population: Population,
    levels: Levels,
    *,
    season: Reference | None,
    scored: Reference | None = None,
    before: Reference | None = None,
    sectors: Sequence[SectorView] = (),
    learned: bool = True,
) -> tuple[Figure, ...]:
    """Every figure of a population against its references.

    Args:
        population: The newest file, as the model sees it.
        levels: When to speak up.
        season: The reference of the same month; None while there is nothing to compare with.
        scored: The first population this model scored, for the probability where `season` does not know it.
        before: The bank's file before the newest one.
        learned: Whether the card's reference rows are those of a training sample; an expert's card has none.
        sectors: The same by sector. A sector speaks only where the whole is silent: what befalls a fifth of the
            households (a longer fishing ban) drowns in the whole.
    """
    features = len(population.card.features)
    compared = [season, before, *(one for view in sectors for one in (view.season, view.before))]
    figures = (features + 1) * sum(one is not None for one in compared) + 2 * features
    quantile = together(levels.no_change_quantile, figures)
    comparison = _Comparison(population, levels.stability, quantile)
    told = list(comparison.unseen()) if learned else []
    if season is not None:
        told += [*comparison.against(season, "stability"), *comparison.missing(season)]
    if scored is not None and season is not None and not season.edges.size:
        told += comparison.probability(scored, "stability")
    if before is not None:
        told += comparison.against(before, "jump")
    spoken = {figure.subject for figure in told if figure.severity}
    for view in sectors:
        told += _sector_figures(view, levels, quantile, spoken)
    return tuple(told)


def _sector_figures(view: SectorView, levels: Levels, quantile: float, spoken: Collection[str]) -> Iterator[Figure]:
    """What is beyond its level within a sector and not in the whole; each subject once, the seasonal figure first."""
    comparison, seen = _Comparison(view.population, levels.stability, quantile), set(spoken) | {SECTOR}
    for reference, kind in ((view.season, "stability"), (view.before, "jump")):
        if reference is None:
            continue
        for figure in comparison.against(reference, "stability" if kind == "stability" else "jump"):
            if figure.severity and figure.subject not in seen:
                seen.add(figure.subject)
                yield replace(figure, subject=f"{view.sector}/{figure.subject}")


@dataclass(frozen=True, eq=False)
class _Comparison:
    population: Population
    levels: StabilityLevels
    quantile: float

    def against(self, reference: Reference, kind: Literal["stability", "jump"]) -> Iterator[Figure]:
        """The stability index of every feature and of the log-odds."""
        tables = zip(self.population.card.features, reference.cells, self.population.cells, strict=True)
        for table, before, now in tables:
            told = _told(reference)
            counts, observed, names = grouped(table, before, now, self.levels.groups)
            yield self._index(kind, table.name, told, counts, observed, names)
        yield from self.probability(reference, kind)

    def probability(self, reference: Reference, kind: Literal["stability", "jump"]) -> Iterator[Figure]:
        """The stability index of the log-odds, where the reference knows them."""
        if reference.edges.size:
            observed = _by_edges(reference.edges, self.population.log_odds)
            names = between([f"{edge:.3f}" for edge in reference.edges])
            yield self._index(kind, PROBABILITY, _told(reference), reference.log_odds, observed, names)

    def _index(
        self,
        kind: Literal["stability", "jump"],
        subject: str,
        told: str,
        reference: Integers,
        observed: Integers,
        names: Sequence[str],
    ) -> Figure:
        found = stability(reference, observed, self.quantile)
        level = self.levels.index
        return Figure(
            kind=kind,
            subject=subject,
            reference=told,
            measured=found.psi,
            threshold=found.bias + level.threshold(found.noise - found.bias),
            severity=level.severity(found.psi - found.bias, found.noise - found.bias),
            rows=found.rows,
            reference_rows=found.reference_rows,
            detail={
                "groups": found.groups,
                "by_chance": found.bias,
                "noise": found.noise,
                **_most_moved(reference, observed, names),
            },
        )

    def missing(self, reference: Reference) -> Iterator[Figure]:
        """How the share of unknown values moved, for every feature that has or had any."""
        tables = zip(self.population.card.features, reference.cells, self.population.cells, strict=True)
        for table, before, now in tables:
            absent = int(before[table.intervals]), int(now[table.intervals])
            if not any(absent) or not before.sum() or not now.sum():
                continue
            change = share_change(absent[0], int(before.sum()), absent[1], int(now.sum()), self.quantile)
            level = self.levels.missing_change
            yield Figure(
                kind="missing_change",
                subject=table.name,
                reference=_told(reference),
                measured=change.now - change.before,
                threshold=level.threshold(change.noise),
                severity=level.severity(change.size, change.noise),
                rows=int(now.sum()),
                reference_rows=int(before.sum()),
                detail={"share_before": change.before, "share_now": change.now},
            )

    def unseen(self) -> Iterator[Figure]:
        """Values that nobody of the training sample had: levels, special codes or unknown values new to the model."""
        for table, now in zip(self.population.card.features, self.population.cells, strict=True):
            share, noise = unseen(table.reference_rows, now, self.quantile)
            if share:
                level = self.levels.unseen_share
                yield Figure(
                    kind="unseen_share",
                    subject=table.name,
                    reference="training",
                    measured=share,
                    threshold=level.threshold(noise),
                    severity=level.severity(share, noise),
                    rows=int(now.sum()),
                    reference_rows=int(table.reference_rows.sum()),
                )


def unit_figures(before: Mapping[str, Floats], now: Mapping[str, Floats], levels: Levels) -> tuple[Figure, ...]:
    """Columns of money whose median moved by a factor that is known for a confusion of units.

    Args:
        before: Amounts of the file before by column, NaN where not known.
        now: Amounts of the newest file.
        levels: When to speak up.
    """
    own = levels.stability
    found = {name: unit_factor(before[name], now[name], own.unit_factors, own.unit_tolerance) for name in now}
    return tuple(
        Figure(
            kind="unit_factor",
            subject=name,
            reference="file_before",
            measured=factor,
            threshold=min(own.unit_factors),
            severity="high",
            rows=int(np.isfinite(now[name]).sum()),
            reference_rows=int(np.isfinite(before[name]).sum()),
        )
        for name, factor in found.items()
        if factor != 1.0
    )


def file_figures(faults: Mapping[str, tuple[int, int]], levels: Levels) -> tuple[Figure, ...]:
    """Rows of the newest file that were set aside, by fault: unknown words (new levels) are among them.

    Args:
        faults: Rows with the fault and rows read, by fault.
        levels: When to speak up.
    """
    level = levels.stability.quarantined_share
    return tuple(
        Figure(
            kind="quarantined_share",
            subject=fault,
            reference="rows of the file",
            measured=rows / rows_read,
            threshold=level.watch,
            severity=level.severity(rows / rows_read),
            rows=rows_read,
            detail={"rows": rows},
        )
        for fault, (rows, rows_read) in faults.items()
    )


def _told(reference: Reference) -> str:
    return f"{reference.origin} {reference.told}".strip()


def _most_moved(reference: Integers, observed: Integers, names: Sequence[str]) -> dict[str, float | str]:
    """The group whose share changed most."""
    if not reference.sum() or not observed.sum():
        return {}
    before, now = reference / reference.sum(), observed / observed.sum()
    place = int(np.argmax(np.abs(now - before)))
    return {"most_moved": names[place], "share_before": float(before[place]), "share_now": float(now[place])}
