"""An edition's files as a rulebook, as far as they can be read, with every finding about their values."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from scoring.errors import Finding, RulebookMissingError, RulebookValueError
from scoring.rulebook import Dimension, Edition, Rulebook
from scoring.rulebook_checks import Complaint, Scene, complaints
from scoring.yaml_source import YamlSource
from scoring.yardstick import Yardstick

EDITION_FILE: Final = "edition.yaml"


@dataclass(frozen=True)
class ReadEdition:
    """What reading an edition gave.

    Attributes:
        sources: `edition.yaml`, then one file per dimension in the order of their names.
        rulebook: None if a file has not even the right shape; to be used only without errors.
        findings: errors and warnings.
    """

    sources: tuple[YamlSource, ...]
    rulebook: Rulebook | None
    findings: tuple[Finding, ...]

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that keep the edition from being used."""
        return tuple(finding for finding in self.findings if finding.severity == "error")


def read_edition(files: Mapping[str, bytes], yardstick: Yardstick) -> ReadEdition:
    """Reads the files and runs every check of their values.

    Raises:
        RulebookMissingError: there is no `edition.yaml` or no dimension file.
    """
    names = sorted(name for name in files if name != EDITION_FILE)
    if EDITION_FILE not in files or not names:
        raise RulebookMissingError(Path("*.yaml" if EDITION_FILE in files else EDITION_FILE))
    read = [_shaped(name, files[name]) for name in (EDITION_FILE, *names)]
    misshapen = tuple(finding for found in read if isinstance(found, list) for finding in found)
    sources = tuple(found[0] for found in read if isinstance(found, tuple))
    values = [found[1] for found in read if isinstance(found, tuple)]
    edition = next((value for value in values if isinstance(value, Edition)), None)
    if misshapen or edition is None:
        return ReadEdition(sources, None, misshapen)
    dimensions = tuple(value for value in values if isinstance(value, Dimension))
    found = complaints(Scene(edition, dimensions, yardstick))
    rulebook = Rulebook(edition, dimensions, _content_hash(sources))
    return ReadEdition(sources, rulebook, findings_of(sources, found))


def _shaped(name: str, content: bytes) -> tuple[YamlSource, Edition | Dimension] | list[Finding]:
    try:
        source = YamlSource(name, content)
        return source, source.read_as(Edition) if name == EDITION_FILE else source.read_as(Dimension)
    except RulebookValueError as error:
        return list(error.findings)


def findings_of(sources: tuple[YamlSource, ...], found: Iterable[tuple[int, Complaint]]) -> tuple[Finding, ...]:
    """Complaints with file and line; each comes with the number of its dimension, or -1 for `edition.yaml`."""
    return tuple(_finding(sources[number + 1], complaint) for number, complaint in found)


def _finding(source: YamlSource, complaint: Complaint) -> Finding:
    return Finding(
        file=source.name,
        line=source.line_of(complaint.at),
        value=complaint.value,
        problem=complaint.problem,
        remedy=complaint.remedy,
        severity=complaint.severity,
        check=complaint.check,
    )


def _content_hash(sources: Iterable[YamlSource]) -> str:
    digest = hashlib.sha256()
    for source in sorted(sources, key=lambda each: each.name):
        digest.update(f"{source.name}\x00{len(source.content)}\x00".encode())
        digest.update(source.content)
    return digest.hexdigest()
