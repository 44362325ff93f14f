"""Opens policy and LPR files: the one place where terms meet the disk.

A file becomes a checked value with its content hash and edition id, or a `BrokenPolicyError` that names every fault
with file and line.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, TypeVar

import orjson
import yaml
from pydantic import ValidationError

from models.dated import Frozen
from models.lpr import LprTable
from models.policy import Policy
from models.policy_checks import policy_errors
from models.terms_errors import (
    BrokenPolicyError,
    DuplicateKeyError,
    MissingOriginError,
    Place,
    PolicyError,
    PolicySyntaxError,
    WrongShapeError,
    WrongUnitError,
)

POLICIES: Final = Path(__file__).parent / "policies"
"""The folder of the shipped policies."""

Shape = TypeVar("Shape", bound=Frozen)


@dataclass(frozen=True)
class PolicyEdition:
    """A checked policy with its identity.

    Attributes:
        policy: the policy.
        lpr: the LPR table it was checked against.
        content_hash: SHA-256 (hex) of the policy's canonical content; comments and layout do not count.
        lpr_hash: the same of the LPR table.
        edition_id: `<bank_code>/<edition>@<first 12 digits of content_hash>`.
    """

    policy: Policy
    lpr: LprTable
    content_hash: str
    lpr_hash: str
    edition_id: str


def load_policy(
    bank_code: str, pricing_day: date, *, folder: Path = POLICIES, lpr_path: Path | None = None
) -> PolicyEdition:
    """Open, check and identify the policy of a bank.

    Args:
        bank_code: the file's name without `.yaml`.
        pricing_day: first day on which offers are to be priced; the LPR table must cover it.
        folder: where the policies lie.
        lpr_path: the LPR table, by default `lpr.yaml` in the folder.

    Raises:
        BrokenPolicyError: the policy or the LPR table has faults, each with file and line.
        FileNotFoundError: there is no such file.
    """
    source = _Source.read(folder / f"{bank_code}.yaml")
    lpr_source = _Source.read(lpr_path or folder / "lpr.yaml")
    policy, lpr = source.shaped(Policy), lpr_source.shaped(LprTable)
    errors = (*_name_errors(policy, bank_code), *policy_errors(policy, lpr, pricing_day))
    if errors:
        raise BrokenPolicyError(tuple(_located(errors, source, lpr_source)))
    return PolicyEdition(
        policy=policy,
        lpr=lpr,
        content_hash=source.content_hash,
        lpr_hash=lpr_source.content_hash,
        edition_id=f"{policy.bank_code}/{policy.edition}@{source.content_hash[:12]}",
    )


def load_lpr(path: Path = POLICIES / "lpr.yaml") -> LprTable:
    """Open the LPR table; its shape is checked here, its days when they are asked for.

    Raises:
        BrokenPolicyError: the file has faults.
    """
    return _Source.read(path).shaped(LprTable)


def _name_errors(policy: Policy, bank_code: str) -> Iterator[PolicyError]:
    """Refuse a file that lies under another bank's name: one bank must never price with another's policy."""
    if policy.bank_code != bank_code:
        yield WrongShapeError(("bank_code",), policy.bank_code, f"the file is named {bank_code}.yaml")


def _located(errors: Iterable[PolicyError], policy: _Source, lpr: _Source) -> Iterator[PolicyError]:
    for error in errors:
        yield (lpr if error.place[:1] == ("quotes",) else policy).locate(error)


@dataclass(frozen=True)
class _Source:
    """A YAML file as plain data, with the line of every place in it."""

    path: Path
    data: Any
    lines: dict[Place, int]

    @classmethod
    def read(cls, path: Path) -> _Source:
        """Parse a file, refusing duplicate keys."""
        text = path.read_text(encoding="utf-8")
        try:
            node = yaml.compose(text, Loader=yaml.CSafeLoader)
            data = yaml.safe_load(text)
        except yaml.MarkedYAMLError as broken:
            line = broken.problem_mark.line + 1 if broken.problem_mark else 1
            fault = PolicySyntaxError((), broken.problem or "", file=str(path), line=line)
            raise BrokenPolicyError((fault,)) from broken
        lines: dict[Place, int] = {}
        duplicates = tuple(_walk(node, (), lines))
        source = cls(path, data, lines)
        if duplicates:
            raise BrokenPolicyError(tuple(source.locate(duplicate) for duplicate in duplicates))
        return source

    @property
    def content_hash(self) -> str:
        """SHA-256 (hex) of the content in canonical JSON."""
        return sha256(orjson.dumps(self.data, option=orjson.OPT_SORT_KEYS)).hexdigest()

    def shaped(self, shape: type[Shape]) -> Shape:
        """Read the content as a shape, turning every fault into a named error with its line."""
        try:
            # JSON mode keeps numbers strict while reading dates and tuples from what YAML has.
            return shape.model_validate_json(orjson.dumps(self.data))
        except ValidationError as invalid:
            raise BrokenPolicyError(tuple(self.locate(fault) for fault in _shape_errors(invalid))) from invalid

    def locate(self, error: PolicyError) -> PolicyError:
        """Give an error file and line: of its place, or of the nearest place around it that exists."""
        if error.line:
            return error
        places = (error.place[:length] for length in range(len(error.place), -1, -1))
        line = next((self.lines[place] for place in places if place in self.lines), 1)
        return error.located(str(self.path), line)


def _shape_errors(invalid: ValidationError) -> Iterator[PolicyError]:
    faults = invalid.errors(include_url=False)
    places = [fault["loc"] for fault in faults]
    for fault in faults:
        here = fault["loc"]
        # A list that lost its faulty members is then found too short: that only repeats the fault within.
        if not any(len(place) > len(here) and place[: len(here)] == here for place in places):
            yield _shape_error(here, fault)


def _shape_error(place: Place, fault: Any) -> PolicyError:
    value = fault["input"] if not isinstance(fault["input"], dict | list) else type(fault["input"]).__name__
    match place[-1:], fault["type"]:
        case ("unit",), "literal_error":
            return WrongUnitError(place, value, str(fault["msg"]))
        case ("origin",), _:
            return MissingOriginError(place, value if fault["type"] != "missing" else "", str(fault["msg"]))
        case _:
            return WrongShapeError(place, value, str(fault["msg"]))


def _walk(node: yaml.Node | None, place: Place, lines: dict[Place, int]) -> Iterator[PolicyError]:
    if node is None:
        return
    lines.setdefault(place, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for position, child in enumerate(node.value):
            yield from _walk(child, (*place, position), lines)
    elif isinstance(node, yaml.MappingNode):
        yield from _walk_mapping(node, place, lines)


def _walk_mapping(node: yaml.MappingNode, place: Place, lines: dict[Place, int]) -> Iterator[PolicyError]:
    seen: set[Hashable] = set()
    for key, child in node.value:
        here = (*place, str(key.value))
        if key.value in seen:
            yield DuplicateKeyError(here, key.value)
        seen.add(key.value)
        lines[here] = key.start_mark.line + 1
        yield from _walk(child, here, lines)
