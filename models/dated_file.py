"""Opens a YAML file that holds one dated value, such as the levels of a gate."""

from datetime import date
from pathlib import Path
from typing import Any, Literal, TypeVar

import orjson
import yaml
from pydantic import BaseModel

from models.dated import Parameter

T = TypeVar("T")
Shape = TypeVar("Shape", bound=BaseModel)


class DatedFile(Parameter[T]):
    """A dated value with the edition of the file it stands in."""

    edition: str
    unit: Literal["table"]


def read_shaped(path: Path, shape: type[Shape]) -> Shape:
    """The content of a YAML file as its declared shape.

    Raises:
        ValidationError: the file is not of that shape.
    """
    content: Any = yaml.safe_load(path.read_text(encoding="utf-8"))
    # JSON mode keeps numbers strict while reading dates and tuples from what YAML has.
    return shape.model_validate_json(orjson.dumps(content))


def value_on(path: Path, shape: type[DatedFile[T]], day: date) -> T:
    """The value in force on a day.

    Raises:
        PolicyNotInForceError: the file has none for the day.
        ValidationError: the file is not of its declared shape.
    """
    return read_shaped(path, shape).on(day)
