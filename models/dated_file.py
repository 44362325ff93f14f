"""Opens a YAML file that holds one dated value, such as the levels of a gate."""

from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

import orjson
import yaml

from models.dated import Parameter

T = TypeVar("T")


class DatedFile(Parameter[T]):
    """A dated value with the edition of the file it stands in."""

    edition: str
    unit: Literal["table"]


def read_dated(path: Path, shape: type[DatedFile[T]]) -> DatedFile[T]:
    """The value of a file with all its periods.

    Raises:
        ValidationError: the file is not of its declared shape.
    """
    content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    # JSON mode keeps numbers strict while reading dates from what YAML has.
    return shape.model_validate_json(orjson.dumps(content))


def value_on(path: Path, shape: type[DatedFile[T]], day: date) -> T:
    """The value in force on a day.

    Raises:
        PolicyNotInForceError: the file has none for the day.
        ValidationError: the file is not of its declared shape.
    """
    return read_dated(path, shape).on(day)
