import numpy as np

from experiments.simulation.arrays import NONE
from experiments.simulation.occurrences import Occurrences, concatenated, followed_by, occurrences


def _orders_and_fixes() -> Occurrences:
    orders = occurrences(3, kind=0, occurred=np.array([30, 10, 20]), person=np.array([1, 2, 3]))
    fixes = occurrences(2, kind=1, occurred=np.array([40, 50]), person=np.array([1, 3]), about=np.array([0, 2]))
    return followed_by(orders, fixes)


def test_in_known_order_a_fix_still_points_at_its_order() -> None:
    rows = _orders_and_fixes().in_known_order()
    assert rows.known.tolist() == [10, 20, 30, 40, 50]
    assert rows.person[rows.about[[3, 4]]].tolist() == [1, 3]


def test_a_row_about_a_dropped_row_is_dropped_too() -> None:
    rows = _orders_and_fixes()
    without_order = rows.kept(np.array([False, True, True, True, True]))
    assert without_order.person.tolist() == [2, 3, 3]
    assert without_order.about.tolist() == [NONE, NONE, 1]


def test_joined_tables_keep_their_own_references() -> None:
    both = concatenated([_orders_and_fixes(), _orders_and_fixes()])
    assert both.about.tolist() == [NONE, NONE, NONE, 0, 2, NONE, NONE, NONE, 5, 7]
