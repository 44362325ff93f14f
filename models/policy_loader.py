"""Opens policy and LPR files: the one place where terms meet the disk.

A file becomes a checked value with its content hash and edition id, or a `BrokenPolicyError` that names every fault
with file and line. What was stored is read the same way from its bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
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


@dataclass(frozen=True)
class PolicyFile:
    """The bytes of a policy or of an LPR table, and the name under which its faults are told."""

    name: str
    content: bytes

    @classmethod
    def of(cls, path: Path) -> PolicyFile:
        """A file from the disk."""
        return cls(str(path), path.read_bytes())


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
    policy = PolicyFile.of(folder / f"{bank_code}.yaml")
    return checked_policy(policy, PolicyFile.of(lpr_path or folder / "lpr.yaml"), pricing_day, bank_code=bank_code)


def checked_policy(
    policy: PolicyFile, lpr: PolicyFile, pricing_day: date, *, bank_code: str | None = None
) -> PolicyEdition:
    """Read, check and identify a policy from its bytes.

    Args:
        policy: the policy.
        lpr: the LPR table to check it against.
        pricing_day: as in `load_policy`.
        bank_code: whose policy it has to be; None: of whichever bank it says.

    Raises:
        BrokenPolicyError: either has faults, each with file and line.
    """
    source, lpr_source = _Source.read(policy), _Source.read(lpr)
    edition = _edition(source, lpr_source)
    errors = (
        *_name_errors(edition.policy, bank_code or edition.policy.bank_code),
        *policy_errors(edition.policy, edition.lpr, pricing_day),
    )
    if errors:
        raise BrokenPolicyError(tuple(_located(errors, source, lpr_source)))
    return edition


@lru_cache(maxsize=64)
def read_policy(policy: PolicyFile, lpr: PolicyFile) -> PolicyEdition:
    """Read and identify a policy that was checked before; only its shape is asked for.

    Checks stand before publishing, and may grow stricter than they were then. Equal bytes are parsed once.

    Raises:
        BrokenPolicyError: it has not the shape of a policy, or the other not that of an LPR table.
    """
    return _edition(_Source.read(policy), _Source.read(lpr))


def read_lpr(file: PolicyFile) -> tuple[LprTable, str]:
    """Read an LPR table and its content hash; its shape is checked here, its days when they are asked for.

    Raises:
        BrokenPolicyError: the file has faults.
    """
    source = _Source.read(file)
    return source.shaped(LprTable), source.content_hash


def read_as(file: PolicyFile, shape: type[Shape]) -> tuple[Shape, dict[Place, int]]:
    """Read a YAML file as a shape, with the line of every place in it; faults are named as those of a policy.

    Raises:
        BrokenPolicyError: the file has not that shape.
    """
    source = _Source.read(file)
    return source.shaped(shape), source.lines


def _edition(source: _Source, lpr_source: _Source) -> PolicyEdition:
    policy = source.shaped(Policy)
    return PolicyEdition(
        policy=policy,
        lpr=lpr_source.shaped(LprTable),
        content_hash=source.content_hash,
        lpr_hash=lpr_source.content_hash,
        edition_id=f"{policy.bank_code}/{policy.edition}@{source.content_hash[:12]}",
    )


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

    name: str
    data: Any
    lines: dict[Place, int]

    @classmethod
    def read(cls, file: PolicyFile) -> _Source:
        """Parse a file, refusing duplicate keys."""
        try:
            data, lines, duplicates = _parsed(file.content.decode("utf-8"))
        except UnicodeDecodeError as broken:
            line = file.content.count(b"\n", 0, broken.start) + 1
            fault = PolicySyntaxError((), "not UTF-8", file=file.name, line=line)
            raise BrokenPolicyError((fault,)) from broken
        except yaml.MarkedYAMLError as broken:
            line = broken.problem_mark.line + 1 if broken.problem_mark else 1
            fault = PolicySyntaxError((), broken.problem or "", file=file.name, line=line)
            raise BrokenPolicyError((fault,)) from broken
        source = cls(file.name, data, lines)
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
        return error.located(self.name, line)


def _parsed(text: str) -> tuple[Any, dict[Place, int], tuple[PolicyError, ...]]:
    """Content, lines and duplicate keys; keys are read before the content is made, which merges some of them."""
    loader, lines = yaml.CSafeLoader(text), dict[Place, int]()
    try:
        node = loader.get_single_node()
        duplicates = tuple(_walk(node, (), lines))
        return None if node is None else loader.construct_document(node), lines, duplicates
    finally:
        loader.dispose()


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
    seen: set[str] = set()
    for key, child in node.value:
        word = str(key.value)
        here = (*place, word)
        if word in seen:
            yield DuplicateKeyError(here, word)
        seen.add(word)
        lines[here] = key.start_mark.line + 1
        yield from _walk(child, here, lines)
