"""Text and card are the same thing: any card survives the round trip to the byte, and a damaged text says where."""

import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.card_tables import FeatureTable
from models.errors import ScorecardFormatError
from models.scorecard import Scorecard

CardOf = Callable[[int], Scorecard]
RowsOf = Callable[[Scorecard, int], np.ndarray]
SEEDS = st.integers(0, 2**32 - 1)
Content = dict[str, Any]


@given(seed=SEEDS)
def test_any_card_survives_the_round_trip_to_the_byte(card_of: CardOf, rows_of: RowsOf, seed: int) -> None:
    card = card_of(seed)
    again = Scorecard.from_json(card.to_json())
    assert again.to_json() == card.to_json()
    assert again.content_hash() == card.content_hash()
    values = rows_of(card, seed)
    for one, other in pairwise([card, again]):
        for answer in ("log_odds_units", "default_probability", "contributions", "missing_count"):
            assert getattr(one, answer)(values).tobytes() == getattr(other, answer)(values).tobytes()
        assert np.array_equal(one.probability_interval(values), other.probability_interval(values))


@given(seed=SEEDS)
def test_contributions_of_singles_pairs_and_triples_add_up_exactly(card_of: CardOf, rows_of: RowsOf, seed: int) -> None:
    card = card_of(seed)
    values = rows_of(card, seed)
    np.testing.assert_array_equal(card.contributions(values).sum(axis=1) + card.intercept, card.log_odds_units(values))


@given(seed=SEEDS)
def test_an_interaction_speaks_in_equal_parts_for_its_features_and_for_nobody_else(
    card_of: CardOf, rows_of: RowsOf, seed: int
) -> None:
    card = card_of(seed)
    given = len(card.names)
    card = replace(card, interactions=tuple(one for one in card.interactions if max(one.features) < given))
    values = rows_of(card, seed)
    for table in card.interactions:
        without = replace(card, interactions=tuple(one for one in card.interactions if one is not table))
        share = card.contributions(values) - without.contributions(values)
        told = share[:, list(table.features)]
        assert np.ptp(told, axis=1).max() < len(table.features)
        assert not np.delete(share, table.features, axis=1).any()
        np.testing.assert_array_equal(told.sum(axis=1), table.points(card.cells_of(values)))


@given(seed=SEEDS)
def test_every_probability_lies_in_its_interval(card_of: CardOf, rows_of: RowsOf, seed: int) -> None:
    card = card_of(seed)
    values = rows_of(card, seed)
    low, high = card.probability_interval(values)
    probability = card.default_probability(values)
    assert ((low <= probability) & (probability <= high)).all()


def test_a_card_without_intervals_promises_nothing(card_of: CardOf, rows_of: RowsOf) -> None:
    card = replace(card_of(5), intervals=None)
    low, high = card.probability_interval(rows_of(card, 5))
    assert not low.any()
    assert (high == 1.0).all()


def test_unknown_levels_and_missing_values_are_both_missing(card_of: CardOf) -> None:
    card = next(card for card in map(card_of, range(99)) if any(table.levels for table in card.features))
    nothing = np.full((1, len(card.names)), np.nan)
    unknown = np.array([[77.0 if table.levels else np.nan for table in card.features[: len(card.names)]]])
    assert card.missing_count(nothing) == card.missing_count(unknown) == len(card.names)


def ratio_card() -> Scorecard:
    """Debt by income, one log-odds per step of the ratio; zero income has a code, income is also judged itself."""
    unit = 10**12

    def table(name: str, ends: list[float], cells: list[int], ratio: tuple[int, int] | None = None,
              codes: tuple[float, ...] = ()) -> FeatureTable:  # fmt: skip
        points = np.array(cells) * unit
        return FeatureTable(name, 0, (), codes, np.array(ends), points, np.ones(len(cells), dtype=np.int64), ratio)

    debt, income = table("debt", [], [0, 0]), table("income", [10.0], [3, 0, 0, 0], codes=(-1.0,))
    ratio = table("debt by income", [0.5, 1.0], [10, 21, 40, 80], ratio=(0, 1))
    return Scorecard("", "", 0, (debt, income, ratio))


@pytest.mark.parametrize(
    ("debt", "income", "points"),
    [
        (5.0, 10.0, 10 + 3),
        (5.1, 10.0, 21 + 3),
        (20.0, 10.5, 40),
        (20.0, -1.0, 80),
        (20.0, 0.0, 80 + 3),
        (20.0, -5.0, 80 + 3),
        (np.nan, 20.0, 80),
        (20.0, np.nan, 80),
        (-20.0, 20.0, 10),
        (np.inf, np.inf, 80),
        (1e300, 1e-300, 40 + 3),
        (1e-300, 1e300, 10),
    ],
)
def test_a_ratio_is_known_where_both_parts_are_and_the_denominator_is_positive(
    debt: float, income: float, points: int
) -> None:
    assert ratio_card().log_odds_units(np.array([[debt, income]])) == points * 10**12


def test_a_ratio_speaks_for_its_parts_and_is_neither_asked_for_nor_missed_itself() -> None:
    card = ratio_card()
    values = np.array([[5.1, 10.0], [np.nan, np.nan]])
    assert card.names == ("debt", "income")
    assert (card.contributions(values) / 10**12).tolist() == [[10.5, 10.5 + 3], [40.0, 40.0]]
    assert card.missing_count(values).tolist() == [0, 2]
    content = json.loads(card.to_json())
    assert content["features"][2]["ratio_of"] == ["debt", "income"]
    assert "ratio_of" not in content["features"][0]


@pytest.mark.parametrize(
    "change",
    [
        {"ratio_of": ["debt", "nobody"]},
        {"ratio_of": ["debt"]},
        {"ratio_of": ["debt", "debt"]},
        {"ratio_of": ["debt", "debt by income"]},
        {"ratio_of": "debt"},
        {"special_codes": [-1.0], "cells": [0] * 5, "reference_rows": [0] * 5},
    ],
)
def test_a_ratio_of_anything_but_two_given_numbers_is_refused(change: Content) -> None:
    content = json.loads(ratio_card().to_json())
    content["features"][2] |= change
    with pytest.raises(ScorecardFormatError, match=r"ratio|debt by income"):
        Scorecard.from_json(json.dumps(content))


def test_a_given_feature_behind_a_ratio_is_refused() -> None:
    content = json.loads(ratio_card().to_json())
    content["features"] = [content["features"][place] for place in (0, 2, 1)]
    with pytest.raises(ScorecardFormatError, match="behind a ratio"):
        Scorecard.from_json(json.dumps(content))


def test_notes_stand_by_name_and_change_no_figure(card_of: CardOf) -> None:
    card = card_of(2)
    one, other = replace(card, notes={"b": "2", "a": "1"}), replace(card, notes={"a": "1", "b": "2"})
    assert one.to_json() == other.to_json() != replace(card, notes={}).to_json()


def whole_card(card_of: CardOf) -> Scorecard:
    """A card that has everything that can be damaged."""

    def is_whole(card: Scorecard) -> bool:
        kinds = {len(table.features) for table in card.interactions}
        numbers = [table for table in card.features if len(table.thresholds) > 1 and len(table.special_codes) > 1]
        return kinds == {2, 3} and bool(numbers) and card.intervals is not None and bool(card.notes)

    return next(card for card in map(card_of, range(2_000)) if is_whole(card))


def number_table(content: Content) -> Content:
    tables: list[Content] = content["features"]
    return next(table for table in tables if len(table["thresholds"]) > 1 and len(table["special_codes"]) > 1)


def set_at(*path: str | int, to: object) -> Callable[[Content], None]:
    def damage(content: Content) -> None:
        place: Any = content
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = to

    return damage


def on_number(key: str, change: Callable[[Any], object]) -> Callable[[Content], None]:
    def damage(content: Content) -> None:
        table = number_table(content)
        table[key] = change(table[key])

    return damage


def without(key: str) -> Callable[[Content], None]:
    return lambda content: content.pop(key)


DAMAGES: dict[str, tuple[Callable[[Content], object], str]] = {
    "format": (set_at("format", to="haixia-scorecard/1"), "haixia-scorecard/2"),
    "units": (set_at("units_per_log_odds", to=1000), "units per log-odds"),
    "unknown key": (set_at("pairs", to=[]), "pairs"),
    "no kind": (without("kind"), "no 'kind'"),
    "kind no text": (set_at("kind", to=3), "kind is no text"),
    "no notes": (without("notes"), "no 'notes'"),
    "notes no texts": (set_at("notes", to={"a": 1}), "notes"),
    "intercept a fraction": (set_at("intercept", to=1.5), "intercept"),
    "intercept a truth value": (set_at("intercept", to=True), "intercept"),
    "intercept too large": (set_at("intercept", to=2**63), "intercept"),
    "falling calibration": (set_at("calibration", "low_slope", to=-1.0), "calibration"),
    "calibration of another kind": (set_at("calibration", to={"slope": 1.0}), "calibration"),
    "calibration no object": (set_at("calibration", to=[]), "calibration"),
    "no band": (set_at("intervals", to={"thin_from": 2}), "intervals"),
    "interval from nothing": (set_at("intervals", "thin_from", to=0), "intervals"),
    "features no list": (set_at("features", to={}), "features is no list"),
    "feature no object": (set_at("features", 0, to=7), "features[0]"),
    "direction": (on_number("direction", lambda _: 2), "direction"),
    "name twice": (set_at("features", 0, "name", to="x0 twice"), "no feature of this card"),
    "thresholds fall": (on_number("thresholds", lambda ends: ends[::-1]), "do not ascend"),
    "threshold no number": (on_number("thresholds", lambda ends: ["0", *ends[1:]]), "thresholds"),
    "threshold too large": (on_number("thresholds", lambda ends: [*ends[:-1], 10**400]), "thresholds"),
    "a cell too many": (on_number("cells", lambda cells: [*cells, 0]), "cells"),
    "a cell a fraction": (on_number("cells", lambda cells: [0.5, *cells[1:]]), "whole numbers"),
    "cells in cells": (on_number("cells", lambda cells: [[0], *cells[1:]]), "cells"),
    "code twice": (on_number("special_codes", lambda codes: [codes[0]] * len(codes)), "special code"),
    "rows below zero": (on_number("reference_rows", lambda rows: [-1, *rows[1:]]), "below zero"),
    "levels beside thresholds": (on_number("levels", lambda _: ["a"]), "levels"),
    "levels no texts": (on_number("levels", lambda _: [1]), "levels"),
    "unknown partner": (set_at("interactions", 0, "features", 0, to="nobody"), "nobody"),
    "one partner": (set_at("interactions", 0, "features", to=[]), "2 or 3"),
    "a group that is none": (set_at("interactions", 0, "groups", 0, 0, to=99), "does not name each"),
    "groups no list": (set_at("interactions", 0, "groups", to=3), "groups"),
    "ragged cells": (set_at("interactions", 0, "cells", to=[[1], [1, 2]]), "cells"),
    "flat cells": (set_at("interactions", 0, "cells", to=[1]), "axes"),
}


@pytest.mark.parametrize("name", DAMAGES)
def test_a_damaged_text_is_refused_and_the_error_names_the_place(card_of: CardOf, name: str) -> None:
    damage, told = DAMAGES[name]
    content = json.loads(whole_card(card_of).to_json())
    damage(content)
    with pytest.raises(ScorecardFormatError) as caught:
        Scorecard.from_json(json.dumps(content))
    assert told in str(caught.value)


def test_interactions_told_twice_or_out_of_order_are_refused(card_of: CardOf) -> None:
    content = json.loads(whole_card(card_of).to_json())
    first = content["interactions"][0]
    for tables in ([first, first], [{**first, "features": first["features"][::-1], "groups": first["groups"][::-1],
                                     "cells": np.transpose(first["cells"]).tolist()}]):  # fmt: skip
        with pytest.raises(ScorecardFormatError):
            Scorecard.from_json(json.dumps({**content, "interactions": tables}))


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "{", "NaN", '{"a": 1, "a": 2}', "[" * 100_000, '{"format": Infinity}']
)
def test_what_is_no_card_at_all_is_refused(text: str) -> None:
    with pytest.raises(ScorecardFormatError):
        Scorecard.from_json(text)
