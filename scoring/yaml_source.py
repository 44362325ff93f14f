"""One YAML file as exact values that know their lines: bytes in, values or findings out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final, TypeVar

import yaml
from pydantic import TypeAdapter, ValidationError

from scoring.errors import Finding, RulebookValueError

Location = tuple[str | int, ...]
Wanted = TypeVar("Wanted")

_PLAIN_NUMBER: Final = re.compile(r"[-+]?(0|[1-9][0-9_]*)(\.[0-9]+)?")

_REMEDIES: Final = {
    "missing": "add this field",
    "extra_forbidden": "correct the spelling or remove the field",
    "int_type": "write a whole number, unquoted",
    "string_type": "put the text in quotes",
    "bool_type": "write true or false",
    "literal_error": "use one of the listed words",
    "union_tag_invalid": "use one of the listed kinds",
    "union_tag_not_found": "add `kind`",
    "date_from_datetime_inexact": "write a day, YYYY-MM-DD",
    "date_type": "write a day, YYYY-MM-DD, unquoted",
}


if TYPE_CHECKING:
    _Parser = yaml.SafeLoader
else:  # five times as fast where PyYAML was built with libyaml, as its wheels are; same nodes, same lines
    _Parser = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _ExactLoader(_Parser):
    """Safe YAML whose decimals stay decimals and whose numbers are what they look like."""


def _number(loader: _ExactLoader, node: yaml.ScalarNode) -> int | Decimal:
    text = str(loader.construct_scalar(node))
    if not _PLAIN_NUMBER.fullmatch(text):  # YAML 1.1 reads 010 as eight and 1:30 as ninety
        raise yaml.constructor.ConstructorError(
            None, None, f"{text} 不是普通十进制数 / no plain decimal number", node.start_mark
        )
    return Decimal(text) if "." in text else int(text)


def _day(loader: _ExactLoader, node: yaml.ScalarNode) -> Any:
    try:
        return loader.construct_yaml_timestamp(node)
    except ValueError as error:
        raise yaml.constructor.ConstructorError(None, None, f"{node.value}: {error}", node.start_mark) from error


_ExactLoader.add_constructor("tag:yaml.org,2002:float", _number)
_ExactLoader.add_constructor("tag:yaml.org,2002:int", _number)
_ExactLoader.add_constructor("tag:yaml.org,2002:timestamp", _day)


class YamlSource:
    """A file's name, bytes, values, and the line every value stands on.

    Raises:
        RulebookValueError: no UTF-8, broken YAML, or a field given twice.
    """

    def __init__(self, name: str, content: bytes) -> None:
        self.name = name
        self.content = content
        try:
            loader = _ExactLoader(content.decode("utf-8"))
            self.root = loader.get_single_node()
            self.values = loader.construct_document(self.root) if self.root else None
        except UnicodeDecodeError as error:
            raise RulebookValueError([self._broken(1, str(error), "save the file as UTF-8")]) from error
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            raise RulebookValueError([self._broken(line, str(error.problem), "mend the YAML")]) from error
        except yaml.YAMLError as error:
            raise RulebookValueError([self._broken(1, str(error), "mend the YAML")]) from error
        repeated = [
            Finding(name, line, key, "字段重复 / field given twice", "keep one") for key, line in self._repeated()
        ]
        if repeated:
            raise RulebookValueError(repeated)

    def _broken(self, line: int, problem: str, remedy: str) -> Finding:
        return Finding(self.name, line, "", problem, remedy)

    def _repeated(self) -> Iterator[tuple[str, int]]:
        return _repeated_keys(self.root)

    def line_of(self, at: Location) -> int:
        """The line of the deepest node that exists on the way to `at` (union tags on the way are skipped)."""
        node, line = self.root, 1
        for step in at:
            found = _child(node, step)
            if found is not None:
                node, line = found
        return line

    def read_as(self, shape: type[Wanted]) -> Wanted:
        """The file's values in the wanted shape.

        Raises:
            RulebookValueError: every violation, as a finding.
        """
        try:
            return TypeAdapter(shape).validate_python(self.values)
        except ValidationError as error:
            raise RulebookValueError([self._violation(item) for item in error.errors()]) from error

    def _violation(self, item: Any) -> Finding:
        remedy = (item.get("ctx") or {}).get("remedy") or _REMEDIES.get(item["type"], "follow the message")
        at = tuple(item["loc"])
        shown = item["input"] if isinstance(item["input"], str | int | Decimal) else ""
        return Finding(self.name, self.line_of(at), f"{'.'.join(map(str, at))} = {shown}", item["msg"], remedy)


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
            if str(key.value) in seen:
                yield str(key.value), key.start_mark.line + 1
            seen.add(str(key.value))
            yield from _repeated_keys(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _repeated_keys(value)
