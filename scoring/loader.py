"""Reads rulebook editions: the only module of this package that opens files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from scoring.cases import Case, FiledCase
from scoring.errors import Finding, RulebookMissingError, RulebookValueError
from scoring.rulebook import Dimension, Edition, Rulebook
from scoring.rulebook_checks import Complaint, Scene, complaints
from scoring.yaml_source import YamlSource
from scoring.yardstick import EventKind, Law, Yardstick

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
    rulebook, findings = read_edition(files)
    errors = [finding for finding in findings if finding.severity == "error"]
    if rulebook is None or errors:
        raise RulebookValueError(errors)
    return rulebook


def read_edition(files: Mapping[str, bytes]) -> tuple[Rulebook | None, tuple[Finding, ...]]:
    """An edition as far as its files can be read, with every finding, warnings too.

    Returns:
        the rulebook, None if a file has not even the right shape; it may be evaluated only if no finding is an error.

    Raises:
        RulebookMissingError: there is no `edition.yaml` or no dimension file.
    """
    names = sorted(name for name in files if name != EDITION_FILE)
    if EDITION_FILE not in files or not names:
        raise RulebookMissingError(Path("*.yaml" if EDITION_FILE in files else EDITION_FILE))
    read = [_shaped(name, files[name]) for name in (EDITION_FILE, *names)]
    misshapen = tuple(finding for found in read if isinstance(found, list) for finding in found)
    sources = [found[0] for found in read if isinstance(found, tuple)]
    values = [found[1] for found in read if isinstance(found, tuple)]
    edition = next((value for value in values if isinstance(value, Edition)), None)
    dimensions = tuple(value for value in values if isinstance(value, Dimension))
    if misshapen or edition is None:
        return None, misshapen
    scene = Scene(edition, dimensions, yardstick())
    findings = tuple(_finding(sources[number + 1], complaint) for number, complaint in complaints(scene))
    return Rulebook(edition, dimensions, _content_hash(sources)), findings


def _shaped(name: str, content: bytes) -> tuple[YamlSource, Edition | Dimension] | list[Finding]:
    try:
        source = YamlSource(name, content)
        return source, source.read_as(Edition) if name == EDITION_FILE else source.read_as(Dimension)
    except RulebookValueError as error:
        return list(error.findings)


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


@cache
def yardstick() -> Yardstick:
    """What every edition is measured against: `law.yaml` and `event_kinds.yaml` beside the editions."""
    law = _beside("law.yaml").read_as(Law)
    return Yardstick(law, _beside("event_kinds.yaml").read_as(tuple[EventKind, ...]))


def load_cases(folder: Path) -> tuple[FiledCase, ...]:
    """Every case of a folder's YAML files, in order.

    Raises:
        RulebookMissingError: there is no YAML file.
        RulebookValueError: a case has not the right shape; with file and line.
    """
    paths = sorted(folder.glob("*.yaml"))
    if not paths:
        raise RulebookMissingError(folder / "*.yaml")
    sources = [YamlSource(path.name, path.read_bytes()) for path in paths]
    return tuple(
        FiledCase(source.name, source.line_of((number,)), case)
        for source in sources
        for number, case in enumerate(source.read_as(tuple[Case, ...]))
    )


def _beside(name: str) -> YamlSource:
    return YamlSource(name, (RULEBOOKS / name).read_bytes())


def _content_hash(sources: Iterable[YamlSource]) -> str:
    digest = hashlib.sha256()
    for source in sorted(sources, key=lambda each: each.name):
        digest.update(f"{source.name}\x00{len(source.content)}\x00".encode())
        digest.update(source.content)
    return digest.hexdigest()
