"""Reads rulebook editions: the only module of this package that opens files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from scoring.errors import Finding, RulebookMissingError, RulebookValueError
from scoring.rulebook import Dimension, Edition, Rulebook
from scoring.rulebook_checks import Complaint, Location, catalogue_complaints, dimension_complaints, edition_complaints

RULEBOOKS: Final = Path(__file__).parent / "rulebooks"
EDITION_FILE: Final = "edition.yaml"

Model = TypeVar("Model", bound=BaseModel)


class _ExactLoader(yaml.SafeLoader):
    """Safe YAML whose decimals stay decimals."""


def _decimal(loader: _ExactLoader, node: yaml.ScalarNode) -> Decimal:
    return Decimal(loader.construct_scalar(node))


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _decimal)

_REMEDIES: Final = {
    "missing": "add this field",
    "extra_forbidden": "correct the spelling or remove the field",
    "int_type": "write a whole number, unquoted",
    "string_type": "put the text in quotes",
    "bool_type": "write true or false",
    "literal_error": "use one of the listed words",
    "union_tag_invalid": "use one of the listed kinds",
    "union_tag_not_found": "add `kind`",
}


class _Source:
    """One YAML file: its name, bytes, values, and the line every value stands on."""

    def __init__(self, path: Path) -> None:
        if not path.is_file():
            raise RulebookMissingError(path)
        self.name = path.name
        self.content = path.read_bytes()
        try:
            loader = _ExactLoader(self.content.decode("utf-8"))
            self.root = loader.get_single_node()
            self.values = loader.construct_document(self.root) if self.root else None
        except UnicodeDecodeError as error:
            raise RulebookValueError([self._broken(1, str(error), "save the file as UTF-8")]) from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise RulebookValueError([self._broken(line, str(error.problem), "mend the YAML")]) from error

    def _broken(self, line: int, problem: str, remedy: str) -> Finding:
        return Finding(self.name, line, "", problem, remedy)

    def line_of(self, at: Location) -> int:
        """The line of the deepest node that exists on the way to `at` (union tags on the way are skipped)."""
        node, line = self.root, 1
        for step in at:
            found = _child(node, step)
            if found is not None:
                node, line = found
        return line

    def finding(self, complaint: Complaint) -> Finding:
        """The complaint with file and line."""
        return Finding(self.name, self.line_of(complaint.at), complaint.value, complaint.problem, complaint.remedy)

    def read_as(self, model: type[Model]) -> Model:
        """The file's values as a model; every violation becomes a finding."""
        repeated = list(_repeated_keys(self.root))
        if repeated:
            raise RulebookValueError(
                [Finding(self.name, line, key, "字段重复 / field given twice", "keep one") for key, line in repeated]
            )
        try:
            return model.model_validate(self.values)
        except ValidationError as error:
            raise RulebookValueError([self.finding(_complaint(item)) for item in error.errors()]) from error


def _child(node: Any, step: str | int) -> tuple[Any, int] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return value, key.start_mark.line + 1
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    return None


def _repeated_keys(node: Any) -> Iterator[tuple[str, int]]:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if key.value in seen:
                yield key.value, key.start_mark.line + 1
            seen.add(key.value)
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)


def _complaint(item: Any) -> Complaint:
    remedy = (item.get("ctx") or {}).get("remedy") or _REMEDIES.get(item["type"], "follow the message")
    at = tuple(item["loc"])
    shown = item["input"] if isinstance(item["input"], str | int | Decimal) else ""
    return Complaint(at, f"{'.'.join(map(str, at))} = {shown}", item["msg"], remedy)


def load_rulebook(edition: str = "2026-01") -> Rulebook:
    """Reads an edition shipped with this package, such as `2026-01`; errors as in `load_rulebook_folder`."""
    return load_rulebook_folder(RULEBOOKS / edition)


def load_rulebook_folder(folder: Path) -> Rulebook:
    """Reads and checks an edition: `edition.yaml` and one further YAML file per dimension.

    Raises:
        RulebookMissingError: folder, `edition.yaml` or every dimension file is missing.
        RulebookValueError: values that cannot stand, each with file, line, value, problem and remedy.
    """
    first = _Source(folder / EDITION_FILE)
    others = [_Source(path) for path in sorted(folder.glob("*.yaml")) if path.name != EDITION_FILE]
    if not others:
        raise RulebookMissingError(folder / "*.yaml")
    edition = first.read_as(Edition)
    dimensions = tuple(source.read_as(Dimension) for source in others)
    _require_sound(edition, dimensions, first, others)
    return Rulebook(edition, dimensions, _content_hash([first, *others]))


def _require_sound(edition: Edition, dimensions: tuple[Dimension, ...], first: _Source, others: list[_Source]) -> None:
    findings = [first.finding(complaint) for complaint in edition_complaints(edition)]
    for source, dimension in zip(others, dimensions, strict=True):
        findings += [source.finding(complaint) for complaint in dimension_complaints(dimension, edition)]
    findings += [others[number].finding(complaint) for number, complaint in catalogue_complaints(dimensions)]
    if findings:
        raise RulebookValueError(findings)


def _content_hash(sources: Iterable[_Source]) -> str:
    digest = hashlib.sha256()
    for source in sorted(sources, key=lambda each: each.name):
        digest.update(f"{source.name}\x00{len(source.content)}\x00".encode())
        digest.update(source.content)
    return digest.hexdigest()
