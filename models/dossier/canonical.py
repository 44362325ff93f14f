"""Facts as one tree of plain values: canonical text, hash, figures one by one, and what differs between two trees.

A figure is any leaf of the tree. Numbers are kept to twelve significant digits; two are the same when they differ by
less than a billionth of their size, so that another machine's rounding is no difference and a changed digit is one.
"""

import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final

import numpy as np

DIGITS: Final = 12
RELATIVE: Final = 1e-9
ABSOLUTE: Final = 1e-12

Leaf = str | int | float | bool | None


@dataclass(frozen=True, eq=False)
class DossierFacts:
    """Everything a dossier says about a version, before a word of it is formatted.

    Attributes:
        tree: Mappings, lists and leaves only; whatever JSON can hold.
    """

    tree: Mapping[str, Any]

    @property
    def text(self) -> str:
        """Canonical JSON: sorted names, no spaces, the same bytes for the same facts."""
        return json.dumps(self.tree, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)

    @property
    def sha256(self) -> str:
        """SHA-256 (hex) of the canonical text."""
        return sha256(self.text.encode()).hexdigest()

    @classmethod
    def from_text(cls, text: str) -> "DossierFacts":
        """Facts read back; ValueError when the text is no JSON object."""
        tree = json.loads(text)
        if not isinstance(tree, dict):
            raise ValueError("facts are one JSON object / 事实应为一个 JSON 对象")  # noqa: TRY004  # it is the text's fault
        return cls(tree)


@dataclass(frozen=True)
class Difference:
    """One figure that is not the same; `absent` where one side lacks it."""

    path: str
    stored: Leaf
    regenerated: Leaf
    absent: str = ""

    def told(self) -> str:
        """One line for people."""
        if self.absent:
            return f"{self.path}: {self.absent}中没有 / absent from the {_SIDES[self.absent]}"
        return f"{self.path}: 存档 / stored {self.stored!r}, 重算 / regenerated {self.regenerated!r}"


_SIDES: Final = {"存档": "stored facts", "重算": "regenerated facts"}


def plain(value: Any) -> Any:
    """A value as JSON can hold it: names in order, NumPy and dates plain, floats with twelve digits, NaN as None.

    Raises:
        TypeError: something that is no value, such as a set.
    """
    if isinstance(value, Mapping):
        return {str(name): plain(part) for name, part in sorted(value.items(), key=lambda item: str(item[0]))}
    if isinstance(value, str | bool) or value is None:
        return value
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Sequence):
        return [plain(part) for part in value]
    return _plain_leaf(value)


def _plain_leaf(value: Any) -> Leaf:
    if isinstance(value, np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    if isinstance(value, float | np.floating):
        return float(f"{float(value):.{DIGITS}g}") if math.isfinite(value) else None
    if hasattr(value, "isoformat"):
        return str(value.isoformat())
    raise TypeError(f"no plain form of {type(value).__name__}")


def figures(tree: Any, path: str = "") -> Iterator[tuple[str, Leaf]]:
    """Every leaf with its path, such as `performance.auc.value`, in the tree's order; an empty branch is a leaf."""
    branches = tree.items() if isinstance(tree, Mapping) else enumerate(tree) if isinstance(tree, list) else None
    if branches is None:
        yield path, tree
        return
    if not tree:
        yield f"{path} (empty)", None
    for name, part in branches:
        yield from figures(part, f"{path}.{name}" if path else str(name))


def differences(stored: Any, regenerated: Any) -> tuple[int, list[Difference]]:
    """How many figures were compared, and those that are not the same."""
    old, new = dict(figures(stored)), dict(figures(regenerated))
    found = [Difference(path, value, None, "重算") for path, value in old.items() if path not in new]
    found += [Difference(path, None, value, "存档") for path, value in new.items() if path not in old]
    both = [path for path in old if path in new]
    found += [Difference(path, old[path], new[path]) for path in both if not _same(old[path], new[path])]
    return len(old.keys() | new.keys()), found


def _same(stored: Leaf, regenerated: Leaf) -> bool:
    numbers = [side for side in (stored, regenerated) if isinstance(side, int | float) and not isinstance(side, bool)]
    if len(numbers) == 2 and any(isinstance(side, float) for side in numbers):  # noqa: PLR2004
        return math.isclose(numbers[0], numbers[1], rel_tol=RELATIVE, abs_tol=ABSOLUTE)
    return type(stored) is type(regenerated) and stored == regenerated
