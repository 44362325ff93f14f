"""A scorecard as one SELECT for PostgreSQL: the same integers to the last digit, the same probability in float64.

Each step of the query is a LATERAL row of its own, in the order in which a card is read by hand: value, cell, points,
log-odds, calibrated log-odds, probability. `OFFSET 0` keeps the planner from copying a step into every place that
reads it.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, Literal

from models.arrays import Floats, Integers, Positions
from models.card_tables import FeatureTable, InteractionTable
from models.errors import FeatureMismatchError
from models.logistic import FURTHEST
from models.probability_interval import Band, Intervals
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard

_JUST_BELOW_INFINITY: Final = sys.float_info.max * (1.0 - 1e-12)
_LARGEST: Final = f"'{_JUST_BELOW_INFINITY!r}'::double precision"


def to_sql(
    card: Scorecard, table_name: str, columns: Mapping[str, str] | None = None, *, level_names: bool = False
) -> str:
    """The query that gives every row of a table its log-odds and probability.

    Args:
        card: The scorecard.
        table_name: Table or view with one row per household; a dot parts schema and table.
        columns: Its column for each feature; none takes the features' own names. NULL and NaN are missing.
        level_names: Whether categories stand in the table under their names; if not, under their codes 0, 1, ...

    Returns:
        One SELECT without a closing semicolon: the table's own columns, then `log_odds_units` (bigint, 1e-12 log-odds,
        equal to the card's), `log_odds`, `calibrated_log_odds`, `default_probability` and, when the card has intervals,
        `probability_low` and `probability_high` (double precision).

    Raises:
        FeatureMismatchError: `columns` lacks a feature or names one that the card does not have.
    """
    columns = columns if columns is not None else {name: name for name in card.names}
    if set(columns) != set(card.names):
        raise FeatureMismatchError(card.names, tuple(columns))
    given = [(place, table) for place, table in enumerate(card.features) if table.ratio_of is None]
    steps = [
        ("value", [_value(table, columns[table.name], place, level_names) for place, table in given]),
        ("cell", [_cell(table, place, level_names) for place, table in given]),
        *_ratio_steps(card),
        ("points", [_points(card)]),
        ("raw", [f"points.log_odds_units::double precision / {UNITS_PER_LOG_ODDS}::double precision AS log_odds"]),
        ("calibrated", [_calibrated(card)]),
        ("tail", [f"exp(greatest(-abs(calibrated.calibrated_log_odds), -{FURTHEST!r})) AS smaller"]),
        ("probability", [_probability()]),
    ]
    told = ["source.*", "points.*", "raw.*", "calibrated.*", "probability.*"]
    if card.intervals:
        steps += _interval_steps(card, card.intervals)
        told.append("probability_interval.*")
    source = ".".join(map(_name, table_name.split(".")))
    lines = [*_head(card), f"SELECT {', '.join(told)}", f"FROM {source} AS source", *_laterals(steps)]
    return "\n".join(lines)


def _head(card: Scorecard) -> list[str]:
    return [
        f"-- 评分卡 / scorecard {card.content_hash()}",
        f"-- 类别 / kind: {_one_line(card.kind)}",
        f"-- 特征规格 / feature specification: {_one_line(card.feature_spec_hash)}",
    ]


def _laterals(steps: Iterable[tuple[str, list[str]]]) -> Iterator[str]:
    for name, expressions in steps:
        yield f"CROSS JOIN LATERAL (SELECT\n  {f'{chr(10)}  , '.join(expressions)}\n  OFFSET 0) AS {name}"


def _value(table: FeatureTable, column: str, place: int, level_names: bool) -> str:  # noqa: FBT001
    kind = "text" if table.levels and level_names else "double precision"
    return f"source.{_name(column)}::{kind} AS v{place} -- {_one_line(table.name)}"


def _cell(table: FeatureTable, place: int, level_names: bool) -> str:  # noqa: FBT001
    if not table.levels:
        cases = list(_number_cases(table, f"v{place}"))
    elif level_names:
        cases = [f"WHEN v{place} = {_text(level)} THEN {code}" for code, level in enumerate(table.levels)]
    else:
        known = f"v{place} >= 0 AND v{place} < {len(table.levels)}"
        cases = [f"WHEN {known} THEN trunc(v{place})::integer"]
    otherwise = table.intervals if table.levels else len(table.thresholds)
    lines = "\n      ".join([*cases, f"ELSE {otherwise} END AS c{place} -- {_one_line(table.name)}"])
    return f"CASE {lines}"


def _ratio_steps(card: Scorecard) -> Iterator[tuple[str, list[str]]]:
    """Ratios and their cells, once their parts are known."""
    ratios = [(place, table) for place, table in enumerate(card.features) if table.ratio_of is not None]
    if ratios:
        yield "ratio", [_ratio(card, place, table) for place, table in ratios]
        yield "ratio_cell", [_cell(table, place, level_names=False) for place, table in ratios]


def _ratio(card: Scorecard, place: int, table: FeatureTable) -> str:
    """A division that ends beyond float64 becomes infinite or zero, as IEEE 754 has it; PostgreSQL would give up."""
    numerator, denominator = table.ratio_of or (0, 0)
    known = [f"c{part} < {card.features[part].intervals}" for part in (numerator, denominator)]
    above, below = f"v{numerator}", f"v{denominator}"
    cases = [
        f"WHEN NOT ({' AND '.join(known)} AND {below} > 0) THEN NULL",
        f"WHEN {below} < 1 AND abs({above}) > {below} * {_LARGEST} THEN sign({above}) * 'Infinity'::double precision",
        f"WHEN {below} > 1 AND abs({above}) < 1e-10 AND {_smallest_steps(above, below)} <= 0.5 THEN 0",
        f"ELSE {above} / {below} END AS v{place} -- {_one_line(table.name)}",
    ]
    return "CASE " + "\n      ".join(cases)


def _smallest_steps(above: str, below: str) -> str:
    """The ratio in units of the smallest float64, 2^-1074; half a unit is rounded to none."""
    up, down = (f"'{2.0**power!r}'::double precision" for power in (537, -537))
    return f"(abs({above}) * {up}) / ({below} * {down})"


def _number_cases(table: FeatureTable, value: str) -> Iterator[str]:
    yield f"WHEN {value} IS NULL OR {value} = 'NaN' THEN {table.intervals}"
    for place, code in enumerate(table.special_codes, start=table.intervals + 1):
        yield f"WHEN {value} = {code!r} THEN {place}"
    for place, threshold in enumerate(table.thresholds.tolist()):
        yield f"WHEN {value} <= {threshold!r} THEN {place}"


def _points(card: Scorecard) -> str:
    summands = [f"({card.intercept})::bigint -- 起点 / start", *_feature_points(card), *_interaction_points(card)]
    return "\n  + ".join(summands) + "\n  AS log_odds_units"


def _feature_points(card: Scorecard) -> Iterator[str]:
    for place, table in enumerate(card.features):
        yield f"{_looked_up(table.cells, f'c{place}')} -- {_one_line(table.name)}"


def _interaction_points(card: Scorecard) -> Iterator[str]:
    for table in card.interactions:
        together = " × ".join(_one_line(card.features[feature].name) for feature in table.features)
        yield f"{_looked_up(table.cells.ravel(), _flat(table))} -- {together}"


def _flat(table: InteractionTable) -> str:
    """The place of a row's cell in the table read line by line."""
    place = ""
    for feature, groups, size in zip(table.features, table.groups, table.cells.shape, strict=True):
        group = f"({_array(groups, 'integer')})[c{feature} + 1]"
        place = f"({place}) * {size} + {group}" if place else group
    return place


def _looked_up(cells: Integers, place: str) -> str:
    return f"({_array(cells, 'bigint')})[{place} + 1]"


def _array(numbers: Integers | Positions | Floats, kind: str) -> str:
    return f"'{{{','.join(map(repr, numbers.tolist()))}}}'::{kind}[]"


def _calibrated(card: Scorecard) -> str:
    curve, raw = card.calibration, "raw.log_odds"
    if curve.is_line:
        return f"{raw} * {_number(curve.low_slope)} + {_number(curve.offset)} AS calibrated_log_odds"
    tail = f"ln(1 + exp(greatest(-abs({raw}), -{FURTHEST!r})))"
    above, below = f"(greatest({raw}, 0) + {tail})", f"(greatest(-{raw}, 0) + {tail})"
    high, low = _number(curve.high_slope), _number(curve.low_slope)
    return f"({high} * {above} - {low} * {below}) + {_number(curve.offset)} AS calibrated_log_odds"


def _probability() -> str:
    likely = "CASE WHEN calibrated.calibrated_log_odds < 0 THEN tail.smaller ELSE 1 END"
    return f"{likely} / (1 + tail.smaller) AS default_probability"


def _interval_steps(card: Scorecard, intervals: Intervals) -> list[tuple[str, list[str]]]:
    """Which step of which band a row stands on, and its probability inside what the band says."""
    given = [(place, table) for place, table in enumerate(card.features) if table.ratio_of is None]
    absent = [f"(c{place} = {table.intervals})::integer" for place, table in given]
    places = [_step(intervals.thick, "thick_step"), _step(intervals.thin, "thin_step")]
    low, high = (_banded(intervals, end) for end in ("low", "high"))
    return [
        ("missing", ["\n  + ".join(absent) + " AS missing_count"]),
        ("step", places),
        (
            "probability_interval",
            [
                f"least({low}, probability.default_probability) AS probability_low",
                f"greatest({high}, probability.default_probability) AS probability_high",
            ],
        ),
    ]


def _step(band: Band, name: str) -> str:
    cases = [f"WHEN raw.log_odds <= {end!r} THEN {step}" for step, end in enumerate(band.thresholds.tolist(), start=1)]
    return "CASE " + "\n      ".join(["WHEN FALSE THEN 0", *cases, f"ELSE {len(cases) + 1} END AS {name}"])


def _banded(intervals: Intervals, end: Literal["low", "high"]) -> str:
    thick, thin = (_array(getattr(band, end), "double precision") for band in (intervals.thick, intervals.thin))
    return f"CASE WHEN missing_count >= {intervals.thin_from} THEN ({thin})[thin_step] ELSE ({thick})[thick_step] END"


def _number(number: float) -> str:
    return f"({number!r})::double precision"


def _name(identifier: str) -> str:
    escaped = identifier.replace('"', '""')
    return f'"{escaped}"'


def _text(text: str) -> str:
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def _one_line(text: str) -> str:
    """Fit for a comment to the end of the line."""
    return " ".join(text.split())
