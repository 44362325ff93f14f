"""Published editions as rulebooks: by day, by name, by content; an edition never changes, so each is read once."""

from collections.abc import Mapping
from datetime import date
from functools import cache
from typing import Final

from loan_service.district.store import rulebooks as store
from loan_service.errors import ConflictError, NotFoundError
from loan_service.foundation.connection import Connection
from loan_service.foundation.editions import publications as publishing
from loan_service.foundation.editions.words import Words
from scoring import Rulebook, RulebookError, RulebookValueError, load_rulebook
from scoring.loader import read_edition

WORDS: Final = Words("rulebook", "rulebook", "计分办法")

_READ: dict[str, Rulebook] = {}
"""Rulebooks by content hash: parsing YAML takes a third of a second, and equal hashes are equal rulebooks."""


class NoRulebookError(NotFoundError):
    """No edition was in force on that day."""

    def __init__(self, day: date) -> None:
        super().__init__(
            "rulebook.none_in_force",
            f"no rulebook edition is in force on {day}",
            f"{day} 没有生效的计分办法",
            "`haixia rulebook publish` an edition and have somebody else `haixia rulebook approve` it",
        )


def parsed(files: Mapping[str, bytes]) -> Rulebook:
    """The edition these files are; later readers of the same bytes are spared the parsing.

    Only its shape is asked for: the checks stand before publishing, and may grow stricter than they were then.

    Raises:
        RulebookError: the files are no edition.
    """
    read = read_edition(files)
    if read.rulebook is None:
        raise RulebookValueError(read.findings)
    return _READ.setdefault(read.rulebook.content_hash, read.rulebook)


def rulebook_in_force(connection: Connection, day: date, known_position: int | None = None) -> Rulebook:
    """The edition in force on a day, as known at a sealed position.

    Raises:
        NoRulebookError: there is none (`rulebook.none_in_force`).
    """
    published = store.in_force(connection, day, known_position)
    if published is None:
        raise NoRulebookError(day)
    return rulebook_by_hash(connection, published.content_hash)


def is_in_force(connection: Connection, edition: str, day: date) -> bool:
    """Whether no other edition is in force on that day."""
    published = store.in_force(connection, day)
    return published is None or published.edition == edition


def rulebook_by_hash(connection: Connection, content_hash: str) -> Rulebook:
    """The published edition with this content.

    Raises:
        ConflictError: its stored bytes are not what was published (`rulebook.altered`), or not what this version of the
            program can read (`rulebook.too_old`).
    """
    return _READ.get(content_hash) or _stored(connection, content_hash)


def _stored(connection: Connection, content_hash: str) -> Rulebook:
    try:
        rulebook = parsed(store.files_of(connection, content_hash))
    except RulebookError as error:
        raise ConflictError(
            "rulebook.too_old",
            f"this version of the program cannot read the edition published as {content_hash[:12]}: {error}",
            f"程序的当前版本无法读取已发布的计分办法 {content_hash[:12]}",
            "run the version of the program it was published with",
        ) from error
    if rulebook.content_hash != content_hash:
        raise ConflictError(
            "rulebook.altered",
            f"the stored files of {rulebook.edition.edition} are not those published as {content_hash[:12]}",
            f"计分办法 {rulebook.edition.edition} 的存档内容与发布时不符",
            "restore the table rulebook_files from a backup; the log proves the published hash",
        )
    return rulebook


def rulebook_of(connection: Connection, edition: str) -> Rulebook:
    """The edition an index was computed under.

    An index older than the publication ledger names an edition that came with the program.
    """
    published = store.named(connection, edition)
    return rulebook_by_hash(connection, published.content_hash) if published else _shipped(edition)


@cache
def _shipped(edition: str) -> Rulebook:
    return load_rulebook(edition)


class Publication(publishing.Publication):
    """One line of the list of editions.

    Attributes:
        placeholder_catalogue: its catalogue ids are invented.
    """

    placeholder_catalogue: bool


def publications(connection: Connection, today: date) -> list[Publication]:
    """Every edition ever proposed, in the order of effective dates, with its state today."""
    return publishing.publications(connection, store.LEDGER, Publication, today)


def assessment_of(connection: Connection, edition: str) -> bytes:
    """The impact assessment an edition was last proposed with, as it was recorded.

    Raises:
        NotFoundError: no such edition was proposed (`rulebook.unknown`).
    """
    return publishing.assessment_of(connection, store.LEDGER, WORDS, edition)
