"""A scorecard's tables as JSON content, one line each, and back again with every fact checked on the way in."""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from itertools import chain
from typing import Any, Final

import numpy as np

from models.arrays import Floats, Integers, Positions
from models.card_tables import FeatureTable, InteractionTable
from models.errors import ScorecardFormatError

_DIRECTIONS: Final = (-1, 0, 1)
_WIDTHS: Final = (2, 3)
_PARTS_OF_A_RATIO: Final = 2
_INT64: Final = np.iinfo(np.int64)

Content = Mapping[str, Any]


def line(content: object) -> str:
    """One value on one line."""
    return json.dumps(content, ensure_ascii=False, allow_nan=False)


def lines(items: Sequence[Content]) -> str:
    """A list with one line per item."""
    return "[\n" + ",\n".join("  " + line(item) for item in items) + "\n]" if items else "[]"


def feature_content(table: FeatureTable, names: Sequence[str]) -> dict[str, Any]:
    """A feature's table as JSON content; a ratio names its numerator and denominator."""
    ratio = {"ratio_of": [names[part] for part in table.ratio_of]} if table.ratio_of else {}
    return {
        "name": table.name,
        **ratio,
        "direction": table.direction,
        "levels": list(table.levels),
        "special_codes": list(table.special_codes),
        "thresholds": table.thresholds.tolist(),
        "cells": table.cells.tolist(),
        "reference_rows": table.reference_rows.tolist(),
    }


def interaction_content(table: InteractionTable, names: Sequence[str]) -> dict[str, Any]:
    """A table of features together as JSON content, features by name."""
    return {
        "features": [names[feature] for feature in table.features],
        "groups": [groups.tolist() for groups in table.groups],
        "cells": table.cells.tolist(),
    }


def parsed(text: str) -> Content:
    """The text's JSON object; ScorecardFormatError when it is none, or holds infinities or a key twice."""
    with told("JSON"):
        content = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once)
    return mapping_of(content, "the text")


def read_features(items: Any) -> tuple[FeatureTable, ...]:
    """Tables of features; ScorecardFormatError names the one that does not hold together."""
    tables = [_feature_table(item, f"features[{place}]") for place, item in enumerate(list_of(items, "features"))]
    names = [table.name for table in tables]
    _require(len(set(names)) == len(names), f"features: a name stands twice in {names}")
    parts = [_ratio_of(item, names, f"features[{place}]") for place, item in enumerate(items)]
    tables = [replace(table, ratio_of=ratio) for table, ratio in zip(tables, parts, strict=True)]
    for place, table in enumerate(tables):
        _check_ratio(tables, place, f"features[{place}] {table.name!r}")
    return tuple(tables)


def read_interactions(items: object, features: tuple[FeatureTable, ...]) -> tuple[InteractionTable, ...]:
    """Tables of features together; ScorecardFormatError names the one that does not fit its features."""
    places = {feature.name: place for place, feature in enumerate(features)}
    tables = tuple(
        _interaction_table(item, places, features, f"interactions[{number}]")
        for number, item in enumerate(list_of(items, "interactions"))
    )
    met = [table.features for table in tables]
    _require(len(set(met)) == len(met), "interactions: the same features stand twice")
    return tables


def value_of(content: Content, key: str, where: str) -> Any:
    """The value of a key; ScorecardFormatError when it is missing."""
    _require(key in content, f"{where} has no {key!r}")
    return content[key]


def text_of(content: Content, key: str, where: str) -> str:
    """A text."""
    found = value_of(content, key, where)
    _require(isinstance(found, str), f"{where}.{key} is no text")
    return str(found)


def whole_of(content: Content, key: str, where: str) -> int:
    """A whole number of 64 bits."""
    found = value_of(content, key, where)
    _require(_is_whole(found), f"{where}.{key} is no whole number of 64 bits")
    return int(found)


def list_of(found: object, where: str) -> list[Any]:
    """A list."""
    _require(isinstance(found, list), f"{where} is no list")
    return found  # type: ignore[return-value]  # checked in the line above


def mapping_of(found: object, where: str) -> Content:
    """A JSON object."""
    _require(isinstance(found, dict), f"{where} is no JSON object")
    return found  # type: ignore[return-value]  # checked in the line above


def texts_of(found: object, where: str) -> dict[str, str]:
    """A JSON object of texts."""
    texts = mapping_of(found, where)
    _require(all(isinstance(value, str) for value in texts.values()), f"{where} holds something else than texts")
    return dict(texts)


@contextmanager
def told(where: str) -> Iterator[None]:
    """What goes wrong inside is told with its place."""
    try:
        yield
    except (ValueError, TypeError, KeyError, OverflowError, RecursionError) as error:
        raise ScorecardFormatError(f"{where}: {error}") from error


def _refuse_constant(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError(f"a key stands twice in {[key for key, _ in pairs]}")
    return content


def _require(holds: bool, reason: str) -> None:  # noqa: FBT001  # reads as `require that it holds`
    if not holds:
        raise ScorecardFormatError(reason)


def _is_whole(found: object) -> bool:
    return isinstance(found, int) and not isinstance(found, bool) and _INT64.min <= found <= _INT64.max


def _feature_table(item: object, where: str) -> FeatureTable:
    content = mapping_of(item, where)
    name = text_of(content, "name", where)
    here = f"{where} {name!r}"
    table = FeatureTable(
        name=name,
        direction=whole_of(content, "direction", here),
        levels=tuple(_texts(content, "levels", here)),
        special_codes=tuple(_numbers(content, "special_codes", here).tolist()),
        thresholds=_numbers(content, "thresholds", here),
        cells=_wholes(value_of(content, "cells", here), f"{here}.cells"),
        reference_rows=_wholes(value_of(content, "reference_rows", here), f"{here}.reference_rows"),
    )
    _check_feature(table, here)
    return table


def _check_feature(table: FeatureTable, here: str) -> None:
    wanted = table.intervals + 1 + len(table.special_codes)
    _require(table.direction in _DIRECTIONS, f"{here}.direction is {table.direction}, none of {_DIRECTIONS}")
    _require(not (table.levels and len(table.thresholds)), f"{here} has both levels and thresholds")
    _require(len(set(table.levels)) == len(table.levels), f"{here}: a level stands twice")
    _require(len(set(table.special_codes)) == len(table.special_codes), f"{here}: a special code stands twice")
    _require(bool((np.diff(table.thresholds) > 0).all()), f"{here}.thresholds do not ascend")
    _require(table.cells.shape == (wanted,), f"{here} has {table.cells.size} cells, {wanted} wanted")
    _require(table.reference_rows.shape == (wanted,), f"{here} has {table.reference_rows.size} reference rows")
    _require(bool((table.reference_rows >= 0).all()), f"{here}: reference rows below zero")


def _ratio_of(item: Content, names: list[str], where: str) -> tuple[int, int] | None:
    if "ratio_of" not in item:
        return None
    parts = _texts(item, "ratio_of", where)
    known = [names.index(part) for part in parts if part in names]
    _require(len(parts) == len(known) == _PARTS_OF_A_RATIO, f"{where}.ratio_of names no two features")
    return known[0], known[1]


def _check_ratio(tables: list[FeatureTable], place: int, here: str) -> None:
    parts = tables[place].ratio_of
    if parts is None:
        _require(not place or tables[place - 1].ratio_of is None, f"{here} stands behind a ratio; ratios stand last")
        return
    given = [part for part in parts if tables[part].ratio_of is None and not tables[part].levels]
    _require(len(set(given)) == len(parts), f"{here}: a ratio is made of two given numbers")
    own = tables[place].levels or tables[place].special_codes
    _require(not own, f"{here}: a ratio has neither levels nor special codes")


def _interaction_table(
    item: object, places: Mapping[str, int], features: tuple[FeatureTable, ...], where: str
) -> InteractionTable:
    content = mapping_of(item, where)
    names = _texts(content, "features", where)
    here = f"{where} {', '.join(names)}"
    unknown = [name for name in names if name not in places]
    _require(not unknown, f"{here}: {unknown} is no feature of this card")
    axes = list_of(value_of(content, "groups", here), f"{here}.groups")
    table = InteractionTable(
        features=tuple(places[name] for name in names),
        groups=tuple(_groups(axis, f"{here}.groups") for axis in axes),
        cells=_wholes(value_of(content, "cells", here), f"{here}.cells"),
    )
    _check_interaction(table, features, here)
    return table


def _check_interaction(table: InteractionTable, features: tuple[FeatureTable, ...], here: str) -> None:
    width = len(table.features)
    _require(width in _WIDTHS, f"{here}: {width} features, 2 or 3 wanted")
    _require(tuple(sorted(set(table.features))) == table.features, f"{here}: features stand in the card's order, once")
    _require(len(table.groups) == table.cells.ndim == width, f"{here}: {width} axes wanted")
    for feature, groups, size in zip(table.features, table.groups, table.cells.shape, strict=True):
        told, wanted = f"{here}: axis of {features[feature].name!r}", len(features[feature].cells)
        _require(len(groups) == wanted, f"{told} groups {len(groups)} cells, the feature has {wanted}")
        _require(set(groups.tolist()) == set(range(size)), f"{told} does not name each of its {size} rows")


def _texts(content: Content, key: str, where: str) -> list[str]:
    found = list_of(value_of(content, key, where), f"{where}.{key}")
    _require(all(isinstance(text, str) for text in found), f"{where}.{key} holds something else than texts")
    return found


def _numbers(content: Content, key: str, where: str) -> Floats:
    found = list_of(value_of(content, key, where), f"{where}.{key}")
    fit = all(isinstance(number, int | float) and not isinstance(number, bool) for number in found)
    _require(fit, f"{where}.{key} holds something else than numbers")
    with told(f"{where}.{key}"):
        numbers = [float(number) for number in found]
    _require(all(map(math.isfinite, numbers)), f"{where}.{key} holds a number beyond 64 bits")
    return np.array(numbers, dtype=np.float64)


def _wholes(found: object, where: str) -> Integers:
    """A rectangular list, or list of lists, of whole numbers."""
    table = list_of(found, where)
    fit = set(map(type, _flat(table, where))) <= {int}
    _require(fit, f"{where} holds something else than whole numbers of 64 bits")
    with told(where):
        return np.array(table, dtype=np.int64)


def _flat(items: list[Any], where: str) -> list[Any]:
    """What stands in lists of lists, however deep."""
    while list in map(type, items):
        _require(set(map(type, items)) == {list}, f"{where} mixes lists and numbers")
        items = list(chain.from_iterable(items))
    return items


def _groups(found: object, where: str) -> Positions:
    groups = _wholes(found, where)
    _require(groups.ndim == 1, f"{where} is no plain list")
    return groups.astype(np.intp)
