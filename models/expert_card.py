"""The expert card: points that experienced lenders set by hand, compiled into the same tables as a trained model.

It decides while a bank has too few matured defaults to train from. Its numbers are configuration, signed by an author
and a reviewer; nobody's data made them. More points mean less risk; so many points double the odds of repayment.

Compiled, it is a `Scorecard` like any other: the same integers, reasons, monotone proof and printed form. Its level is
set so that a population of the expected shares has the bank's central tendency; what the bank then observes bounds
the probability of each band by the most prudent estimation (`models.low_default`).
"""

from collections import Counter
from dataclasses import replace
from datetime import date
from functools import cached_property
from itertools import product
from math import fsum
from typing import Annotated, Final, Literal, TypeAlias

import numpy as np
from pydantic import Field

from models.arrays import Floats, Integers
from models.calibrated import Calibration
from models.card_tables import FeatureTable
from models.dated import Frozen, Origin
from models.feature_spec import Declaration, FeatureSpec, declared_features
from models.logistic import log_odds_of, probability_of
from models.low_default import lower_bounds, upper_bounds
from models.monotone_proof import prove_monotone
from models.probability_interval import Band, Intervals
from models.scorecard import UNITS_PER_LOG_ODDS, Scorecard

Kind: TypeAlias = Literal["baseline"]
"""An expert card never reads a grade: what a grade tells is not known before it was measured."""

WHOLE_PERMILLE: Final = 1000
_LN_2: Final = 0.6931471805599453
_PPM: Final = 1e6
_MILLI: Final = 1000.0
_HALVINGS: Final = 100
_FURTHEST: Final = 50.0

Permille = Annotated[int, Field(ge=0, le=WHOLE_PERMILLE)]
Ppm = Annotated[int, Field(gt=0, lt=1_000_000)]


class Cell(Frozen):
    """Points, and how many of a thousand borrowers are expected there."""

    points: int
    expected_permille: Permille


class UpTo(Cell):
    """An interval of a number, up to and including its end; None for the last one."""

    up_to: float | None


class Level(Cell):
    """A category."""

    level: str


class SpecialCode(Cell):
    """A value that is no magnitude."""

    code: float


class FeaturePoints(Frozen):
    """Points of one feature; `why` is the expert's reason, for the bank's committee."""

    name: str
    intervals: tuple[UpTo, ...] = ()
    levels: tuple[Level, ...] = ()
    special_codes: tuple[SpecialCode, ...] = ()
    missing: Cell
    why_zh: str
    why_en: str
    origin: Origin

    @property
    def cells(self) -> tuple[Cell, ...]:
        """All cells in the order of `FeatureTable`."""
        codes = sorted(self.special_codes, key=lambda one: one.code)
        return (*self.intervals, *self.levels, self.missing, *codes)


class WholeNumber(Frozen):
    """A number with its origin."""

    value: Annotated[int, Field(gt=0)]
    origin: Origin


class CentralTendency(Frozen):
    """The long-run share of defaults that a bank expects among such borrowers."""

    bank_code: str
    value_ppm: Ppm
    origin: Origin


class Bounds(Frozen):
    """How sure the probability bounds are."""

    confidence_milli: Annotated[int, Field(gt=0, lt=1000)]
    correlation_milli: Annotated[int, Field(ge=0, lt=1000)]
    thin_from_missing: Annotated[int, Field(ge=1)]
    origin: Origin


class Signing(Frozen):
    """Two persons stand for the card; the hash says for which card."""

    authored_by: str
    reviewed_by: str
    signed_on: date
    content_hash: str


class ExpertCard(Frozen):
    """A whole card.

    Attributes:
        edition: Its name; another number is another edition.
        kind: The model it stands in for.
        points_to_double_odds: Points after which the odds of repayment have doubled.
        least_matured_defaults: Until a bank has so many matured defaults, this card is champion.
        central_tendencies: Per bank.
        band_ends_ppm: Probabilities at which a band of risk ends.
        bounds: Of the probability of each band.
        features: Points; a feature that is not named counts for nothing.
        signing: Who stands for it.
    """

    edition: str
    title_zh: str
    title_en: str
    kind: Kind
    points_to_double_odds: WholeNumber
    least_matured_defaults: WholeNumber
    central_tendencies: tuple[CentralTendency, ...]
    band_ends_ppm: tuple[Ppm, ...]
    bounds: Bounds
    features: tuple[FeaturePoints, ...]
    signing: Signing

    @cached_property
    def spec(self) -> FeatureSpec:
        """The features it reads."""
        return declared_features(self.kind)

    def leads(self, matured_defaults: int) -> bool:
        """Whether this card decides at a bank with so many matured defaults."""
        return matured_defaults < self.least_matured_defaults.value

    def central_tendency(self, bank_code: str) -> float:
        """The bank's expected share of defaults; KeyError when the card knows no such bank."""
        return {one.bank_code: one.value_ppm for one in self.central_tendencies}[bank_code] / _PPM


def compile_expert_card(card: ExpertCard, bank_code: str) -> Scorecard:
    """The card as a bank serves it.

    Args:
        card: A checked card (`models.expert_card_loader`).
        bank_code: Whose central tendency it takes.

    Returns:
        A scorecard of all declared features, in units of 1e-12 log-odds, centred on the expected population; it
        promises nothing about single probabilities until `with_bounds` has seen outcomes.

    Raises:
        KeyError: The card knows no such bank.
        NotMonotoneError: A declared direction does not hold.
    """
    per_point = _LN_2 / card.points_to_double_odds.value
    points = {one.name: one for one in card.features}
    parts = [_table(one, points.get(one.name), per_point) for one in card.spec.declarations]
    compiled = Scorecard(
        kind=card.kind,
        feature_spec_hash=card.spec.content_hash(),
        intercept=sum(level for _, level in parts),
        features=tuple(table for table, _ in parts),
        calibration=_calibration(card, card.central_tendency(bank_code), per_point),
        notes=_notes(card, bank_code),
    )
    prove_monotone(compiled)
    return compiled


def with_central_tendency(card: Scorecard, values: Floats, wanted: float) -> Scorecard:
    """The card at another level: so that the mean probability of these households is the wanted one.

    Args:
        card: A compiled expert card.
        values: float64, shape (rows, features): the bank's own households, when the expected shares are not theirs.
        wanted: Share of defaults expected among them.
    """
    raw = card.log_odds(values)
    return replace(card, calibration=Calibration(offset=_offset(raw, np.full(len(raw), 1.0 / len(raw)), wanted)))


def with_bounds(compiled: Scorecard, card: ExpertCard, values: Floats, labels: Floats) -> Scorecard:
    """The card with the interval that the few outcomes known so far leave to each band of risk.

    Thick and thin files are bounded apart, thin ones never closer; a class nobody has been observed in is bounded by
    nothing: 0 to 1.

    Args:
        compiled: The card as compiled.
        card: Its bands and how sure the bounds are.
        values: Households with a known outcome, float64, shape (rows, features); there may be none.
        labels: 1 = default, shape (rows,).
    """
    ends = np.array(card.band_ends_ppm) / _PPM
    thresholds = log_odds_of(ends) - compiled.calibration.offset
    band = np.searchsorted(thresholds, compiled.log_odds(values), side="left")
    thin = compiled.missing_count(values) >= card.bounds.thin_from_missing
    thick_band, own = (_band(thresholds, band[part], labels[part], card.bounds) for part in (~thin, thin))
    thin_band = Band(thresholds, np.minimum(own.low, thick_band.low), np.maximum(own.high, thick_band.high))
    return replace(compiled, intervals=Intervals(thick_band, thin_band, card.bounds.thin_from_missing))


def printed_parameters(card: ExpertCard) -> dict[str, str | int]:
    """What the registry shows of it, flat."""
    return {
        "edition": card.edition,
        "authored_by": card.signing.authored_by,
        "reviewed_by": card.signing.reviewed_by,
        "signed_on": card.signing.signed_on.isoformat(),
        "content_hash": card.signing.content_hash,
        "points_to_double_odds": card.points_to_double_odds.value,
        "least_matured_defaults": card.least_matured_defaults.value,
        "features": len(card.features),
    }


def _table(declaration: Declaration, points: FeaturePoints | None, per_point: float) -> tuple[FeatureTable, int]:
    """A feature's table with mean zero over the expected shares, and that mean, in units of 1e-12 log-odds."""
    codes = tuple(sorted(declaration.special_codes))
    if points is None:
        empty = np.zeros((len(declaration.levels) or 1) + 1 + len(codes), dtype=np.int64)
        shares = empty.copy()
        shares[0] = WHOLE_PERMILLE
        return FeatureTable(declaration.name, 0, declaration.levels, codes, np.empty(0), empty, shares), 0
    shares = np.array([one.expected_permille for one in points.cells], dtype=np.int64)
    cells = np.array([round(-one.points * per_point * UNITS_PER_LOG_ODDS) for one in points.cells], dtype=np.int64)
    level = int(cells @ shares) // WHOLE_PERMILLE
    ends = np.array([one.up_to for one in points.intervals[:-1]], dtype=np.float64)
    table = FeatureTable(
        declaration.name, declaration.direction, declaration.levels, codes, ends, cells - level, shares
    )
    return table, level


def _calibration(card: ExpertCard, wanted: float, per_point: float) -> Calibration:
    """The offset at which a population of the expected shares, features independent, has the wanted share of defaults.

    Points and shares are whole numbers, so the distribution of the sum of points is exact.
    """
    ways: Counter[int] = Counter({0: 1})
    for feature in card.features:
        parts = [(one.points, one.expected_permille) for one in feature.cells]
        longer: Counter[int] = Counter()
        for (total, count), (points, share) in product(ways.items(), parts):
            longer[total + points] += count * share
        ways = longer
    people = WHOLE_PERMILLE ** len(card.features)
    totals = sorted(ways)
    log_odds = np.array([-total * per_point for total in totals])
    return Calibration(offset=_offset(log_odds, np.array([ways[total] / people for total in totals]), wanted))


def _offset(log_odds: Floats, weights: Floats, wanted: float) -> float:
    """The shift at which the weighted mean probability is the wanted one; sums without rounding, alike everywhere."""
    low, high = -_FURTHEST, _FURTHEST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if fsum((weights * probability_of(log_odds + middle)).tolist()) < wanted:
            low = middle
        else:
            high = middle
    return (low + high) / 2.0


def _band(thresholds: Floats, band: Integers, labels: Floats, bounds: Bounds) -> Band:
    obligors = np.bincount(band, minlength=len(thresholds) + 1)
    defaults = np.bincount(band, labels, minlength=len(thresholds) + 1).astype(np.int64)
    confidence, correlation = bounds.confidence_milli / _MILLI, bounds.correlation_milli / _MILLI
    high = upper_bounds(obligors, defaults, confidence=confidence, correlation=correlation)
    low = lower_bounds(obligors, defaults, confidence=confidence, correlation=correlation)
    # Where better bands defaulted more than worse ones, the two bounds may cross: both then say the lower one.
    return Band(thresholds, np.minimum(low, high), high)


def _notes(card: ExpertCard, bank_code: str) -> dict[str, str]:
    facts = {name: str(value) for name, value in printed_parameters(card).items()}
    facts |= {"method": "expert", "bank_code": bank_code, "title_zh": card.title_zh, "title_en": card.title_en}
    return facts
