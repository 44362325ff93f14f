from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from models.arrays import Floats
from models.feature_spec import declared_features
from models.monitoring import (
    Population,
    Reference,
    levels_on,
    on_the_card,
    population_figures,
    reference_of,
    references_of,
)
from models.monitoring.population import SectorView, file_figures, sector_rows, unit_figures
from models.scorecard import Scorecard

SPEC = declared_features("baseline")
LEVELS = levels_on(date(2026, 6, 15))
INCOME = SPEC.names.index("annual_income_fen")
SECTOR = SPEC.names.index("sector")


def households(rng: np.random.Generator, rows: int) -> Floats:
    """Values without any structure but sectors, a tenth unknown."""
    values = np.exp(rng.normal(0.0, 1.0, (rows, len(SPEC.names))))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[:, SECTOR] = rng.choice(6, rows, p=[0.2, 0.12, 0.18, 0.35, 0.1, 0.05])
    return values


@pytest.fixture
def sample() -> Floats:
    return households(np.random.default_rng(1), 12_000)


@pytest.fixture
def card(card_of: Callable[..., Scorecard], sample: Floats) -> Scorecard:
    return card_of(SPEC, sample)


def told(card: Scorecard, values: Floats, **references: Reference) -> dict[str, str]:
    """Severities of what is beyond its level, by figure."""
    season = references.pop("season", on_the_card(card))
    figures = population_figures(Population.of(card, values), LEVELS, season=season, **references)
    return {figure.key: figure.severity for figure in figures if figure.severity}


def test_the_sample_itself_shows_nothing(card: Scorecard, sample: Floats) -> None:
    figures = population_figures(Population.of(card, sample), LEVELS, season=on_the_card(card))
    assert max(abs(figure.measured) for figure in figures) == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize(("rows", "files"), [(60, 100), (600, 100), (6000, 25)])
def test_without_drift_hardly_a_file_of_a_hundred_raises_anything(card: Scorecard, rows: int, files: int) -> None:
    rng = np.random.default_rng(2)
    alarms = 0
    for _ in range(files):
        before = reference_of(card, households(rng, rows), "file_before", "")
        alarms += bool(told(card, households(rng, rows), before=before))
    assert alarms <= 4  # 0.99 of all figures of a run together is promised


def test_a_feature_that_moved_is_named_and_no_other(card: Scorecard) -> None:
    values = households(np.random.default_rng(2), 3000)
    values[:, INCOME] *= 3.0
    assert told(card, values) == {"stability/annual_income_fen": "high"}


def test_a_feature_that_goes_missing_is_named_by_its_share(card: Scorecard) -> None:
    values = households(np.random.default_rng(2), 3000)
    values[:1200, INCOME] = np.nan
    assert told(card, values)["missing_change/annual_income_fen"] == "high"


def test_values_the_training_never_saw_are_told(card_of: Callable[..., Scorecard], sample: Floats) -> None:
    complete = np.nan_to_num(sample, nan=1.0)
    values = complete[:3000].copy()
    values[:100, INCOME] = np.nan
    assert told(card_of(SPEC, complete), values)["unseen_share/annual_income_fen"] == "medium"


def test_what_befalls_one_sector_is_told_where_the_whole_is_silent(card: Scorecard) -> None:
    rng = np.random.default_rng(2)
    first, values = households(rng, 6000), households(rng, 6000)
    values[values[:, SECTOR] == 1, INCOME] *= 0.5
    views = by_sector(card, first, values)
    whole = reference_of(card, first, "file_before", "")
    assert told(card, values, before=whole) == {}
    assert told(card, values, before=whole, sectors=views) == {"jump/aquaculture/annual_income_fen": "high"}


def test_a_sector_does_not_repeat_what_the_whole_says(card: Scorecard) -> None:
    rng = np.random.default_rng(2)
    first, values = households(rng, 6000), households(rng, 6000)
    values[:, INCOME] *= 0.5
    whole = reference_of(card, first, "file_before", "")
    found = told(card, values, before=whole, sectors=by_sector(card, first, values))
    assert set(found) == {"stability/annual_income_fen", "jump/annual_income_fen"}


def by_sector(card: Scorecard, first: Floats, values: Floats) -> tuple[SectorView, ...]:
    """Every sector with its earlier file."""
    before, now = sector_rows(card, first), sector_rows(card, values)
    earlier = {one: reference_of(card, first[rows], "file_before", "") for one, rows in before.items()}
    return tuple(
        SectorView(one, Population.of(card, values[rows]), season=None, before=earlier[one])
        for one, rows in now.items()
    )


def test_the_probability_is_compared_with_the_first_scored_population_where_nothing_else_is_kept(
    card: Scorecard, sample: Floats
) -> None:
    scored = reference_of(card, sample[:3000], "first_scored", "2026-06-14")
    figures = population_figures(Population.of(card, sample[3000:]), LEVELS, season=on_the_card(card), scored=scored)
    found = [figure for figure in figures if figure.subject == "default_probability"]
    assert [figure.reference for figure in found] == ["first_scored 2026-06-14"]


def test_a_month_is_held_against_the_newest_rows_of_its_month(card: Scorecard, sample: Floats) -> None:
    first = (date(2021, 7, 1) - date(1970, 1, 1)).days
    drawn_on = np.arange(len(sample)) * 4 * 365 // len(sample) + first  # four years, July to June
    kept = {one.month: one for one in references_of(card, sample, drawn_on, least_rows=200)}
    assert sorted(kept) == [0, *range(1, 13)]
    assert kept[0].rows == len(sample)
    assert [kept[month].told for month in (6, 7)] == ["2025-06", "2024-07"]
    grown = {one.month: one.told for one in references_of(card, sample, drawn_on, least_rows=600)}
    assert grown[7] == "2022-07..2024-07"


def test_a_month_without_enough_rows_is_left_to_the_whole(card: Scorecard, sample: Floats) -> None:
    kept = references_of(card, sample[:100], np.arange(100) + 20_000, least_rows=300)
    assert [one.month for one in kept] == [0]


def test_a_kept_reference_reads_back_as_it_was(card: Scorecard, sample: Floats) -> None:
    import json

    one = reference_of(card, sample, "training_month", "2025-06", month=6)
    again = Reference.from_content(json.loads(json.dumps(one.to_content())))
    values = households(np.random.default_rng(2), 500)
    pair = [population_figures(Population.of(card, values), LEVELS, season=each) for each in (one, again)]
    assert pair[0] == pair[1]


def test_another_unit_is_told_by_its_column() -> None:
    amounts = np.exp(np.random.default_rng(2).standard_normal(400)) * 1e6
    before = {"annual_income_fen": amounts, "unsecured_debt_fen": amounts}
    now = {"annual_income_fen": amounts, "unsecured_debt_fen": amounts / 100.0}
    figures = unit_figures(before, now, LEVELS)
    assert [(one.subject, one.severity, one.measured) for one in figures] == [("unsecured_debt_fen", "high", 0.01)]


def test_a_word_the_contract_does_not_know_is_told_when_it_sets_many_rows_aside() -> None:
    figures = file_figures({"sector: level.unknown": (80, 1000), "row: row.columns": (1, 1000)}, LEVELS)
    assert [one.severity for one in figures] == ["high", ""]
