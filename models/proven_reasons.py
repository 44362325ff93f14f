"""What a compiled card holds against households, each reason proven: acting upon it lowers the probability."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Final

import numpy as np
import pyarrow as pa

from models import reason_ranking
from models.acted_features import SPEC, ActedFeatures
from models.acting import DISCLOSURES, LEVERS, WITHOUT_MAGNITUDE, Circumstance, Disclosure, Lever, Way
from models.arrays import Booleans, Floats, Integers
from models.card_kernel import Assessed
from models.compiled_card import CompiledCard
from models.feature_spec import Declaration
from models.reason_ranking import ASKED, MOST_REASONS, PROVEN, REFUTED, Marks, Numbers, Speaking
from models.scorecard import UNITS_PER_LOG_ODDS
from models.terms_errors import Words

_FAMILY: Final = {lever.name: place for place, lever in enumerate(LEVERS)}
_TEXTS: Final = {code: Words(*words) for code, words in SPEC.reason_texts().items()}
_CODES: Final = tuple(_TEXTS)
_NOBODY: Final = -1


class ProvenReasons:
    """What the baseline card says against households; see `models.term_reasons.SpeakingAgainst`.

    Args:
        card: the baseline card.
        households: n rows with `SPEC.columns`; `authorised_income` and `authorised_bureau` are looked at if there.
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
        self._acted = ActedFeatures(card.card, households, values)

    def __len__(self) -> int:
        """Households."""
        return len(self._values)

    @property
    def columns(self) -> Mapping[str, tuple[str, ...]]:
        """Columns that each reason is about."""
        return _columns()

    def log_odds(self, row: int) -> dict[str, float]:
        """What each feature adds to a household's log-odds of not repaying, against the approved population."""
        units = self._assessed.contributions[row]
        return dict(zip(self._card.names, (units / UNITS_PER_LOG_ODDS).tolist(), strict=True))

    def worst(self, rows: Integers) -> Numbers:
        """At most four reasons of some households, in the order of what their features contribute.

        Args:
            rows: positions of the households.

        Returns:
            Positions in `codes`, shape (rows, 4), then -1.
        """
        shape = (len(rows), self._values.shape[1])
        family, code = np.empty(shape, np.int16), np.empty(shape, np.int16)
        reason_ranking.about(_speaking(), self._values, self._assessed.contributions, rows, family, code)
        chosen = self._proven(rows, family)
        slots = np.where(chosen >= 0, np.take_along_axis(code, chosen, axis=1), np.int16(_NOBODY))
        return self._unauthorised(slots, rows)

    def _unauthorised(self, slots: Numbers, rows: Integers) -> Numbers:
        """Tells what is not authorised from what is authorised and yet not known, where the file says."""
        for disclosure in DISCLOSURES:
            if disclosure.authorised in self._households.column_names:
                refused = self._acted.column(disclosure.authorised)[rows] == 0
                slots = np.where(refused[:, None], _refused(disclosure)[slots], slots)
        return slots

    def _proven(self, rows: Integers, family: Numbers) -> Numbers:
        """The features that speak most (rows, 4): whatever is chosen is tried, and whatever fails is chosen no more."""
        state = np.zeros((len(LEVERS), len(rows)), np.uint8)
        chosen = np.empty((len(rows), MOST_REASONS), np.int16)
        again = np.arange(len(rows))
        while len(again):
            reason_ranking.choose(self._assessed.contributions, rows, family, state, again, chosen)
            again = self._tried(state, rows)
        return chosen

    def _tried(self, state: Marks, rows: Integers) -> Integers:
        """Tries every family that is asked about; which of the rows have to choose again."""
        failed = np.zeros(len(rows), bool)
        for lever, known in zip(LEVERS, state, strict=True):
            asked = np.flatnonzero(known == ASKED)
            if len(asked):
                helps = self.helps(lever, rows[asked])
                known[asked] = np.where(helps, np.uint8(PROVEN), np.uint8(REFUTED))
                failed[asked[~helps]] = True
        return np.flatnonzero(failed)

    def helps(self, lever: Lever, rows: Integers) -> Booleans:
        """Whose probability falls on the way and rises at no step of it, shape (rows,), by rescoring every step."""
        before = self._assessed.default_probability[rows]
        falls, rises = np.zeros(len(rows), bool), np.zeros(len(rows), bool)
        for values in self._acted.after(lever, rows):
            after = self._card.default_probability(values)
            falls |= after < before
            rises |= after > before
        return falls & ~rises


@cache
def _speaking() -> Speaking:
    """What every feature is about, for the kernel."""
    ways = {feature: lever.name for lever in LEVERS if isinstance(lever, Way) for feature in lever.features}
    ways |= {lever.name: lever.name for lever in LEVERS if isinstance(lever, Circumstance)}
    special = [WITHOUT_MAGNITUDE.get(name) for name in SPEC.names]
    lacking = [list(_lacking(declaration)) for declaration in SPEC.declarations]
    named = [lever.features if isinstance(lever, Disclosure) else () for lever in LEVERS]
    return Speaking(
        family=_numbers(_FAMILY[ways[name]] for name in SPEC.names),
        code=_numbers(_CODES.index(name) for name in SPEC.names),
        special=np.array([next(iter(one.special_codes), np.nan) for one in SPEC.declarations]),
        special_family=_numbers(_FAMILY[one[0]] if one else _NOBODY for one in special),
        special_code=_numbers(_CODES.index(one[1]) if one else _NOBODY for one in special),
        parents=_padded([[parent for parent, _ in one] for one in lacking]),
        disclosed=_padded([[family for _, family in one] for one in lacking]),
        named=_padded([[SPEC.names.index(name) for name in one] for one in named]),
        named_code=_padded([[_CODES.index(f"{name}.unknown") for name in one] for one in named]),
    )


def _lacking(declaration: Declaration) -> Iterator[tuple[int, int]]:
    """Per column of a feature: the feature that tells whether it is missing, and what would make it known."""
    for column in declaration.columns:
        for disclosure in DISCLOSURES:
            if column in disclosure.columns:
                parent = column if column in SPEC.names else declaration.name
                yield SPEC.names.index(parent), _FAMILY[disclosure.name]


def _numbers(numbers: Iterable[int]) -> Numbers:
    return np.array(list(numbers), np.int16)


def _padded(rows: Sequence[Sequence[int]]) -> Numbers:
    padded = np.full((len(rows), max(map(len, rows))), _NOBODY, np.int16)
    for row, numbers in zip(padded, rows, strict=True):
        row[: len(numbers)] = numbers
    return padded


@cache
def _refused(disclosure: Disclosure) -> Numbers:
    """For every code and, last, for -1: what is told where the disclosure is not authorised."""
    told = {f"{name}.unknown": f"{name}.unauthorised" for name in disclosure.features}
    return _numbers([*(_CODES.index(told.get(code, code)) for code in _CODES), _NOBODY])


@cache
def _columns() -> Mapping[str, tuple[str, ...]]:
    return {code: _columns_of(code) for code in _CODES}


def _columns_of(code: str) -> tuple[str, ...]:
    name, _, kind = code.partition(".")
    declaration = SPEC.declaration(name)
    ways = [lever for lever in LEVERS if isinstance(lever, Way) and name in lever.features]
    return ways[0].columns if ways and not kind else declaration.columns
