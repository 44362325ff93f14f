"""Opens the dossier's own files: scenarios, changes, and the rules its sections answer to."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any, Literal

import yaml

from models.dated import Frozen
from models.sensitivity import Change
from models.stress import Scenario


class Reference(Frozen):
    """One duty of a rule and the sections that answer it.

    Attributes:
        duty_zh: What is asked, Chinese.
        duty_en: The same in English.
        sections: Codes of the sections that answer.
        tag: How the duty was learned: V read in a public source, S from a secondary source, M from memory.
    """

    duty_zh: str
    duty_en: str
    sections: tuple[str, ...]
    tag: Literal["V", "S", "M"]


class Rule(Frozen):
    """A rule or standard with its duties; nothing tagged S or M is an official wording."""

    code: str
    title_zh: str
    title_en: str
    note_zh: str
    note_en: str
    duties: tuple[Reference, ...]


@lru_cache(maxsize=1)
def scenarios() -> tuple[Scenario, ...]:
    """The bad years a dossier asks about."""
    return tuple(Scenario.model_validate(_in_tuples(item)) for item in _content("scenarios.yaml"))


@lru_cache(maxsize=1)
def changes() -> tuple[Change, ...]:
    """The steps, errors and missing blocks a dossier tries."""
    return tuple(Change.model_validate(_in_tuples(item)) for item in _content("changes.yaml"))


@lru_cache(maxsize=1)
def rules() -> tuple[Rule, ...]:
    """The rules the dossier is mapped to."""
    return tuple(Rule.model_validate(_in_tuples(item)) for item in _content("rules.yaml"))


def stylesheet() -> str:
    """The dossier's style, for screen and print."""
    return resources.files("models.dossier").joinpath("dossier.css").read_text(encoding="utf-8")


def template(name: str) -> str:
    """The text of a template."""
    return resources.files("models.dossier.templates").joinpath(name).read_text(encoding="utf-8")


def _content(name: str) -> Sequence[Mapping[str, Any]]:
    text = resources.files("models.dossier").joinpath(name).read_text(encoding="utf-8")
    content: Sequence[Mapping[str, Any]] = yaml.safe_load(text)
    return content


def _in_tuples(content: Any) -> Any:
    """YAML knows lists only; our values are strict about being tuples, which nobody can change."""
    if isinstance(content, Mapping):
        return {name: _in_tuples(part) for name, part in content.items()}
    return tuple(_in_tuples(part) for part in content) if isinstance(content, list) else content
