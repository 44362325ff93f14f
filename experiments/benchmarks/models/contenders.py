"""Who takes part: where each learner's process runs, and the hash of everything that could change what it says."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Final

HERE: Final = "experiments.benchmarks.models"
PEERS_PYTHON: Final = Path("build/peers/models/bin/python")
PEERS_LOCK: Final = Path("requirements/peers_models.lock")
OURS: Final = "haixia"

FOLLOWED: Final = ("models", "experiments.simulation", HERE)
"""Packages whose modules are followed from import to import."""

WITHOUT_SAY: Final = frozenset(
    {"models.errors", "models.features", "models.feature_spec"}
    | {f"{HERE}.{name}" for name in ("cells", "contenders", "exchange", "side")}
)
"""Modules that are imported but cannot change what a learner says about a foreign file."""


@dataclass(frozen=True, slots=True)
class Contender:
    """One process that fits learners.

    Attributes:
        module: below this package.
        learners: whose probabilities it tells.
    """

    module: str
    learners: tuple[str, ...]

    @property
    def is_peer(self) -> bool:
        """Peers run in their own environment."""
        return self.module.startswith("peers.")

    @property
    def python(self) -> str:
        """Ours runs where the benchmark runs."""
        return str(PEERS_PYTHON) if self.is_peer else sys.executable

    @property
    def key(self) -> str:
        """Name of the folder of its cells: it changes with its code, and a peer's with the versions it runs on."""
        versions = PEERS_LOCK.read_bytes() if self.is_peer else b""
        return f"{self.learners[0]}-{code_key(f'{HERE}.{self.module}', versions, WITHOUT_SAY)}"


PEERS: Final = (
    Contender("peers.boosted_default", ("lightgbm_default",)),
    Contender("peers.logistic", ("logistic_regression",)),
    Contender("peers.weights_of_evidence", ("woe_scorecard",)),
    Contender("peers.boosted", ("lightgbm_tuned", "lightgbm_bag")),
    Contender("peers.histogram", ("hist_gradient_boosting",)),
    Contender("peers.explainable", ("explainable_boosting",)),
)
OURSELVES: Final = Contender("ours", (OURS,))
EVERYBODY: Final = (*PEERS, OURSELVES)


@cache
def code_key(module: str, besides: bytes = b"", without: frozenset[str] = frozenset()) -> str:
    """Short hash of a module and everything of ours behind it, as it stands when first asked in this process.

    Args:
        module: full name.
        besides: anything else the result hangs on.
        without: modules that have no say.
    """
    digest = sha256(besides)
    for one in sorted(modules_behind(module, without)):
        digest.update(meaning(one).encode())
    return digest.hexdigest()[:12]


def modules_behind(module: str, without: frozenset[str] = frozenset()) -> set[str]:
    """A module and all of ours that it imports, at once or late, except those without a say."""
    found: set[str] = set()
    waiting = [module]
    while waiting:
        one = waiting.pop()
        if one not in found and source_of(one) and one not in without:
            found.add(one)
            waiting += imported(one)
    return found


def source_of(module: str) -> Path | None:
    """The file of one of our modules; None for a package, or for what is not ours."""
    if not module.startswith(tuple(f"{package}." for package in FOLLOWED)):
        return None
    path = Path(*module.split(".")).with_suffix(".py")
    return path if path.exists() else None


@cache
def parsed(path: Path) -> ast.Module:
    """A source file as a tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def imported(module: str) -> Iterator[str]:
    """Every name a module imports, as a possible module."""
    path = source_of(module)
    for node in ast.walk(parsed(path)) if path else ():
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def meaning(module: str) -> str:
    """A module's syntax without its comments and docstrings: rewording them changes no result."""
    path = source_of(module)
    tree = ast.parse(path.read_text(encoding="utf-8")) if path else ast.Module([], [])
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [one for one in body if not is_words(one)]  # type: ignore[attr-defined]  # the field just read
    return ast.dump(tree)


def is_words(statement: object) -> bool:
    """Whether a statement is a text standing alone."""
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Constant)
        and isinstance(statement.value.value, str)
    )
