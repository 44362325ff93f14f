"""Which features need each other: gains of splits that bring a further feature into a path."""

from collections.abc import Iterable, Iterator
from typing import Any

from models.layout import Layout

Sets = tuple[tuple[int, ...], ...]
Gains = dict[tuple[int, ...], float]


def gains_of(dumped: dict[str, Any], layout: Layout, width: int) -> Gains:
    """Gain of the splits that make a path's features `width` many, summed per set of features.

    Args:
        dumped: A LightGBM booster's `dump_model()`.
        layout: Says which feature each forest column belongs to.
        width: Size of the sets looked for.
    """
    gains: Gains = {}
    for tree in dumped["tree_info"]:
        for features, gain in _joining(tree["tree_structure"], frozenset(), layout):
            if len(features) == width and gain > 0.0:
                gains[features] = gains.get(features, 0.0) + gain
    return gains


def strongest(gains: Iterable[Gains], count: int) -> Sets:
    """The sets with most gain over all folds together, best first; ties in the order of features."""
    total: Gains = {}
    for one in gains:
        for features, gain in one.items():
            total[features] = total.get(features, 0.0) + gain
    return tuple(sorted(total, key=lambda features: (-total[features], features))[:count])


def _joining(node: dict[str, Any], path: frozenset[int], layout: Layout) -> Iterator[tuple[tuple[int, ...], float]]:
    """Every split below a node whose feature is new to its path: the features then met, and its gain."""
    if "split_feature" not in node:
        return
    feature = layout.columns[node["split_feature"]].feature
    if feature not in path:
        path = path | {feature}
        yield tuple(sorted(path)), float(node["split_gain"])
    for child in (node["left_child"], node["right_child"]):
        yield from _joining(child, path, layout)
