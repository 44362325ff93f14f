"""The model's tables as facts: points of every cell of every feature and of every interaction, one by one."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from models.arrays import Floats, Integers, Positions
from models.card_tables import FeatureTable, InteractionTable
from models.dossier.inputs import Case
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard


def shapes(case: Case) -> list[dict[str, Any]]:
    """One mapping per feature: its cells with their points, and what the training rows in each cell did."""
    labels, cells = case.sample.training.labels, case.training_cells
    weights = _mean_effects(case.card, cells)
    return [
        _shape(case, table, weight, place, labels)
        for table, weight, place in zip(case.card.features, weights, cells, strict=True)
    ]


def interactions(case: Case) -> list[dict[str, Any]]:
    """One mapping per table of two or three features, largest effect first."""
    told = [_interaction(case.card, table, case.training_cells) for table in case.card.interactions]
    return sorted(told, key=lambda one: -float(one["mean_effect"]))


def _mean_effects(card: Scorecard, cells: Sequence[Positions]) -> list[float]:
    """Mean absolute contribution of each table's feature in log-odds, interactions shared out equally."""
    parts = [table.cells[place] for table, place in zip(card.features, cells, strict=True)]
    for table in card.interactions:
        for position, share in zip(table.features, table.shares(list(cells)), strict=True):
            parts[position] += share
    return [float(np.abs(part).mean() / UNITS_PER_LOG_ODDS) for part in parts]


def _shape(case: Case, table: FeatureTable, weight: float, place: Positions, labels: Floats) -> dict[str, Any]:
    declared = case.declared(table)
    rows, defaults = np.bincount(place, minlength=len(table.cells)), np.bincount(place, labels, len(table.cells))
    points = table.cells / UNITS_PER_LOG_ODDS
    parts = cell_parts(table)
    return {
        "name": table.name,
        "name_zh": declared.name_zh,
        "name_en": declared.name_en,
        "unit": declared.unit,
        "missing_means": declared.missing_means,
        "declared_direction": declared.direction,
        "direction": table.direction,
        "mean_effect": weight,
        "span": float(points.max() - points.min()),
        "cells": [
            {
                **part,
                "points": points[cell],
                "odds_factor": float(np.exp(points[cell])),
                "reference_rows": int(table.reference_rows[cell]),
                "rows": int(rows[cell]),
                "defaults": int(defaults[cell]),
            }
            for cell, part in enumerate(parts)
        ],
    }


def cell_parts(table: FeatureTable) -> list[dict[str, Any]]:
    """What each cell stands for: an interval (from excluded, to included), a level, missing, or a special code."""
    ends = [None, *table.thresholds.tolist(), None]
    own: list[dict[str, Any]] = (
        [{"level": level} for level in table.levels]
        if table.levels
        else [{"from": low, "to": high} for low, high in pairwise(ends)]
    )
    return [*own, {"missing": True}, *({"code": code} for code in table.special_codes)]


def _interaction(card: Scorecard, table: InteractionTable, cells: Sequence[Positions]) -> dict[str, Any]:
    features = [card.features[position] for position in table.features]
    places = tuple(group[cells[feature]] for feature, group in zip(table.features, table.groups, strict=True))
    rows = np.zeros(table.cells.shape, dtype=np.int64)
    np.add.at(rows, places, 1)
    points = table.cells / UNITS_PER_LOG_ODDS
    return {
        "features": [feature.name for feature in features],
        "mean_effect": float((np.abs(points) * rows).sum() / rows.sum()),
        "span": float(points.max() - points.min()),
        "axes": [_axis(feature, group) for feature, group in zip(features, table.groups, strict=True)],
        "points": points.tolist(),
        "rows": rows.tolist(),
    }


def _axis(feature: FeatureTable, group: Integers | Positions) -> list[list[dict[str, Any]]]:
    """What each row of an interaction stands for: its cells, neighbouring intervals joined."""
    parts = cell_parts(feature)
    return [_joined([parts[cell] for cell in np.flatnonzero(group == one)]) for one in range(int(group.max()) + 1)]


def _joined(parts: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    told: list[dict[str, Any]] = []
    for part in parts:
        if told and "to" in part and "to" in told[-1] and told[-1]["to"] == part["from"]:
            told[-1] = {"from": told[-1]["from"], "to": part["to"]}
        else:
            told.append(part)
    return told
