"""Reads what a person may do to reach a grade, and its efforts: the second module here that opens a file."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Final

from scoring.recourse_steps import Steps
from scoring.yaml_source import YamlSource

STEPS: Final = Path(__file__).parent / "recourse_steps.yaml"


@cache
def load_steps() -> Steps:
    """The kinds of step shipped with this package.

    Raises:
        RulebookValueError: values that cannot stand, each with line, value, problem and remedy.
    """
    return read_steps(STEPS.read_bytes())


def read_steps(content: bytes) -> Steps:
    """Kinds of step kept elsewhere; errors as in `load_steps`."""
    return YamlSource(STEPS.name, content).read_as(Steps)
