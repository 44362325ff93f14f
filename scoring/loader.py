"""Reads rulebook editions: the only module of this package that opens files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from scoring.errors import Finding, RulebookMissingError, RulebookValueError
from scoring.rulebook import Dimension, Edition, Rulebook
from scoring.rulebook_checks import Complaint, catalogue_complaints, dimension_complaints, edition_complaints
from scoring.yaml_source import YamlSource

RULEBOOKS: Final = Path(__file__).parent / "rulebooks"
EDITION_FILE: Final = "edition.yaml"


def editions() -> tuple[str, ...]:
    """Names of the editions shipped with this package, ascending."""
    return tuple(sorted(path.parent.name for path in RULEBOOKS.glob(f"*/{EDITION_FILE}")))


def edition_files(folder: Path) -> dict[str, bytes]:
    """Name and bytes of every YAML file of an edition's folder.

    Raises:
        RulebookMissingError: the folder or its `edition.yaml` is missing.
    """
    if not (folder / EDITION_FILE).is_file():
        raise RulebookMissingError(folder / EDITION_FILE)
    return {path.name: path.read_bytes() for path in sorted(folder.glob("*.yaml"))}


def load_rulebook(edition: str = "2026-01") -> Rulebook:
    """Reads an edition shipped with this package, such as `2026-01`; errors as in `load_rulebook_folder`."""
    return load_rulebook_folder(RULEBOOKS / edition)


def load_rulebook_folder(folder: Path) -> Rulebook:
    """Reads and checks an edition: `edition.yaml` and one further YAML file per dimension.

    Raises:
        RulebookMissingError: folder, `edition.yaml` or every dimension file is missing.
        RulebookValueError: values that cannot stand, each with file, line, value, problem and remedy.
    """
    return load_rulebook_files(edition_files(folder))


def load_rulebook_files(files: Mapping[str, bytes]) -> Rulebook:
    """Reads and checks an edition kept elsewhere than in a folder; equal files give the equal content hash.

    Args:
        files: bytes by file name, `edition.yaml` among them.

    Raises:
        RulebookMissingError, RulebookValueError: as in `load_rulebook_folder`.
    """
    if EDITION_FILE not in files:
        raise RulebookMissingError(Path(EDITION_FILE))
    first = YamlSource(EDITION_FILE, files[EDITION_FILE])
    others = [YamlSource(name, files[name]) for name in sorted(files) if name != EDITION_FILE]
    if not others:
        raise RulebookMissingError(Path("*.yaml"))
    edition = first.read_as(Edition)
    dimensions = tuple(source.read_as(Dimension) for source in others)
    _require_sound(edition, dimensions, first, others)
    return Rulebook(edition, dimensions, _content_hash([first, *others]))


def _require_sound(
    edition: Edition, dimensions: tuple[Dimension, ...], first: YamlSource, others: list[YamlSource]
) -> None:
    findings = [_finding(first, complaint) for complaint in edition_complaints(edition)]
    for source, dimension in zip(others, dimensions, strict=True):
        findings += [_finding(source, complaint) for complaint in dimension_complaints(dimension, edition)]
    findings += [_finding(others[number], complaint) for number, complaint in catalogue_complaints(dimensions)]
    if findings:
        raise RulebookValueError(findings)


def _finding(source: YamlSource, complaint: Complaint) -> Finding:
    line = source.line_of(complaint.at)
    return Finding(source.name, line, complaint.value, complaint.problem, complaint.remedy)


def _content_hash(sources: Iterable[YamlSource]) -> str:
    digest = hashlib.sha256()
    for source in sorted(sources, key=lambda each: each.name):
        digest.update(f"{source.name}\x00{len(source.content)}\x00".encode())
        digest.update(source.content)
    return digest.hexdigest()
