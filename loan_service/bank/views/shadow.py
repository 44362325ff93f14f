"""A challenger side by side with the champion: how far they differ, who would move, and who was right so far."""

from collections import Counter
from datetime import date

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from loan_service.bank.store import model_ledger, shadow_results
from loan_service.bank.store.model_ledger import ModelCard
from loan_service.bank.views.policies import lending_policy
from loan_service.errors import NotFoundError
from loan_service.foundation.connection import Connection
from models.arrays import Floats
from models.logistic import log_odds_of
from models.policy import RiskBand

LEVELS = (0.05, 0.25, 0.5, 0.75, 0.95)


class Outcomes(BaseModel):
    """What became of those whose year is over, or who defaulted before: smaller log-loss is better."""

    model_config = ConfigDict(frozen=True)

    households: int
    defaults: int
    champion_log_loss: float | None
    challenger_log_loss: float | None
    champion_auc: float | None
    challenger_auc: float | None


class SideBySide(BaseModel):
    """Both cards on the same inputs; nothing of the challenger's reached an offer."""

    model_config = ConfigDict(frozen=True)

    challenger: str
    champions: tuple[str, ...] = Field(description="stamps of the cards that served meanwhile")
    as_of: date
    households: int
    champion_mean: float | None
    challenger_mean: float | None
    differences: dict[str, float] = Field(description="challenger minus champion, probability, by quantile")
    rank_correlation: float | None = Field(description="Spearman's, ties at their middle")
    migrations: dict[str, dict[str, int]] = Field(description="households by the champion's band, then challenger's")
    moved_share: float | None = Field(description="households whose band would be another")
    outcomes: Outcomes


def side_by_side(connection: Connection, stamp: str, as_of: date) -> SideBySide:
    """What a challenger said up to a day, beside what the champion said of the same households.

    Raises:
        NotFoundError: there is no such version.
    """
    name, _, version = stamp.rpartition("/")
    card = model_ledger.card_of(connection, name, version)
    if card is None:
        raise NotFoundError("model.unknown", f"no model version {stamp}", f"没有模型版本 {stamp}")
    rows = shadow_results.side_by_side_rows(connection, name, version, as_of)
    champion, challenger = (rows[one].to_numpy() for one in ("champion_probability", "default_probability"))
    outcome = rows["defaulted"].cast("double").to_numpy(zero_copy_only=False)
    scored_on = rows["scored_on"].to_pylist()
    moves = _migrations(connection, card, champion, challenger, max(scored_on)) if scored_on else {}
    return SideBySide(
        challenger=stamp,
        champions=tuple(sorted(set(rows["champion_version"].to_pylist()))),
        as_of=as_of,
        households=rows.num_rows,
        champion_mean=_mean(champion),
        challenger_mean=_mean(challenger),
        differences=_quantiles(challenger - champion),
        rank_correlation=rank_correlation(champion, challenger),
        migrations=moves,
        moved_share=_moved_share(moves, rows.num_rows),
        outcomes=_outcomes(champion, challenger, outcome),
    )


def rank_correlation(one: Floats, other: Floats) -> float | None:
    """Spearman's rank correlation; None where one of them tells nobody apart."""
    first, second = _ranks(one), _ranks(other)
    if len(one) == 0 or first.std() == 0 or second.std() == 0:
        return None
    return float(np.corrcoef(first, second)[0, 1])


def _ranks(values: Floats) -> Floats:
    _, group, sizes = np.unique(values, return_inverse=True, return_counts=True)
    return np.asarray((np.cumsum(sizes) - (sizes - 1) / 2.0)[group], dtype=np.float64)


def _mean(values: Floats) -> float | None:
    return float(values.mean()) if values.size else None


def _quantiles(values: Floats) -> dict[str, float]:
    return {f"p{round(level * 100):02d}": float(np.quantile(values, level)) for level in LEVELS if values.size}


def _migrations(
    connection: Connection, card: ModelCard, champion: Floats, challenger: Floats, day: date
) -> dict[str, dict[str, int]]:
    """By the bands in force when the challenger was last scored."""
    bands = lending_policy(connection, card.bank_code, day).bands.on(day)
    counts = Counter(zip(_bands(bands, champion), _bands(bands, challenger), strict=True))
    codes = [band.code for band in bands]
    return {code: {to: counts[code, to] for to in codes if counts[code, to]} for code in codes}


def _bands(bands: tuple[RiskBand, ...], probability: Floats) -> list[str]:
    ordered = sorted(bands, key=lambda band: band.from_ppm)
    edges = np.array([band.from_ppm for band in ordered[1:]], dtype=np.float64) / 1_000_000
    return [ordered[place].code for place in np.searchsorted(edges, probability, side="right")]


def _moved_share(moves: dict[str, dict[str, int]], households: int) -> float | None:
    stayed = sum(row.get(code, 0) for code, row in moves.items())
    return 1.0 - stayed / households if households else None


def _outcomes(champion: Floats, challenger: Floats, outcome: Floats) -> Outcomes:
    from models.measures import area_under_curve, log_loss

    known = ~np.isnan(outcome)
    labels = outcome[known]
    both = 0 < labels.sum() < len(labels)
    sides = [log_odds_of(one[known]) for one in (champion, challenger)]
    losses = [log_loss(labels, side) if len(labels) else None for side in sides]
    areas = [area_under_curve(labels, side) if both else None for side in sides]
    return Outcomes(
        households=len(labels),
        defaults=int(labels.sum()),
        champion_log_loss=losses[0],
        challenger_log_loss=losses[1],
        champion_auc=areas[0],
        challenger_auc=areas[1],
    )
