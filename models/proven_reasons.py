"""What a compiled card holds against households, each reason proven: acting upon it lowers the probability."""

from collections.abc import Iterator, Mapping
from functools import cached_property, lru_cache
from typing import Final

import numpy as np
import pyarrow as pa

from models import reason_ranking
from models.acting import DISCLOSURES, LEVERS, WITHOUT_MAGNITUDE, Circumstance, Disclosure, Lever, Way
from models.arrays import Booleans, Floats, Integers
from models.card_kernel import Assessed
from models.card_tables import FeatureTable
from models.compiled_card import CompiledCard
from models.feature_spec import FeatureSpec, declared_features
from models.features import make_features
from models.reason_ranking import MOST_REASONS, Numbers
from models.terms_errors import Words

SPEC: Final = declared_features("baseline")
"""Only bank data decides and prices, so only its features can be reasons: the grade is none of them."""

_FAMILY: Final = {lever.name: place for place, lever in enumerate(LEVERS)}
_TEXTS: Final = {code: Words(*words) for code, words in SPEC.reason_texts().items()}
_CODES: Final = tuple(_TEXTS)
_NOBODY: Final = -1


class ProvenReasons:
    """What the baseline card says against households; see `models.term_reasons.SpeakingAgainst`.

    Args:
        card: the baseline card.
        households: n rows with `SPEC.columns`.
        values: their features, float64, shape (n, features).
        assessed: what the card says of them, with contributions.
    """

    codes: Final = _CODES
    texts: Final[Mapping[str, Words]] = _TEXTS

    def __init__(self, card: CompiledCard, households: pa.Table, values: Floats, assessed: Assessed) -> None:
        self._card = card
        self._households = households
        self._values = values
        self._assessed = assessed
        self._columns: dict[str, Floats] = {}

    def __len__(self) -> int:
        """Households."""
        return len(self._values)

    @cached_property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """Columns that each reason is about."""
        return {code: _columns_of(code) for code in _CODES}

    def worst(self, rows: Integers) -> Numbers:
        """At most four reasons of some households, in the order of what their features contribute.

        Args:
            rows: positions of the households.

        Returns:
            Positions in `codes`, shape (rows, 4), then -1.
        """
        values, shares = self._values[rows], self._assessed.contributions[rows]
        family, code = _about(values)
        asked = np.zeros((len(rows), len(LEVERS)), np.uint8)
        reason_ranking.ask(shares, family, asked)
        for place, lever in enumerate(LEVERS):
            some = np.flatnonzero(asked[:, place])
            if len(some):
                asked[some, place] = self.helps(lever, rows[some])
        slots = np.empty((len(rows), MOST_REASONS), np.int16)
        reason_ranking.worst(shares, family, code, asked, slots)
        return slots

    def helps(self, lever: Lever, rows: Integers) -> Booleans:
        """Whose probability falls on the way and rises at no step of it, shape (rows,), by rescoring every step."""
        before = self._assessed.default_probability[rows]
        falls, rises = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
        for values in self._acted(lever, rows):
            after = self._card.default_probability(values)
            falls |= after < before
            rises |= after > before
        return falls & ~rises

    def _acted(self, lever: Lever, rows: Integers) -> Iterator[Floats]:
        """Features after each step that has to be tried."""
        match lever:
            case Way():
                yield from self._along(lever, rows)
            case Circumstance():
                yield self._otherwise(lever, rows)
            case Disclosure():
                yield self._disclosed(lever, rows)

    def _along(self, way: Way, rows: Integers) -> Iterator[Floats]:
        today = np.stack([self._column(name)[rows] for name in way.columns])
        for step in way.steps[-1:] if self._proves(way) else way.steps:
            yield self._rebuilt(rows, dict(zip(way.columns, step(today), strict=True)))

    def _proves(self, way: Way) -> bool:
        """Whether the card's directions rule out a rise anywhere on the way, so that its end tells all."""
        directions = {self._tables[name].direction for name in _resting_on(way.columns).names}
        return way.sign != 0 and directions == {-way.sign}

    def _otherwise(self, circumstance: Circumstance, rows: Integers) -> Floats:
        table = self._tables[circumstance.name]
        points = table.cells[table.cell_of(np.array(circumstance.values))]
        values = self._values[rows]
        values[:, SPEC.names.index(circumstance.name)] = circumstance.values[int(points.argmin())]
        return values

    def _disclosed(self, disclosure: Disclosure, rows: Integers) -> Floats:
        """What is empty becomes typical: columns first, then what rests on them; what is known stays as it is."""
        values = self._values[rows]
        own = [name for name in disclosure.columns if name in SPEC.names]
        for name in own:
            _fill(values, name, _typical(self._tables[name]))
        moved = {name: values[:, SPEC.names.index(name)] for name in own if not self._tables[name].levels}
        rebuilt = self._rebuilt(rows, moved)
        for declaration in _resting_on(disclosure.columns).declarations:
            position = SPEC.names.index(declaration.name)
            np.copyto(values[:, position], rebuilt[:, position], where=np.isnan(values[:, position]))
            if set(declaration.columns) <= set(disclosure.columns):
                _fill(values, declaration.name, _typical(self._tables[declaration.name]))
        return values

    def _rebuilt(self, rows: Integers, moved: Mapping[str, Floats]) -> Floats:
        """All features, those built again that rest on moved columns."""
        values = self._values[rows]
        spec = _resting_on(tuple(moved))
        table = pa.table({name: moved[name] if name in moved else self._column(name)[rows] for name in spec.columns})
        built = make_features(table, spec)
        values[:, [SPEC.names.index(name) for name in built.names]] = built.values
        return values

    def _column(self, name: str) -> Floats:
        if name not in self._columns:
            column = self._households[name].cast(pa.float64()).combine_chunks()
            self._columns[name] = column.to_numpy(zero_copy_only=False)
        return self._columns[name]

    @cached_property
    def _tables(self) -> Mapping[str, FeatureTable]:
        return {table.name: table for table in self._card.card.features}


def _about(values: Floats) -> tuple[Numbers, Numbers]:
    """For every household and feature what would be acted upon and what would be told, -1 for nothing (n, features)."""
    shape = values.shape
    family, code = (np.tile(np.array(known, np.int16), (shape[0], 1)) for known in _known())
    missing = np.isnan(values)
    named = {one.name: _first_missing(one, missing) for one in DISCLOSURES}
    for position, declaration in enumerate(SPEC.declarations):
        if declaration.special_codes:
            special = np.isin(values[:, position], list(declaration.special_codes))
            way, told = WITHOUT_MAGNITUDE[declaration.name]
            family[special, position], code[special, position] = _FAMILY[way], _CODES.index(told)
        if missing[:, position].any():
            family[missing[:, position], position] = _NOBODY
            for disclosure, lacking in _lacking(position, missing):
                family[lacking, position] = _FAMILY[disclosure.name]
                code[lacking, position] = named[disclosure.name][lacking]
    return family, code


@lru_cache(maxsize=1)
def _known() -> tuple[list[int], list[int]]:
    """Family and code of every feature that has a magnitude."""
    ways = {feature: lever.name for lever in LEVERS if isinstance(lever, Way) for feature in lever.features}
    ways |= {lever.name: lever.name for lever in LEVERS if isinstance(lever, Circumstance)}
    return [_FAMILY[ways[name]] for name in SPEC.names], [_CODES.index(name) for name in SPEC.names]


def _first_missing(disclosure: Disclosure, missing: Booleans) -> Numbers:
    """The code of the first feature that a disclosure would make known, else -1 (n)."""
    code = np.full(len(missing), _NOBODY, np.int16)
    for name in reversed(disclosure.features):
        code[missing[:, SPEC.names.index(name)]] = _CODES.index(f"{name}.unknown")
    return code


def _lacking(position: int, missing: Booleans) -> Iterator[tuple[Disclosure, Booleans]]:
    """Who would have a feature if something were disclosed; the first of its columns that is not known goes last."""
    declaration = SPEC.declarations[position]
    for column in reversed(declaration.columns):
        for disclosure in DISCLOSURES:
            if column in disclosure.columns:
                parent = SPEC.names.index(column) if column in SPEC.names else position
                yield disclosure, missing[:, position] & missing[:, parent]


def _columns_of(code: str) -> tuple[str, ...]:
    name, _, kind = code.partition(".")
    declaration = SPEC.declaration(name)
    ways = [lever for lever in LEVERS if isinstance(lever, Way) and name in lever.features]
    return ways[0].columns if ways and not kind else declaration.columns


@lru_cache(maxsize=64)
def _resting_on(columns: tuple[str, ...]) -> FeatureSpec:
    """The features that are made of any of these columns."""
    return FeatureSpec(SPEC.kind, tuple(one for one in SPEC.declarations if not set(columns).isdisjoint(one.columns)))


def _fill(values: Floats, name: str, filling: float) -> None:
    column = values[:, SPEC.names.index(name)]
    column[np.isnan(column)] = filling


def _typical(table: FeatureTable) -> float:
    """A value in the middle cell of the approved population; of a category its most frequent level."""
    members = table.reference_rows[: table.intervals]
    if table.levels:
        return float(members.argmax())
    cell = int(np.searchsorted(members.cumsum(), members.sum() / 2))
    ends = np.append(table.thresholds, np.nextafter(table.thresholds[-1:], np.inf))
    return float(ends[cell]) if len(ends) else 0.0
