"""Reads rulebook editions, and what they are measured by: the only module of this package that opens files."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from scoring import edition_reading
from scoring.archetypes import Archetypes
from scoring.cases import Case, FiledCase
from scoring.edition_reading import EDITION_FILE, ReadEdition
from scoring.edition_report import EditionReport, edition_report
from scoring.errors import RulebookMissingError, RulebookValueError
from scoring.rulebook import Rulebook
from scoring.yaml_source import YamlSource
from scoring.yardstick import EventKind, Law, Yardstick

RULEBOOKS: Final = Path(__file__).parent / "rulebooks"


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
    read = read_edition(files)
    if read.rulebook is None or read.errors:
        raise RulebookValueError(read.errors)
    return read.rulebook


def read_edition(files: Mapping[str, bytes]) -> ReadEdition:
    """An edition as far as its files can be read, with every finding about its values, warnings too.

    Raises:
        RulebookMissingError: there is no `edition.yaml` or no dimension file.
    """
    return edition_reading.read_edition(files, yardstick())


def check_edition(files: Mapping[str, bytes]) -> EditionReport:
    """Everything `haixia rulebook check` tells: the values checked, and the edition run if they can stand.

    Raises:
        RulebookMissingError: there is no `edition.yaml` or no dimension file.
    """
    return edition_report(read_edition(files), yardstick().law, archetypes())


@cache
def yardstick() -> Yardstick:
    """What every edition is measured against: `law.yaml` and `event_kinds.yaml` beside the editions."""
    law = _beside("law.yaml").read_as(Law)
    return Yardstick(law, _beside("event_kinds.yaml").read_as(tuple[EventKind, ...]))


@cache
def archetypes() -> Archetypes:
    """The people no edition may shut out: `archetypes.yaml` beside the editions."""
    return _beside("archetypes.yaml").read_as(Archetypes)


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
