"""The exported query, run by the real database, says what the card says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from models.calibrated import Calibration
from models.errors import FeatureMismatchError
from models.exports.sql import to_sql
from models.scorecard import Scorecard

TABLE = 'pg_temp.行 "rows"'
QUOTED_TABLE = 'pg_temp."行 ""rows"""'
CardOf = Callable[[int], Scorecard]
RowsOf = Callable[[Scorecard, int], np.ndarray]


def ask(owner: Engine, card: Scorecard, values: np.ndarray, *, level_names: bool = False) -> dict[str, np.ndarray]:
    """Put rows under odd column names into a table of the real database and run the card's query over them."""
    given = card.features[: len(card.names)]
    kinds = ["text" if level_names and table.levels else "double precision" for table in given]
    declared = ", ".join(f'"列""{place}" {kind}' for place, kind in enumerate(kinds))
    columns = {name: f'列"{place}' for place, name in enumerate(card.names)}
    with owner.connect() as connection:
        plain = connection.connection.driver_connection
        assert plain
        plain.execute(f"CREATE TEMPORARY TABLE {QUOTED_TABLE} (number int, {declared})")
        with plain.cursor() as cursor:
            places = ", ".join(["%s"] * (1 + len(kinds)))
            cursor.executemany(
                f"INSERT INTO {QUOTED_TABLE} VALUES ({places})", told(card, values, level_names=level_names)
            )
            cursor.execute(
                f"SELECT * FROM ({to_sql(card, TABLE, columns, level_names=level_names)}) AS t ORDER BY number"
            )
            names = [column.name for column in cursor.description]
            answers = np.array(cursor.fetchall(), dtype=object)
        connection.rollback()
    return {name: answers[:, place] for place, name in enumerate(names)}


def told(card: Scorecard, values: np.ndarray, *, level_names: bool) -> list[tuple[Any, ...]]:
    """Rows as a bank keeps them: every other missing value is NULL, categories by name if wanted."""
    rows: list[tuple[Any, ...]] = []
    for number, row in enumerate(values.tolist()):
        cells = [None if np.isnan(value) and number % 2 else value for value in row]
        if level_names:
            for place, table in enumerate(card.features):
                if table.levels:
                    known = 0 <= row[place] < len(table.levels)
                    cells[place] = table.levels[int(row[place])] if known else "no such level"
        rows.append((number, *cells))
    return rows


def assert_same(card: Scorecard, values: np.ndarray, answers: dict[str, np.ndarray]) -> None:
    assert answers["log_odds_units"].tolist() == card.log_odds_units(values).tolist()
    assert answers["log_odds"].tolist() == card.log_odds(values).tolist()
    probability = answers["default_probability"].astype(float)
    np.testing.assert_allclose(probability, card.default_probability(values), rtol=5e-14, atol=0)
    if card.calibration.is_line:
        assert answers["calibrated_log_odds"].tolist() == card.calibrated_log_odds(values).tolist()
    assert ("probability_low" in answers) == (card.intervals is not None)
    if card.intervals:
        for name, end in zip(("probability_low", "probability_high"), card.probability_interval(values), strict=True):
            np.testing.assert_allclose(answers[name].astype(float), end, rtol=5e-14, atol=0)


@given(seed=st.integers(0, 2**32 - 1), level_names=st.booleans())
@settings(max_examples=40)
def test_the_query_gives_the_card_s_integers_and_probabilities(
    owner: Engine,
    card_of: CardOf,
    rows_of: RowsOf,
    seed: int,
    level_names: bool,  # noqa: FBT001  # Hypothesis draws it
) -> None:
    card = card_of(seed)
    values = rows_of(card, seed)
    assert_same(card, values, ask(owner, card, values, level_names=level_names))


def test_probabilities_beyond_what_float64_can_hold_do_not_stop_the_query(
    owner: Engine, card_of: CardOf, rows_of: RowsOf
) -> None:
    for offset in (-5_000.0, 5_000.0):
        card = replace(card_of(3), calibration=Calibration(1.0, 2.0, offset))
        values = rows_of(card, 3)
        assert_same(card, values, ask(owner, card, values))


def test_a_column_for_every_feature_and_no_other_is_wanted(card_of: CardOf) -> None:
    card = card_of(1)
    with pytest.raises(FeatureMismatchError):
        to_sql(card, "households", {**{name: name for name in card.names}, "sex": "sex"})


def test_the_query_is_one_statement_that_names_the_card(card_of: CardOf) -> None:
    card = card_of(2)
    query = to_sql(card, "bank.households")
    assert card.content_hash() in query
    assert ";" not in query.partition("FROM")[2].replace("trailing ; -- comment", "")
    assert '"bank"."households"' in query
