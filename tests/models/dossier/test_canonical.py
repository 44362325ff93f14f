"""Facts are compared figure by figure: one changed figure is one difference, another machine's rounding is none."""

import json
from datetime import date

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from models.dossier import DossierFacts, differences, figures
from models.dossier.canonical import plain

NAMES = st.text("abc", min_size=1, max_size=3)
LEAVES = st.none() | st.booleans() | st.integers(-(10**12), 10**12) | st.floats(-1e9, 1e9) | st.text(max_size=8)
TREES = st.recursive(
    LEAVES,
    lambda part: st.lists(part, max_size=4) | st.dictionaries(NAMES, part, max_size=4),
    max_leaves=20,
)


@given(tree=st.dictionaries(NAMES, TREES, max_size=4))
def test_facts_survive_their_own_text_to_the_byte(tree: dict[str, object]) -> None:
    facts = DossierFacts(plain(tree))
    again = DossierFacts.from_text(facts.text)
    assert (again.text, again.sha256) == (facts.text, facts.sha256)
    assert differences(facts.tree, again.tree)[1] == []


@given(tree=st.dictionaries(NAMES, TREES, min_size=1, max_size=4), data=st.data())
def test_any_one_figure_tampered_with_is_the_one_that_is_told(tree: dict[str, object], data: st.DataObject) -> None:
    stored = plain(tree)
    paths = [path for path, _ in figures(stored) if not path.endswith(" (empty)")]
    assume(paths)
    path = data.draw(st.sampled_from(paths))
    count, found = differences(_tampered(stored, path), stored)
    assert count >= len(list(figures(stored)))
    assert path in {one.path for one in found}


def test_another_machines_rounding_is_no_difference_and_a_changed_digit_is_one() -> None:
    assert differences({"auc": 0.775818508553}, {"auc": 0.775818508553 * (1 + 1e-12)})[1] == []
    (found,) = differences({"auc": 0.775818508553}, {"auc": 0.775818518553})[1]
    assert "auc" in found.told()
    assert "0.775818508553" in found.told()


def test_whole_numbers_truth_and_nothing_are_not_confused() -> None:
    assert len(differences({"a": 1, "b": True, "c": None}, {"a": 2, "b": 1, "c": 0})[1]) == 3


def test_a_figure_that_is_gone_and_one_that_is_new_are_told() -> None:
    count, found = differences({"gone": 1, "same": 2}, {"same": 2, "new": 3})
    assert count == 3
    assert {(one.path, one.absent) for one in found} == {("gone", "重算"), ("new", "存档")}


def test_plain_values_have_twelve_digits_no_nan_and_dates_as_text() -> None:
    told = plain({"a": np.float64(1 / 3), "b": float("nan"), "c": np.int64(3), "d": date(2026, 6, 15), "e": np.True_})
    assert told == {"a": 0.333333333333, "b": None, "c": 3, "d": "2026-06-15", "e": True}
    assert plain(np.array([[1.0, np.inf]])) == [[1.0, None]]
    with pytest.raises(TypeError):
        plain({1, 2})


def test_text_that_is_no_object_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        DossierFacts.from_text("[1]")


def _tampered(tree: object, path: str) -> object:
    """The tree with the leaf of one path replaced by something it never holds."""
    changed = json.loads(json.dumps(tree))
    for holder, name, told in _holders(changed, ""):
        if told == path:
            holder[name] = "tampered with"  # type: ignore[index]
            return changed
    raise AssertionError(path)


def _holders(tree: object, path: str) -> list[tuple[object, object, str]]:
    branches = list(tree.items()) if isinstance(tree, dict) else list(enumerate(tree)) if isinstance(tree, list) else []
    found: list[tuple[object, object, str]] = []
    for name, part in branches:
        told = f"{path}.{name}" if path else str(name)
        found.append((tree, name, told))
        found += _holders(part, told)
    return found
