"""The proof finds the least step that exists, however tables share partners, and never promises more than holds."""

from collections.abc import Callable
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.errors import NotMonotoneError
from models.monotone_proof import least_steps, prove_monotone
from models.scorecard import Scorecard

CardOf = Callable[[int], Scorecard]
SEEDS = st.integers(0, 2**32 - 1)


def without_ratios(card: Scorecard) -> Scorecard:
    """Every feature free to vary beside every other."""
    return replace(card, features=tuple(replace(table, ratio_of=None) for table in card.features))


def directed(card: Scorecard, position: int, direction: int) -> Scorecard:
    features = [replace(table, direction=0) for table in card.features]
    features[position] = replace(features[position], direction=direction)
    return replace(card, features=tuple(features))


def every_combination(card: Scorecard) -> list[np.ndarray]:
    """Cells of all features in all combinations."""
    sizes = [range(len(table.cells)) for table in card.features]
    return list(np.array(list(product(*sizes)), dtype=np.intp).T)


def units(card: Scorecard, cells: list[np.ndarray]) -> np.ndarray:
    total = sum(table.cells[cell] for table, cell in zip(card.features, cells, strict=True))
    return np.asarray(total + sum(table.points(cells) for table in card.interactions))


def steps_by_trying_everything(card: Scorecard, position: int) -> list[int]:
    cells = every_combination(card)
    table = card.features[position]
    steps = []
    for interval in range(table.intervals - 1):
        at, after = ([*cells], [*cells])
        at[position], after[position] = (np.full(len(cells[0]), interval + move) for move in (0, 1))
        steps.append(int(((units(card, after) - units(card, at)) * table.direction).min()))
    return steps


@given(seed=SEEDS, direction=st.sampled_from([-1, 1]))
def test_the_least_steps_are_those_found_by_trying_everything(card_of: CardOf, seed: int, direction: int) -> None:
    card = card_of(seed)
    position = seed % len(card.features)
    card = directed(card, position, direction)
    steps, exact = least_steps(card, position)
    met = {position}.union(*(table.features for table in card.interactions if position in table.features))
    assert exact == all(card.features[one].ratio_of is None for one in met), "a ratio does not vary freely"
    assert steps.tolist() == steps_by_trying_everything(card, position)


@given(seed=SEEDS, direction=st.sampled_from([-1, 1]))
def test_with_room_for_nothing_the_steps_are_a_bound_below(card_of: CardOf, seed: int, direction: int) -> None:
    card = without_ratios(card_of(seed))
    position = seed % len(card.features)
    card = directed(card, position, direction)
    true, _ = least_steps(card, position)
    bound, exact = least_steps(card, position, largest=1)
    assert (bound <= true).all()
    assert not exact or (bound == true).all()


def test_steps_are_halved_before_a_bound_takes_their_place(card_of: CardOf) -> None:
    """Joint tables of single steps fit where those of all steps together do not."""
    met = 0
    for seed in range(200):
        card = directed(without_ratios(card_of(seed)), 0, 1)
        true, _ = least_steps(card, 0)
        for largest in (4, 16, 64):
            steps, exact = least_steps(card, 0, largest=largest)
            assert not exact or (steps == true).all()
            met += exact and largest < 64
    assert met


@given(seed=SEEDS)
def test_a_card_is_refused_exactly_when_a_step_goes_the_wrong_way(card_of: CardOf, seed: int) -> None:
    card = directed(without_ratios(card_of(seed)), 0, 1)
    steps = steps_by_trying_everything(card, 0)
    if min(steps, default=0) < 0:
        with pytest.raises(NotMonotoneError) as caught:
            prove_monotone(card)
        assert caught.value.interval == steps.index(min(steps))
        assert caught.value.log_odds == pytest.approx(min(steps) / 1e12)
        assert caught.value.feature == card.features[0].name
    else:
        (proof,) = prove_monotone(card)
        assert proof.exact
        assert proof.least_step == min(steps, default=0)


@given(seed=SEEDS)
def test_a_card_made_monotone_is_proven_and_one_unit_less_is_refused(card_of: CardOf, seed: int) -> None:
    """Raise the feature's own cells by just what the worst partner takes away."""
    card = directed(without_ratios(card_of(seed)), 0, 1)
    steps = np.array(steps_by_trying_everything(card, 0), dtype=np.int64)
    table = card.features[0]
    cells = table.cells.copy()
    cells[1 : table.intervals] -= np.cumsum(steps)
    level = replace(card, features=(replace(table, cells=cells), *card.features[1:]))
    assert [proof.least_step for proof in prove_monotone(level)] == [0]
    if steps.size:
        cells = cells.copy()
        cells[table.intervals - 1] -= 1
        with pytest.raises(NotMonotoneError):
            prove_monotone(replace(card, features=(replace(table, cells=cells), *card.features[1:])))


def with_ratio(card_of: CardOf, ratio_direction: int, part: int, direction: int) -> Scorecard:
    """A level card with one ratio, in which one of its parts has a direction."""
    card = next(card for card in map(card_of, range(999)) if any(table.ratio_of for table in card.features))
    ratio = next(table for table in card.features if table.ratio_of)
    assert ratio.ratio_of
    features = [replace(table, cells=table.cells * 0, direction=0) for table in card.features if not table.ratio_of]
    features[ratio.ratio_of[part]] = replace(features[ratio.ratio_of[part]], direction=direction)
    rising = np.arange(len(ratio.cells)) * ratio_direction
    return replace(card, features=(*features, replace(ratio, cells=rising, direction=ratio_direction)), interactions=())


def test_a_numerator_rises_with_its_ratio(card_of: CardOf) -> None:
    assert {proof.direction for proof in prove_monotone(with_ratio(card_of, 1, 0, 1))} == {1}


@pytest.mark.parametrize(("ratio_direction", "part", "direction"), [(1, 0, -1), (0, 0, 1), (1, 1, 1), (1, 1, -1)])
def test_a_direction_that_a_ratio_can_turn_round_is_never_proven(
    card_of: CardOf, ratio_direction: int, part: int, direction: int
) -> None:
    with pytest.raises(NotMonotoneError) as caught:
        prove_monotone(with_ratio(card_of, ratio_direction, part, direction))
    assert not caught.value.exact
