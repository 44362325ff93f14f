"""Every reason that a card gives is true, ranked and helpful: whoever acts upon it is less likely to default."""

from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pyarrow as pa
import pytest

from models.acted_features import SPEC
from models.acting import CIRCUMSTANCES, DISCLOSURES, LEVERS, WAYS, Disclosure, Lever, Way
from models.card_tables import FeatureTable, InteractionTable
from models.compiled_card import CompiledCard
from models.expert_card_loader import load_expert_card
from models.feature_spec import MONTHLY_SHARES, NO_PRIOR_LOAN, SECTORS
from models.features import make_features
from models.proven_reasons import ProvenReasons
from models.reason_ranking import MOST_REASONS
from models.scorecard import UNITS_PER_LOG_ODDS, Calibration, Scorecard
from models.training import TrainedModel

CARDS = ("expert", 1, 2, 3, 4)
RATIOS = (("unsecured_debt_fen", "settlement_inflow_12m_fen"), ("deposit_average_12m_fen", "unsecured_debt_fen"))
HIGHEST = {
    "adults": 5, "minors": 4, "annual_income_fen": 40_000_000, "months_with_bank": 300,
    "deposit_average_12m_fen": 9_000_000, "settlement_inflow_12m_fen": 30_000_000, "months_inflow_positive_12m": 13,
    "unsecured_debt_fen": 30_000_000, "other_lenders": 6, "max_days_past_due_24m": 90, "bureau_queries_6m": 9,
    "years_in_trade": 40, "owns_vessel": 2, "prior_loans": 6,
}  # fmt: skip
NOT_UNKNOWN = {"adults", "minors"}
FOREVER_KNOWN = 0.85


def households(seed: int, count: int) -> pa.Table:
    """Rows of a bank's file: much of it unknown, zero or at an end."""
    draw = np.random.default_rng(seed)
    columns = {name: draw.integers(0, highest, count) for name, highest in HIGHEST.items()}
    columns["adults"] = columns["adults"] + 1
    columns["annual_income_fen"] *= draw.random(count) < 0.95
    columns["unsecured_debt_fen"] *= draw.random(count) < 0.5
    columns["income_stability"] = draw.random(count)
    columns["prior_loans_repaid_on_time"] = draw.binomial(columns["prior_loans"], 0.8)
    weights = draw.standard_gamma(1.5, (len(MONTHLY_SHARES), count))
    columns |= dict(zip(MONTHLY_SHARES, weights / weights.sum(axis=0), strict=True))
    unknown = {name: draw.random(count) > FOREVER_KNOWN for name in columns if name not in NOT_UNKNOWN}
    for month in MONTHLY_SHARES:
        unknown[month] = unknown[MONTHLY_SHARES[0]]
    table = {name: pa.array(values, mask=unknown.get(name)) for name, values in columns.items()}
    sector = pa.array(np.array(SECTORS)[draw.integers(0, len(SECTORS), count)], mask=draw.random(count) > FOREVER_KNOWN)
    return pa.table({"sector": sector, **table})


@cache
def card_of(which: str | int) -> CompiledCard:
    """The signed expert card, or a hand-made one: random points, no direction proven, tables of two, some ratios."""
    return CompiledCard(load_expert_card("island_rural").scorecard if which == "expert" else _random_card(int(which)))


def _random_card(seed: int) -> Scorecard:
    draw = np.random.default_rng(seed)
    values = make_features(households(seed + 100, 500), SPEC).values
    features = tuple(_table(draw, place, values[:, place]) for place in range(len(SPEC.names)))
    features += tuple(_ratio(draw, features, name, per) for name, per in (RATIOS if seed % 2 else ()))
    pairs = [pair for pair in combinations(range(len(features)), 2) if draw.random() < 0.1]
    tables = tuple(_pair(draw, pair, features) for pair in pairs)
    return Scorecard("baseline", "", -3 * 10**12, features, tables, Calibration(0.9, 0.9, -0.5))


def _table(draw: np.random.Generator, place: int, values: np.ndarray) -> FeatureTable:
    declaration = SPEC.declarations[place]
    codes = tuple(sorted(declaration.special_codes))
    ends = (
        np.unique(np.nanquantile(values[values >= 0], [0.1, 0.3, 0.5, 0.8])) if not declaration.levels else np.array([])
    )
    count = (len(declaration.levels) or len(ends) + 1) + 1 + len(codes)
    cells, rows = draw.integers(-(10**12), 10**12, count), draw.integers(1, 99, count)
    return FeatureTable(declaration.name, 0, declaration.levels, codes, ends, cells, rows)


def _ratio(draw: np.random.Generator, features: tuple[FeatureTable, ...], name: str, per: str) -> FeatureTable:
    """What a card divides by itself: it moves with either of its parts."""
    ends, parts = np.array([0.05, 0.3, 1.0]), (SPEC.names.index(name), SPEC.names.index(per))
    return FeatureTable(f"{name} / {per}", 0, (), (), ends, draw.integers(-(10**12), 10**12, 5), np.ones(5, int), parts)


def _pair(draw: np.random.Generator, pair: tuple[int, ...], features: tuple[FeatureTable, ...]) -> InteractionTable:
    sizes = [len(features[place].cells) for place in pair]
    groups = tuple(np.arange(size, dtype=np.intp) for size in sizes)
    return InteractionTable(pair, groups, draw.integers(-(10**11), 10**11, sizes))


def reasons_of(card: CompiledCard, table: pa.Table) -> tuple[ProvenReasons, np.ndarray, np.ndarray]:
    """What may be told, what is told (n, 4), and the contributions behind it."""
    values = card.check_features(make_features(table, SPEC))
    assessed = card.assess(values, reasons=True)
    reasons = ProvenReasons(card, table, values, assessed)
    return reasons, reasons.worst(np.arange(table.num_rows)), assessed.contributions


def codes(reasons: ProvenReasons, slots: np.ndarray) -> list[str]:
    return [reasons.codes[slot] for slot in slots if slot >= 0]


def lever_of(code: str) -> Lever:
    """What a reason asks to act upon, found again from its words alone."""
    feature, _, kind = code.partition(".")
    if kind in ("unknown", "unauthorised"):
        return next(one for one in DISCLOSURES if feature in one.features)
    return next(one for one in (*WAYS, *CIRCUMSTANCES) if feature in getattr(one, "features", (one.name,)))


def acted(card: Scorecard, table: pa.Table, values: np.ndarray, lever: Lever) -> Iterator[np.ndarray]:
    """One household's features after each step: the file's row is changed, and everything built again."""
    if isinstance(lever, Way):
        today = np.array([[table[name][0].as_py()] for name in lever.columns], float)
        for step in lever.steps:
            yield _built(table, dict(zip(lever.columns, step(today).tolist(), strict=True)))
    elif isinstance(lever, Disclosure):
        known = values.copy()
        for position, one in enumerate(SPEC.declarations):
            empty = {name for name in one.columns if table[name].null_count}
            if empty and empty <= set(lever.columns):
                known[0, position] = _middle(card, one.name)
        yield known
    else:
        for value in lever.values:
            changed = values.copy()
            changed[0, SPEC.names.index(lever.name)] = value
            yield changed


def _built(table: pa.Table, moved: dict[str, list[object]]) -> np.ndarray:
    for name, cells in moved.items():
        table = table.set_column(table.column_names.index(name), name, pa.array(cells))
    return make_features(table, SPEC).values


def _middle(card: Scorecard, name: str) -> float:
    """A value of the cell in which the middle member of the reference population stands, told apart by hand."""
    table = card.features[SPEC.names.index(name)]
    members = table.reference_rows[: table.intervals].tolist()
    if table.levels:
        return float(members.index(max(members)))
    cell = next(cell for cell in range(len(members)) if sum(members[: cell + 1]) * 2 >= sum(members))
    if not len(table.thresholds):
        return 0.0
    return float(table.thresholds[cell]) if cell < len(table.thresholds) else np.nextafter(table.thresholds[-1], np.inf)


def _acting_helps(card: CompiledCard, table: pa.Table) -> int:
    """Acts upon every reason of every household; how many reasons there were."""
    reasons, slots, _ = reasons_of(card, table)
    told = 0
    for row in range(table.num_rows):
        one = table.slice(row, 1)
        values = make_features(one, SPEC).values
        before = card.card.default_probability(values)[0]
        for code in codes(reasons, slots[row]):
            lever, told = lever_of(code), told + 1
            after = [card.card.default_probability(changed)[0] for changed in acted(card.card, one, values, lever)]
            assert min(after) < before, (row, code)
            if isinstance(lever, Way | Disclosure):
                assert max(after) <= before, (row, code)
    return told


@pytest.mark.parametrize("which", CARDS)
def test_whoever_acts_upon_a_reason_is_less_likely_to_default_and_never_more_so_on_the_way(which: str | int) -> None:
    assert _acting_helps(card_of(which), households(7, 150)) > 150


def test_so_it_is_with_a_trained_card_and_the_households_it_serves(baseline: TrainedModel) -> None:
    card = CompiledCard(baseline.scorecard)
    assert card.card.interactions
    assert _acting_helps(card, households(17, 150)) > 150


@pytest.mark.parametrize("which", CARDS)
def test_reasons_come_in_the_order_of_their_contributions_one_of_each_family_and_at_most_four(which: str | int) -> None:
    reasons, slots, contributions = reasons_of(card_of(which), households(8, 400))
    values = reasons_values(which, 8, 400)
    assert slots.shape == (400, MOST_REASONS)
    for row in range(400):
        named = codes(reasons, slots[row])
        families = [lever_of(code).name for code in named]
        assert len(set(families)) == len(families) == len(set(named))
        weights = [heaviest(contributions[row], values[row], family) for family in families]
        assert weights == sorted(weights, reverse=True)
        assert all(weight > 0 for weight in weights)


def reasons_values(which: str | int, seed: int, count: int) -> np.ndarray:
    return card_of(which).check_features(make_features(households(seed, count), SPEC))


def heaviest(contributions: np.ndarray, values: np.ndarray, family: str) -> int:
    """The largest contribution among the features that speak for a family in this household."""
    return max(
        int(contributions[place])
        for place, declaration in enumerate(SPEC.declarations)
        if _speaks_for(place, values, family) or (declaration.name == family)
    )


def _speaks_for(place: int, values: np.ndarray, family: str) -> bool:
    declaration, value = SPEC.declarations[place], values[place]
    if np.isnan(value):
        known = [
            name for name in declaration.columns if name in SPEC.names and not np.isnan(values[SPEC.names.index(name)])
        ]
        first = next(name for name in declaration.columns if name not in known)
        return any(one.name == family and first in one.columns for one in DISCLOSURES)
    if value in declaration.special_codes:
        return family == ("loans_repaid" if declaration.name == "repaid_on_time_share" else "income")
    return any(declaration.name in way.features for way in WAYS if way.name == family)


@pytest.mark.parametrize("which", CARDS)
def test_nothing_heavier_is_left_out_unless_acting_upon_it_would_not_help(which: str | int) -> None:
    reasons, slots, contributions = reasons_of(card_of(which), households(9, 300))
    values = reasons_values(which, 9, 300)
    left_out = 0
    for row in range(300):
        families = [lever_of(code).name for code in codes(reasons, slots[row])]
        least = heaviest(contributions[row], values[row], families[-1]) if len(families) == MOST_REASONS else 0
        for lever in LEVERS:
            speaking = [place for place in range(len(SPEC.names)) if _speaks_alone(place, values[row], lever)]
            weight = max((int(contributions[row, place]) for place in speaking), default=0)
            if weight > least and lever.name not in families:
                left_out += 1
                assert not reasons.helps(lever, np.array([row]))[0], (row, lever.name)
    assert left_out > 0


def _speaks_alone(place: int, values: np.ndarray, lever: Lever) -> bool:
    """Whether a feature that has a magnitude speaks for a lever: what is unknown is left to the other tests."""
    declaration, value = SPEC.declarations[place], values[place]
    if np.isnan(value) or value in declaration.special_codes:
        return False
    return declaration.name in (lever.features if isinstance(lever, Way) else (lever.name,))


@pytest.mark.parametrize("which", CARDS)
def test_one_household_is_told_the_same_alone_and_among_ten_thousand(which: str | int) -> None:
    card, many = card_of(which), households(11, 10_000)
    _, together, _ = reasons_of(card, many)
    for row in (0, 17, 4_999, 9_999):
        _, alone, _ = reasons_of(card, many.slice(row, 1))
        assert alone[0].tolist() == together[row].tolist()
    values = card.check_features(make_features(many, SPEC))
    some = np.array([9_999, 17, 3])
    asked = ProvenReasons(card, many, values, card.assess(values, reasons=True)).worst(some)
    assert asked.tolist() == together[some].tolist()


def test_what_features_add_to_the_odds_of_one_household_comes_to_its_log_odds() -> None:
    card, table = card_of("expert"), households(11, 40)
    reasons, _, _ = reasons_of(card, table)
    units = card.log_odds_units(make_features(table, SPEC).values)
    for row in (0, 17, 39):
        told = reasons.log_odds(row)
        assert tuple(told) == card.names
        together = card.card.intercept + sum(told.values()) * UNITS_PER_LOG_ODDS
        assert together == pytest.approx(units[row])


def test_a_proven_direction_spares_steps_and_changes_nothing() -> None:
    card, table = card_of("expert"), households(12, 3_000)
    undirected = replace(card.card, features=tuple(replace(one, direction=0) for one in card.card.features))
    _, spared, _ = reasons_of(card, table)
    _, tried, _ = reasons_of(CompiledCard(undirected), table)
    assert spared.tolist() == tried.tolist()


def _told(card: CompiledCard, **changed: object) -> list[str]:
    """What an ordinary household is told once some of its columns say otherwise."""
    columns = {
        "sector": "wage", "adults": 2, "minors": 1, "annual_income_fen": 15_000_000, "income_stability": 0.9,
        **dict.fromkeys(MONTHLY_SHARES, 1 / 12), "months_with_bank": 90, "deposit_average_12m_fen": 9_000_000,
        "settlement_inflow_12m_fen": 9_000_000, "months_inflow_positive_12m": 12, "unsecured_debt_fen": 0,
        "other_lenders": 0, "max_days_past_due_24m": 0, "bureau_queries_6m": 0, "years_in_trade": 20, "owns_vessel": 0,
        "prior_loans": 4, "prior_loans_repaid_on_time": 4,
    }  # fmt: skip
    reasons, slots, _ = reasons_of(card, pa.Table.from_pylist([columns | changed]))
    return codes(reasons, slots[0])


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({}, []),
        ({"max_days_past_due_24m": 45}, ["max_days_past_due_24m"]),
        ({"max_days_past_due_24m": None}, ["max_days_past_due_24m.unknown"]),
        ({"unsecured_debt_fen": 20_000_000, "other_lenders": 2}, ["debt_to_income", "other_lenders"]),
        ({"unsecured_debt_fen": None}, ["unsecured_debt_fen.unknown"]),
        (
            {"unsecured_debt_fen": None, "other_lenders": None, "bureau_queries_6m": None},
            ["unsecured_debt_fen.unknown"],
        ),
        ({"annual_income_fen": None}, ["annual_income_fen.unknown"]),
        (dict.fromkeys(("annual_income_fen", "income_stability", *MONTHLY_SHARES)), ["annual_income_fen.unknown"]),
        ({"income_stability": None}, ["income_stability.unknown"]),
        (dict.fromkeys(MONTHLY_SHARES), ["seasonal_concentration.unknown"]),
        ({"prior_loans": 0, "prior_loans_repaid_on_time": 0}, ["repaid_on_time_share.none"]),
        ({"prior_loans_repaid_on_time": 1}, ["repaid_on_time_share"]),
        ({"deposit_average_12m_fen": 100_000}, ["deposit_cover_months"]),
        ({"sector": "fishery", "owns_vessel": 1}, ["sector"]),
        ({"sector": None}, ["sector.unknown"]),
        ({"years_in_trade": 1}, ["years_in_trade"]),
        ({"annual_income_fen": None, "authorised_income": 0}, ["annual_income_fen.unauthorised"]),
        ({"annual_income_fen": None, "authorised_income": 1}, ["annual_income_fen.unknown"]),
        ({"unsecured_debt_fen": None, "authorised_bureau": 0}, ["unsecured_debt_fen.unauthorised"]),
        ({"unsecured_debt_fen": None, "authorised_income": 0}, ["unsecured_debt_fen.unknown"]),
        ({"years_in_trade": 1, "authorised_income": 0, "authorised_bureau": 0}, ["years_in_trade"]),
    ],
)
def test_a_household_reads_what_is_true_for_it(changed: dict[str, object], told: list[str]) -> None:
    assert _told(card_of("expert"), **changed) == told


def test_without_income_more_exposure_is_not_what_speaks_but_income_itself() -> None:
    told = _told(card_of("expert"), annual_income_fen=0)
    assert "annual_income_fen" in told or "income_per_head_fen" in told
    assert not {"debt_to_income", "deposit_cover_months", "inflow_to_income"} & set(told)


def test_raising_income_is_not_advised_where_the_card_says_it_would_raise_the_risk() -> None:
    card = card_of("expert").card
    place = card.names.index("deposit_cover_months")
    cover = replace(card.features[place], cells=card.features[place].cells * 50)
    odd = CompiledCard(replace(card, features=(*card.features[:place], cover, *card.features[place + 1 :])))
    poor = {"annual_income_fen": 4_000_000, "deposit_average_12m_fen": 1_600_000}
    assert "income_per_head_fen" in _told(card_of("expert"), **poor | {"deposit_average_12m_fen": 90_000_000})
    assert "income_per_head_fen" not in _told(odd, **poor)


def test_every_feature_of_the_baseline_speaks_for_one_thing_and_every_column_moves_with_one_way() -> None:
    speaking = [feature for way in WAYS for feature in way.features] + [one.name for one in CIRCUMSTANCES]
    assert sorted(speaking) == sorted(SPEC.names)
    moved = [column for way in WAYS for column in way.columns]
    assert len(moved) == len(set(moved))
    opened = [column for one in DISCLOSURES for column in one.columns]
    assert len(opened) == len(set(opened))
    assert set(SPEC.columns) - set(opened) == NOT_UNKNOWN


def test_a_way_with_a_sign_moves_every_feature_that_rests_on_it_that_way() -> None:
    table = households(13, 300)
    before = make_features(table, SPEC).values
    for way in (one for one in WAYS if one.sign):
        today = np.stack([table[name].cast(pa.float64()).to_numpy() for name in way.columns])
        for step in way.steps:
            after = _built(table, dict(zip(way.columns, list(step(today)), strict=True)))
            moved = np.nan_to_num((after - before) * way.sign)
            special = (before == NO_PRIOR_LOAN) | (after == NO_PRIOR_LOAN)
            assert (moved[~special] >= 0).all(), way.name
